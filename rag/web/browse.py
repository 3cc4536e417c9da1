"""The event handlers of what is shown in place of the conversation: searches, lists and names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.chat.browser import Browser
from rag.chat.place import place_of
from rag.errors import BylineError
from rag.web.desk import Desk
from rag.web.updates import again, text


@dataclass(frozen=True)
class Browse:
    """The handlers of the views beside the conversation."""

    desk: Desk

    def go(self, language: str, event: gr.EventData, request: gr.Request) -> tuple[Any, Any, Any]:
        """What stands at an address of the page, and the article that is open there."""
        if not language:
            return gr.skip(), gr.skip(), again()
        view = self.desk.view(language, request)
        try:
            html, leaf = Browser(view.service, view.say).page(place_of(text(event, "place")))
        except BylineError as error:
            html, leaf = view.note(error.message), ""
        return html, leaf, gr.skip()
