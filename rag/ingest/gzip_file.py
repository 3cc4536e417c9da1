"""Read a file that was packed with gzip, as the file that it is."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator

from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.wording import note

_BLOCK = 1 << 16
_START = b"\x1f\x8b\x08"


def is_gzip(data: bytes) -> bool:
    return data.startswith(_START)


def first_bytes(data: bytes, size: int) -> bytes:
    """The first bytes of a file, of what is packed in it if it is gzip."""
    if not is_gzip(data):
        return data[:size]
    try:
        return zlib.decompressobj(31).decompress(data[:_BLOCK], size)
    except zlib.error:
        return b""


def read_gzip(source: Source) -> Iterator[Found]:
    """Yield what the packed file holds. Raises Unreadable."""
    from rag.ingest.formats import read

    own = source.name.rpartition("/")[2]
    name = re.sub(r"\.gz$", "", own, flags=re.IGNORECASE) or own
    yield from read(source.part(name, unpacked(source)))


def unpacked(source: Source) -> bytes:
    """What is packed in a file. Raises Unreadable."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(source.data)) as file:
            return source.budget.unpack(file)
    except (OSError, EOFError, zlib.error):
        raise Unreadable(note("gzip_broken")) from None
