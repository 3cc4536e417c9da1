"""Read the files of a reading in several processes, to the same articles and the same report.

A `Portion` of the files goes to another process, which reads it (`read_portion`) and hands back
`FilePart`s; in their order, `Replayed` is what the reading takes in place of the files. Knows
neither what carries these nor any format.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.ingest.failure import Found, Unreadable
from rag.ingest.files import metadata_in, read_one
from rag.ingest.folder import FileSource, Folder
from rag.ingest.known import Memory
from rag.ingest.limits import Budget, Limits
from rag.ingest.metadata_csv import Metadata
from rag.ingest.source import Options, Source
from rag.types import Article

_PART = 200_000
"""Characters of text after which what a file holds goes on in another part: some seconds of
embedding."""
_METADATA = 16
"""Tables of metadata that a process keeps, for the next portion of a folder."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some files of a folder, of which the first has the number `first` among all of a reading."""

    files: Folder
    first: int
    limits: Limits
    options: Options


@dataclass(frozen=True, slots=True)
class FilePart:
    """What was found in a file, or in a part of it; `last` says that nothing of it follows.

    `digest` is that of the file, as `Memory` has it. `known`: what came of it is known and was not
    read again. `missing`: there is no such file where it was looked for.
    """

    number: int
    part: int
    found: Sequence[Found]
    last: bool
    digest: str = ""
    known: bool = False
    missing: bool = False

    @property
    def articles(self) -> list[Article]:
        return [one for one in self.found if isinstance(one, Article)]


def cut(places: Sequence[Folder], size: int, limits: Limits, options: Options) -> Iterator[Portion]:
    """Yield the files of folders, `size` at a time."""
    number = 0
    for files in places:
        for first in range(0, len(files.names), size):
            names = files.names[first : first + size]
            yield Portion(files.portion(names), number, limits, options)
            number += len(names)


def read_portion(portion: Portion, known: Container[str] = frozenset()) -> Iterator[FilePart]:
    """Read the files of a portion, but for those with `known` digests."""
    files = portion.files
    for number, name in enumerate(files.names, start=portion.first):
        if files.holds(name):
            yield from _parts(portion, name, number, known)
        else:
            yield FilePart(number, 0, (), last=True, missing=True)


def in_order(parts: Iterator[FilePart]) -> Iterator[FilePart]:
    """Yield parts, which come in any order, file by file and part by part."""
    early: dict[tuple[int, int], FilePart] = {}
    place = (0, 0)
    for one in parts:
        early[one.number, one.part] = one
        while part := early.pop(place, None):
            yield part
            place = (part.number + 1, 0) if part.last else (part.number, part.part + 1)


class Replayed:
    """What other processes found in the files of a reading: `rag.ingest.files.Elsewhere`.

    `parts` come in the order of the files. `absent` is called with the name of a file that is
    here, but not where another process looked for it; it may raise.
    """

    def __init__(self, parts: Iterator[FilePart], absent: Callable[[str], None]) -> None:
        self._parts, self._absent = parts, absent
        self._number = -1

    def __call__(self, files: FileSource, name: str, memory: Memory) -> Iterator[Found] | None:
        self._number += 1
        # Of a file beyond a bound, not all parts may have been taken.
        first = next(part for part in self._parts if part.number == self._number)
        if first.missing:
            if files.holds(name):
                self._absent(name)
            return None
        if first.known:
            known = memory.recall_by(first.digest)
            return None if known is None else self._recorded(first.digest, memory, known)
        return self._recorded(first.digest, memory, self._found(first))

    def _found(self, part: FilePart) -> Iterator[Found]:
        yield from part.found
        while not part.last:
            part = next(self._parts)
            yield from part.found

    def _recorded(self, digest: str, memory: Memory, found: Iterator[Found]) -> Iterator[Found]:
        """What was found, with the digest of the file set when it begins to be recorded."""
        memory.recall_by(digest)
        yield from found


def _parts(portion: Portion, name: str, number: int, known: Container[str]) -> Iterator[FilePart]:
    files, budget = portion.files, Budget(portion.limits)
    memory = Memory(portion.options, None)

    def opened(name: str, data: bytes) -> Source:
        return Source(name, data, budget, portion.options)

    folder, _, own = name.rpartition("/")
    metadata = _metadata(files.root, folder, portion)
    if known:
        with contextlib.suppress(OSError, Unreadable):  # Reading it will say so.
            memory.recall(name, files.read(name), metadata.rows(own) if metadata else ())
            if memory.digest in known:
                yield FilePart(number, 0, (), last=True, digest=memory.digest, known=True)
                return
    found: list[Found] = []
    part = characters = 0
    for one in read_one(files, name, opened, budget, metadata, memory=memory):
        if characters > _PART:
            yield FilePart(number, part, found, last=False, digest=memory.digest)
            found, characters, part = [], 0, part + 1
        found.append(one)
        characters += len(one.text) if isinstance(one, Article) else 0
    yield FilePart(number, part, found, last=True, digest=memory.digest)


_tables: dict[tuple[Path, str], Metadata | None] = {}


def _metadata(root: Path, folder: str, portion: Portion) -> Metadata | None:
    """The metadata.csv of a folder, which this process reads once; of its failures, who replays
    the reading tells."""
    if (root, folder) not in _tables:
        if len(_tables) >= _METADATA:
            _tables.clear()
        reading = metadata_in(portion.files, folder, Budget(portion.limits), "")
        _tables[root, folder] = _returned(reading)
    return _tables[root, folder]


def _returned(reading: Generator[Found, None, Metadata | None]) -> Metadata | None:
    while True:
        try:
            next(reading)
        except StopIteration as end:
            table: Metadata | None = end.value
            return table
