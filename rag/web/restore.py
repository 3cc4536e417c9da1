"""Restores a page from what the browser sends when it opens or reloads one."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from rag.chat import conversation
from rag.chat.conversation import Conversation
from rag.errors import BylineError
from rag.types import Filters
from rag.web.updates import text


@dataclass(frozen=True)
class Restored:
    """The question of the link that was followed ("" for none), the filters, the conversation, and
    what cannot be used of what was sent ("" for nothing)."""

    question: str
    filters: Filters
    session: Conversation
    remark: str = ""


def restored(event: gr.EventData) -> Restored:
    """Read what the browser kept, and the link that was followed.

    A link that was followed begins a new conversation; a page that was reloaded goes on.
    """
    session, filters = Conversation(), Filters()
    remark: str = ""
    try:
        if kept := text(event, "kept"):
            session = conversation.from_json(conversation.parsed(kept))
        filters = conversation.filters_of(conversation.parsed(text(event, "filters") or "{}"))
    except BylineError as error:
        session, remark = Conversation(), error.message
    try:
        question, linked = conversation.of_link(text(event, "search"))
    except BylineError as error:
        return Restored("", filters, session, error.message)
    if question or linked != Filters():
        filters = linked
    # A link that was typed may spell names otherwise than the archive, which spells those asked.
    asked = {conversation.link(e.answer.understood, e.filters).lower() for e in session.exchanges}
    if question and conversation.link(question, filters).lower() in asked:
        question = ""
    elif question:
        session = Conversation()
    return Restored(question, filters, session, remark)
