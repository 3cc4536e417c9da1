"""The web chat: layout and event handlers, and the command line that serves them.

Owns the page, a visitor's session and the named API. Knows nothing of how answers are found
(`rag.Archive`) or of how they become HTML (`rag.render`).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
# Gradio calls its own server at start; a proxy of the user's must not stand between.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
    filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "localhost,127.0.0.1"))
)

import gradio as gr
from gradio.events import api

from rag import Archive, AskSettings, render
from rag.__main__ import assignment
from rag.cite import holds
from rag.errors import BylineError, ModelError, QuestionError, SettingsError
from rag.progress import bars
from rag.settings import from_mapping
from rag.types import Answer, Citation, Turn

HERE = Path(__file__).parent
MASTHEAD = "<h1>Byline</h1><p>Answers from the archive, resting on the articles' own words.</p>"
INTRODUCTION = (
    '<p class="introduction">Ask the archive a question. The answer rests on quotes, each with '
    "its source; open one to read the article around it. If the archive does not hold the answer, "
    "Byline says so.</p>"
)
READING = "Reading the archive …"
WRITTEN, QUOTES = "Written", "Quotes"
ASKING = "Your question"
CORRECTING = "Your question, corrected; it is asked by itself"
FOCUS = "() => document.querySelector('#question textarea').focus()"
SCRIPT = (HERE / "app.js").read_text(encoding="utf-8")
EXAMPLES = (
    "Who proposed the training on cybercrime?",
    "How many logs of conversations were in the leak?",
    "What did Amnesty International say about Cambodia?",
    "How much does the hacker ask for the recordings?",
)
FAULT = (
    "A fault in Byline kept this question from being answered. The terminal shows what happened."
)
TURNS = 30
"""Exchanges that stay on a visitor's page."""
AT_ONCE = 2
"""Questions for which the archive is read at the same time; each keeps a processor core busy."""
UNDER_WAY = 24
"""Answers that may be under way; each keeps a thread, and most of them wait for the model."""
FOR_PROGRAMS = 4
"""Answers under way to programs, which have no part in the places of those who chat."""


@dataclass(frozen=True)
class Session:
    """One visitor's conversation: as text, as HTML, and the quotes that its links may open."""

    turns: tuple[Turn, ...] = ()
    pages: tuple[str, ...] = ()
    links: tuple[Citation, ...] = ()

    def linking(self, answer: Answer) -> Session:
        """With what the panel of a checked answer lists."""
        links = (*self.links, *render.shown(answer))
        return replace(self, links=links[-TURNS * render.RELATED :])


@dataclass(frozen=True)
class Desk:
    """The event handlers, over an archive that is opened when it is first needed.

    `reading`: what holds more than AT_ONCE questions from reading the archive; a model's answers
    queue before the model alone. `writing`: what stops the model, by the visitor it writes for.
    """

    archive: Callable[[], Archive]
    reading: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))
    writing: dict[str | None, threading.Event] = field(default_factory=dict)

    def greet(self) -> tuple[Any, Any]:
        """The sources to choose from, and the kind of answer where there is a choice."""
        sources = list(self.archive().sources)
        choice = gr.Radio(visible=self.archive().writes)
        return gr.Dropdown(choices=sources, visible=bool(sources)), choice

    def reply(
        self,
        question: str,
        sources: list[str],
        since: str | None,
        until: str | None,
        kind: str,
        session: Session,
        alone: bool,
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        """Updates of question box, conversation, panel, session and `alone`: first that work
        goes on, then what a model writes as it comes, last the answer.

        `alone`: the question was corrected and stands by itself; the conversation goes on from it.
        """
        session = session if not alone else replace(session, turns=())
        with self._under_way(request.session_hash) as stopped:
            yield _update(talk=_talk(session, question, render.note_html(READING)))
            try:
                filters = (sources, since, until)
                written = kind == WRITTEN
                for update in self._updates(question, session, filters, written, stopped):
                    under_way = self.writing.get(request.session_hash)
                    if under_way is None:  # The last update may have overtaken `clear`.
                        yield self.clear(request)
                    if under_way is not stopped:
                        return  # The conversation that asked is no more.
                    yield update
            except BylineError as error:
                refused = _talk(session, question, render.note_html(str(error)))
                yield _update(box=_box(), talk=refused)
            except Exception:
                # Without this the page would read on for ever.
                refused = _talk(session, question, render.note_html(FAULT))
                yield _update(box=_box(), talk=refused)
                raise

    def _updates(
        self,
        question: str,
        session: Session,
        filters: tuple[list[str], str | None, str | None],
        written: bool,
        stopped: threading.Event,
    ) -> Iterator[tuple[Any, ...]]:
        """The updates from the first answer on, which empties the question box."""
        writes = written and self.archive().writes
        emptied: dict[str, Any] = {"value": "", "label": ASKING}
        alone: bool | None = False
        for answer in self.answers(question, session.turns, *filters, written, stopped.is_set):
            articles = self.articles(answer)
            answer = render.checked(answer, articles)
            panel = render.sources_html(answer, articles)
            if writes and answer.status == "answered":
                so_far = _talk(session, question, render.writing_html(answer, articles))
                box = _box(writing=True, **emptied) if emptied else None
                yield _update(box, so_far, panel, session.linking(answer), alone)
                emptied, alone = {}, None  # The next question may be in the box by now.
        page = render.turn_html(question, render.answer_html(answer, articles))
        session = replace(
            session.linking(answer),
            turns=(*session.turns, (question, answer.text))[-TURNS:],
            pages=(*session.pages, page)[-TURNS:],
        )
        yield _update(_box(**emptied), "".join(session.pages), panel, session, alone)

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

    def leave(self, request: gr.Request) -> None:
        """End the writing; nobody waits for what comes of it."""
        if stopped := self.writing.pop(request.session_hash, None):
            stopped.set()

    def clear(self, request: gr.Request) -> tuple[Any, ...]:
        """A new conversation; the question in the box stays."""
        self.leave(request)
        return _update(_box(label=ASKING), INTRODUCTION, "", Session(), False)

    def correct(self, event: gr.EventData) -> tuple[Any, bool]:
        """A question as it was understood, into the question box."""
        return gr.Textbox(str(event.question), label=CORRECTING), True

    def show(self, session: Session, event: gr.EventData) -> str:
        """The article behind a link. The browser only names it: the session knows the quote."""
        wanted = (event.article, event.start, event.end)
        links = [c for c in session.links if (c.article_id, c.start, c.end) == wanted]
        if not links:
            return render.missing_html("This link belongs to another conversation. Ask again.")
        try:
            article = self.archive().article(links[0].article_id)
        except BylineError as error:
            return render.missing_html(str(error))
        if not holds(links[0], article):
            return render.missing_html("The article no longer holds this quote, word for word.")
        return render.article_html(article, [(links[0].start, links[0].end)])

    def answers(
        self,
        question: str,
        history: Sequence[Sequence[str]] = (),
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        written: bool | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Answer]:
        """The answer as it grows; the last one stays."""
        texts = [question, *(text for turn in history for text in turn)]
        if not all(isinstance(text, str) for text in texts) or any(len(t) != 2 for t in history):
            raise QuestionError("Send a question as text, and history as [question, answer] pairs.")
        growing = self.archive().stream(
            question,
            history=[(asked, said) for asked, said in history],
            sources=sources or None,
            since=(since or "").strip() or None,
            until=(until or "").strip() or None,
            written=written,
            stopped=stopped,
        )
        with self.reading:
            quoted = next(growing)
        yield quoted
        yield from growing

    def articles(self, answer: Answer) -> render.Articles:
        """The articles that an answer speaks of; one that fails its check is left out."""
        wanted = {c.article_id for c in answer.citations}
        wanted |= {hit.passage.article_id for hit in answer.hits}
        found = {}
        for article_id in wanted:
            try:
                found[article_id] = self.archive().article(article_id)
            except BylineError as error:
                print(error, file=sys.stderr)
        return found


def _update(
    box: Any = None,
    talk: str | None = None,
    panel: str | None = None,
    session: Session | None = None,
    alone: bool | None = None,
) -> tuple[Any, ...]:
    """Question box, conversation, panel, session and `alone`; what is None stays as it is."""
    values = (box, talk, panel, session, alone)
    return tuple(gr.skip() if value is None else value for value in values)


def _box(writing: bool = False, **changes: Any) -> Any:
    """The question box, with the button that asks, or stops the model that writes."""
    return gr.Textbox(submit_btn=not writing and "Ask", stop_btn=writing and "Stop", **changes)


def _talk(session: Session, question: str, body: str) -> str:
    """The conversation and, at its end, a turn that is not answered; `body` is HTML."""
    return "".join(session.pages) + render.turn_html(question[:300], body)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Errors that are for the user, told to a caller of the API."""
    try:
        yield
    except BylineError as error:
        raise gr.Error(str(error), print_exception=False) from None


def offer_api(desk: Desk) -> None:
    """The named events that programs call; they answer in JSON."""

    def ask(
        question: str,
        history: list[list[str]] | None = None,
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
        written: bool | None = None,
    ) -> dict[str, Any]:
        """Answer a question; `history` holds earlier (question, answer).

        A model writes the answer where the archive has one; in verbatim quotes otherwise, or when
        `written` is false.
        """
        with _told():
            *_, answer = desk.answers(question, history or (), sources, since, until, written)
            return desk.archive().to_json(answer)

    def search(question: str, k: int = 10) -> dict[str, Any]:
        """The k passages nearest to a question, best first, and their articles."""
        with _told():
            with desk.reading:
                hits = desk.archive().search(question, k=min(int(k), 100))
            return desk.archive().to_json(hits)

    def article(article_id: str) -> dict[str, Any]:
        """One article, whole."""
        with _told():
            try:
                found = desk.archive().article(article_id)
            except KeyError:
                raise QuestionError(f"There is no article {article_id!r}.") from None
        return asdict(found) | {"published": found.published and found.published.isoformat()}

    api(ask, api_name="ask", concurrency_limit=FOR_PROGRAMS, concurrency_id="programs")
    api(search, api_name="search", concurrency_limit=UNDER_WAY, concurrency_id="archive")
    api(article, api_name="article")


def layout(archive: Callable[[], Archive], examples: Sequence[str] = ()) -> gr.Blocks:
    """The page over an archive, and the events that move it."""
    desk = Desk(archive)
    page: gr.Blocks
    with gr.Blocks(title="Byline") as page:
        session, alone = gr.State(Session()), gr.State(False)
        gr.HTML(MASTHEAD, elem_id="masthead", apply_default_css=False)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                talk = _html("conversation", INTRODUCTION)
                samples = gr.Dataset(
                    components=["textbox"],
                    samples=[[example] for example in examples],
                    label="For example",
                    elem_id="examples",
                    visible=bool(examples),
                )
                question = gr.Textbox(
                    label=ASKING, max_lines=4, submit_btn="Ask", elem_id="question"
                )
                kind = gr.Radio(
                    [WRITTEN, QUOTES], value=WRITTEN, label="Answer", visible=False, elem_id="kind"
                )
                with gr.Accordion("Narrow the search", open=False, elem_id="filters"):
                    sources = gr.Dropdown([], multiselect=True, label="Sources")
                    with gr.Row():
                        since = gr.Textbox(label="From", placeholder="YYYY-MM-DD")
                        until = gr.Textbox(label="Until", placeholder="YYYY-MM-DD")
                clear = gr.Button("New conversation", size="sm", elem_id="clear")
            panel = _html("panel")
        reader = _html("reader")

        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        asking: dict[str, Any] = private | {
            "fn": desk.reply,
            "inputs": [question, sources, since, until, kind, session, alone],
            "outputs": [question, talk, panel, session, alone],
            "concurrency_limit": UNDER_WAY,
            "concurrency_id": "archive",
        }
        page.load(desk.greet, None, [sources, kind], **private)
        page.unload(desk.leave)
        question.submit(**asking)
        question.stop(desk.stop, **private)
        samples.click(lambda row: row[0], samples, question, **private).then(**asking)
        clear.click(desk.clear, None, [question, talk, panel, session, alone], **private)
        talk.edit(desk.correct, None, [question, alone], **private).then(None, js=FOCUS, **private)
        for linked in (talk, panel):
            linked.click(desk.show, session, reader, **private)
        offer_api(desk)
    page.queue(max_size=64)
    return page


def _html(name: str, value: str = "") -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=SCRIPT)


@functools.cache
def bundled() -> Archive:
    """The archive of the articles that come with Byline, built anew when they have changed."""
    with bars() as progress:
        return Archive.open_or_build(
            HERE / "index" / "articles", HERE / "index" / "archive", progress=progress
        )


demo = layout(bundled, EXAMPLES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the archive, then serve the chat until interrupted."""
    parser = argparse.ArgumentParser(prog="app.py", description="Byline's web chat.")
    parser.add_argument("--index", help="open this index instead of the bundled articles'")
    parser.add_argument(
        "--model", default="", metavar="NAME",
        help="let this language model write answers: a GGUF file, one of a hub, as "
        "hf://OWNER/NAME/FILE.gguf, or a server's address with the model's name, as "
        "http://127.0.0.1:11434/v1#NAME",
    )  # fmt: skip
    parser.add_argument(
        "--allow-remote", action="store_true",
        help="let the address be another machine's, to which article text is then sent",
    )  # fmt: skip
    parser.add_argument(
        "--set", action="append", default=[], type=assignment, metavar="NAME=VALUE",
        help="change a setting; may be repeated",
    )  # fmt: skip
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=os.environ.get("GRADIO_SERVER_PORT", "7860"))
    chosen = parser.parse_args(arguments)
    try:
        named = {"model": chosen.model, "allow_remote": chosen.allow_remote}
        given = dict(chosen.set) | {name: value for name, value in named.items() if value}
        settings = from_mapping(AskSettings, given)
        port = _free_port(chosen.host, chosen.port)
        home = bundled().home if chosen.index is None else chosen.index
        archive = Archive.open(home, settings)
        archive.load_models()
        try:
            archive.load_model()
        except ModelError as error:  # The answers are in quotes then, and say so.
            print(f"app.py: {error}", file=sys.stderr)
        examples = EXAMPLES if chosen.index is None else ()
        _serve(layout(lambda: archive, examples), chosen.host, port)
    except BylineError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("app.py: interrupted; the index is as it was before.", file=sys.stderr)
        return 130
    return 0


def _free_port(host: str, port: int) -> int:
    """The port, or any free one for 0; asked before the archive, whose opening may take long."""
    try:
        with socket.create_server((host, port)) as server:
            return int(server.getsockname()[1])
    except (OSError, OverflowError) as error:
        raise SettingsError(
            f"Cannot serve on {host}:{port} ({error}). Choose another port with --port, "
            "or another address with --host."
        ) from None


def _serve(page: gr.Blocks, host: str, port: int) -> None:
    page.launch(
        server_name=host,
        server_port=port,
        quiet=True,
        prevent_thread_lock=True,
        share=False,
        enable_monitoring=False,
        run_history=False,
        allowed_paths=[],
        max_file_size=1,  # Nothing is uploaded.
        footer_links=[],
        pwa=False,
        ssr_mode=False,
        mcp_server=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        css_paths=HERE / "app.css",
    )
    print(f"Byline is at {page.local_url} (Ctrl-C ends it)", flush=True)
    page.block_thread()


if __name__ == "__main__":
    sys.exit(main())
