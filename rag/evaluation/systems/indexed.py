"""The systems that read Byline's index: Byline, its two searches alone, and their plain fusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from rag import Archive
from rag.errors import InputError, QuestionError
from rag.types import Passage, Rows, Vectors

Found: TypeAlias = list[tuple[Passage, float]]
"""Passages with their scores, best first; higher is better."""
Search: TypeAlias = Callable[[str, int], Found]
"""Called as `search(text, k)`; gives at most `k` passages."""

BASELINES = ("dense", "bm25", "rrf")
NAMES = ("byline", *BASELINES)
_RRF = 60  # The constant of Cormack, Clarke and Büttcher, SIGIR 2009.
_FUSED = 100


@dataclass(frozen=True)
class System:
    """A search, with what its passages are: how many, and embedded in which precision.

    `milliseconds` are those of each question, where they were measured elsewhere; `facts` are more
    to say of the system.
    """

    search: Search
    passages: int
    precision: str
    milliseconds: Mapping[str, float] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def open_system(name: str, archive: Archive) -> System:
    """The system `name` over the articles of `archive`.

    Raises InputError for an unknown name.
    """
    if name not in NAMES:
        raise InputError(f"There is no system {name!r}. Known are: {', '.join(NAMES)}.")
    facts = archive.info()
    search = _byline(archive) if name == "byline" else getattr(_Index(archive), name)
    return System(search, facts["passages"], facts["encoder"]["precision"])


def _byline(archive: Archive) -> Search:
    def search(text: str, k: int) -> Found:
        try:
            return [(hit.passage, hit.score) for hit in archive.search(text, k)]
        except QuestionError:
            return []  # A question that Byline refuses finds nothing, and scores so.

    return search


class _Index:
    """The searches that Byline fuses, each alone, whatever the ask-time settings are."""

    def __init__(self, archive: Archive) -> None:
        self._store, self._lexical = archive.index.store, archive.index.bm25
        self._encoder = archive.load_encoder()

    def dense(self, text: str, k: int) -> Found:
        """By cosine of the vectors."""
        return self._found(*self._nearest(text, k))

    def bm25(self, text: str, k: int) -> Found:
        """By BM25; a passage without any word of the question is not found."""
        return self._found(*self._matching(text, k))

    def rrf(self, text: str, k: int) -> Found:
        """By reciprocal-rank fusion of both: the sum of 1 / (60 + rank), ranks from 1."""
        depth = max(_FUSED, k)
        fused: dict[int, float] = {}
        for rows, _ in (self._nearest(text, depth), self._matching(text, depth)):
            for rank, row in enumerate(rows.tolist(), start=1):
                fused[row] = fused.get(row, 0.0) + 1 / (_RRF + rank)
        best = sorted(fused, key=lambda row: (-fused[row], row))[:k]
        return self._found(np.array(best, np.int64), np.array([fused[row] for row in best]))

    def _nearest(self, text: str, k: int) -> tuple[Rows, Vectors]:
        return self._store.search(self._encoder.encode_queries([text])[0], k)

    def _matching(self, text: str, k: int) -> tuple[Rows, Vectors]:
        scores = self._lexical.scores(text)
        rows = np.argsort(-scores, kind="stable")[:k]
        rows = rows[scores[rows] > 0]
        return rows, scores[rows]

    def _found(self, rows: Rows, scores: npt.NDArray[np.floating[Any]]) -> Found:
        return list(zip(self._store.passages(rows), scores.tolist(), strict=True))
