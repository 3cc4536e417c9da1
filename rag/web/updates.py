"""What the event handlers read of an event, and what they return to Gradio."""

from __future__ import annotations

import base64
import datetime
import json
import os
import time
from dataclasses import fields
from typing import Any

import gradio as gr

from rag.chat import conversation
from rag.chat.conversation import Conversation
from rag.chat.sessions import Visitor
from rag.web.components import Components
from rag.wording import Wording

ON_SPACE = "SPACE_ID" in os.environ


def page(**parts: Any) -> list[Any]:
    """Updates of all components of the page; what is not named stays as it is."""
    return [parts.get(field.name, gr.skip()) for field in fields(Components)]


def update(
    box: Any = None,
    talk: str | None = None,
    panel: str | None = None,
    reader: str | None = None,
    session: Conversation | None = None,
    alone: bool | None = None,
    courier: Any = None,
) -> tuple[Any, ...]:
    """Updates of question box, conversation, panel, reading view, session, `alone` and courier;
    what is None stays as it is."""
    values = (box, talk, panel, reader, session, alone, courier)
    return tuple(gr.skip() if value is None else value for value in values)


def again(question: str = "", **more: Any) -> Any:
    """To the courier of a page that is forgotten here, whose language is "": the browser begins
    it again with what it keeps, and then asks the question, if there is one."""
    return gr.HTML(page={"again": time.monotonic(), "ask": question}, **more)


def box(say: Wording, writing: bool = False, **changes: Any) -> Any:
    """The question box, with the button that asks, or stops the model that writes."""
    return gr.Textbox(
        submit_btn=not writing and say("ask"), stop_btn=writing and say("stop"), **changes
    )


def file(name: str, kind: str, content: bytes, made: datetime.datetime) -> Any:
    """A file to the courier, for the browser to save."""
    content64 = base64.b64encode(content).decode("ascii")
    # The page takes notice of what differs from the file before.
    return gr.HTML(file={"name": name, "type": kind, "base64": content64, "made": made.isoformat()})


def kept(session: Conversation) -> Any:
    """The conversation to the courier, for the browser to keep; "" for it to forget."""
    return gr.HTML(kept=kept_json(session))


def kept_json(session: Conversation) -> str:
    """The conversation as the browser keeps it, "" for an empty one."""
    if not session.exchanges:
        return ""
    # In ASCII it takes a third of the memory: Gradio keeps it for every visitor.
    return json.dumps(conversation.to_json(session))


def visitor(request: gr.Request) -> Visitor:
    """Whose page it is that sent something."""
    return Visitor(request.session_hash or "", request.username or "")


def address(request: gr.Request) -> str:
    """The address that a question is counted to. All visitors of a Space come through its proxy."""
    forwarded = request.headers.get("x-forwarded-for", "") if ON_SPACE else ""
    return forwarded.partition(",")[0].strip() or str(request.client.host)


def value(event: gr.EventData, name: str) -> Any:
    """What the browser sent under a name, if anything."""
    return getattr(event, name, None)


def text(event: gr.EventData, name: str) -> str:
    """The text that the browser sent under a name, "" for anything else."""
    sent = value(event, name)
    return sent if isinstance(sent, str) else ""
