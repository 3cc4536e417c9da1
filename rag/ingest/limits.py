"""Limits of one reading, and the budget that counts what it has used of them.

Knows no format: a reader asks before it goes on, and what is over a bound is a failure that names
it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rag.ingest.failure import Unreadable
from rag.types import Article, Note
from rag.wording import note

_BLOCK = 1 << 16
_ABOUT = 2_000
"""Characters of title, source and the like that do not count beside a text."""


class Stream(Protocol):
    """What can be read by blocks."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one reading; the defaults are for files that one chose oneself.

    `file_bytes`: of one file, unpacked. `files`, `articles`, `characters` (of text): in all.
    `unpacked_bytes`: what all zips unpack to. `pages`: of one PDF. `seconds`: of all the reading,
    which a page or a PDF may have been made to slow down. `failures`: of one file's records, after
    which no more are read. `lines`, and `nodes` (elements of markup, values of JSON): of one file,
    counted before a reader makes something of each.
    """

    file_bytes: int = 2_000_000_000
    files: int = 1_000_000
    unpacked_bytes: int = 20_000_000_000
    articles: int = 10_000_000
    characters: int = 20_000_000_000
    pages: int = 5_000
    seconds: float = 86_400
    failures: int = 10_000
    lines: int = 100_000_000
    nodes: int = 100_000_000


UPLOADS = Limits(
    file_bytes=20_000_000,
    files=200,
    unpacked_bytes=100_000_000,
    articles=1_000,
    characters=3_000_000,
    pages=500,
    seconds=120,
    failures=100,
    lines=300_000,
    nodes=300_000,
)
"""For what strangers send: some minutes of indexing on two processor cores, at most."""


@dataclass(slots=True)
class Budget:
    """What a reading has used of its limits. Every `take_` raises Unreadable beyond them."""

    limits: Limits
    files: int = 0
    unpacked: int = 0
    articles: int = 0
    characters: int = 0
    clock: Callable[[], float] = time.monotonic
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.clock()

    def left(self) -> float:
        """The seconds that are left of the limit."""
        return self.limits.seconds - (self.clock() - self.since)

    def late(self) -> bool:
        """Whether the reading takes longer than its limit."""
        return self.left() < 0

    def take_time(self) -> None:
        """Go on with another part of a file, if there is time."""
        if self.late():
            raise Unreadable(note("pdf_over_seconds", n=f"{self.limits.seconds:,}"))

    def spent(self, left: int) -> Note | None:
        """Why neither another file nor the `left` files after it are read; None when they are."""
        rest = note("rest_unread", n=str(left))
        if self.files >= self.limits.files:
            return note("over_files", n=self.limits.files, rest=rest)
        if self.late():
            return note("over_seconds", n=f"{self.limits.seconds:,}", rest=rest)
        return None

    def take_unpacked(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.unpacked_bytes:
            bound = in_bytes(self.limits.unpacked_bytes)
            raise Unreadable(note("zip_over_size", size=bound))

    def unpack(self, stream: Stream) -> bytes:
        """All that a stream unpacks to, counted as it comes: no size that is claimed is believed.

        Raises Unreadable beyond a bound, and what the stream raises.
        """
        blocks: list[bytes] = []
        size = 0
        while block := stream.read(_BLOCK):
            size += len(block)
            self.take_unpacked(len(block))
            if size > self.limits.file_bytes:
                raise Unreadable(note("over_size", size=in_bytes(self.limits.file_bytes)))
            blocks.append(block)
        data = b"".join(blocks)
        self.check_parts(data)
        return data

    def check_parts(self, data: bytes) -> None:
        """Raise Unreadable for a file of more lines or elements than the limits allow.

        A file of a few kilobytes packed may hold millions, each of which takes a hundred times its
        bytes in memory. What is no text holds the bytes that are counted by chance, and few.
        """
        if len(data) > min(self.limits.lines, self.limits.nodes):
            self.check_lines(data.count(b"\n"))
            self.check_nodes(data.count(b"<"))

    def check_lines(self, lines: int) -> None:
        if lines > self.limits.lines:
            raise Unreadable(note("over_lines", n=self.limits.lines))

    def check_nodes(self, nodes: int) -> None:
        if nodes > self.limits.nodes:
            raise Unreadable(note("over_nodes", n=self.limits.nodes))

    def take_article(self, article: Article) -> None:
        """Count an article; one that is refused is not counted, a shorter one may still fit."""
        fields = (article.title, article.source, article.author, article.url, article.section)
        characters = len(article.text) + max(0, sum(map(len, fields)) - _ABOUT)
        if self.articles >= self.limits.articles:
            raise Unreadable(note("over_articles", n=self.limits.articles))
        if self.characters + characters > self.limits.characters:
            raise Unreadable(note("over_characters", n=self.limits.characters))
        self.articles += 1
        self.characters += characters


def in_bytes(size: int) -> Note:
    """A size in words: "20 MB"."""
    for unit, key in ((10**9, "gigabytes"), (10**6, "megabytes"), (10**3, "kilobytes")):
        if size >= unit:
            return note(key, n=f"{size / unit:.3g}")
    return note("bytes", n=str(size))
