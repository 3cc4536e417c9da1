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
from rag.ingest.limits import Budget, in_bytes

_BLOCK = 1 << 16
_ENTRY = b"PK\x01\x02"
# The readers of the other methods unpack as much as they like at one call.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OFFICE = ("[Content_Types].xml", "mimetype")
_BROKEN = "a broken zip: pack it again, or give its files one by one"


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class Bundle:
    """The files of a zip: a `Shelf`.

    Raises Unreadable for a zip that is broken, empty, or a document of an office program, which
    is a zip, too.
    """

    def __init__(self, data: bytes, budget: Budget, metadata: str) -> None:
        self._budget = budget
        self.refused: list[Failure] = []
        # Counted first: a list of a million names would take a gigabyte.
        if data.count(_ENTRY) > budget.limits.files:
            raise Unreadable(f"a zip of more than {budget.limits.files:,} files, the bound")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except Exception:  # zipfile: a broken one gives errors of many kinds.
            raise Unreadable(_BROKEN) from None
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._zip.infolist():
            self._add(entry)
        if any(name in self._entries for name in _OFFICE):
            raise Unreadable("a document of an office program or an e-book: save it as PDF")
        self.names = sorted(name for name in self._entries if not _is_hidden(name, metadata))
        if not self.names and not self.refused:
            raise Unreadable("an empty zip: it holds no files")

    def holds(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        limit = self._budget.limits.file_bytes
        blocks: list[bytes] = []
        size = 0
        try:
            with self._zip.open(self._entries[name]) as file:
                while block := file.read(_BLOCK):
                    size += len(block)
                    self._budget.take_unpacked(len(block))
                    if size > limit:
                        raise Unreadable(f"more than {in_bytes(limit)}, the bound of a file")
                    blocks.append(block)
        except Unreadable:
            raise
        except Exception:  # As above: of a checksum, of a header, of the packed bytes.
            raise Unreadable("broken in the zip: pack it again") from None
        return b"".join(blocks)

    def _add(self, entry: zipfile.ZipInfo) -> None:
        name = "".join(c if c.isprintable() else "\ufffd" for c in entry.filename)
        if entry.is_dir():
            return
        if reason := _refusal(entry, name in self._entries):
            self.refused.append(Failure(name, reason))
        else:
            self._entries[name] = entry


def _refusal(entry: zipfile.ZipInfo, known: bool) -> str:
    """Why an entry is not read, or "" when it is."""
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or re.match("[A-Za-z]:$", parts[0]):
        return "its name leads out of the zip: pack it again"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link, not a file: pack the file itself"
    if entry.flag_bits & 1:
        return "encrypted: pack it again without a password"
    if entry.compress_type not in _METHODS:
        return "packed by an uncommon method: pack it again as a plain zip"
    return "a second file of this name in the zip: the first is read" if known else ""


def _is_hidden(name: str, metadata: str) -> bool:
    """As in a folder; macOS puts a hidden file beside every file."""
    parts = name.split("/")
    return parts[-1] == metadata or parts[0] == "__MACOSX" or any(p.startswith(".") for p in parts)
