"""Failures of reading: what was left out, and why. Knows no format."""

from __future__ import annotations

from typing import NamedTuple

from rag.types import Note


class Failure(NamedTuple):
    """A file, a record or a field that was left out; `reason` names the remedy where there is one.

    `file` is relative to the folder that was read; for a record, `reason` names the line.
    """

    file: str
    reason: Note


class Unreadable(Exception):
    """Raised for input that a reader cannot take; `ArticleReader` makes it a `Failure`."""

    def __init__(self, reason: Note) -> None:
        super().__init__(reason)
        self.reason = reason
