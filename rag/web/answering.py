"""The event handlers of a question: its answer as it grows, and what stops or clears it."""

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
from rag.web.components import QUOTES
from rag.web.desk import Desk
from rag.web.updates import address, again, box, kept, text, update
from rag.wording import wording


@dataclass(frozen=True)
class Answering:
    """The handlers of the question box and of the conversation."""

    desk: Desk

    def reply(
        self,
        question: str,
        kind: str,
        language: str,
        session: Conversation,
        filters: Filters,
        scope: Scope,
        alone: bool,
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        """Updates of question box, conversation, panel, reading view, session, `alone` and
        courier: first that work goes on, then what a model writes as it comes, last the answer.

        `alone`: the question was corrected and stands by itself; the conversation goes on from it.
        """
        if not language:
            yield update(courier=again(question))
            return
        view = self.desk.view(language, request)
        nothing = Answer(question, question, "", "unanswered")
        asked = Exchange(session.next_number, nothing, filters, scope, fresh=alone)
        with self._under_way(request.session_hash) as stopped:
            yield update(talk=view.asked(session, asked, view.say("reading")))
            try:
                view.service.admit(address(request))
                for changed in self._updates(asked, session, kind, view, stopped):
                    under_way = self.desk.writing.get(request.session_hash)
                    if under_way is None:  # The last update may have overtaken `clear`.
                        yield self.clear(language, request)
                    if under_way is not stopped:
                        return  # The conversation that asked is no more.
                    yield changed
            except Exception as error:
                known = error.message if isinstance(error, BylineError) else None
                if self.desk.writing.get(request.session_hash) is stopped:
                    remark = view.say("fault") if known is None else known
                    yield update(box(view.say), view.asked(session, asked, remark))
                if known is None:  # The visitor is told all the same, or the page would wait.
                    raise

    def _updates(
        self,
        asked: Exchange,
        session: Conversation,
        kind: str,
        view: View,
        stopped: threading.Event,
    ) -> Iterator[tuple[Any, ...]]:
        """The updates from the first answer on, which empties the question box."""
        service = view.service
        archive = service.archive_of(view.visitor, asked.scope)
        history = () if asked.fresh else session.history(asked.scope, asked.filters)
        writes = archive.writes and kind != QUOTES
        emptied: dict[str, Any] = {"value": "", "label": view.say("question")}
        alone: bool | None = False
        growing = archive.pipeline.stream(
            asked.answer.question, history, checked(archive.index, asked.filters), writes,
            stopped.is_set,
        )  # fmt: skip
        for answer in service.stream(growing):
            asked = replace(asked, answer=answer)
            if writes and answer.status == "answered":
                question = box(view.say, writing=True, **emptied) if emptied else None
                pending = replace(session, pending=asked)
                talk, reading = view.writing(session, asked), view.reading(asked)
                yield update(question, talk, *reading, pending, alone)
                emptied, alone = {}, None  # The next question may be in the box by now.
        session = session.with_exchange(asked)
        talk, reading = view.conversation(session), view.reading(asked)
        yield update(box(view.say, **emptied), talk, *reading, session, alone, kept(session))

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

    def clear(self, language: str, request: gr.Request) -> tuple[Any, ...]:
        """A new conversation; the question in the box stays."""
        if stopped := self.desk.writing.pop(request.session_hash, None):
            stopped.set()
        if not language:
            return update(courier=again(kept=""))
        view, empty = self.desk.view(language, request), Conversation()
        question = box(view.say, label=view.say("question"))
        return update(question, view.conversation(empty), "", "", empty, False, kept(empty))

    def put(self, event: gr.EventData) -> str:
        """A question that was chosen, into the question box."""
        return text(event, "question")

    def correct(self, language: str, event: gr.EventData) -> tuple[Any, Any, Any]:
        """A question as it was understood, into the question box."""
        if not language:
            return gr.skip(), gr.skip(), again()
        label = wording(language)("question_corrected")
        return gr.Textbox(text(event, "question"), label=label), True, gr.skip()
