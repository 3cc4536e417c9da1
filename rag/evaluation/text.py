"""Text for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def plain(text: object) -> str:
    """A text on one line, without what could command a terminal or not be encoded."""
    bad = ("Cc", "Cs")
    kept = (" " if unicodedata.category(c) in bad else c for c in str(text))
    return " ".join("".join(kept).split())


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line a row, in columns as wide as they need be: the first to the left, others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    ]
