"""What is refused of an index that anybody may have made: links, and files that are not of the kind
that Byline writes.

Whoever opens an index reads what is in its folder, and nothing runs or leads out of there.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from rag.errors import SnapshotError
from rag.index import ownership

_FLAT = struct.Struct("<4siqqq?iQ")
"""How a file begins in which FAISS keeps a flat index: its kind ("IxFI"), dimension, number of
vectors, two numbers without a use, whether it is trained, the metric, how many floats follow."""
_FLOAT, _INNER_PRODUCT = 4, 0
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
    """Raise ValueError for another file than a flat index of the length that it says: FAISS does
    what a file of some kinds says, as open another file by its name, and takes as much memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(_FLAT.size)
    file.seek(0)
    if len(start) < _FLAT.size:
        raise ValueError("the vectors are of another kind")
    kind, dimension, count, _, _, _, metric, floats = _FLAT.unpack(start)
    if (kind, metric) != (b"IxFI", _INNER_PRODUCT):
        raise ValueError("the vectors are of another kind")
    if floats != dimension * count or size != _FLAT.size + _FLOAT * floats:
        raise ValueError("there are not as many vectors as it says")


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
