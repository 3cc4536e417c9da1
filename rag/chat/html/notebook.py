"""Renders the notebook, which the browser fills with the quotes that it keeps, and the button that
pins a quote to it."""

from __future__ import annotations

import json

from rag.chat.html.markup import data, note_html, origin_of, plain_button
from rag.export.escaping import escape, escape_value
from rag.types import Article, Citation
from rag.wording import ENGLISH, Wording

_TAKEN = ("markdown", "docx", "evidence")


def pin_html(citation: Citation, article: Article, say: Wording = ENGLISH) -> str:
    """Render the button that pins a quote to the notebook, with all that the browser keeps of it
    but the question above it."""
    span = citation.start, citation.end
    kept = {
        "article_id": citation.article_id, "start": citation.start, "end": citation.end,
        "quote": citation.quote, "title": article.headline, "origin": origin_of(article, say, span),
    }  # fmt: skip
    named = escape_value(say("pin_quote", label=f"[{citation.label}]"))
    pinned = data(pin=json.dumps(kept, ensure_ascii=False))
    return (
        f'<button type="button" class="plain pin" aria-pressed="false" aria-label="{named}"'
        f"{pinned}>{escape(say('pin'))}</button>"
    )


def notebook_html(say: Wording = ENGLISH, remark: str = "") -> str:
    """Render the notebook without its quotes: those are put in by the browser, each in a copy of
    the template."""
    taken = "".join(plain_button(f"notebook_{what}", say, take=what) for what in _TAKEN)
    empty, undo = (
        plain_button(f"notebook_{what}", say, **{what: ""}) for what in ("empty", "undo")
    )
    title = escape(say("notebook_title"))
    alert = f'<div role="alert">{note_html(remark)}</div>' if remark else ""
    return (
        f'<details id="notebook-fold"><summary>{escape(say("notebook"))} '
        f'<span class="count"></span></summary>{alert}'
        f'<div class="none">{note_html(say("notebook_why"))}</div><div class="some" hidden>'
        f'<label class="field">{title} <input type="text" name="title" maxlength="200" dir="auto">'
        f'</label><ol></ol><p class="tools">{taken}{empty}</p>'
        f'</div><p class="tools undo" hidden>{undo}</p>'
        f"<template>{_row_html(say)}</template></details>"
    )


def _row_html(say: Wording) -> str:
    """A quote as the browser fills it in, with the reader's note and what can be done with it."""
    moves = {"up": "pin_up", "down": "pin_down", "show": "pin_show", "drop": "pin_drop"}
    buttons = "".join(plain_button(key, say, move=move) for move, key in moves.items())
    return (
        '<li class="pinned"><p class="asked" dir="auto"></p>'
        '<blockquote class="words" dir="auto"></blockquote><p class="origin" dir="auto"></p>'
        f'<p class="gone" hidden>{escape(say("quote_gone"))}</p>'
        f'<label class="field">{escape(say("pin_note"))} '
        f'<textarea rows="2" maxlength="5000" dir="auto"></textarea></label>'
        f'<p class="tools">{buttons}</p></li>'
    )
