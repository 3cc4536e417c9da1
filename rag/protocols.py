"""The Protocols of the models: what the pipeline asks of an encoder, a reader and a chat model.

Each has two implementations: the real one in `rag.models`, and the tests' fake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.types import Message, Progress, Span, Vectors


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a sentence.

    `logit`: the log-odds that it answers the question. `mark`: the words that do, a span of the
    sentence, where the reader says so, and `mark_logit` their log-odds.
    """

    logit: float
    mark: Span | None = None
    mark_logit: float = 0.0


class SentenceReader(Protocol):
    """Reads passages for the sentences that answer. The real one is `rag.models.reader`."""

    @property
    def name(self) -> str: ...

    def read(
        self,
        question: str,
        headings: Sequence[str],
        texts: Sequence[str],
        sentences: Sequence[Sequence[Span]],
    ) -> list[list[Reading]]:
        """A reading of each sentence (spans of its text) of each text with its heading."""
        ...


class ChatModel(Protocol):
    """Writes text to messages. The real one is `rag.models.chat.client.ChatClient`."""

    @property
    def name(self) -> str:
        """What to call it; of a file, no folder."""
        ...

    @property
    def context(self) -> int:
        """Tokens that messages and answer may have together."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of a text; where the server cannot count them, more rather than fewer."""
        ...

    def write(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        grammar: str = "",
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        """Yield the answer piece by piece, until it ends or `stopped` says so.

        `grammar`, in GBNF, is kept to by engines that take one. Raises ModelError.
        """
        ...


class TextEncoder(Protocol):
    """Texts to unit vectors. The real one is `rag.models.encoder.Encoder`."""

    @property
    def name(self) -> str: ...
    @property
    def precision(self) -> str:
        """That in which passages are encoded."""
        ...

    @property
    def dimension(self) -> int: ...
    @property
    def overhead(self) -> int:
        """Tokens of a passage that are not its own: special tokens and prompt."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens that one text may have, special tokens included."""
        ...

    @property
    def multilingual(self) -> bool:
        """Whether its vocabulary is one for many languages."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit rows, shape (n, dimension)."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit rows, shape (n, dimension)."""
        ...

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[Span]]) -> list[Vectors]:
        """For each query, unit rows of itself and of its parts, shape (1 + parts, dimension)."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted."""
        ...

    def reads(self, text: str) -> bool:
        """Whether the vocabulary knows the script that `text` is written in."""
        ...
