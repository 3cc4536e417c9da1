"""Read the files of a zip, in memory.

Owns which entries of a zip are read and how much. Knows no format. Nothing is ever written to disk,
and no size that a zip claims is believed: the bytes are counted as they come.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile

from rag.ingest.failure import Failure, Unreadable
from rag.ingest.hidden import is_hidden
from rag.ingest.limits import Budget
from rag.types import Note
from rag.wording import note

_ENTRY = b"PK\x01\x02"
# The readers of the other methods unpack as much as they like at one call.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END = b"PK\x05\x06"
_OFFICE = (b"[Content_Types].xml", b"mimetype")
"""The first file of most documents that are zips."""


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", _END))


def zip_holds(data: bytes, name: bytes) -> bool:
    """Whether a zip has a file of this name, by the list at its end."""
    end = data.rfind(_END) if is_zip(data) else -1
    size, start = (int.from_bytes(data[end + at : end + at + 4], "little") for at in (12, 16))
    entry = _ENTRY + b".{42}" + re.escape(name)
    return end >= 0 and re.search(entry, data[start : start + size], re.DOTALL) is not None


class ZipFiles:
    """The files of a zip: a `FileSource`.

    Raises Unreadable for a zip that is broken or empty.
    """

    def __init__(self, data: bytes, budget: Budget, metadata: str = "") -> None:
        self._budget = budget
        self.refused: list[Failure] = []
        # Counted first: a list of a million names would take a gigabyte.
        if data.count(_ENTRY) > budget.limits.files:
            raise Unreadable(note("zip_over_files", n=budget.limits.files))
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except Exception:  # zipfile: a broken one gives errors of many kinds.
            document = data.startswith(_OFFICE, 30)
            raise Unreadable(note("document_broken") if document else note("zip_broken")) from None
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._zip.infolist():
            self._add(entry)
        self.names = sorted(name for name in self._entries if not _is_hidden(name, metadata))
        if not self.names and not self.refused:
            raise Unreadable(note("zip_empty"))

    def holds(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        return self._read(self._entries[name])

    def check(self) -> None:
        """Unpack every file once. Raises Unreadable where that is over a bound, so that a library
        that knows none may do it after this."""
        for entry in self._zip.infolist():
            self._read(entry)

    def _read(self, entry: zipfile.ZipInfo) -> bytes:
        try:
            with self._zip.open(entry) as file:
                return self._budget.unpack(file)
        except Unreadable:
            raise
        except Exception:  # As above: of a checksum, of a header, of the packed bytes.
            raise Unreadable(note("member_broken")) from None

    def _add(self, entry: zipfile.ZipInfo) -> None:
        name = "".join(c if c.isprintable() else "\ufffd" for c in entry.filename)
        if entry.filename.endswith("/"):
            return
        if reason := _refusal(entry, name in self._entries):
            self.refused.append(Failure(name, reason))
        else:
            self._entries[name] = entry


def _refusal(entry: zipfile.ZipInfo, known: bool) -> Note | None:
    """Why an entry is not read; None when it is."""
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or re.match("[A-Za-z]:$", parts[0]):
        return note("member_outside")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return note("member_link")
    if entry.flag_bits & 1:
        return note("member_encrypted")
    if entry.compress_type not in _METHODS:
        return note("member_method")
    return note("member_repeated") if known else None


def _is_hidden(name: str, metadata: str) -> bool:
    """As in a folder; macOS puts a hidden file beside every file."""
    parts = name.split("/")
    return parts[-1] == metadata or any(map(is_hidden, parts))
