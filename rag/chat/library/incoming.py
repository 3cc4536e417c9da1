"""`Incoming`: files that are being uploaded to one archive, streamed to disk within bounds.

Nothing of them is in the archive until all have come. Knows nothing of how they come.
"""

from __future__ import annotations

import contextlib
import errno
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rag.chat.library.folder import ArchiveFolder, writing
from rag.errors import InputError
from rag.index import ownership
from rag.ingest.limits import in_bytes
from rag.types import Note
from rag.wording import note

_DEEPEST = 30
_LONGEST = 200
"""Bytes of one part of a name; file systems take 255."""
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be uploaded to one archive: bytes and files, with those that it holds."""

    bytes: int = 2_000_000_000
    files: int = 50_000


class Expected(NamedTuple):
    """What a browser says that it is about to send."""

    files: int
    bytes: int


@dataclass(slots=True)
class _File:
    """A file under way: its name in the archive, what it is called until then, its bytes so far,
    and whether it is whole."""

    name: str
    number: str
    size: int = 0
    whole: bool = False


class Incoming:
    """The files that are being uploaded to an archive. Safe to share between threads.

    A file that broke off can be sent again, under the same name. The first that does not fit, or
    cannot be written, ends it all: `failure` says why.
    """

    def __init__(self, folder: ArchiveFolder, expected: Expected, room: Room) -> None:
        self._folder = folder
        self._room = room
        self._left = Room(room.bytes - folder.bytes(), room.files - len(folder.uploaded()))
        if expected.files > self._left.files or expected.bytes > self._left.bytes:
            raise InputError(_no_room(room))
        self._changing = threading.Lock()
        self._files: dict[str, _File] = {}  # By the names that they are sent under.
        self._names: set[str] = set()
        self._bytes = 0
        self._ended = False
        self.expected = expected
        self.ticket = secrets.token_urlsafe(24)
        """What lets a request add to it."""
        self.failure: Note | None = None
        self.heard = time.monotonic()
        """When something last came."""
        with writing(folder.home):
            if ownership.is_link(folder.incoming):
                raise FileExistsError(errno.EEXIST, f"{folder.incoming} is a link")
            folder.incoming.mkdir(exist_ok=True)

    @property
    def files(self) -> int:
        """How many files have come, whole."""
        with self._changing:
            return sum(file.whole for file in self._files.values())

    @contextlib.contextmanager
    def file(self, sent: str) -> Iterator[Callable[[bytes], None]]:
        """Take in one file: yields what writes its next bytes.

        Raises InputError for a file that does not fit or cannot be written, and after the end. What
        breaks off, by any error but an OSError, leaves nothing but room for the next try.
        """
        file = self._begin(sent)
        path = self._folder.incoming / file.number
        with self._failing():
            if not ownership.is_plain(self._folder.incoming, file.number):
                raise FileExistsError(errno.EEXIST, f"{path} is behind a link")
        try:
            # The end of the file too, at which a full disk may show first.
            with self._failing(), path.open("wb") as opened:

                def write(data: bytes) -> None:
                    self._count(file, len(data))
                    opened.write(data)

                yield write
            with self._changing:
                file.whole = True
        except BaseException:
            self._count(file, -file.size)
            path.unlink(missing_ok=True)
            raise

    def end(self, keep: bool) -> None:
        """Take what came into the archive, or leave nothing of it.

        Raises InputError for what did not fit, for less than was expected, and for what cannot be
        moved; nothing is left of it then either.
        """
        with self._changing:
            self._ended = True
        try:
            if keep:
                missing = self.expected.files - self.files
                if missing > 0 and self.failure is None:
                    self.failure = note("upload_incomplete", n=missing)
                if self.failure is not None:
                    raise InputError(self.failure)
                self._folder.take_in({file.number: file.name for file in self._files.values()})
        finally:
            self._folder.discard_incoming()

    def _begin(self, sent: str) -> _File:
        """A file that comes now, for the first time or again."""
        name = safe_name(sent)
        with self._changing:
            self._go_on()
            file = self._files.get(sent)
            if file is None:
                if len(self._files) >= self._left.files:
                    self._fail(_no_room(self._room))
                file = _File(self._free(name), str(len(self._files) + 1))
                self._files[sent] = file
            self._bytes -= file.size
            file.size, file.whole = 0, False
        return file

    def _free(self, name: str) -> str:
        """The name, with a number where another file has it."""
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, dot + ending) if stem and "/" not in ending else (name, "")
        free, number = name, 1
        while free.casefold() in self._names:
            number += 1
            free = f"{stem}~{number}{ending}"
        self._names.add(free.casefold())
        return free

    def _count(self, file: _File, size: int) -> None:
        """Count bytes of a file. Raises InputError for too many, and after the end."""
        with self._changing:
            file.size += size
            self._bytes += size
            self.heard = time.monotonic()
            if size > 0:
                self._go_on()
                if self._bytes > self._left.bytes:
                    self._fail(_no_room(self._room))

    def _go_on(self) -> None:
        if self.failure is not None or self._ended:
            raise InputError(self.failure or note("upload_ended"))

    def _fail(self, why: Note) -> None:
        self.failure = self.failure or why
        raise InputError(why)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """End it all with what cannot be written."""
        try:
            with writing(self._folder.home):
                yield
        except InputError as error:
            if not self._ended:  # What was cancelled has no place to be written to.
                self.failure = self.failure or error.message
            raise


def safe_name(sent: str) -> str:
    """The name of a file, with its folders, as every system can have it, and within the archive.

    Raises InputError for a name of nothing, and one of too many folders.
    """
    parts = [_FORBIDDEN.sub("_", part).rstrip(". ") for part in sent.split("/")]
    kept = [_short(f"_{part}" if _RESERVED.fullmatch(part) else part) for part in parts if part]
    if not kept or len(kept) > _DEEPEST:
        raise InputError(note("upload_name", name=sent[:_LONGEST]))
    return "/".join(kept)


def _short(part: str) -> str:
    """A part of a name that file systems take, with its ending."""
    stem, dot, ending = part.rpartition(".")
    ending = f"{dot}{ending}" if stem and len(ending) <= 8 else ""
    stem = part.removesuffix(ending)
    room = _LONGEST - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + ending if stem else part


def _no_room(room: Room) -> Note:
    return note("upload_room", files=f"{room.files:,}", size=in_bytes(room.bytes))
