"""Read web archives (WARC, ARC, packed with gzip or not): each page as a file of its own.

warcio parses the records. Pages, PDFs and texts that a server answered with are read, by their
addresses; pictures, scripts, errors and requests are counted. The date of a record is the day on
which a page was fetched, not that of its publication.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.ingest.failure import Failure, Found, Remark, Unreadable
from rag.ingest.gzip_file import first_bytes, is_gzip, unpacked
from rag.ingest.source import Source
from rag.types import Article
from rag.wording import note

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

_ANSWERS = frozenset(("response", "resource", "conversion"))
_READ = frozenset(
    "text/html application/xhtml+xml application/pdf text/plain application/rss+xml"
    " application/atom+xml".split()
)
_ADDRESS = re.compile(r"(?:https?|file|ftp)://.", re.IGNORECASE)


def is_warc(data: bytes) -> bool:
    return first_bytes(data, 11).startswith((b"WARC/", b"filedesc://"))


def read_warc(source: Source) -> Iterator[Found]:
    """Yield what the pages of an archive hold; one that cannot be read is a failure."""
    from warcio.exceptions import ArchiveLoadFailed

    # It logs every fault that it mends.
    logging.getLogger("warcio").addHandler(logging.NullHandler())
    counts = {"read": 0, "others": 0}
    try:
        try:
            yield from _pages(source, source.data, counts)
        except ArchiveLoadFailed:
            # Packed as a whole, and not record by record as the format wants it.
            if any(counts.values()) or not is_gzip(source.data):
                raise
            yield from _pages(source, unpacked(source), counts)
    except Unreadable:
        raise
    except Exception:  # warcio: of several kinds, for what is no record.
        if not counts["read"]:
            raise Unreadable(note("warc_broken")) from None
        yield Failure(source.name, note("warc_cut", n=counts["read"]))
    if counts["others"]:
        yield Remark(source.name, note("records_left_out", n=counts["others"]))
    if not counts["read"]:
        raise Unreadable(note("warc_empty"))


def _pages(source: Source, data: bytes, counts: dict[str, int]) -> Iterator[Found]:
    """What the pages among an archive's records hold; `counts` says how many were read."""
    from warcio.archiveiterator import ArchiveIterator

    from rag.ingest.formats import read_part

    class Silent(ArchiveIterator):  # type: ignore[misc]
        """Prints nothing of what it skips, which is text of the file."""

        INC_RECORD = ""

    for record in Silent(io.BytesIO(data), arc2warc=True):
        if record.rec_type not in _ANSWERS:
            continue
        address = record.rec_headers.get_header("WARC-Target-URI") or ""
        if not (_ADDRESS.match(address) and _is_page(record)):
            counts["others"] += 1
            continue
        page = _content(record, source)
        counts["read"] += 1
        for found in read_part(source, address, page):
            if isinstance(found, Article) and not address.startswith(("file:", "ftp:")):
                found = replace(found, url=found.url or address)
            yield found


def _is_page(record: ArcWarcRecord) -> bool:
    """Whether a record holds what a reader may see: no error, script or picture."""
    answer = record.http_headers
    if answer is None:
        kind = record.rec_headers.get_header("Content-Type")
    else:
        kind = answer.get_header("Content-Type")
        if not answer.get_statuscode().startswith("200"):
            return False
    return (kind or "text/html").partition(";")[0].strip().lower() in _READ


def _content(record: ArcWarcRecord, source: Source) -> bytes:
    """What a record holds, without the packing of the transfer. Raises Unreadable over a bound."""
    return source.budget.unpack(record.content_stream())
