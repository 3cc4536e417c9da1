"""The components of the page. Knows nothing of their events."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import gradio as gr

from rag.chat.conversation import Conversation
from rag.chat.html import Doing
from rag.types import Filters

_HERE = Path(__file__).parent
_ARTICLE = (_HERE / "article.js").read_text(encoding="utf-8")
SCRIPT = _ARTICLE + (_HERE / "app.js").read_text(encoding="utf-8")
BROWSE_SCRIPT = _ARTICLE + (_HERE / "browse.js").read_text(encoding="utf-8")
ARCHIVES_SCRIPT = (_HERE / "archives.js").read_text(encoding="utf-8")
NOTEBOOK_SCRIPT = (_HERE / "notebook.js").read_text(encoding="utf-8")
WRITER_SCRIPT = (_HERE / "writer.js").read_text(encoding="utf-8")
QUEUE_SCRIPT = (_HERE / "queue.js").read_text(encoding="utf-8")
FORMATS = (
    ".txt .md .html .htm .mhtml .mht .pdf .docx .docm .odt .rtf .epub .eml .mbox .srt .vtt .xml"
    " .rss .atom .json .jsonl .csv .tsv .warc .gz .zip"
    " .png .jpg .jpeg .tif .tiff"
).split()
QUESTION_FORMATS = [".csv", ".tsv", ".xlsx", ".jsonl"]
WELCOME_EVERY = 2
"""Seconds after which a page looks again what there is to ask of an archive opened just now."""
PROGRESS_EVERY = 1
"""Seconds after which the page of all archives looks again how far they are."""


@dataclass(frozen=True)
class Components:
    """The components of the page and what it remembers for a visitor.

    `language` is "" until the page has begun. `narrowed`: the filters in force. `scope`: what is
    asked. `queue` shows the questions that wait for their turn, and sends them; `notebook`
    the quotes that the reader pinned. `model`: what writes the answer, "" for quotes; `writer` has
    the switch for it. The page of all
    archives has their cards (`archives`), a form for a new one (`making`), and what is being done
    to one (`doing`); on the page of one archive these are empty. `browse` stands in place of the
    conversation, and `leaf` is an article beside it. `table` takes a file of
    questions in the fold `many`, which tells of it in `batch`, and `sheet` has the rows of its
    answers; the fold `stand` has the `standing` questions.
    """

    courier: Any
    masthead: Any
    talk: Any
    welcome: Any
    queue: Any
    question: Any
    writer: Any
    filters: Any
    own: Any
    documents: Any
    files: Any
    notebook: Any
    many: Any
    batch: Any
    table: Any
    sheet: Any
    stand: Any
    standing: Any
    kept: Any
    panel: Any
    reader: Any
    language: Any
    session: Any
    narrowed: Any
    scope: Any
    model: Any
    timer: Any
    archives: Any
    making: Any
    browse: Any
    leaf: Any
    doing: Any
    ticker: Any

    def all(self) -> list[Any]:
        """Every component, in the order of the fields."""
        return [getattr(self, field.name) for field in fields(self)]


def components(words: gr.I18n) -> Components:
    """Put the components on the page that is being made; `words` is called with keys of texts."""
    made: dict[str, Any] = {
        "language": gr.State(""),
        "session": gr.State(Conversation()),
        "narrowed": gr.State(Filters()),
        "scope": gr.State("archive"),
        "model": gr.State(""),
        "sheet": gr.State(()),
        "timer": gr.Timer(WELCOME_EVERY, active=False),
        "doing": gr.State(Doing()),
        "ticker": gr.Timer(PROGRESS_EVERY, active=False),
        "courier": _html("courier"),
        "masthead": _html("masthead"),
        "archives": _html("archives", ARCHIVES_SCRIPT),
        "making": _html("making", ARCHIVES_SCRIPT),
    }
    with gr.Row(elem_id="shelves"):
        made |= {name: _html(name, BROWSE_SCRIPT) for name in ("browse", "leaf")}
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="talk"):
            made["talk"] = _html("conversation")
            with gr.Column(elem_id="asking"):
                made["queue"] = _html("queue", QUEUE_SCRIPT)
                made["question"] = gr.Textbox(
                    label=words("question"),
                    max_lines=4,
                    interactive=True,
                    submit_btn=words("ask"),  # type: ignore[arg-type]
                    elem_id="question",
                )
            made["writer"] = _html("writer", WRITER_SCRIPT)
            made["filters"] = _html("filters")
            made["notebook"] = _html("notebook", NOTEBOOK_SCRIPT)
            with gr.Accordion(words("documents"), **_fold("own")) as made["own"]:
                made["documents"] = _html("documents")
                made["files"] = gr.File(
                    label=words("documents_add"), file_count="multiple", file_types=FORMATS,
                    height=110, elem_id="files",
                )  # fmt: skip
            _put_many(made, words)
        with gr.Column(elem_id="side"):
            made |= {name: _html(name) for name in ("panel", "reader", "welcome")}
        made["kept"] = _html("kept")
    return Components(**made)


def _put_many(made: dict[str, Any], words: gr.I18n) -> None:
    """The folds for many questions at once, and for those that stand."""
    with gr.Accordion(words("batch"), open=False, elem_id="many", elem_classes="fold") as made[
        "many"
    ]:
        made["table"] = gr.File(
            label=words("batch_add"), file_types=QUESTION_FORMATS, height=110, elem_id="table"
        )
        made["batch"] = _html("batch")
    with gr.Accordion(words("standing"), open=False, elem_id="stand", elem_classes="fold") as made[
        "stand"
    ]:
        made["standing"] = _html("standing")


def _fold(name: str) -> dict[str, Any]:
    return {"open": False, "elem_id": name, "elem_classes": "fold"}


def _html(name: str, script: str = SCRIPT) -> Any:
    return gr.HTML(
        elem_id=name, apply_default_css=False, js_on_load=script,
        page={}, kept="", filters="", file={}, upload={}, begun=0, done=0, gone={},
    )  # fmt: skip
