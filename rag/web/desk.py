"""The event handlers of the page itself: its coming and going, the article beside the answer, what
a visitor saves, and the judgement of an answer.

`rag.web.answering` has those of a question, `rag.web.selection` those of what is asked. Knows
nothing of how answers are found (`rag.Archive`), of what visitors share (`rag.chat.service`), or of
what the parts of the page say (`rag.chat.view`).
"""

from __future__ import annotations

import datetime
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from rag.chat import conversation
from rag.chat.browser import Browser
from rag.chat.conversation import Conversation, Scope
from rag.chat.html import Doing
from rag.chat.place import Place, place_of
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.chat.view import View
from rag.chat.writers import GIVEN
from rag.citation import verified
from rag.errors import BylineError
from rag.types import Filters
from rag.web import updates
from rag.web.restore import Restored, restored
from rag.web.updates import again, text, value
from rag.wording import wording


@dataclass(frozen=True)
class Desk:
    """The handlers of the page, and what all handlers share.

    `sessions`: which archive each visitor has open. `writing`: what stops the model, by the visitor
    it writes for. `begun`: the number of the conversation that a visitor began last. `here`: the
    visitors who have the page open.
    """

    sessions: Sessions
    writing: dict[str | None, threading.Event] = field(default_factory=dict)
    begun: dict[str | None, int] = field(default_factory=dict)
    here: set[str | None] = field(default_factory=set)

    def service(self, request: gr.Request) -> Service:
        """The archive that a visitor has open. Raises QuestionError for one who is not known."""
        return self.sessions.service(updates.visitor(request))

    def view(self, language: str, request: gr.Request) -> View:
        """What the page says to a visitor of an archive. One that was closed since, or is not known
        as theirs any more, is an error that Gradio shows."""
        try:
            service = self.service(request)
            if service.closed:
                service.archive()  # Raises why.
        except BylineError as error:
            told = wording(language).note(error.message)
            raise gr.Error(told, print_exception=False) from None
        name = service.feedback.path.name if service.feedback else ""
        several = self.sessions.library(updates.visitor(request).account) is not None
        return View(service, request.session_hash or "", wording(language), name, several)

    def begin(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """The page in the reader's language: how far the archive is, after which the browser
        begins again; then all of it, with the conversation that the browser kept, or the question
        of the link that was followed."""
        language = text(event, "language")
        self.here.add(request.session_hash)
        view = self.view(language, request)
        told = {"language": view.say.language, "direction": view.say.direction}
        view.service.start()
        if not view.service.ready:
            courier = gr.HTML(page=told | {"again": time.monotonic()})
            return _page(courier=courier, masthead=view.masthead(), talk=view.waiting())
        try:
            view.service.archive()
        except BylineError as error:
            return _page(
                courier=gr.HTML(page=told | {"ask": ""}),
                masthead=view.masthead(),
                talk=view.note(error.message),
                language=view.say.language,
            )
        asks, found, scope, filters = self._in_force(restored(event), event, view)
        courier = gr.HTML(page=told | {"ask": asks}, kept=updates.kept_json(found.session))
        unasked = "" if asks else found.question
        return _page(
            courier=courier,
            filters=filters,
            session=found.session,
            narrowed=found.filters,
            scope=scope,
            **_writer(view),
            **self._restored_parts(view, found, unasked, scope, place_of(text(event, "place"))),
        )

    def _in_force(
        self, found: Restored, event: gr.EventData, view: View
    ) -> tuple[str, Restored, Scope, str]:
        """The question to ask at once, what was restored, what is asked, and its filters as HTML.

        What a link asked under filters that fit nothing is not asked without them.
        """
        asks = "" if found.remark else found.question
        scope: Scope = "archive"
        try:
            if view.service.collection(view.visitor):  # A page that goes on; a new one has none.
                scope = conversation.scope_of(text(event, "scope"))
            found = replace(found, filters=view.checked(found.filters, scope))
            return asks, found, scope, view.filters(found.filters, scope)
        except (BylineError, KeyError) as error:  # A source or an article of another archive.
            remark = error.message if isinstance(error, BylineError) else str(error)
            found = replace(found, filters=Filters(), remark=remark)
            return "", found, "archive", view.filters(found.filters, "archive")

    def _restored_parts(
        self, view: View, found: Restored, unasked: str, scope: Scope, place: Place
    ) -> dict[str, Any]:
        """The parts of a whole page that the visitor sees, but for filters and switch."""
        say, session = view.say, found.session
        box: dict[str, Any] = {"label": say("question"), "submit_btn": say("ask")}
        box |= {"rtl": say.direction == "rtl"} | ({"value": unasked} if unasked else {})
        panel, reader = view.reading(session.exchanges[-1] if session.exchanges else None)
        browse, leaf = Browser(view.service, say).page(place)
        return {
            "timer": _timer(view),  # Before the questions are looked up, which may come meanwhile.
            "masthead": view.masthead(place),
            "browse": browse,
            "leaf": leaf,
            "talk": view.conversation(session) + view.note(found.remark),
            "welcome": view.welcome(),
            "queue": updates.begun(view.queue()),
            "question": gr.Textbox(**box),
            "own": gr.Accordion(label=say("documents")),
            "documents": view.documents(scope),
            "files": gr.File(label=say("documents_add")),
            "notebook": view.notebook(),
            "many": gr.Accordion(label=say("batch")),
            "batch": view.batch(),
            "sheet": (),
            "table": gr.File(label=say("batch_add")),
            "stand": gr.Accordion(label=say("standing"), visible=bool(view.service.standing)),
            "standing": view.standing(),
            "kept": view.kept(),
            "panel": panel,
            "reader": reader,
            "language": say.language,
        }

    def welcome(self, language: str, request: gr.Request) -> tuple[Any, Any]:
        """What there is to ask; it is known only some time after the archive was opened."""
        if not language:
            return gr.skip(), gr.skip()
        view = self.view(language, request)
        timer = _timer(view)  # Before the questions are looked up, which may come meanwhile.
        return view.welcome(), timer

    def leave(self, request: gr.Request) -> None:
        """End the writing and delete the visitor's documents: nobody is there any more."""
        if stopped := self.writing.pop(request.session_hash, None):
            stopped.set()
        self.begun.pop(request.session_hash, None)
        self.here.discard(request.session_hash)
        self.sessions.leave(updates.visitor(request))

    def show(
        self, language: str, session: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, Any]:
        """The article behind a link."""
        if not language:
            return gr.skip(), again()
        place = tuple(value(event, name) for name in ("article", "start", "end"))
        view = self.view(language, request)
        return view.article(session, value(event, "turn"), place), gr.skip()

    def save(
        self, language: str, session: Conversation, event: gr.EventData, request: gr.Request
    ) -> Any:
        """A file for the browser to save: the conversation, or the evidence of its answers."""
        if not language:
            return again()
        view, made = self.view(language, request), datetime.datetime.now().astimezone()
        if text(event, "what") == "markdown":
            content = view.markdown(session, made.date())
            name, kind = f"byline-{made:%Y-%m-%d}.md", "text/markdown"
        else:
            content = view.evidence(session, value(event, "turn"), made)
            name, kind = f"byline-evidence-{made:%Y-%m-%d}.zip", "application/zip"
        return updates.file(name, kind, content, made)

    def rate(
        self, language: str, session: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """Keep what a visitor says of an answer, once."""
        if not language:
            return gr.skip(), gr.skip(), again()
        view, exchange = self.view(language, request), session.exchange(value(event, "turn"))
        feedback = view.service.feedback
        if not feedback or not exchange or exchange.rated or exchange.scope != "archive":
            return gr.skip(), gr.skip(), gr.skip()
        articles = view.service.articles_of(view.visitor, exchange.answer)
        judged = replace(exchange, answer=verified(exchange.answer, articles))
        right, note = text(event, "verdict") == "up", text(event, "note")
        try:
            view.service.admit(updates.address(request))
            feedback.add(session, judged, articles, right, note)
        except BylineError as error:
            return view.conversation(session) + view.note(error.message), gr.skip(), gr.skip()
        session = session.rated(exchange.number)
        return view.conversation(session), session, updates.kept(session)


def _page(**parts: Any) -> list[Any]:
    """The page of one archive, without that of all of them."""
    return updates.page(
        archives="", making="", doing=Doing(), ticker=gr.Timer(active=False), **parts
    )


def _timer(view: View) -> Any:
    """Ticks until the example questions are known."""
    return gr.Timer(active=view.service.examples is None)


def _writer(view: View) -> dict[str, Any]:
    """The switch for a model, and the one that writes: that which the server was started with."""
    writers = view.service.writers
    chosen = GIVEN if writers.given else ""
    return {"writer": view.writer(chosen) if writers.offered else "", "model": chosen}
