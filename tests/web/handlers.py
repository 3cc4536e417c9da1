"""Calls the chat's event handlers as Gradio does, without a page around them."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

from rag import Archive
from rag.chat.conversation import Conversation
from rag.chat.service import Capacity, Service
from rag.chat.sessions import Sessions
from rag.chat.writers import GIVEN, Writers
from rag.types import Filters
from rag.web.answering import Answering
from rag.web.archives import Archives
from rag.web.components import Components
from rag.web.layout import layout
from rag.web.selection import Selection
from rag.wording import ENGLISH

QUESTION = "How many people did police in Kratie arrest?"
OWN = "The ferry to Koh Rong sank on Friday with 21 people on board, the harbour master said."
TRUE = "Police in Kratie arrested 312 people, including nationals of Thailand."
FALSE = "Police in Kratie arrested 313 people, including nationals of Thailand."
BOTH = f"{TRUE[:-1]} [1]. {FALSE[:-1]} [1]."
"""What a model writes: a true sentence and a false one."""


def over(archive: Archive, per_minute: int = 0) -> Service:
    """A service over an archive, which is not asked for example questions."""
    capacity, writers = Capacity(per_minute), Writers(archive.settings)
    return Service(lambda progress: archive, capacity, propose=False, writers=writers)


def of(visitor, address="127.0.0.1"):
    """A request of theirs."""
    client = SimpleNamespace(host=address)
    return SimpleNamespace(session_hash=visitor, username=None, client=client, headers={})


def event(**fields):
    """What the browser sends along."""
    return SimpleNamespace(**fields)


def begin(desk, **sent):
    """The parts of the page, by name."""
    parts = Archives(desk).begin(event(**{"language": "en"} | sent), of("visitor"))
    return dict(zip((field.name for field in fields(Components)), parts, strict=True))


def whole(desk, **sent):
    """The page once the archive is open."""
    desk.sessions.fixed.archive()
    return begin(desk, **sent)


def reply(desk, question, session=None, alone=False, visitor="visitor", conversation=0, **choices):
    """The updates of conversation, panel, reading view, session, courier and queue, as they
    come."""
    chosen = {"model": GIVEN, "language": "en", "filters": Filters(), "scope": "archive"}
    session = session or Conversation()
    sent = event(question=question, alone=alone, id=7, conversation=conversation)
    return Answering(desk).reply(
        session=session, event=sent, request=of(visitor), **chosen | choices
    )


def ask(desk, question, session=None, **choices):
    """The last update."""
    first, *_, last = reply(desk, question, session, **choices)
    assert ENGLISH("reading") in first[0]
    return last


def link_of(session, turn=1):
    """The best quote of a turn, and what a click on its link sends."""
    quote = session.exchange(turn).answer.citations[0]
    place = {"article": quote.article_id, "start": quote.start, "end": quote.end}
    return quote, event(turn=turn, **place)


def add(desk, *files, filters=None, scope="archive", visitor="visitor", here=True):
    """Add files to the visitor's documents."""
    if here:
        desk.here.add(visitor)
    return Selection(desk).add(
        list(files), "en", filters or Filters(), scope, of(visitor), lambda *_, **__: None
    )


def events(shared):
    """The handlers of a page by the names that programs call."""
    return {one.api_name: one.fn for one in layout(Sessions(shared)).fns.values()}
