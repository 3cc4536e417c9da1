"""What the tests share: a fake encoder whose scores can be worked out, and the real things."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from rag import Archive, Article, read_articles
from rag.embed import Encoder
from rag.types import Progress, Span, TextEncoder, Vectors

BUNDLED = Path(__file__).parent.parent / "index" / "articles"

# Two shared cores: a slow example is no failure, and no test may depend on chance.
settings.register_profile("byline", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("byline")


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
    salt: str = "3"  # With this one `build.probe` is not all zeros, so another salt shows in it.

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[zlib.crc32((self.salt + word).encode()) % self.dimension] += 1
            if not row.any():
                row[0] = 1
            row /= np.linalg.norm(row)
        if progress and texts:
            progress("embedding", len(texts), len(texts))
        return rows

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

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


@pytest.fixture(scope="session")
def fake_encoder() -> TextEncoder:
    return FakeEncoder()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The default encoder, in the precision that gives the same vectors on every machine."""
    return Encoder("all-MiniLM-L6-v2", "float32")


@pytest.fixture(scope="session")
def articles() -> list[Article]:
    """The bundled articles."""
    return list(read_articles(BUNDLED))


@pytest.fixture(scope="session")
def archive(
    articles: list[Article], encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Archive:
    """The bundled articles, indexed with the real encoder."""
    return Archive.build(articles, tmp_path_factory.mktemp("archive"), encoder=encoder)
