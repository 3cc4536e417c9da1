"""Limits of one reading, and the budget that counts what it has used of them.

Knows no format: a reader asks before it goes on, and what is over a bound is a failure that names
it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rag.ingest.failure import Unreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one reading; the defaults are for files that one chose oneself.

    `file_bytes`: of one file, unpacked. `files`, `articles`, `characters` (of text): in all.
    `unpacked_bytes`: what all zips unpack to. `pages`: of one PDF. `seconds`: of all the reading,
    which a page or a PDF may have been made to slow down. `failures`: of one file's records, after
    which no more are read.
    """

    file_bytes: int = 2_000_000_000
    files: int = 1_000_000
    unpacked_bytes: int = 20_000_000_000
    articles: int = 10_000_000
    characters: int = 20_000_000_000
    pages: int = 5_000
    seconds: float = 86_400
    failures: int = 10_000


UPLOADS = Limits(
    file_bytes=20_000_000,
    files=200,
    unpacked_bytes=100_000_000,
    articles=1_000,
    characters=3_000_000,
    pages=500,
    seconds=120,
    failures=100,
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

    def late(self) -> bool:
        """Whether the reading takes longer than its limit."""
        return self.clock() - self.since > self.limits.seconds

    def spent(self) -> str:
        """Why no other file is read, or "" when it is."""
        if self.files >= self.limits.files:
            return f"more than {self.limits.files:,} files, the bound"
        if self.late():
            return f"more than {self.limits.seconds:,} seconds of reading, the bound"
        return ""

    def take_unpacked(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.unpacked_bytes:
            bound = in_bytes(self.limits.unpacked_bytes)
            raise Unreadable(f"the zip unpacks to more than {bound}, the bound: unpack it yourself")

    def take_article(self, characters: int) -> None:
        """Count an article; one that is refused is not counted, a shorter one may still fit."""
        if self.articles >= self.limits.articles:
            raise Unreadable(
                f"more than {self.limits.articles:,} articles in all, the bound: give fewer"
            )
        if self.characters + characters > self.limits.characters:
            raise Unreadable(
                f"more than {self.limits.characters:,} characters of text in all, the bound: "
                "give less"
            )
        self.articles += 1
        self.characters += characters


def in_bytes(size: int) -> str:
    """A size in words: "20 MB"."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
