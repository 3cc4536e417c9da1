"""List and read the files of a folder on disk.

Owns which files of a folder are read, and how many bytes of one. Knows no format. `zip_files` does
the same for a zip.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from rag.ingest.failure import Failure, Unreadable
from rag.ingest.limits import Limits, in_bytes
from rag.types import Note
from rag.wording import note


class FileSource(Protocol):
    """Files by names relative to it, with "/" on every system.

    `names` are those to read, in order; `refused` are what is no readable file, and why.
    """

    names: list[str]
    refused: list[Failure]

    def holds(self, name: str) -> bool:
        """Whether there is such a file, to be read or not."""
        ...

    def read(self, name: str) -> bytes:
        """Raises Unreadable for more bytes than the limits allow, OSError as files do."""
        ...


class Folder:
    """A folder with its subfolders, or the one file `only` of it: a `FileSource`."""

    def __init__(self, root: Path, limits: Limits, metadata: str, only: str = "") -> None:
        self._root = root
        self._limit = limits.file_bytes
        self.refused: list[Failure] = []
        self.names = [only] if only else self._list(metadata)

    def holds(self, name: str) -> bool:
        return (self._root / name).is_file()

    def read(self, name: str) -> bytes:
        with (self._root / name).open("rb") as file:
            data = file.read(self._limit + 1)
        if len(data) > self._limit:
            raise Unreadable(note("file_over_size", size=in_bytes(self._limit)))
        return data

    def _list(self, metadata: str) -> list[str]:
        """The files to read: no hidden ones, none called `metadata`, no links out of here."""
        home = self._root.resolve()
        found: list[str] = []

        def unlisted(error: OSError) -> None:
            folder = Path(error.filename or self._root)
            self._refuse(folder, note("cannot_be_listed", error=str(error.strerror)))

        for folder, folders, names in os.walk(self._root, onerror=unlisted):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(folder, name)
                if name.startswith(".") or name == metadata or not path.is_file():
                    continue
                if path.is_symlink() and not path.resolve().is_relative_to(home):
                    self._refuse(path, note("link_outside"))
                else:
                    found.append(self._relative(path))
        return sorted(found)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _refuse(self, path: Path, reason: Note) -> None:
        self.refused.append(Failure(self._relative(path), reason))
