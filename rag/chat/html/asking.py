"""Renders what stands around a question: those that wait for their turn, and a follow-up as it was
understood."""

from __future__ import annotations

from rag.chat.html.markup import data, note_html
from rag.export.escaping import escape, escape_value
from rag.types import Answer
from rag.wording import ENGLISH, Wording


def queue_html(say: Wording = ENGLISH) -> str:
    """Render the list of questions that wait for their turn, empty: the browser, which keeps them,
    fills it with copies of the template."""
    named = {"again": "queue_again", "edit": "edit", "remove": "queue_remove"}
    buttons = "".join(
        f'<button type="button" class="plain {name}">{escape(say(key))}</button>'
        for name, key in named.items()
    )
    return (
        f'<section class="queue" role="status" hidden{data(box=say("question"))}>'
        f"<h2>{escape(say('queue'))}</h2><ol></ol>"
        '<template><li><span class="words" dir="auto"></span> '
        f'<span class="why">{escape(say("queue_refused"))}</span> {buttons}</li>'
        "</template></section>"
    )


def understood_html(answer: Answer, turn: int, say: Wording = ENGLISH) -> str:
    """Render a question as it was understood, with the other ways to ask it; "" if it was read as
    typed."""
    told = note_html(say("understood", question=answer.understood))
    return (told + otherwise_html(answer, turn, say)) * (answer.understood != answer.question)


def otherwise_html(answer: Answer, turn: int, say: Wording = ENGLISH) -> str:
    """Render the ways to ask a question otherwise than it was understood: edited and, of a
    follow-up, on its own; "" if it was read as typed."""
    if answer.understood == answer.question:
        return ""
    alone = (
        f'<button type="button" class="plain"{data(ask=answer.question, alone=True)}>'
        f"{escape(say('ask_alone'))}</button>"
    )
    return (
        f'<div class="otherwise"><details class="edit" id="edit-{turn}">'
        f'<summary>{escape(say("edit"))}</summary><form class="edit">'
        f"<label>{escape(say('question'))} "
        f'<textarea name="question" rows="2" dir="auto" required>{escape_value(answer.understood)}'
        f'</textarea></label><button type="submit" class="plain">{escape(say("ask"))}</button>'
        f"</form></details>{alone * (_spelt_as_typed(answer) != answer.question)}</div>"
    )


def _spelt_as_typed(answer: Answer) -> str:
    """The question as understood, its misspelt names as they were typed."""
    question = answer.understood
    for note in answer.notes:
        if note.key == "name_read_as":
            said = {name: str(value) for name, value in note.values}
            question = question.replace(said["read"], said["written"], 1)
    return question
