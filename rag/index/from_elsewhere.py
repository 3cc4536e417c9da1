"""What is refused of an index that anybody may have made: links, and files that are not of the kind
that Byline writes.

Whoever opens an index reads what is in its folder, and nothing runs or leads out of there.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from rag.errors import SnapshotError
from rag.index import ownership

_FLAT = b"IxFI"
"""How a file begins in which FAISS keeps a flat index."""
_OBJECTS = "SELECT type, name, coalesce(sql, '') FROM sqlite_master"


def check_beside(home: Path) -> None:
    """Raise SnapshotError where something else stands in the place of a file that is read, or
    added to, beside an index."""
    for path in (home / name for name in ownership.BESIDE):
        if ownership.is_link(path) or (path.exists() and not path.is_file()):
            raise SnapshotError(
                f"{path} is a link, or no file, and nothing outside {home} is read or written. "
                "Move it elsewhere."
            )


def problems(folder: Path) -> Iterator[str]:
    """Yield what leads out of a snapshot, or is no plain file, in its folder."""
    for path in sorted(folder.rglob("*")):
        if ownership.is_link(path) or not (path.is_file() or path.is_dir()):
            yield f"{path.relative_to(folder).as_posix()} is no plain file, and no link is followed"


def check_vectors(file: BinaryIO) -> None:
    """Raise ValueError for another kind of index than a flat one: FAISS does what a file of some
    kinds says, as open another file by its name."""
    kind = file.read(len(_FLAT))
    file.seek(0)
    if kind != _FLAT:
        raise ValueError("the vectors are of another kind")


def open_database(path: Path, schema: str) -> sqlite3.Connection:
    """Open a database to read it, from any thread.

    Raises ValueError for one with anything that `schema` does not make, as a view or a trigger,
    which would run; a table may be missing.
    """
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True, check_same_thread=False)
    database.execute("PRAGMA trusted_schema = OFF")
    if not set(database.execute(_OBJECTS)) <= _objects(schema):
        database.close()
        raise ValueError("the database holds what Byline does not make")
    return database


@functools.cache
def _objects(schema: str) -> frozenset[tuple[str, str, str]]:
    """What a schema makes: the kind, name and SQL of each."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(schema)
        return frozenset(database.execute(_OBJECTS))
