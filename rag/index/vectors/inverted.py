"""Approximate search: inverted lists of vectors in 8 bits, memory-mapped (IVF-SQ8).

A question reads the lists whose centroids are nearest to it, and the best of what it finds there is
put in order by the vectors themselves, which lie beside in float16: a cosine of theirs is off by
some .00002 at most. All of it is NumPy arrays of fixed types and lengths, and so a damaged file,
or one that somebody else made, can give wrong neighbours, but nothing in it is a command or a name:
FAISS's own file of mapped lists names another file that it opens.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.index.mapped import mapped, spread
from rag.types import Rows, Vectors

FOLDER = "vectors"
CENTROIDS, SCALE, STARTS, ROWS, CODES, VECTORS = (
    f"{name}.npy" for name in ("centroids", "scale", "starts", "rows", "codes", "vectors")
)
FILES = (CENTROIDS, SCALE, STARTS, ROWS, CODES, VECTORS)
_REORDERED = 2
"""Of so many times the rows that are asked for, the order is found by the vectors themselves."""
_BLOCK = 4096
"""Rows that are decoded at a time, so that they stay in the processor's cache."""


class InvertedLists:
    """Reads the folder that `rag.index.vectors.training.write` made: a `VectorIndex`.

    `centroids`, float32, shape (lists, dimension); list i holds the rows
    `rows[starts[i]:starts[i + 1]]` (int32), whose codes stand at the same places of `codes` (int8,
    times `scale` for each dimension); `vectors` (float16) are by row. A search looks at `looked_at`
    rows, of those that are allowed: at all of them, when there are no more, and then it is exact.
    """

    def __init__(self, folder: Path, looked_at: int) -> None:
        self._vectors = mapped(folder / VECTORS, np.float16, 2)
        count, dimension = self._vectors.shape
        self._codes = mapped(folder / CODES, np.int8, 2)
        self._rows = mapped(folder / ROWS, np.int32, 1)
        self._centroids, self._scale, self._starts = (
            np.array(mapped(folder / name, kind, axes))
            for name, kind, axes in (
                (CENTROIDS, np.float32, 2), (SCALE, np.float32, 1), (STARTS, np.int64, 1)
            )
        )  # fmt: skip
        self._looked_at = looked_at
        shapes = (self._codes.shape, self._rows.shape, self._scale.shape)
        lists = len(self._starts) - 1
        if shapes != ((count, dimension), (count,), (dimension,)) or lists < 1 or not count:
            raise ValueError("its vectors, codes and rows do not belong together")
        if self._centroids.shape != (lists, dimension):
            raise ValueError("its lists have not the centroids that they should")
        ends = self._starts[[0, -1]].tolist()
        if ends != [0, count] or np.any(np.diff(self._starts) < 0):
            raise ValueError("its lists have not the lengths that they should")
        if self._rows.min() < 0 or self._rows.max() >= count:
            raise ValueError("its lists name rows that there are not")
        if not (np.isfinite(self._centroids).all() and np.isfinite(self._scale).all()):
            raise ValueError("its centroids are no numbers")

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        count = len(self) if allowed is None else len(allowed)
        k = min(k, count)
        if count <= max(self._looked_at, k):
            return self._best(query, np.arange(len(self)) if allowed is None else allowed, k)
        places = self._near(query, max(self._looked_at, k), allowed)
        weighted = query * self._scale
        likeness = np.concatenate([
            self._codes[places[first : first + _BLOCK]].astype(np.float32) @ weighted
            for first in range(0, len(places), _BLOCK)
        ])  # fmt: skip
        likely = min(_REORDERED * k, len(places))
        best = np.argpartition(-likeness, likely - 1)[:likely]
        return self._best(query, self._rows[places[best]].astype(np.int64), k)

    @property
    def lists(self) -> int:
        """How many there are."""
        return len(self._centroids)

    def needed(self, query: Vectors, lists: Rows) -> Rows:
        """Return how many rows a search has to look at until it comes to each of `lists`."""
        sizes = np.diff(self._starts)
        nearest = np.argsort(-(self._centroids @ query), kind="stable")
        before = np.empty(len(sizes), np.int64)
        before[nearest] = np.cumsum(sizes[nearest]) - sizes[nearest]
        return before[lists] + 1

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        similar: Vectors = queries @ self.take(rows).T
        return similar

    def take(self, rows: Rows) -> Vectors:
        # Of an altered file: what is no number would be in every sum.
        return np.nan_to_num(self._vectors[rows].astype(np.float32), posinf=0, neginf=0)

    def _best(self, query: Vectors, rows: Rows, k: int) -> tuple[Rows, Vectors]:
        """The `k` of `rows` that are nearest by the vectors themselves, best first."""
        cosines = np.concatenate([
            np.empty(0, np.float32),
            *(
                self.cosines(query[np.newaxis], rows[first : first + _BLOCK])[0]
                for first in range(0, len(rows), _BLOCK)
            ),
        ])  # fmt: skip
        best = np.lexsort((rows, -cosines))[:k]
        return rows[best], cosines[best]

    def _near(self, query: Vectors, wanted: int, allowed: Rows | None) -> npt.NDArray[np.int64]:
        """The places of the rows in the nearest lists that together have `wanted` allowed ones."""
        sizes, may = np.diff(self._starts), None
        if allowed is not None:
            chosen = np.zeros(len(self), bool)
            chosen[allowed] = True
            may = chosen[self._rows]
            before = np.concatenate([[0], np.cumsum(may)])
            sizes = np.diff(before[self._starts])
        nearest = np.argsort(-(self._centroids @ query), kind="stable")
        enough = int(np.searchsorted(np.cumsum(sizes[nearest]), wanted)) + 1
        lists = np.sort(nearest[:enough])  # In the order of the file.
        places = spread(self._starts[lists], np.diff(self._starts)[lists])
        return places if may is None else places[may[places]]


def encode(vectors: Vectors, scale: Vectors) -> npt.NDArray[np.int8]:
    """Return the codes of vectors: what is beyond the scale is cut off."""
    codes: npt.NDArray[np.int8] = np.clip(np.rint(vectors / scale), -127, 127).astype(np.int8)
    return codes
