"""Split a page into its lines, each classified and parsed once.

What a later step needs to know of one line alone is a field of `Line`, so that nothing has to be
cached beyond the reading of the page.
"""

from __future__ import annotations

from typing import NamedTuple

from rag.ingest.text_page.bylines import Stamp, read_stamp
from rag.ingest.text_page.line_kind import LONG, MAX_LABEL, Kind, ends_sentence, kind_of

_PADDING = " \t\u200b\u200e\u200f\ufeff\u00a0"
"""Characters that show as nothing; the zero-width ones are no white space to `str.strip`."""


class Line(NamedTuple):
    """A line that is not blank: as it is in the page, and stripped.

    `stamp` is what it says of source, author and date, None for any other line; `row` its number
    in the page; `blanks` the blank lines after it.
    """

    raw: str
    bare: str
    kind: Kind
    stamp: Stamp | None
    row: int
    blanks: list[str]


def read_lines(text: str) -> list[Line]:
    """Return the lines of a page that are not blank, in order."""
    lines: list[Line] = []
    for row, raw in enumerate(text.split("\n")):
        bare = raw.strip().strip(_PADDING).strip()
        if bare:
            lines.append(Line(raw, bare, kind_of(bare), read_stamp(bare), row, []))
        elif lines:
            lines[-1].blanks.append(raw)
    return lines


def is_paragraph(line: Line) -> bool:
    """Whether a line is surely text: the head of an article ends before the first such line."""
    if line.kind is not Kind.PROSE:
        return False
    return len(line.bare) > MAX_LABEL or (len(line.bare) >= LONG // 2 and ends_sentence(line.bare))


def can_be_title(line: Line) -> bool:
    """Whether a line has the form of a title; a caption or byline can have it, too."""
    if len(line.bare) > MAX_LABEL or not any(c.isalpha() for c in line.bare):
        return False
    if line.kind is Kind.LABEL:
        return line.bare[-1] not in ",;:"
    return line.kind is Kind.PROSE and (line.bare[-1] in "?!？！؟" or not ends_sentence(line.bare))


def same(one: str, other: str) -> bool:
    """Whether two lines differ in case and white space only."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
