"""The page: its components and the events that connect them to their handlers."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.chat.sessions import Sessions
from rag.web.answering import Answering
from rag.web.api import offer_api
from rag.web.archives import Archives
from rag.web.browse import Browse
from rag.web.components import Components, components
from rag.web.desk import Desk
from rag.web.many import Many
from rag.web.notebook import Notebooks
from rag.web.selection import Selection
from rag.web.writer import Writer

ENDED = "() => document.dispatchEvent(new Event('byline:ended'))"
"""Tells the script of the queue that the turn of a question is over."""
UNDER_WAY = 64
"""Answers that may be under way; each keeps a thread, and most of them wait for their turn."""
PRIVATE: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "concurrency_limit": UNDER_WAY,
}
"""How the events of the page are set, which no program calls."""


def layout(sessions: Sessions) -> gr.Blocks:
    """The page over the archives of a server, and the events that move it."""
    desk = Desk(sessions)
    words = gr.I18n()  # Keys only: the words themselves are given to `launch`.
    page: gr.Blocks
    # Uploads are deleted when they were read; those that never were, within the hour.
    with gr.Blocks(title="Byline", analytics_enabled=False, delete_cache=(600, 3000)) as page:
        parts = components(words)
        _connect_page(page, parts, desk)
        _connect_archives(parts, Archives(desk))
        _connect_browse(parts, Browse(desk))
        _connect_question(parts, Answering(desk))
        _connect_writer(parts, Writer(desk))
        _connect_answer(parts, desk)
        _connect_selection(parts, Selection(desk))
        _connect_many(parts, Many(desk))
        _connect_notebook(parts, Notebooks(desk))
        offer_api(sessions, UNDER_WAY)
    page.queue(max_size=256, default_concurrency_limit=UNDER_WAY)
    return page


def _connect_page(page: Any, parts: Components, desk: Desk) -> None:
    """The page looks for example questions, and goes."""
    page.unload(desk.leave)
    parts.timer.tick(desk.welcome, parts.language, [parts.welcome, parts.timer], **PRIVATE)


def _connect_archives(parts: Components, archives: Archives) -> None:
    """The page comes, of one archive or of all, and archives are made and changed."""
    for part in (parts.courier, parts.masthead):
        # A language may be chosen while the page of another is on its way.
        at_once: dict[str, Any] = {"concurrency_limit": None, "trigger_mode": "multiple"}
        part.begin(archives.begin, None, parts.all(), **PRIVATE | at_once)
    known = [parts.language, parts.doing]
    done = [parts.archives, parts.making, parts.doing, parts.ticker, parts.courier]
    parts.ticker.tick(archives.tick, known, [parts.archives, parts.ticker], **PRIVATE)
    for part in (parts.archives, parts.making):
        part.act(archives.act, known, done, **PRIVATE)
    parts.making.create(archives.create, known, done, **PRIVATE)
    parts.making.received(archives.received, known, done, **PRIVATE)


def _connect_browse(parts: Components, browse: Browse) -> None:
    """What stands in place of the conversation changes, or the article beside it."""
    shown = [parts.browse, parts.leaf, parts.courier]
    for part in (parts.browse, parts.leaf):
        part.go(browse.go, parts.language, shown, **PRIVATE | {"trigger_mode": "always_last"})


def _connect_question(parts: Components, answering: Answering) -> None:
    """A question is asked when its turn comes, and stopped; the conversation begins anew."""
    answered = [
        parts.talk, parts.panel, parts.reader, parts.session, parts.courier, parts.queue,
    ]  # fmt: skip
    known = [parts.model, parts.language, parts.session, parts.narrowed, parts.scope]
    parts.queue.ask(
        answering.reply, known, answered, concurrency_id="archive", **PRIVATE
    ).then(None, js=ENDED, **PRIVATE)  # fmt: skip
    parts.talk.stop(answering.stop, **PRIVATE)
    parts.talk.restart(answering.clear, parts.language, answered, **PRIVATE)


def _connect_writer(parts: Components, writer: Writer) -> None:
    """A model is chosen that writes, or none."""
    chosen = [parts.writer, parts.model, parts.courier]
    parts.writer.write(writer.choose, [parts.language, parts.model], chosen, **PRIVATE)


def _connect_answer(parts: Components, desk: Desk) -> None:
    """What was answered is saved, rated, and its articles opened."""
    talk, known = parts.talk, [parts.language, parts.session]
    talk.save(desk.save, known, parts.courier, **PRIVATE)
    talk.rate(desk.rate, known, [talk, parts.session, parts.courier], **PRIVATE)
    for part in (talk, parts.panel, parts.reader):
        part.open(desk.show, known, [parts.reader, parts.courier], **PRIVATE)


def _connect_selection(parts: Components, selection: Selection) -> None:
    """Filters and own documents are changed."""
    within = [parts.filters, parts.narrowed, parts.scope]
    known = [parts.language, parts.narrowed]
    for part in (parts.filters, parts.talk, parts.reader, parts.leaf):
        part.narrow(selection.narrow, [*known, parts.scope], [*within, parts.courier], **PRIVATE)
    documents = parts.documents
    documents.choose(selection.choose, known, [*within, parts.courier], **PRIVATE)
    documents.remove(selection.remove, known, [documents, *within, parts.courier], **PRIVATE)
    parts.files.upload(
        selection.add, [parts.files, *known, parts.scope], [documents, parts.files, *within],
        **PRIVATE | {"show_progress": "full", "show_progress_on": documents},
    )  # fmt: skip


def _connect_many(parts: Components, many: Many) -> None:
    """Many questions are asked at once, and others are kept to be asked of what is new."""
    parts.table.upload(
        many.batch, [parts.table, parts.language, parts.narrowed, parts.scope],
        [parts.batch, parts.table, parts.sheet], **PRIVATE,
    )  # fmt: skip
    parts.batch.remove(many.stop, **PRIVATE)
    parts.batch.save(many.save, [parts.language, parts.sheet], parts.courier, **PRIVATE)
    standing, known = parts.standing, parts.language
    changed = [standing, parts.courier]
    standing.stand(many.add, known, changed, **PRIVATE)
    standing.remove(many.remove, known, changed, **PRIVATE)
    standing.look(many.look, known, changed, **PRIVATE)
    standing.open(many.show, known, [parts.reader, parts.courier], **PRIVATE)


def _connect_notebook(parts: Components, notebooks: Notebooks) -> None:
    """The notebook is taken away, and the article of one of its quotes opened."""
    notebook, known = parts.notebook, parts.language
    notebook.take(notebooks.take, known, [parts.courier, notebook], **PRIVATE)
    notebook.open(notebooks.show, known, [parts.reader, parts.courier], **PRIVATE)
