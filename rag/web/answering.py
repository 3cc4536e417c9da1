"""The event handlers of a question: its answer as it grows, and what stops or clears it.

Questions come from the queue in the browser, one at a time; it keeps each until it is answered.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from rag.chat.conversation import Conversation, Exchange, Scope
from rag.chat.view import View
from rag.errors import BylineError
from rag.retrieval.filters import checked
from rag.types import Answer, Filters
from rag.web.desk import Desk
from rag.web.updates import address, again, done, kept, not_begun, text, update, value


@dataclass(frozen=True)
class Answering:
    """The handlers of the questions and of the conversation."""

    desk: Desk

    def reply(
        self,
        model: str,
        language: str,
        session: Conversation,
        filters: Filters,
        scope: Scope,
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        """Updates of conversation, panel, reading view, session, courier and queue: first that
        work goes on, then what a model writes as it comes, last the answer.

        `event` has the question, its number in the queue, whether it is to stand `alone` (then the
        conversation goes on from it), and the number of the conversation in which it was asked:
        in a newer one, of which the server heard first, it is not answered.
        """
        if _conversation(event) < self.desk.begun.get(request.session_hash, 0):
            return
        if not language:
            yield update(courier=again(), queue=not_begun())
            return
        view, question = self.desk.view(language, request), text(event, "question")
        nothing = Answer(question, question, "", "unanswered")
        fresh = value(event, "alone") is True
        asked = Exchange(session.next_number, nothing, filters, scope, fresh)
        with self._under_way(request.session_hash) as stopped:
            yield update(view.asked(session, asked, view.say("reading")))
            try:
                view.service.admit(address(request))
                for changed in self._updates(asked, session, model, view, event, stopped):
                    under_way = self.desk.writing.get(request.session_hash)
                    if under_way is None:  # The last update may have overtaken `clear`.
                        yield self._empty(language, request)
                    if under_way is not stopped:
                        return  # The conversation that asked is no more.
                    yield changed
            except Exception as error:
                known = error.message if isinstance(error, BylineError) else None
                if self.desk.writing.get(request.session_hash) is stopped:
                    remark = view.say("fault") if known is None else known
                    yield update(view.asked(session, asked, remark))
                if known is None:  # The visitor is told all the same, or the page would wait.
                    raise

    def _updates(
        self,
        asked: Exchange,
        session: Conversation,
        model: str,
        view: View,
        event: gr.EventData,
        stopped: threading.Event,
    ) -> Iterator[tuple[Any, ...]]:
        """The updates from the first answer on."""
        service = view.service
        archive = service.archive_of(view.visitor, asked.scope)
        history = () if asked.fresh else session.history(asked.scope, asked.filters)
        writer = service.writers.load(model) if model else None
        writes = bool(writer) or (archive.writes and bool(model))
        growing = archive.pipeline.stream(
            asked.answer.question, history, checked(archive.index, asked.filters), writes,
            stopped.is_set, model=writer,
        )  # fmt: skip
        for answer in service.stream(growing):
            asked = replace(asked, answer=answer)
            if writes and answer.status == "answered":
                pending = replace(session, pending=asked)
                yield update(view.writing(session, asked), *view.reading(asked), pending)
        session = session.with_exchange(asked)
        talk, reading = view.conversation(session), view.reading(asked)
        yield update(talk, *reading, session, kept(session), done(event))

    @contextlib.contextmanager
    def _under_way(self, visitor: str | None) -> Iterator[threading.Event]:
        """What stops the answer to a visitor; stopped in any case when nobody waits for it.

        The visitor's earlier answer, if one is under way, is stopped.
        """
        writing = self.desk.writing
        if earlier := writing.get(visitor):
            earlier.set()
        stopped = writing[visitor] = threading.Event()
        try:
            yield stopped
        finally:
            stopped.set()
            if writing.get(visitor) is stopped:
                writing.pop(visitor, None)  # `clear` or `leave` may have come in between.

    def stop(self, request: gr.Request) -> None:
        """End the writing; what is verified by then stays."""
        if stopped := self.desk.writing.get(request.session_hash):
            stopped.set()

    def clear(self, language: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """A new conversation; `event` has its number."""
        self.desk.begun[request.session_hash] = _conversation(event)
        if stopped := self.desk.writing.pop(request.session_hash, None):
            stopped.set()
        return self._empty(language, request)

    def _empty(self, language: str, request: gr.Request) -> tuple[Any, ...]:
        if not language:
            return update(courier=again(kept=""))
        view, empty = self.desk.view(language, request), Conversation()
        return update(view.conversation(empty), "", "", empty, kept(empty))


def _conversation(event: gr.EventData) -> int:
    """The number of the conversation in which something was sent; the first one of a page is 0."""
    sent = value(event, "conversation")
    return sent if isinstance(sent, int) else 0
