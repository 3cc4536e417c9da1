"""Renders that the archive does not answer a question, and what was looked through."""

from __future__ import annotations

from rag.chat.html.markup import data, note_html
from rag.export.escaping import escape
from rag.export.searched import searched
from rag.types import Answer
from rag.wording import ENGLISH, Wording


def declined_html(answer: Answer, say: Wording = ENGLISH) -> str:
    """Render a verified answer that there is none."""
    looked_for = escape(say("no_answer", question=answer.understood))
    parts = [
        f'<p class="state none" dir="auto"><b>{escape(say("not_held"))}</b></p>',
        f'<p class="verdict" dir="auto">{looked_for}</p>',
    ]
    if answer.absence:
        parts += map(note_html, searched(answer.absence, say))
        parts.append(_everywhere_html(answer, say) * bool(answer.absence.outside))
    return "".join(parts)


def _everywhere_html(answer: Answer, say: Wording) -> str:
    """The button that removes the filters, and puts the question into the box again."""
    does = data(filters="{}", fill=answer.understood)
    return f'<button type="button" class="correct"{does}>{escape(say("all"))}</button>'
