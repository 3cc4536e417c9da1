"""Renders the questions that a newcomer is led by."""

from __future__ import annotations

from collections.abc import Sequence

from rag.chat.guided import Guided
from rag.chat.html.markup import data, note_html
from rag.export.escaping import escape
from rag.wording import ENGLISH, Wording


def guided_html(guided: Sequence[Guided], say: Wording = ENGLISH) -> str:
    """Render hand-chosen questions, each below what it shows; "" for none."""
    if not guided:
        return ""
    items = "".join(_item(one, say) for one in guided)
    return (
        f'<section class="examples guided"><h2>{escape(say("guided"))}</h2>'
        f"{note_html(say('guided_what'))}<ul>{items}</ul></section>"
    )


def _item(one: Guided, say: Wording) -> str:
    asked = " → ".join(filter(None, (one.question, one.then)))
    chosen = data(ask=one.question, **({"then": one.then} if one.then else {}))
    return (
        f'<li><span class="shows">{escape(say(f"guided_{one.shows}"))}</span> '
        f'<button type="button" class="example" lang="en" dir="ltr"{chosen}>{escape(asked)}'
        "</button></li>"
    )
