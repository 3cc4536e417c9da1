"""Renders the passages near a question, and a whole article with its quotes marked."""

from __future__ import annotations

from collections.abc import Sequence

from rag.chat.html.markup import (
    button,
    byline,
    data,
    marked,
    note_html,
    origin_link,
    place,
    remarks_html,
)
from rag.citation import Articles, shown
from rag.export.escaping import escape, fields
from rag.export.reference import changed_since, described
from rag.types import Answer, Article, Citation, Span, Version
from rag.wording import ENGLISH, Wording

OPENING = 480
"""Characters shown of a related passage."""


def related_html(answer: Answer, articles: Articles, turn: int = 0, say: Wording = ENGLISH) -> str:
    """Render the passages near a question that nothing answers, an article each; "" for none."""
    by_article: dict[str, list[Citation]] = {}
    for passage in shown(answer):
        by_article.setdefault(passage.article_id, []).append(passage)
    items = [_near_html(found[0], articles[one], turn, say) for one, found in by_article.items()]
    if not items:
        return ""
    heading = f"<h2>{escape(say('related'))}</h2>{note_html(say('related_why'))}"
    return f'{heading}<ol class="related">{"".join(items)}</ol>'


def article_html(
    article: Article,
    quotes: Sequence[Citation] = (),
    active: Citation | None = None,
    turn: int = 0,
    say: Wording = ENGLISH,
    called: bool = True,
    note: str = "",
) -> str:
    """Render the reading view: a whole article, with the turn's `quotes` and `active` marked.

    `quotes` are all of the turn's, in reading order; previous and next lead to those of other
    articles. `called`: whether the reader asked for the article, so that a script may open it over
    the page where there is no room beside it. `note` is said above the text.
    """
    here = [(c.start, c.end) for c in quotes if c.article_id == article.id]
    span = (active.start, active.end) if active else None
    head = (
        f'<h2 id="article-title" dir="auto">{escape(article.headline)}</h2>'
        f"{byline(article, say, span)}{_described_html(article, say)}{remarks_html(article, say)}"
        f"{note_html(note) if note else ''}"
        f"{_tools_html(article, say, span)}{_steps_html(quotes, active, turn, say)}"
    )
    text = (
        f'<div class="article-text" dir="auto" lang="{escape(article.language)}" tabindex="0" '
        f'role="region" aria-label="{escape(say("article_text"))}">'
        f"{marked(article.text, here, span)}</div>"
    )
    return _dialog(head, text, called, say)


def changed_html(
    cited: Citation, version: Version, article: Article, turn: int, say: Wording = ENGLISH
) -> str:
    """Render what an answer quotes of an article that has changed since, what that says now, and
    the button that opens it."""
    said = escape(changed_since(cited, version, article, say))
    opened = button(cited, article, turn, say, titled=True)
    return f'<div class="note changed"><p dir="auto">{said}</p>{opened}</div>'


def missing_html(reason: str, say: Wording = ENGLISH) -> str:
    """Render the dialog that says why an article cannot be shown."""
    title = f'<h2 id="article-title">{escape(say("not_shown"))}</h2>'
    return _dialog(title, note_html(reason), True, say)


def _dialog(head: str, body: str, called: bool, say: Wording) -> str:
    close = escape(say("close_article"))
    return (
        f'<dialog aria-labelledby="article-title"{" data-called" * called}><header>'
        f'<form method="dialog"><button class="close" aria-label="{close}">'
        f"{escape(say('close'))}</button></form>{head}</header>{body}</dialog>"
    )


def _described_html(article: Article, say: Wording) -> str:
    """The section, language and format of an article in one line, as far as they are known."""
    known = fields(described(article, say))
    return f'<p class="byline">{known}</p>' if known else ""


def _tools_html(article: Article, say: Wording, span: Span | None) -> str:
    """The link to the original, at the page of a span, and the button that filters by this
    article."""
    only = (
        f'<button type="button" class="plain"{data(only=article.id)}>'
        f"{escape(say('only_article'))}</button>"
    )
    return f'<p class="tools">{origin_link(article, say, span)} {only}</p>'


def _steps_html(
    quotes: Sequence[Citation], active: Citation | None, turn: int, say: Wording
) -> str:
    """Buttons for the previous and next quote of the turn, in any article; "" for one quote."""
    if active is None or active not in quotes or len(quotes) == 1:
        return ""
    at = quotes.index(active)
    counted = escape(say("quote_of", n=len(quotes), i=at + 1))
    steps = []
    for key, other in (("previous_quote", at - 1), ("next_quote", at + 1)):
        there = 0 <= other < len(quotes)
        target = place(quotes[other], turn) + data(step=key) if there else " disabled"
        steps.append(f'<button type="button" class="step"{target}>{escape(say(key))}</button>')
    return (
        f'<nav class="steps" aria-label="{escape(say("quotes"))}">{steps[0]} '
        f"<span>{counted}</span> {steps[1]}</nav>"
    )


def _near_html(passage: Citation, article: Article, turn: int, say: Wording) -> str:
    """A list item: an article, and the beginning of its best passage."""
    return (
        f"<li>{button(passage, article, turn, say, titled=True)}"
        f"{byline(article, say, (passage.start, passage.end))}"
        f"{remarks_html(article, say)}{_opening_html(passage)}</li>"
    )


def _opening_html(passage: Citation) -> str:
    """The beginning of a passage, cut at a space if there is one."""
    text = passage.quote
    end = max(text.rfind(" ", 0, OPENING), 1) if len(text) > OPENING else len(text)
    cut = " cut-after" * (end < len(text))
    return f'<p class="passage{cut}" dir="auto">{escape(text[:end])}</p>'
