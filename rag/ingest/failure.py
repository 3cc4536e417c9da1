"""What becomes of input that is no article: failures, and remarks on what was read. Knows no
format."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from rag.types import Article, Note


class Failure(NamedTuple):
    """A file, a record or a field that was left out; `reason` names the remedy where there is one.

    `file` is relative to the folder that was read; for a record, `reason` names the line.
    """

    file: str
    reason: Note


class Remark(NamedTuple):
    """What a person should know of a file that was read: columns that were not used, an encoding
    that was detected, how much of the file was left out."""

    file: str
    text: Note


class Counted(NamedTuple):
    """Files of a folder or zip that were `read` to an article, or left `unread`, since the last
    such count; `more` were found in a zip, which is counted by its files."""

    read: int = 0
    unread: int = 0
    more: int = 0


Found: TypeAlias = Article | Failure | Remark | Counted
"""What a reader yields."""


class Unreadable(Exception):
    """Raised for input that a reader cannot take; `ArticleReader` makes it a `Failure`."""

    def __init__(self, reason: Note) -> None:
        super().__init__(reason)
        self.reason = reason
