"""The language models that a reader may let write the answer.

On one's own machine they are looked for when the reader asks for it; elsewhere only the model that
the server was started with may write. Knows nothing of Gradio.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from rag.errors import ModelError
from rag.models.chat.discover import Found, discover
from rag.models.chat.load import load
from rag.protocols import ChatModel
from rag.settings import AskSettings
from rag.wording import note, note_with

GIVEN = "given"
"""Stands for the model of the settings."""


class Writers:
    """The models that may write. `folder` holds GGUF files; None where none is looked for.

    `found` are those that were found last, by what the page calls them.
    """

    def __init__(
        self,
        settings: AskSettings | None = None,
        folder: Path | None = None,
        look: Callable[[Path], tuple[Found, ...]] = discover,
    ) -> None:
        self._settings = settings or AskSettings()
        self.folder, self._look = folder, look
        self.found: dict[str, Found] = {}

    @property
    def given(self) -> bool:
        """Whether the settings name a model."""
        return bool(self._settings.model)

    @property
    def offered(self) -> bool:
        """Whether there is anything to switch on."""
        return self.given or self.folder is not None

    def look(self) -> dict[str, Found]:
        """Look for models on this machine, and return what was found."""
        models = self._look(self.folder) if self.folder else ()
        self.found = {f"{one.program}/{one.name}": one for one in models}
        return self.found

    def load(self, key: str) -> ChatModel | None:
        """The model that the page calls `key`, ready to write; None for that of the settings.

        Raises ModelError for one that is not found any more, or cannot be loaded: only what was
        found here can be chosen.
        """
        if key == GIVEN:
            return None
        one = self.found.get(key) or self.look().get(key)
        if one is None:
            raise ModelError(note("writer_gone"))
        chosen = self._settings
        try:
            return load(one.reference, False, chosen.context_tokens, chosen.model_timeout)
        except ModelError as error:
            # Readers are not told in which folder the model lies.
            raise ModelError(note_with(error.message, f"{self.folder}{os.sep}", "")) from error
