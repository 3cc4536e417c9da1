"""A wrapper of a chat model that records its prompts and the times of its tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.protocols import ChatModel
from rag.types import Message


@dataclass
class Writing:
    """One text as a model wrote it: what it was asked, when, and when its words came, in seconds
    of `time.perf_counter`."""

    messages: Sequence[Message]
    began: float
    pieces: list[str] = field(default_factory=list)
    first: float | None = None
    last: float | None = None


class Timed:
    """Wraps a chat model and times it; `writing` is the last text that was asked for."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.writing: Writing | None = None

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def context(self) -> int:
        return self._model.context

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    def write(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        grammar: str = "",
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        writing = self.writing = Writing(messages, time.perf_counter())
        for piece in self._model.write(messages, max_tokens, grammar, stopped):
            writing.pieces.append(piece)
            if piece.strip():
                writing.last = time.perf_counter()
                writing.first = writing.first or writing.last
            yield piece
