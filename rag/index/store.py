"""What a snapshot holds: the catalogue of its articles and passages, and their vectors.

Row i of the vectors is passage i of the catalogue.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from rag.errors import first_line
from rag.index import catalogue, vectors
from rag.index.catalogue import Catalogue
from rag.index.place import VECTORS, Engine, Place
from rag.index.protocols import VectorIndex
from rag.index.record import Compared
from rag.index.snapshot import damaged
from rag.types import Article, Passage, Rows, Vectors

_DATABASE = "archive.sqlite"


def write(
    folder: Path,
    articles: Iterable[Article],
    passages: Sequence[Passage],
    rows: Vectors,
    compared: Compared | None = None,
) -> None:
    """Write articles, passages and their unit rows (float32, shape (n, dimension)) to `folder`.

    Raises OSError when they cannot be written.
    """
    if len(passages) != len(rows):
        raise ValueError(f"{len(passages)} passages cannot have {len(rows)} vectors")
    try:
        vectors.write(folder / VECTORS, rows)
        catalogue.write(folder / _DATABASE, articles, passages, compared or Compared())
    except (RuntimeError, sqlite3.OperationalError) as error:  # A full disk, as they call it.
        raise OSError(str(error)) from error


class SnapshotStore(Catalogue):
    """Reads the files that `write` made; a `Store`. Both are held open and can be removed
    meanwhile. Safe to share between threads."""

    def __init__(self, folder: Path, place: Place | None = None, engine: Engine = None) -> None:
        """Open them; `place` is where the index is kept, and `engine` what its manifest says of one
        that has the vectors."""
        place = place or Place(folder)
        try:
            self._vectors: VectorIndex = place.vectors(folder, engine)
        except (RuntimeError, OSError, ValueError) as error:
            raise damaged(folder, f"it cannot be read ({first_line(error)})") from error
        super().__init__(folder / _DATABASE)
        if len(self._vectors) != len(self):
            raise damaged(folder, f"it has {len(self._vectors)} vectors of {len(self)} passages")

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        return self._vectors.search(query, k, allowed)

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        return self._vectors.cosines(queries, rows)

    def vectors(self) -> Vectors:
        return self._vectors.vectors()
