"""Fakes of an encoder, a reader and an index, whose scores can be computed by hand, and of a chat
model."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.errors import ModelError
from rag.protocols import Reading
from rag.text.memo import Memo
from rag.types import Article, Message, Progress, Span, Vectors


@dataclass(frozen=True)
class FakeEncoder:
    """A bag of words hashed into `dimension` counters, made a unit vector: a `TextEncoder`.

    Each word, lower-cased, adds 1 to counter `crc32(salt + word) % dimension`, so that the cosine
    of two texts without colliding words is `shared / sqrt(n * m)` for n and m distinct words. A
    text without words is the first unit vector. A token is a word or another visible character.
    Another `salt` makes another model.
    """

    name: str = "fake"
    precision: str = "float32"
    dimension: int = 1024
    overhead: int = 2
    max_tokens: int = 512
    multilingual: bool = False
    salt: str = "3"  # With this one `build.probe` is not all zeros, so another salt shows in it.

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        rows = self.encode_queries(texts)
        if progress and texts:
            progress("embedding", len(texts), len(texts))
        return rows

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[zlib.crc32((self.salt + word).encode()) % self.dimension] += 1
            if not row.any():
                row[0] = 1
            row /= np.linalg.norm(row)
        return rows

    def encode_parts(self, texts: Sequence[str], parts: Sequence[Sequence[Span]]) -> list[Vectors]:
        return [
            self.encode_queries([text, *(text[start:end] for start, end in spans)])
            for text, spans in zip(texts, parts, strict=True)
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]

    def reads(self, text: str) -> bool:
        letters = [c for c in text if c.isalpha()]
        return sum(c > "\u024f" for c in letters) * 2 <= len(letters)


@dataclass(frozen=True)
class FakeReader:
    """Counts the words that a sentence shares with the question, and marks the first word that
    it does not: a `SentenceReader`."""

    name: str = "fake"

    def read(
        self,
        question: str,
        headings: Sequence[str],
        texts: Sequence[str],
        sentences: Sequence[Sequence[Span]],
    ) -> list[list[Reading]]:
        asked = _words(question).keys()
        return [
            [_reading(_words(text[start:end]), asked) for start, end in spans]
            for text, spans in zip(texts, sentences, strict=True)
        ]


@dataclass(frozen=True)
class FakeModel:
    """Writes `text`, word by word or in `pieces`, whatever it is asked: a `ChatModel`.

    `fails`: the message of the ModelError that comes after the last piece. A token is a word.
    `prompts` are what it was asked, `grammars` with which grammars.
    """

    text: str = ""
    pieces: Sequence[str] = ()
    fails: str = ""
    name: str = "fake"
    context: int = 4096
    prompts: list[str] = field(default_factory=list)
    grammars: list[str] = field(default_factory=list)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def write(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        grammar: str = "",
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        self.prompts.append(messages[-1]["content"])
        self.grammars.append(grammar)
        for piece in self.pieces or re.findall(r"\s*\S+", self.text):
            if stopped():
                return
            yield piece
        if self.fails:
            raise ModelError(self.fails)


def _reading(said: dict[str, Span], asked: Collection[str]) -> Reading:
    marks = [span for word, span in said.items() if word not in asked]
    return Reading(float(len(said) - len(marks)), marks[0] if marks else None)


def _words(text: str) -> dict[str, Span]:
    return {match.group().lower(): match.span() for match in re.finditer(r"\w+", text)}


class FakeIndex:
    """What reading asks of an opened index: articles, their reports, and an IDF of 1."""

    def __init__(self, articles: Iterable[Article], report: Callable[[str], str] = str) -> None:
        self._articles = {article.id: article for article in articles}
        self.report = report
        self.memo = Memo()

    def article(self, article_id: str) -> Article:
        return self._articles[article_id]

    def idf(self, word: str) -> float:
        return 1.0
