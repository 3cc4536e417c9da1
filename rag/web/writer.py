"""The event handlers of the switch that lets a language model write the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.chat.view import View
from rag.chat.writers import GIVEN
from rag.errors import BylineError
from rag.web.desk import Desk
from rag.web.updates import again, text

LOOK = "look"
"""What the browser sends where the switch is put on: which models there are is not known yet."""


@dataclass(frozen=True)
class Writer:
    """The handlers of the switch."""

    desk: Desk

    def choose(
        self, language: str, chosen: str, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, Any, Any]]:
        """Updates of the switch, of the model that is chosen, and of the courier: a model is looked
        for, chosen and loaded, or writing is switched off."""
        if not language:
            yield gr.skip(), gr.skip(), again()
            return
        view, wanted = self.desk.view(language, request), text(event, "model")
        for html, key in _choose(view, chosen, wanted):
            yield html, key, gr.skip()


def _choose(view: View, chosen: str, wanted: str) -> Iterator[tuple[str, str]]:
    """The switch as HTML and the model that writes, step by step."""
    writers, say = view.service.writers, view.say
    if not wanted or not writers.offered:
        yield view.writer(""), ""
        return
    if wanted == LOOK and writers.given:
        yield view.writer(GIVEN), GIVEN
        return
    if wanted == LOOK:
        yield view.writer(LOOK, say("write_looking")), chosen
        wanted = next(iter(writers.look()), "")
        if not wanted:
            yield view.writer("", say("write_none", folder=str(writers.folder))), ""
            return
    yield view.writer(wanted, say("write_loading")), chosen
    try:
        model = writers.load(wanted)
    except BylineError as error:
        yield view.writer("", say.note(error.message)), ""
        return
    yield view.writer(wanted, say("write_ready", name=model.name) if model else ""), wanted
