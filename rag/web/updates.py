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
from rag.text.outside import unicode_text
from rag.web.components import Components

ON_SPACE = "SPACE_ID" in os.environ


def page(**parts: Any) -> list[Any]:
    """Updates of all components of the page; what is not named stays as it is."""
    return [parts.get(field.name, gr.skip()) for field in fields(Components)]


def update(
    talk: str | None = None,
    panel: str | None = None,
    reader: str | None = None,
    session: Conversation | None = None,
    courier: Any = None,
    queue: Any = None,
) -> tuple[Any, ...]:
    """Updates of conversation, panel, reading view, session, courier and queue; what is None stays
    as it is."""
    values = (talk, panel, reader, session, courier, queue)
    return tuple(gr.skip() if value is None else value for value in values)


def again(**more: Any) -> Any:
    """To the courier of a page that is forgotten here, whose language is "": the browser begins
    it again with what it keeps."""
    return gr.HTML(page={"again": time.monotonic()}, **more)


def begun(html: str) -> Any:
    """To the queue: the page can be asked, and `html` says what waits in the reader's language."""
    return gr.HTML(html, begun=time.monotonic())


def not_begun() -> Any:
    """To the queue of a page that is forgotten here: what it sent waits until it has begun."""
    return gr.HTML(begun=0)


def done(event: gr.EventData) -> Any:
    """To the queue: the question that it sent is answered."""
    return gr.HTML(done=value(event, "id"))


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
    """The address that a question is counted to; a proxy that is trusted says whose it is."""
    return str(request.client.host)


def value(event: gr.EventData, name: str) -> Any:
    """What the browser sent under a name, if anything."""
    return getattr(event, name, None)


def text(event: gr.EventData, name: str) -> str:
    """The text that the browser sent under a name, "" for anything else."""
    sent = value(event, name)
    try:
        return unicode_text(sent) if isinstance(sent, str) else ""
    except ValueError:
        return ""
