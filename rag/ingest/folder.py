"""List and read the files of a folder on disk.

Owns which files of a folder are read, and how many bytes of one. Knows no format. `zip_files` does
the same for a zip.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rag.ingest.encoding import fit_name
from rag.ingest.failure import Failure, Unreadable
from rag.ingest.hidden import is_hidden
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
    """A folder with its subfolders, or the one file `only` of it: a `FileSource`.

    On Linux a name may have any bytes: files have their names as `fit_name` makes them.
    """

    def __init__(self, root: Path, limits: Limits, metadata: str, only: str = "") -> None:
        self.root = root
        self._limit = limits.file_bytes
        self.refused: list[Failure] = []
        self._files: dict[str, Path] = {}
        self._folders: dict[str, Path] = {}
        if only:
            self._name(root / only)
        else:
            self._list(metadata)
        self.names = sorted(self._files)

    def holds(self, name: str) -> bool:
        return self._path(name).is_file()

    def read(self, name: str) -> bytes:
        with self._path(name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size  # Of what is too large no memory is taken.
            if size <= self._limit:
                # Files of the system say that they have no bytes.
                data = file.read(size or self._limit + 1)
                size = len(data)
        if size > self._limit:
            raise Unreadable(note("file_over_size", size=in_bytes(self._limit)))
        return data

    def portion(self, names: Sequence[str]) -> Folder:
        """Return the folder with these files of it alone, for another process to read."""
        portion = copy.copy(self)
        portion.names, portion.refused = list(names), []
        portion.root = self.root.absolute()
        portion._files = {name: self._files[name].absolute() for name in names}
        folders = {name.rpartition("/")[0] for name in names}
        portion._folders = {folder: self._folders[folder].absolute() for folder in folders}
        return portion

    def _list(self, metadata: str) -> None:
        """Name the files to read: no hidden ones, none called `metadata`, no links out of here."""
        home = self.root.resolve()

        def unlisted(error: OSError) -> None:
            folder = Path(error.filename or self.root)
            self._refuse(folder, note("cannot_be_listed", error=str(error.strerror)))

        for folder, folders, names in os.walk(self.root, onerror=unlisted):
            folders[:] = [name for name in folders if not is_hidden(name)]
            for name in names:
                path = Path(folder, name)
                if is_hidden(name) or name == metadata or not path.is_file():
                    continue
                if path.is_symlink() and not path.resolve().is_relative_to(home):
                    self._refuse(path, note("link_outside"))
                else:
                    self._name(path)

    def _path(self, name: str) -> Path:
        folder, _, own = name.rpartition("/")
        return self._files.get(name) or self._folders.get(folder, self.root / folder) / own

    def _name(self, path: Path) -> None:
        """Name a file and its folder; where two files would share a name, one gets a number."""
        name = first = self._relative(path)
        number = 1
        while self._files.setdefault(name, path) != path:
            number += 1
            name = f"{first}~{number}"
        self._folders.setdefault(name.rpartition("/")[0], path.parent)

    def _relative(self, path: Path) -> str:
        return fit_name(path.relative_to(self.root).as_posix())

    def _refuse(self, path: Path, reason: Note) -> None:
        self.refused.append(Failure(self._relative(path), reason))
