"""What a snapshot holds: the catalogue of its articles and passages, and their vectors.

Row i of the vectors is passage i of the catalogue.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from rag.errors import first_line
from rag.index import catalogue, vectors
from rag.index.catalogue import Catalogue
from rag.index.manifest import Manifest
from rag.index.place import Place
from rag.index.protocols import VectorRows
from rag.index.record import Compared
from rag.index.snapshot import damaged
from rag.index.vectors.facts import VectorFacts
from rag.settings import AUTO
from rag.types import Article, Passage, Rows, Vectors

_DATABASE = "archive.sqlite"


def write(
    folder: Path,
    articles: Iterable[Article],
    passages: Iterable[Passage],
    rows: VectorRows,
    compared: Compared | None = None,
    kind: str | None = AUTO,
) -> VectorFacts:
    """Write articles, passages and their unit rows to `folder`, these as a vector index of that
    kind (None: not at all), and return how they lie there.

    Raises OSError when they cannot be written.
    """
    try:
        facts = vectors.write(folder, rows, kind) if kind else VectorFacts()
        count = catalogue.write(folder / _DATABASE, articles, passages, compared or Compared())
    except (RuntimeError, sqlite3.OperationalError) as error:  # A full disk, as they call it.
        raise OSError(str(error)) from error
    if count != len(rows):
        raise ValueError(f"{count} passages cannot have {len(rows)} vectors")
    return facts


class SnapshotStore(Catalogue):
    """Reads the files that `write` made; a `Store`. Both are held open and can be removed
    meanwhile. Safe to share between threads."""

    def __init__(
        self, folder: Path, place: Place | None = None, manifest: Manifest | None = None
    ) -> None:
        """Open them; `place` is where the index is kept, and `manifest` says how the vectors lie:
        flat, where there is none."""
        place = place or Place(folder)
        engine = manifest.vectors if manifest else None
        facts = manifest.vector_index if manifest else VectorFacts()
        super().__init__(folder / _DATABASE)
        try:
            self._vectors = place.vectors(folder, engine, facts, self.common)
        except (RuntimeError, OSError, ValueError) as error:
            raise damaged(folder, f"it cannot be read ({first_line(error)})") from error
        if len(self._vectors) != len(self):
            raise damaged(folder, f"it has {len(self._vectors)} vectors of {len(self)} passages")

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        return self._vectors.search(query, k, allowed)

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        return self._vectors.cosines(queries, rows)

    def take(self, rows: Rows) -> Vectors:
        return self._vectors.take(rows)
