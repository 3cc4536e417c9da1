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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
# Gradio calls its own server at start; a proxy of the user's must not stand between.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
    filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "localhost,127.0.0.1"))
)

import gradio as gr
from gradio.events import api

from rag import Archive, render
from rag.cite import holds
from rag.errors import BylineError, QuestionError, SettingsError
from rag.progress import bars
from rag.types import Answer, Citation, Turn

HERE = Path(__file__).parent
MASTHEAD = "<h1>Byline</h1><p>Answers from the archive, in the articles' own words.</p>"
INTRODUCTION = (
    '<p class="introduction">Ask the archive a question. The answer is made of quotes, each with '
    "its source; open one to read the article around it. If the archive does not hold the answer, "
    "Byline says so.</p>"
)
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
"""Questions answered at the same time; each keeps a processor core busy."""


@dataclass(frozen=True)
class Session:
    """One visitor's conversation: as text, as HTML, and the quotes that its links may open.

    `correcting`: the next question stands by itself, and the conversation goes on from there.
    """

    turns: tuple[Turn, ...] = ()
    pages: tuple[str, ...] = ()
    links: tuple[Citation, ...] = ()
    correcting: bool = False


@dataclass(frozen=True)
class Desk:
    """The event handlers, over an archive that is opened when it is first needed."""

    archive: Callable[[], Archive]

    def greet(self) -> Any:
        """The sources to choose from."""
        sources = list(self.archive().sources)
        return gr.Dropdown(choices=sources, visible=bool(sources))

    def reply(
        self,
        question: str,
        sources: list[str],
        since: str | None,
        until: str | None,
        session: Session,
    ) -> Iterator[tuple[Any, ...]]:
        """Updates of question box, conversation, panel and session: first that work goes on."""
        earlier = "".join(session.pages)
        waiting = render.turn_html(question[:300], render.note_html("Reading the archive …"))
        yield gr.skip(), earlier + waiting, gr.skip(), gr.skip()
        try:
            turns = () if session.correcting else session.turns
            answer = self.answer(question, turns, sources, since, until)
            articles = self.articles(answer)
        except BylineError as error:
            refused = render.turn_html(question[:300], render.note_html(str(error)))
            yield gr.skip(), earlier + refused, gr.skip(), gr.skip()
            return
        except Exception:
            # Without this the page would read on for ever.
            refused = render.turn_html(question[:300], render.note_html(FAULT))
            yield gr.skip(), earlier + refused, gr.skip(), gr.skip()
            raise
        answer = render.checked(answer, articles)
        page = render.turn_html(question, render.answer_html(answer, articles))
        session = Session(
            (*turns, (question, answer.text))[-TURNS:],
            (*session.pages, page)[-TURNS:],
            (*session.links, *render.shown(answer))[-TURNS * render.RELATED :],
        )
        panel = render.sources_html(answer, articles)
        yield gr.Textbox("", label=ASKING), "".join(session.pages), panel, session

    def correct(self, session: Session, event: gr.EventData) -> tuple[Any, Session]:
        """A question as it was understood, into the question box."""
        return gr.Textbox(str(event.question), label=CORRECTING), replace(session, correcting=True)

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

    def answer(
        self,
        question: str,
        history: Sequence[Sequence[str]] = (),
        sources: list[str] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Answer:
        texts = [question, *(text for turn in history for text in turn)]
        if not all(isinstance(text, str) for text in texts) or any(len(t) != 2 for t in history):
            raise QuestionError("Send a question as text, and history as [question, answer] pairs.")
        return self.archive().ask(
            question,
            history=[(asked, said) for asked, said in history],
            sources=sources or None,
            since=(since or "").strip() or None,
            until=(until or "").strip() or None,
        )

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
    ) -> dict[str, Any]:
        """Answer a question in verbatim quotes; `history` holds earlier (question, answer)."""
        with _told():
            answer = desk.answer(question, history or (), sources, since, until)
            return desk.archive().to_json(answer)

    def search(question: str, k: int = 10) -> dict[str, Any]:
        """The k passages nearest to a question, best first, and their articles."""
        with _told():
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

    api(ask, api_name="ask", concurrency_limit=AT_ONCE, concurrency_id="archive")
    api(search, api_name="search", concurrency_limit=AT_ONCE, concurrency_id="archive")
    api(article, api_name="article")


def layout(archive: Callable[[], Archive], examples: Sequence[str] = ()) -> gr.Blocks:
    """The page over an archive, and the events that move it."""
    desk = Desk(archive)
    page: gr.Blocks
    with gr.Blocks(title="Byline") as page:
        session = gr.State(Session())
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
            "inputs": [question, sources, since, until, session],
            "outputs": [question, talk, panel, session],
            "concurrency_limit": AT_ONCE,
            "concurrency_id": "archive",
        }
        page.load(desk.greet, None, sources, **private)
        question.submit(**asking)
        samples.click(lambda row: row[0], samples, question, **private).then(**asking)
        clear.click(
            lambda: (INTRODUCTION, "", Session(), gr.Textbox(label=ASKING)),
            None,
            [talk, panel, session, question],
            **private,
        )
        talk.edit(desk.correct, session, [question, session], **private).then(
            None, js=FOCUS, **private
        )
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
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=os.environ.get("GRADIO_SERVER_PORT", "7860"))
    chosen = parser.parse_args(arguments)
    try:
        port = _free_port(chosen.host, chosen.port)
        archive = bundled() if chosen.index is None else Archive.open(chosen.index)
        archive.load_models()
        _serve(demo if chosen.index is None else layout(lambda: archive), chosen.host, port)
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
