"""Read one file's bytes in a test, and hold whatever is read to what every reader promises."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from rag.ingest import UPLOADS, Budget, Options
from rag.ingest.encoding import unfit
from rag.ingest.failure import Failure, Found, Remark, Unreadable
from rag.ingest.formats import read
from rag.ingest.source import Source
from rag.types import Article

generated = settings(max_examples=int(os.environ.get("BYLINE_EXAMPLES", "500")))
"""For the test of a reader with generated files: `BYLINE_EXAMPLES=50000` tries more of them."""


def read_all(data: bytes, name: str = "file", **options: object) -> list[Found]:
    """All that the reader of a file yields. Raises Unreadable."""
    chosen = replace(Options(), **options)  # type: ignore[arg-type]
    return list(read(Source(name, data, Budget(UPLOADS), chosen)))


def articles_in(data: bytes, name: str = "file", **options: object) -> list[Article]:
    """The articles of a file. Raises Unreadable."""
    return [one for one in read_all(data, name, **options) if isinstance(one, Article)]


def reasons_in(data: bytes, name: str = "file", **options: object) -> list[str]:
    """Why something of a file, or all of it, could not be read."""
    try:
        found = read_all(data, name, **options)
    except Unreadable as error:
        return [str(error.reason)]
    return [str(one.reason) for one in found if isinstance(one, Failure)]


def remarks_in(data: bytes, name: str = "file", **options: object) -> list[str]:
    """What is remarked of a file that was read."""
    return [str(one.text) for one in read_all(data, name, **options) if isinstance(one, Remark)]


def holds(data: bytes) -> None:
    """Hold that a file, whatever is in it, is read or refused with a reason, and that every
    article that comes of it can be stored and shown."""
    found: list[Found] = []
    with contextlib.suppress(Unreadable):
        found = read_all(data)
    for one in found:
        if isinstance(one, Article):
            assert one.text.strip()
            assert one.format
            written = (one.text, one.title, one.source, one.author, one.section, one.language)
            assert not any(map(unfit, written))
            starts = [page.start for page in one.pages]
            assert starts == sorted(starts)
            assert all(0 <= start <= len(one.text) for start in starts)


def cut_or_altered(good: bytes) -> st.SearchStrategy[bytes]:
    """A good file that was cut short, or of which some bytes are others."""

    def altered(end: int, others: list[tuple[int, int]]) -> bytes:
        data = bytearray(good[:end])
        for at, other in others:
            if at < len(data):
                data[at] = other
        return bytes(data)

    places = st.integers(0, len(good) - 1)
    ends = st.one_of(st.just(len(good)), st.integers(0, len(good)))
    return st.builds(altered, ends, st.lists(st.tuples(places, st.integers(0, 255)), max_size=12))
