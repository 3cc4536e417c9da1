"""The vectors of a snapshot in its collection of Milvus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rag.index.common import InCommon
from rag.index.milvus.address import SPARSE
from rag.index.milvus.client import BOUNDED, STRONG, Engine, failure
from rag.index.milvus.collection import BLOCK, Collection, Digests
from rag.index.milvus.rows import expressions, filters
from rag.types import Rows, Vectors


class MilvusVectors:
    """The vectors of a collection; a `rag.index.protocols.VectorIndex`. Safe to share between
    threads."""

    def __init__(
        self, engine: Engine, made: Collection, in_common: InCommon = lambda rows: None
    ) -> None:
        self._engine, self._made, self._in_common = engine, made, in_common
        self._name = made.collection
        engine.load(self._name)
        there = engine.count(self._name)
        if there != made.rows:
            raise failure(
                f"The collection {self._name} in {engine.address.text} has {there} vectors, not "
                f"{made.rows}. Build it again with: byline build ARTICLES --store "
                f"{engine.address.text}",
                "damaged",
            )

    def __len__(self) -> int:
        return self._made.rows

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        k = min(k, len(self) if allowed is None else len(allowed))
        ef = {"ef": max(self._made.ef, k)} if self._made.index == "HNSW" else {}
        found = [
            hit
            for where in (filters(allowed, self._in_common) if k else ())
            for hits in self._engine.search(
                self._name, "dense", [query], k, where, metric_type="IP", params=ef
            )
            for hit in hits
        ]
        rows = np.array([row for row, _ in found], np.int64)
        cosines = np.array([cosine for _, cosine in found], np.float32)
        best = np.lexsort((rows, -cosines))[:k]
        return rows[best], cosines[best]

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        similar: Vectors = queries @ self.take(rows).T
        return similar

    def take(self, rows: Rows) -> Vectors:
        """Return the vectors of `rows`, in that order. Raises StoreError where one is missing."""
        found = self._read(rows, ("dense",), BOUNDED)
        return self._vectors(found)

    def problems(self) -> list[str]:
        """Read all that is searched of the collection, and return what is not as it was written."""
        digests, words = Digests(), self._made.words
        fields = ("dense", "sparse") if words == SPARSE else ("dense",)
        for first in range(0, len(self), BLOCK):
            rows = np.arange(first, min(first + BLOCK, len(self)))
            found = list(self._read(rows, fields, STRONG))
            digests.add(self._vectors(found), [one["sparse"] for one in found if "sparse" in one])
        written = (self._made.sha256, self._made.words_sha256)
        return [
            f"the {what} in the collection {self._name} were altered"
            for what, now, before in zip(
                ("vectors", "words"), digests.hex(words), written, strict=True
            )
            if now != before
        ]

    def _vectors(self, found: list[Mapping[str, Any]]) -> Vectors:
        vectors = np.array([one["dense"] for one in found], np.float32)
        return vectors.reshape(len(found), self._made.dimension)

    def _read(
        self, rows: Rows, fields: tuple[str, ...], consistency: str
    ) -> list[Mapping[str, Any]]:
        known: dict[int, Mapping[str, Any]] = {}
        for first in range(0, len(rows), BLOCK):
            for where in expressions(rows[first : first + BLOCK]):
                found = self._engine.rows(self._name, where, ("row", *fields), consistency)
                known.update((int(one["row"]), one) for one in found)
        try:
            return [known[int(row)] for row in rows]
        except KeyError as missing:
            raise failure(
                f"The collection {self._name} in {self._engine.address.text} lacks row {missing}. "
                f"Build it again with: byline build ARTICLES --store {self._engine.address.text}",
                "damaged",
            ) from None
