"""Passages found by their words in a collection of Milvus: BM25 as a search of sparse vectors.

Those of the passages hold how often each word is there, by k1, b and the length of the passage;
that of a question holds the IDFs. So their inner product is the score of Byline's own index.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.index.common import InCommon
from rag.index.milvus.address import ENGINE
from rag.index.milvus.client import Engine
from rag.index.milvus.collection import Collection, metric, sparse
from rag.index.milvus.rows import filters
from rag.index.protocols import Weights
from rag.types import Rows

_MOST = 16_384  # Milvus gives no more.


class MilvusWords:
    """A `rag.index.protocols.Finder`. Safe to share between threads."""

    def __init__(self, engine: Engine, made: Collection, in_common: InCommon) -> None:
        self._engine, self._made, self._in_common = engine, made, in_common

    def __call__(
        self, questions: Sequence[str], weights: Sequence[Weights], k: int, allowed: Rows | None
    ) -> Rows:
        asked = [
            question if self._made.words == ENGINE else sparse(words)
            for question, words in zip(questions, weights, strict=True)
            if words
        ]
        found: set[int] = set()
        for where in filters(allowed, self._in_common) if asked else ():
            for hits in self._engine.search(
                self._made.collection, "sparse", asked, min(k, _MOST), where,
                metric_type=metric(self._made.words),
            ):  # fmt: skip
                found.update(row for row, _ in hits)
        return np.array(sorted(found), np.int64)
