"""The vectors of a snapshot: exact and in memory for an archive of ordinary size, in inverted lists
that are memory-mapped for a large one.

Knows nothing of how vectors were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.index.protocols import VectorIndex, VectorRows
from rag.index.vectors import flat, inverted, training
from rag.index.vectors.facts import FLAT, IVF, VectorFacts
from rag.settings import AUTO
from rag.types import Rows, Vectors

MOST_FLAT = 100_000
"""Passages up to which "auto" is exact: at 384 dimensions, 150 MB and some 20 milliseconds."""


def kind_of(asked: str, passages: int) -> str:
    """Return the kind of index that is written where `asked` is, of so many passages."""
    if asked != AUTO:
        return asked
    return FLAT if passages <= MOST_FLAT else IVF


class Chosen:
    """Some rows, in an order of its own, of several `VectorRows`, one after the other."""

    def __init__(self, parts: Sequence[VectorRows], rows: Rows) -> None:
        self._parts, self._rows = parts, rows
        self._ends = np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, rows: Rows) -> Vectors:
        chosen = self._rows[rows]
        of = np.searchsorted(self._ends, chosen, side="right")
        taken: Vectors | None = None
        for number, part in enumerate(self._parts):
            mine = np.flatnonzero(of == number)
            if len(mine):
                found = part.take(chosen[mine] - (self._ends[number] - len(part)))
                if taken is None:
                    taken = np.empty((len(rows), found.shape[1]), np.float32)
                taken[mine] = found
        return self._parts[0].take(rows[:0]) if taken is None else taken


class InMemory:
    """Vectors in memory as `VectorRows`."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def take(self, rows: Rows) -> Vectors:
        return self._vectors[rows]


def write(folder: Path, rows: VectorRows, asked: str = AUTO) -> VectorFacts:
    """Write unit rows to the folder of a snapshot, and return how they lie there.

    Raises RuntimeError, as FAISS does, or OSError when they cannot be written.
    """
    if kind_of(asked, len(rows)) == FLAT:
        flat.write(folder / flat.FILE, rows)
        return VectorFacts()
    return training.write(folder / inverted.FOLDER, rows)


def read(folder: Path, facts: VectorFacts) -> VectorIndex:
    """Open what `write` made. Raises RuntimeError, OSError or ValueError for what cannot be
    read."""
    if facts.kind == FLAT:
        return flat.FlatVectors(folder / flat.FILE)
    return inverted.InvertedLists(folder / inverted.FOLDER, facts.looked_at)
