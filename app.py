"""The web chat: layout and event handlers, and the command line that serves them.

Owns the page's components, their events and the named API. Knows nothing of how answers are found
(`rag.Archive`), of what visitors share (`rag.chat.service`), or of what the parts of the page say
(`rag.chat.view`).
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime
import functools
import importlib.util
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_type_hints

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
# Gradio calls its own server at start; a proxy of the user's must not stand between.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
    filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "localhost,127.0.0.1"))
)

import gradio as gr
import safehttpx
from gradio.events import api
from starlette.middleware import Middleware

from rag import Archive, AskSettings
from rag.chat import access, conversation
from rag.chat.conversation import Conversation, Exchange, Scope
from rag.chat.feedback import Feedback
from rag.chat.service import Service
from rag.chat.view import View
from rag.citation import checked
from rag.errors import BylineError, ModelError, QuestionError, SettingsError
from rag.export import serialize
from rag.export.schema import AnswerJson, ArticleJson, HitsJson
from rag.progress import bars
from rag.settings import assignment, from_mapping
from rag.types import Answer, Filters, Progress
from rag.wording import LANGUAGES, Wording, font_faces, wording

with contextlib.suppress(ImportError):  # A Space on ZeroGPU wants a function that may ask for one.
    import spaces

    spaces.GPU(lambda: None)

ON_SPACE = "SPACE_ID" in os.environ
HERE = Path(__file__).parent
SCRIPT = (HERE / "app.js").read_text(encoding="utf-8")
FOCUS = "() => document.querySelector('#question textarea').focus()"
WRITTEN, QUOTES = "written", "quotes"
UNDER_WAY = 64
"""Answers that may be under way; each keeps a thread, and most of them wait for their turn."""
FOR_PROGRAMS = 4
"""Answers under way to programs, which have no part in the places of those who chat."""
UPLOAD = "20mb"
"""The largest file that a visitor may add."""
FORMATS = [".txt", ".md", ".html", ".htm", ".pdf", ".jsonl", ".csv", ".zip"]
WELCOME_EVERY = 2
"""Seconds after which a page looks again what there is to ask of an archive opened just now."""
PER_MINUTE = 30
"""Questions that one address may ask in a minute, where the page is served beyond this machine."""
MOST_THREADS = 128
SESSIONS = 200
"""Visitors, and programs, that the server has in memory; a browser brings what is forgotten."""
_OPEN_TO_ALL = (
    "app.py: {} can be reached from other machines, and whoever reaches it may ask and read. Let "
    "in only those in a file with --auth-file, or leave --host out."
)


async def _fetch_nothing(url: str, *_: Any, **__: Any) -> Any:
    raise PermissionError("Files of other machines are not fetched.")


# Through these two functions, and no others, Gradio fetches the addresses that visitors name.
safehttpx.get = safehttpx.async_validate_url = _fetch_nothing


@dataclass(frozen=True)
class Desk:
    """The event handlers, over what the visitors share.

    `feedback`: where judgements of answers go, if they are asked for. `writing`: what stops the
    model, by the visitor it writes for. `here`: the visitors who have the page open.
    """

    service: Service
    feedback: Feedback | None = None
    writing: dict[str | None, threading.Event] = field(default_factory=dict)
    here: set[str | None] = field(default_factory=set)

    def begin(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """The page in the reader's language: how far the archive is, after which the browser
        begins again; then all of it, with the conversation that the browser kept, or the question
        of the link that was followed."""
        language = _text(event, "language")
        view = self._view(language, request)
        say = view.say
        told = {"language": say.language, "direction": say.direction}
        self.here.add(request.session_hash)
        self.service.start()
        if not self.service.ready:
            again = gr.HTML(page=told | {"again": time.monotonic()})
            return _page(courier=again, masthead=view.masthead(), talk=view.waiting())
        try:
            archive = self.service.archive()
        except BylineError as error:
            return _page(
                courier=gr.HTML(page=told | {"ask": ""}),
                masthead=view.masthead(),
                talk=view.note(str(error)),
                language=say.language,
            )
        complete = self.service.examples is not None
        question, filters, session, remark = _restored(event)
        asks = "" if remark else question
        scope: Scope = "archive"
        try:
            if self.service.collection(view.visitor):  # A page that goes on; a new one has none.
                scope = conversation.scope_of(_text(event, "scope"))
            narrowed = view.filters(filters, scope)
        except (BylineError, KeyError) as error:  # A source or an article of another archive.
            # What a link asked under filters that fit nothing is not asked without them.
            asks, filters, remark, scope = "", Filters(), str(error), "archive"
            narrowed = view.filters(filters, scope)
        box: dict[str, Any] = {"label": say("question"), "rtl": say.direction == "rtl"}
        if question and not asks:
            box["value"] = question
        last = session.exchanges[-1] if session.exchanges else None
        panel, reader = view.reading(last)
        return _page(
            courier=gr.HTML(page=told | {"ask": asks}, kept=_json(session)),
            masthead=view.masthead(),
            talk=view.conversation(session) + view.note(remark),
            welcome=view.welcome(),
            question=_box(say, **box),
            kind=gr.Radio(_kinds(say), label=say("kind"), visible=archive.writes),
            filters=narrowed,
            own=gr.Accordion(label=say("documents")),
            documents=view.documents(scope),
            files=gr.File(label=say("documents_add")),
            kept=view.kept(),
            panel=panel,
            reader=reader,
            language=say.language,
            session=session,
            narrowed=filters,
            scope=scope,
            alone=False,
            timer=gr.Timer(active=not complete),
        )

    def welcome(self, language: str, request: gr.Request) -> tuple[Any, Any]:
        """What there is to ask; it is known only some time after the archive was opened."""
        if not language:
            return gr.skip(), gr.skip()
        complete = self.service.examples is not None
        return self._view(language, request).welcome(), gr.Timer(active=not complete)

    def leave(self, request: gr.Request) -> None:
        """End the writing and delete the visitor's documents: nobody is there any more."""
        if stopped := self.writing.pop(request.session_hash, None):
            stopped.set()
        self.here.discard(request.session_hash)
        self.service.remove(request.session_hash)

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
            yield _update(courier=_again(question))
            return
        view = self._view(language, request)
        say = view.say
        nothing = Answer(question, question, "", "unanswered")
        asked = Exchange(session.next_number, nothing, filters, scope, fresh=alone)
        with self._under_way(request.session_hash) as stopped:
            yield _update(talk=view.asked(session, asked, say("reading")))
            try:
                self.service.admit(_address(request))
                for update in self._updates(asked, session, kind, view, stopped):
                    under_way = self.writing.get(request.session_hash)
                    if under_way is None:  # The last update may have overtaken `clear`.
                        yield self.clear(language, request)
                    if under_way is not stopped:
                        return  # The conversation that asked is no more.
                    yield update
            except BylineError as error:
                if self.writing.get(request.session_hash) is stopped:
                    yield _update(_box(say), view.asked(session, asked, str(error)))
            except Exception:
                # Without this the page would read on for ever.
                if self.writing.get(request.session_hash) is stopped:
                    yield _update(_box(say), view.asked(session, asked, say("fault")))
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
        archive = self.service.archive_of(view.visitor, asked.scope)
        history = () if asked.fresh else session.history(asked.scope)
        writes = archive.writes and kind != QUOTES
        emptied: dict[str, Any] = {"value": "", "label": view.say("question")}
        alone: bool | None = False
        narrowed = conversation.arguments(asked.filters)
        for answer in self.service.stream(
            archive, asked.answer.question, history, *narrowed, writes, stopped.is_set
        ):
            asked = replace(asked, answer=answer)
            if writes and answer.status == "answered":
                box = _box(view.say, writing=True, **emptied) if emptied else None
                pending = replace(session, pending=asked)
                talk, reading = view.writing(session, asked), view.reading(asked)
                yield _update(box, talk, *reading, pending, alone)
                emptied, alone = {}, None  # The next question may be in the box by now.
        session = session.with_exchange(asked)
        talk, reading = view.conversation(session), view.reading(asked)
        yield _update(_box(view.say, **emptied), talk, *reading, session, alone, _kept(session))

    @contextlib.contextmanager
    def _under_way(self, visitor: str | None) -> Iterator[threading.Event]:
        """What stops the answer to a visitor; stopped in any case when nobody waits for it.

        The visitor's earlier answer, if one is under way, is stopped.
        """
        if earlier := self.writing.get(visitor):
            earlier.set()
        stopped = self.writing[visitor] = threading.Event()
        try:
            yield stopped
        finally:
            stopped.set()
            if self.writing.get(visitor) is stopped:
                del self.writing[visitor]

    def stop(self, request: gr.Request) -> None:
        """End the writing; what is verified by then stays."""
        if stopped := self.writing.get(request.session_hash):
            stopped.set()

    def clear(self, language: str, request: gr.Request) -> tuple[Any, ...]:
        """A new conversation; the question in the box stays."""
        if stopped := self.writing.pop(request.session_hash, None):
            stopped.set()
        if not language:
            return _update(courier=_again(kept=""))
        view, empty = self._view(language, request), Conversation()
        box = _box(view.say, label=view.say("question"))
        return _update(box, view.conversation(empty), "", "", empty, False, _kept(empty))

    def put(self, event: gr.EventData) -> str:
        """A question that was chosen, into the question box."""
        return _text(event, "question")

    def correct(self, language: str, event: gr.EventData) -> tuple[Any, Any, Any]:
        """A question as it was understood, into the question box."""
        if not language:
            return gr.skip(), gr.skip(), _again()
        label = wording(language)("question_corrected")
        return gr.Textbox(_text(event, "question"), label=label), True, gr.skip()

    def show(
        self, language: str, session: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, Any]:
        """The article behind a link."""
        if not language:
            return gr.skip(), _again()
        place = tuple(_value(event, name) for name in ("article", "start", "end"))
        view = self._view(language, request)
        return view.article(session, _value(event, "turn"), place), gr.skip()

    def narrow(
        self,
        language: str,
        filters: Filters,
        scope: Scope,
        event: gr.EventData,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Put other filters in force; those there were stay if these fit nothing."""
        if not language:
            return gr.skip(), gr.skip(), gr.skip(), _again()
        view = self._view(language, request)
        try:
            chosen = conversation.filters_of(_value(event, "filters"))
            page = view.filters(chosen, scope)
        except BylineError as error:
            page, filters, scope = self._within(language, filters, scope, request)
            return view.note(str(error)) + page, filters, scope, gr.skip()
        kept = gr.HTML(filters=json.dumps(chosen.values(), ensure_ascii=False))
        return page, chosen, scope, kept

    def choose(
        self, language: str, filters: Filters, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """What is asked: the archive, the visitor's own documents, or both."""
        if not language:
            return gr.skip(), gr.skip(), gr.skip(), _again()
        chosen = conversation.scope_of(_text(event, "scope"))
        return *self._within(language, filters, chosen, request), gr.skip()

    def add(
        self,
        files: list[str] | None,
        language: str,
        filters: Filters,
        scope: Scope,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        """Put files among the visitor's own documents; with the first, both are asked."""
        view, paths = self._view(language, request), [Path(file) for file in files or ()]

        def tell(stage: str, done: int, total: int) -> None:
            progress((done, total), desc=view.say(f"stage_{stage}"))

        try:
            # Or their connection broke off meanwhile, or they are forgotten here.
            if request.session_hash not in self.here or not language:
                raise QuestionError(
                    "This visit has ended. Reload the page, then add your documents."
                )
            self.service.admit(_address(request))
            collection = self.service.collection(view.visitor)
            first = collection is None or collection.archive is None
            added = self.service.add(view.visitor, paths, tell)
            scope = "both" if added.articles and first else scope
            page = view.documents(scope, added)
        except BylineError as error:
            page = view.note(str(error)) + view.documents(scope)
        finally:
            if request.session_hash not in self.here:  # They left meanwhile.
                self.service.remove(request.session_hash)
            for path in paths:  # Gradio keeps uploads; what was read is in the collection.
                path.unlink(missing_ok=True)
        return page, gr.File(value=None), *self._within(language, filters, scope, request)

    def remove(self, language: str, filters: Filters, request: gr.Request) -> tuple[Any, ...]:
        """Delete the visitor's documents."""
        self.service.remove(request.session_hash)
        if not language:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), _again()
        within = self._within(language, filters, "archive", request)
        return self._view(language, request).documents("archive"), *within, gr.skip()

    def save(
        self, language: str, session: Conversation, event: gr.EventData, request: gr.Request
    ) -> Any:
        """A file for the browser to save: the conversation, or the evidence of its answers."""
        if not language:
            return _again()
        view, made = self._view(language, request), datetime.datetime.now().astimezone()
        if _text(event, "what") == "markdown":
            content = view.markdown(session, made.date())
            name, kind = f"byline-{made:%Y-%m-%d}.md", "text/markdown"
        else:
            content = view.evidence(session, _value(event, "turn"), made)
            name, kind = f"byline-evidence-{made:%Y-%m-%d}.zip", "application/zip"
        content64 = base64.b64encode(content).decode("ascii")
        # The page takes notice of what differs from the file before.
        return gr.HTML(
            file={"name": name, "type": kind, "base64": content64, "made": made.isoformat()}
        )

    def rate(
        self, language: str, session: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """Keep what a visitor says of an answer, once."""
        if not language:
            return gr.skip(), gr.skip(), _again()
        view, exchange = self._view(language, request), session.exchange(_value(event, "turn"))
        if not self.feedback or not exchange or exchange.rated or exchange.scope != "archive":
            return gr.skip(), gr.skip(), gr.skip()
        articles = self.service.articles_of(view.visitor, exchange.answer)
        judged = replace(exchange, answer=checked(exchange.answer, articles))
        right, note = _text(event, "verdict") == "up", _text(event, "note")
        try:
            self.service.admit(_address(request))
            self.feedback.add(session, judged, articles, right, note)
        except BylineError as error:
            return view.conversation(session) + view.note(str(error)), gr.skip(), gr.skip()
        session = session.rated(exchange.number)
        return view.conversation(session), session, _kept(session)

    def _within(
        self, language: str, filters: Filters, scope: Scope, request: gr.Request
    ) -> tuple[str, Filters, Scope]:
        """The filters over what is asked; none where they fit nothing of it, and of the archive
        where the visitor's documents are gone."""
        view = self._view(language, request)
        for tried, asked in ((filters, scope), (Filters(), scope)):
            with contextlib.suppress(BylineError):
                return view.filters(tried, asked), tried, asked
        return view.filters(Filters(), "archive"), Filters(), "archive"

    def _view(self, language: str, request: gr.Request) -> View:
        name = self.feedback.path.name if self.feedback else ""
        return View(self.service, request.session_hash or "", wording(language), name)


_PARTS = (
    "courier", "masthead", "talk", "welcome", "question", "kind", "filters", "own", "documents",
    "files", "kept", "panel", "reader", "language", "session", "narrowed", "scope", "alone",
    "timer",
)  # fmt: skip


def _page(**parts: Any) -> list[Any]:
    """Updates of all parts of the page, in their order; what is not named stays as it is."""
    return [parts.get(name, gr.skip()) for name in _PARTS]


def _update(
    box: Any = None,
    talk: str | None = None,
    panel: str | None = None,
    reader: str | None = None,
    session: Conversation | None = None,
    alone: bool | None = None,
    courier: Any = None,
) -> tuple[Any, ...]:
    """Question box, conversation, panel, reading view, session, `alone` and courier; what is None
    stays as it is."""
    values = (box, talk, panel, reader, session, alone, courier)
    return tuple(gr.skip() if value is None else value for value in values)


def _again(question: str = "", **more: Any) -> Any:
    """To the courier of a page that is forgotten here, whose language is "": the browser begins
    it again with what it keeps, and then asks the question, if there is one."""
    return gr.HTML(page={"again": time.monotonic(), "ask": question}, **more)


def _box(say: Wording, writing: bool = False, **changes: Any) -> Any:
    """The question box, with the button that asks, or stops the model that writes."""
    return gr.Textbox(
        submit_btn=not writing and say("ask"), stop_btn=writing and say("stop"), **changes
    )


def _kinds(say: Wording) -> list[tuple[str, str]]:
    return [(say("kind_written"), WRITTEN), (say("kind_quotes"), QUOTES)]


def _kept(session: Conversation) -> Any:
    """The conversation to the courier, for the browser to keep; "" for it to forget."""
    return gr.HTML(kept=_json(session))


def _json(session: Conversation) -> str:
    if not session.exchanges:
        return ""
    # In ASCII it takes a third of the memory: Gradio keeps it for every visitor.
    return json.dumps(conversation.to_json(session))


def _restored(event: gr.EventData) -> tuple[str, Filters, Conversation, str]:
    """The question to ask ("" for none), the filters, the conversation, and what went wrong.

    A link that was followed begins a new conversation; a page that was reloaded goes on.
    """
    session, filters, remark = Conversation(), Filters(), ""
    try:
        if kept := _text(event, "kept"):
            session = conversation.from_json(conversation.parsed(kept))
        filters = conversation.filters_of(conversation.parsed(_text(event, "filters") or "{}"))
    except BylineError as error:
        session, remark = Conversation(), str(error)
    try:
        question, linked = conversation.of_link(_text(event, "search"))
    except BylineError as error:
        return "", filters, session, str(error)
    if question or linked != Filters():
        filters = linked
    asked = {(e.answer.understood, e.filters) for e in session.exchanges}
    if question and (question, filters) in asked:
        question = ""
    elif question:
        session = Conversation()
    return question, filters, session, remark


def _address(request: gr.Request) -> str:
    """Whom a question is counted to. All visitors of a Space come through its proxy."""
    forwarded = request.headers.get("x-forwarded-for", "") if ON_SPACE else ""
    return forwarded.partition(",")[0].strip() or str(request.client.host)


def _value(event: gr.EventData, name: str) -> Any:
    """What the browser sent under a name, if anything."""
    return getattr(event, name, None)


def _text(event: gr.EventData, name: str) -> str:
    value = _value(event, name)
    return value if isinstance(value, str) else ""


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Errors that are for the user, told to a caller of the API."""
    try:
        yield
    except BylineError as error:
        raise gr.Error(str(error), print_exception=False) from None


def offer_api(service: Service) -> None:
    """The named events that programs call, and the tools of an MCP server; they answer in JSON."""

    def ask(
        question: str,
        request: gr.Request,
        history: list[list[str]] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        articles: list[str] | None = None,
        written: bool | None = None,
    ) -> AnswerJson:
        """Answer a question from the news archive, in verbatim quotes with their sources.

        Args:
            question: the question, in English for the default encoder.
            history: earlier turns of the conversation, as [question, answer] pairs.
            sources: only articles of these publishers.
            since: only articles published on this day or later, as 2024-05-31.
            until: only articles published on this day or earlier.
            articles: only articles with these ids.
            written: false for quotes where a language model writes the answers.
        """
        with _told():
            service.admit(_address(request))
            turns = history or ()
            texts = [question, *(text for turn in turns for text in turn)]
            if not all(isinstance(t, str) for t in texts) or any(len(t) != 2 for t in turns):
                raise QuestionError(
                    "Send a question as text, and history as [question, answer] pairs."
                )
            archive = service.archive()
            *_, answer = service.stream(
                archive, question, [(q, a) for q, a in turns], sources or None, _given(since),
                _given(until), articles or None, written,
            )  # fmt: skip
            return archive.to_json(answer)  # type: ignore[return-value]

    def search(
        question: str,
        request: gr.Request,
        k: int = 10,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        articles: list[str] | None = None,
    ) -> HitsJson:
        """Find the passages of the news archive that fit a question best, best first.

        Args:
            question: the question, or words to look for.
            k: how many passages, at most 100.
            sources: only articles of these publishers.
            since: only articles published on this day or later, as 2024-05-31.
            until: only articles published on this day or earlier.
            articles: only articles with these ids.
        """
        with _told():
            service.admit(_address(request))
            archive = service.archive()
            hits = service.read(
                archive.search, question, min(int(k), 100), sources or None, _given(since),
                _given(until), articles or None,
            )  # fmt: skip
            return archive.to_json(hits)  # type: ignore[return-value]

    def article(article_id: str) -> ArticleJson:
        """Read one article of the news archive, whole.

        Args:
            article_id: the id, as it stands in a citation or a passage.
        """
        with _told():
            try:
                found = service.archive().article(article_id)
            except KeyError:
                raise QuestionError(f"There is no article {article_id!r}.") from None
            return {**serialize.about(found), "id": found.id, "text": found.text}

    for offered in (ask, search, article):
        # Gradio makes the schema from annotations, and takes no names for types.
        offered.__annotations__ = get_type_hints(offered)
    api(ask, api_name="ask", concurrency_limit=FOR_PROGRAMS, concurrency_id="programs")
    api(search, api_name="search", concurrency_limit=UNDER_WAY, concurrency_id="archive")
    api(article, api_name="article", concurrency_limit=UNDER_WAY)


def _given(text: str | None) -> str | None:
    """A field that a form may send empty."""
    return (text or "").strip() or None


def layout(service: Service, feedback: Feedback | None = None) -> gr.Blocks:
    """The page over what its visitors share, and the events that move it."""
    desk = Desk(service, feedback)
    words = gr.I18n()  # Keys only: the words themselves are given to `launch`.
    page: gr.Blocks
    # Uploads are deleted when they were read; those that never were, within the hour.
    with gr.Blocks(title="Byline", analytics_enabled=False, delete_cache=(600, 3000)) as page:
        # The language is "" until a page has begun.
        language, session = gr.State(""), gr.State(Conversation())
        narrowed, scope, alone = gr.State(Filters()), gr.State("archive"), gr.State(False)
        timer = gr.Timer(WELCOME_EVERY, active=False)
        courier = _html("courier")
        masthead = _html("masthead")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                talk = _html("conversation")
                question = gr.Textbox(
                    label=words("question"),
                    max_lines=4,
                    submit_btn=words("ask"),  # type: ignore[arg-type]
                    elem_id="question",
                )
                kind = gr.Radio([WRITTEN, QUOTES], value=WRITTEN, visible=False, elem_id="kind")
                filters = _html("filters")
                with gr.Accordion(words("documents"), open=False, elem_id="own") as own:
                    documents = _html("documents")
                    files = gr.File(
                        label=words("documents_add"), file_count="multiple", file_types=FORMATS,
                        height=110, elem_id="files",
                    )  # fmt: skip
            with gr.Column(elem_id="side"):
                panel, reader, welcome = _html("panel"), _html("reader"), _html("welcome")
            kept = _html("kept")

        private: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "hidden",
            "concurrency_limit": UNDER_WAY,
        }
        parts = [
            courier, masthead, talk, welcome, question, kind, filters, own, documents, files, kept,
            panel, reader, language, session, narrowed, scope, alone, timer,
        ]  # fmt: skip
        answered = [question, talk, panel, reader, session, alone, courier]
        asking: dict[str, Any] = private | {
            "fn": desk.reply,
            "inputs": [question, kind, language, session, narrowed, scope, alone],
            "outputs": answered,
            "concurrency_id": "archive",
        }
        page.unload(desk.leave)
        for part in (courier, masthead):
            # A language may be chosen while the page of another is on its way.
            at_once: dict[str, Any] = {"concurrency_limit": None, "trigger_mode": "multiple"}
            part.begin(desk.begin, None, parts, **private | at_once)
        timer.tick(desk.welcome, language, [welcome, timer], **private)
        question.submit(**asking)
        question.stop(desk.stop, **private)
        for part in (courier, welcome):
            part.ask(desk.put, None, question, **private).then(**asking)
        talk.edit(desk.correct, language, [question, alone, courier], **private).then(
            None, js=FOCUS, **private
        )
        talk.restart(desk.clear, language, answered, **private)
        talk.save(desk.save, [language, session], courier, **private)
        talk.rate(desk.rate, [language, session], [talk, session, courier], **private)
        for part in (talk, panel, reader):
            part.open(desk.show, [language, session], [reader, courier], **private)
        within = [filters, narrowed, scope]
        for part in (filters, reader):
            part.narrow(desk.narrow, [language, narrowed, scope], [*within, courier], **private)
        documents.choose(desk.choose, [language, narrowed], [*within, courier], **private)
        documents.remove(
            desk.remove, [language, narrowed], [documents, *within, courier], **private
        )
        files.upload(
            desk.add, [files, language, narrowed, scope], [documents, files, *within],
            **private | {"show_progress": "full", "show_progress_on": documents},
        )  # fmt: skip
        offer_api(service)
    page.queue(max_size=256, default_concurrency_limit=UNDER_WAY)
    return page


def _html(name: str) -> Any:
    return gr.HTML(
        elem_id=name, apply_default_css=False, js_on_load=SCRIPT,
        page={}, kept="", filters="", file={},
    )  # fmt: skip


@functools.cache
def bundled(progress: Progress | None = None) -> Archive:
    """The archive of the articles that come with Byline, built anew when they have changed."""
    with bars() as drawn:

        def tell(stage: str, done: int, total: int) -> None:
            drawn(stage, done, total)
            if progress:
                progress(stage, done, total)

        return Archive.open_or_build(
            HERE / "index" / "articles", HERE / "index" / "archive", progress=tell
        )


demo = layout(Service(bundled))


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the archive, then serve the chat until interrupted."""
    chosen = _parser().parse_args(arguments)
    here = access.is_local(chosen.host)
    try:
        named = {"model": chosen.model, "allow_remote": chosen.allow_remote}
        given = dict(chosen.set) | {name: value for name, value in named.items() if value}
        settings = from_mapping(AskSettings, given)
        accounts = access.accounts(chosen.auth_file) if chosen.auth_file else None
        if chosen.mcp and accounts:
            raise SettingsError("MCP tools ask for no login. Leave out --mcp, or --auth-file.")
        if chosen.mcp and importlib.util.find_spec("mcp") is None:
            raise SettingsError("MCP needs a package. Run: pip install 'gradio[mcp]'")
        port = access.free_port(chosen.host, chosen.port)
        if chosen.index is not None:
            Archive.open(chosen.index, settings)  # What is wrong with it is told at once.
        service = Service(
            functools.partial(_opened, chosen.index, settings),
            chosen.per_minute if chosen.per_minute is not None else (0 if here else PER_MINUTE),
        )
        if not here and accounts is None:
            print(_OPEN_TO_ALL.format(chosen.host), file=sys.stderr)
        feedback = chosen.feedback
        if feedback is None:
            feedback = str(_feedback_file(chosen.index)) if here else ""
        page = layout(service, Feedback(Path(feedback)) if feedback else None)
        _serve(page, service, chosen.host, port, accounts, chosen.mcp)
    except BylineError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("app.py: interrupted; the index is as it was before.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Byline's web chat.")
    add = parser.add_argument
    add("--index", metavar="DIR", help="open this index instead of the bundled articles'")
    add(
        "--model", default="", metavar="NAME",
        help="let this language model write answers: a GGUF file, one of a hub, as "
        "hf://OWNER/NAME/FILE.gguf, or a server's address with the model's name, as "
        "http://127.0.0.1:11434/v1#NAME",
    )  # fmt: skip
    add(
        "--allow-remote", action="store_true",
        help="let the address be another machine's, to which article text is then sent",
    )  # fmt: skip
    add(
        "--set", action="append", default=[], type=assignment, metavar="NAME=VALUE",
        help="change a setting; may be repeated",
    )  # fmt: skip
    add("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
        help="the address to serve on (%(default)s)")  # fmt: skip
    add("--port", type=int, default=os.environ.get("GRADIO_SERVER_PORT", "7860"),
        help="the port, 0 for any free one (%(default)s)")  # fmt: skip
    add("--mcp", action="store_true", help="offer ask, search and article as MCP tools too")
    add(
        "--auth-file", metavar="FILE",
        help="let in only those with a line NAME:PASSWORD in this file, which only you may read",
    )  # fmt: skip
    add(
        "--per-minute", type=_count, metavar="N",
        help=f"questions that one address may ask in a minute, 0 for any number "
        f"(0 on this machine alone, {PER_MINUTE} beyond it)",
    )  # fmt: skip
    add(
        "--feedback", metavar="FILE",
        help='keep judgements of answers in this JSON Lines file, "" for nowhere (beside the index '
        "on this machine alone; nowhere beyond it)",
    )  # fmt: skip
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"write a number, not {text!r}")
    return int(text)


def _opened(index: str | None, settings: AskSettings, progress: Progress) -> Archive:
    """The archive with its models loaded, so that no question has to wait for them."""
    home = bundled(progress).home if index is None else index
    archive = Archive.open(home, settings)
    archive.load_models()
    try:
        archive.load_model()
    except ModelError as error:  # The answers are in quotes then, and say so.
        print(f"app.py: {error}", file=sys.stderr, flush=True)
    return archive


def _feedback_file(index: str | None) -> Path:
    home = Path(index) if index is not None else HERE / "index" / "archive"
    return home / "feedback.jsonl"


def _speak_json(server: Any) -> None:
    """Let an MCP server answer in JSON: Gradio's own writes values as Python does."""
    as_text = server.postprocess_output_data

    def as_json(values: Sequence[Any], root_url: str) -> Any:
        return as_text([json.dumps(value, ensure_ascii=False) for value in values], root_url)

    server.postprocess_output_data = as_json


def _serve(
    page: gr.Blocks,
    service: Service,
    host: str,
    port: int,
    accounts: list[tuple[str, str]] | None,
    mcp: bool,
) -> None:
    """Serve the page, at once: what it says until the archive is open is how far that is."""
    service.start()
    catalogues = {tag: wording(tag).catalogue.items() for tag in LANGUAGES}
    plain = {
        tag: {key: text for key, text in items if isinstance(text, str)}
        for tag, items in catalogues.items()
    }
    page.launch(
        server_name=host,
        server_port=port,
        quiet=True,
        prevent_thread_lock=True,
        share=False,
        auth=accounts,
        enable_monitoring=False,
        run_history=False,
        allowed_paths=[],
        max_file_size=UPLOAD,
        max_threads=MOST_THREADS,
        state_session_capacity=SESSIONS,
        footer_links=[],
        pwa=False,
        ssr_mode=False,
        mcp_server=mcp,
        app_kwargs={"middleware": [Middleware(access.LocalFilesOnly)]},
        i18n=gr.I18n(**plain),
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        css=font_faces() + (HERE / "app.css").read_text("utf-8"),
    )
    if mcp:
        _speak_json(page.mcp_server_obj)
    print(f"Byline is at {page.local_url} (Ctrl-C ends it)", flush=True)
    # However the server is ended, its visitors' documents go.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        service.archive()  # Raises what keeps it from opening.
        page.block_thread()
    finally:
        service.close()
        page.close(verbose=False)


if __name__ == "__main__":
    sys.exit(main())
