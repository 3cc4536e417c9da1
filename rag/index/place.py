"""Where an index is kept: in a folder, or in an engine of which the folder is a copy.

An index is always read from a folder. What has to be done beyond that, before it is read and when
it changes, is a `Place`: nothing of an index that is a folder and no more.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from rag.errors import SettingsError, SnapshotError
from rag.index import vectors
from rag.index.common import InCommon
from rag.index.pointer import Pointer
from rag.index.protocols import Finder, VectorIndex, VectorRows
from rag.index.vectors.facts import VectorFacts

STORE = "STORE"
"""The file in the copy of an archive in an engine that says where that is; read for messages."""
_LONGEST = 4000

Engine: TypeAlias = Mapping[str, Any] | None
"""What a manifest says of the engine that has a snapshot's vectors; None where a file has them."""


class Place:
    """An index that is the folder `home`, and nothing else."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __str__(self) -> str:
        return str(self.home)

    @property
    def name(self) -> str:
        """What to call the archive."""
        return self.home.name

    def fetch(self, earlier: bool = False) -> None:
        """Bring the snapshot in force to the folder, for reading; with `earlier`, the one before it
        too. Raises SnapshotError where there is none."""

    def pull(self) -> None:
        """Bring it to the folder, and the one before it, for a change. The folder is locked."""

    def vectors(
        self, folder: Path, engine: Engine, facts: VectorFacts, in_common: InCommon
    ) -> VectorIndex:
        """Open the vectors of a snapshot; `facts` say how they lie in its files, and `in_common`
        what passages have in common that are searched.

        Raises SnapshotError where they are elsewhere; RuntimeError, OSError or ValueError for a
        file that cannot be read.
        """
        if engine is not None:
            home = folder.parents[1]
            raise SnapshotError(
                f"The index in {home} has its vectors in another store, and cannot be read without "
                f"it. Name that store, not the folder: {option(home, '--store ADDRESS')}"
            )
        return vectors.read(folder, facts)

    def finder(self, engine: Engine, in_common: InCommon) -> Finder | None:
        """Return what finds passages by their words in the engine; None where nothing does."""
        return None

    def kind_of(self, asked: str) -> str | None:
        """Return the kind of vector index that is written to the files of a snapshot where `asked`
        is; None for none."""
        return asked

    def check(self, engine: Engine) -> list[str]:
        """Read all that an engine has of a snapshot, and return what is wrong with it."""
        return []

    def take(self, draft: Path, rows: VectorRows) -> dict[str, Any]:
        """Take over the vectors of a snapshot that is written, if its files have none, and return
        what the manifest says of them."""
        return {}

    def keep(self, folder: Path, manifest: Mapping[str, Any], digest: str) -> None:
        """Keep a snapshot that is whole; `digest` is the SHA-256 of its manifest."""

    def put_in_force(self, now: Pointer, before: Pointer | None) -> None:
        """Let others find these snapshots. Raises SnapshotError where somebody else has put
        another in force since `pull`."""

    def sweep(self) -> None:
        """Remove what is Byline's and belongs to no snapshot that is kept."""


Home: TypeAlias = Path | Place
"""The folder of an index, or its place."""


def at(home: Home) -> Place:
    """Return the place of an index."""
    return home if isinstance(home, Place) else Place(home)


def place_of(index: str | Path | Place) -> Place:
    """Return the place of an index as users name it: a folder, or the address of a store.

    Raises SettingsError for an address that is none.
    """
    if isinstance(index, Place):
        return index
    from rag.index.milvus.address import parse

    address = parse(index)
    if address is None:
        return Place(Path(index))
    from rag.index.milvus.place import MilvusPlace

    return MilvusPlace(address)


def shown(home: Path) -> str:
    """Return what messages call an index: its folder, or the address of which that is a copy."""
    return _address(home) or str(home)


def option(home: Path, otherwise: str = "") -> str:
    """Return the option that names an index on the command line; `otherwise` for a folder."""
    if address := _address(home):
        return f"--store {_quoted(address)}"
    return otherwise or f"--index {_quoted(str(home))}"


def index_damaged(home: Path, problem: str) -> SnapshotError:
    """The error for an index that cannot be trusted; with its remedy."""
    return SnapshotError(
        f"The index in {shown(home)} is damaged: {problem}. Build it again with: "
        f"byline build ARTICLES {option(home)}"
    )


def _address(home: Path) -> str:
    """The address that the file STORE holds; "" where it is none. The folder may be anybody's."""
    from rag.index.milvus.address import parse

    if not (home / STORE).is_file():  # Nobody waits for a pipe.
        return ""
    try:
        with (home / STORE).open("rb") as file:
            address = parse(file.read(_LONGEST).decode().strip())
    except (OSError, ValueError, SettingsError):
        return ""
    return address.text if address else ""


def _quoted(name: str) -> str:
    """A name within a command that is shown to be copied."""
    return name if os.name == "nt" else shlex.quote(name)
