"""The models that an archive works with, each loaded when it is first needed.

Models are shared by everything in the process that names them; only their names are kept here.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from rag.errors import EncoderError
from rag.protocols import ChatModel, SentenceReader, TextEncoder
from rag.settings import AskSettings

if TYPE_CHECKING:
    from rag.models.cross_encoder import Entailment, Reranker


# No model is loaded twice because two questions need it first; reentrant, as loading may encode.
_loading = threading.RLock()


class Models:
    """The models that `settings` name, and the encoder `name`, as an index says, in `precision`.

    An encoder that does not come with Byline is loaded only if `settings` say so: an index may be
    from anybody. `require` raises EncoderError for an encoder that did not build the index.
    `encoder` and `chat_model` take the place of those that would be loaded. Safe to share between
    threads.
    """

    def __init__(
        self,
        settings: AskSettings,
        name: str,
        precision: str,
        require: Callable[[TextEncoder], None],
        encoder: TextEncoder | None = None,
        chat_model: ChatModel | None = None,
    ) -> None:
        self._settings = settings
        self._name, self._precision = name, precision
        self._require = require
        self._encoder: TextEncoder | None = None
        self._chat_model = chat_model
        self.warned = False
        """Whether it was said that the confidence was fitted for other models."""
        if encoder is not None:
            require(encoder)
            self._encoder = encoder

    @property
    def writes(self) -> bool:
        """Whether a chat model is given or named."""
        return self._chat_model is not None or bool(self._settings.model)

    def load(self) -> None:
        """Load every model that is named, so that no question has to wait for one.

        Raises EncoderError, and at last ModelError for a chat model that cannot be loaded.
        """
        self.encoder()
        self.reader()
        self.reranker()
        self.entailment()
        self.chat_model()

    def encoder(self) -> TextEncoder:
        """Return the encoder. Raises EncoderError when it cannot or may not be loaded, or is
        another one than built the index."""
        with _loading:
            if self._encoder is None:
                encoder = load_encoder(self._encoder_name(), self._precision)
                self._require(encoder)
                self._encoder = encoder
            return self._encoder

    def _encoder_name(self) -> str:
        """The encoder that the index names, or the one that the settings name in its place."""
        from rag.models.encoder import comes_along

        if comes_along(self._name) or self._settings.allow_download:
            return self._name
        if self._settings.encoder:
            return self._settings.encoder
        raise EncoderError(
            f"The index names the encoder {self._name!r}, which does not come with Byline. If you "
            "know it, name it with --set encoder=NAME (in Python: AskSettings(encoder=NAME)), or "
            "let any that an index names be loaded with --allow-download."
        )

    def reader(self) -> SentenceReader | None:
        """Return the reader; None without one. Raises EncoderError when it cannot be loaded."""
        name = self._settings.reader
        with _loading:
            return load_reader(name, self._precision) if name else None

    def reranker(self) -> Reranker | None:
        """Return the reranker; None without one. Raises EncoderError when it cannot be loaded."""
        name = self._settings.reranker
        with _loading:
            return load_reranker(name) if name else None

    def entailment(self) -> Entailment | None:
        """Return the entailment model; None without one. Raises EncoderError when it cannot be
        loaded."""
        name = self._settings.entailment
        with _loading:
            return load_entailment(name) if name else None

    def chat_model(self) -> ChatModel | None:
        """Return the chat model; None without one.

        Raises ModelError when it cannot be loaded or reached, SettingsError for an address that
        is not this machine's.
        """
        chosen = self._settings
        if self._chat_model is None and chosen.model:
            from rag.models.chat.load import load

            return load(
                chosen.model, chosen.allow_remote, chosen.context_tokens, chosen.model_timeout
            )
        return self._chat_model


# Imported inside: each brings OpenVINO or torch, which commands that ask nothing need not wait for.


@functools.lru_cache(maxsize=2)
def load_encoder(name: str, precision: str) -> TextEncoder:
    """Load an encoder by name or path; those used last are kept."""
    from rag.models.encoder import Encoder

    return Encoder(name, precision)


@functools.lru_cache(maxsize=2)
def load_reader(name: str, precision: str) -> SentenceReader:
    """Load a reader by name or path; those used last are kept."""
    from rag.models import reader

    return reader.load(name, precision)


@functools.lru_cache(maxsize=1)
def load_reranker(name: str) -> Reranker:
    """Load a reranker by name or path; those used last are kept."""
    from rag.models.cross_encoder import Reranker

    return Reranker(name)


@functools.lru_cache(maxsize=1)
def load_entailment(name: str) -> Entailment:
    """Load an entailment model by name or path; those used last are kept."""
    from rag.models.cross_encoder import Entailment

    return Entailment(name)
