"""The event handlers of the notebook: what a reader pinned is taken away as a file, and shown in
its article. The browser keeps the notebook; nothing of it stays here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.chat.view import View
from rag.errors import BylineError, InputError
from rag.export import serialize
from rag.export.notebook import Notebook, Pin, sound
from rag.web import updates
from rag.web.desk import Desk
from rag.web.updates import again, text, value
from rag.wording import note

MOST, LONGEST = 500, 2_000_000
"""Quotes that a notebook may have, and characters in all."""
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_KINDS = {
    "markdown": ("md", "text/markdown"),
    "docx": ("docx", _DOCX),
    "evidence": ("zip", "application/zip"),
}


@dataclass(frozen=True)
class Notebooks:
    """The handlers of the notebook."""

    desk: Desk

    def take(self, language: str, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """The notebook as a file for the browser to save, and which of its quotes no longer hold;
        each is verified again."""
        if not language:
            return again(), gr.skip()
        view, made = self.desk.view(language, request), datetime.datetime.now().astimezone()
        try:
            notebook = _read(value(event, "notebook"))
            ending, kind = _KINDS[text(event, "what")]
            content = view.notebook_file(notebook, text(event, "what"), made)
        except (BylineError, KeyError) as error:
            wrong = error.message if isinstance(error, BylineError) else note("notebook_unreadable")
            return gr.skip(), gr.HTML(view.notebook(wrong))
        name = f"byline-notebook-{made:%Y-%m-%d}.{ending}"
        articles = view.pinned_articles(notebook)
        gone = [at for at, pin in enumerate(notebook.pins) if not sound(pin, articles)]
        told = note("dropped_pins", n=len(gone)) if gone else ""
        courier = updates.file(name, kind, content, made)
        return courier, gr.HTML(view.notebook(told), gone={"pins": gone, "at": made.isoformat()})

    def show(self, language: str, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """The article of a pinned quote."""
        if not language:
            return gr.skip(), again()
        view: View = self.desk.view(language, request)
        try:
            pin = serialize.read(Pin, value(event, "pin"), "pin", LONGEST)
        except ValueError:
            return gr.skip(), gr.skip()
        return view.pinned(pin), gr.skip()


def _read(values: object) -> Notebook:
    """Read the notebook that a browser kept. Raises InputError for anything else."""
    try:
        notebook = serialize.read(Notebook, values, "notebook", LONGEST)
    except ValueError:
        raise InputError(note("notebook_unreadable")) from None
    if len(notebook.pins) > MOST:
        raise InputError(note("notebook_full", n=MOST))
    return notebook
