"""Articles made of sentences, and vectors drawn as mixtures of measured ones: both as many as are
asked for, and the same each time."""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.models.encoder import Encoder
from rag.types import Article, Progress, Vectors

PASSAGES = 12
"""Of an article, about."""
_SOURCES, _DAYS = 50, 3650
_DAY = datetime.date(2014, 1, 1)
_NEAR, _NEARER = 40, 10
_NOISES = 6
_LEAST, _MOST = 0.82, 0.98
"""How much of a drawn vector is mixture; the rest is noise. By these, the cosines to neighbours are
distributed as the measured ones are: see `neighbours`."""
_QUANTILES = (0.1, 0.5, 0.9)


def articles(count: int, sentences: Sequence[str], each: int, seed: int = 0) -> Iterator[Article]:
    """Yield `count` articles of `each` sentences, drawn at random."""
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")  # noqa: S311
        drawn = chance.choices(sentences, k=each)
        yield Article(
            " ".join(" ".join(one.split()) for one in drawn),
            " ".join(drawn[0].split()[:8]),
            source=f"Paper {number % _SOURCES}",
            published=_DAY + datetime.timedelta(chance.randrange(_DAYS)),
            id=f"made-{number}",
        )


class Mixtures:
    """Draws unit vectors for texts: two measured ones that are near to each other, mixed, and noise
    that varies as the measured ones do. Texts with one first line, as the passages of an article
    have, are near each other. A text has the same vector each time."""

    def __init__(self, measured: Vectors) -> None:
        self._measured = measured
        self._centred = measured - measured.mean(axis=0)
        cosines = measured @ measured.T
        near = min(_NEAR, len(measured))
        self._near = np.argsort(-cosines, axis=1, kind="stable")[:, :near]

    def draw(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (n, dimension)."""
        topics, own = _numbers([text.partition("\n")[0] for text in texts]), _numbers(texts)
        shares = own / 2**16
        centre = self._near[topics[:, 0] % len(self._measured)]
        each = np.arange(len(texts))
        one = centre[each, own[:, 0] % centre.shape[1]]
        other = self._near[one, own[:, 1] % min(_NEARER, centre.shape[1])]
        share = shares[:, 2:3]
        mixed = _unit(share * self._measured[one] + (1 - share) * self._measured[other])
        noise = np.zeros_like(mixed)
        for n in range(_NOISES):
            far = self._centred[own[:, 4 + n] % len(self._measured)]
            noise += (shares[:, 10 + n : 11 + n] - 0.5) * far
        kept = _LEAST + (_MOST - _LEAST) * shares[:, 3:4]
        return _unit(kept * mixed + np.sqrt(1 - kept**2) * _unit(noise))


class DrawnEncoder(Encoder):
    """The encoder, but for passages, whose vectors are drawn: what is measured is all else."""

    def __init__(self, name: str, mixtures: Mixtures) -> None:
        super().__init__(name)
        self._mixtures = mixtures

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if progress:
            progress("embedding", len(texts), len(texts))
        return self._mixtures.draw(texts)


def neighbours(vectors: Vectors) -> dict[str, list[float]]:
    """Return quantiles (.1, .5, .9) of the cosines of vectors to their first, tenth and hundredth
    neighbour."""
    some = np.random.default_rng(1).permutation(len(vectors))[:1000]
    cosines = vectors[some] @ vectors.T
    cosines[np.arange(len(some)), some] = -1
    ordered = -np.sort(-cosines, axis=1)
    return {
        str(n): np.quantile(ordered[:, n - 1], _QUANTILES).round(3).tolist()
        for n in (1, 10, 100)
        if n < len(vectors)
    }


def _numbers(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """Sixteen numbers below 2^16 for each text, by its digest."""
    digests = b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
    return np.frombuffer(digests, "<u2").reshape(len(texts), 16).astype(np.int64)


def _unit(rows: npt.NDArray[Any]) -> Vectors:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    units: Vectors = (rows / lengths).astype(np.float32)
    return units
