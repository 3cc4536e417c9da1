"""Exact search: all vectors in memory, in float32, as a flat FAISS index.

Owns dtype, row numbers and FAISS's padding.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from rag.index.from_elsewhere import check_vectors
from rag.index.protocols import VectorRows
from rag.types import Rows, Vectors

FILE = "vectors.faiss"


def write(path: Path, rows: VectorRows) -> None:
    """Write unit rows to `path`. Raises RuntimeError, as FAISS does, or OSError when they cannot
    be written."""
    vectors = rows.take(np.arange(len(rows)))
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, np.float32))
    with path.open("wb") as file:  # Of any name: FAISS itself opens only those in UTF-8.
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]


class FlatVectors:
    """Reads the file that `write` made: a `VectorIndex` in memory. The file can be removed
    meanwhile. Raises RuntimeError, OSError or ValueError for one that cannot be read."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            check_vectors(file)
            reader = faiss.PyCallbackIOReader(file.read)  # type: ignore[attr-defined]
            self._index = faiss.read_index(reader)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        k = min(k, len(self) if allowed is None else len(allowed))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(allowed)
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        cosines, rows = self._index.search(query[np.newaxis], k, params=parameters)
        found = rows[0] >= 0  # FAISS fills a list that is too short with row -1.
        return rows[0][found], cosines[0][found]

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        similar: Vectors = queries @ self.take(rows).T
        return similar

    def take(self, rows: Rows) -> Vectors:
        if not len(rows):
            return np.empty((0, self._index.d), np.float32)
        taken: Vectors = self._index.reconstruct_batch(rows)
        return taken
