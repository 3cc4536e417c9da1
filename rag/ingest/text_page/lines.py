"""Split a page into its lines, each classified and parsed once; a wrapped paragraph is one line.

What a later step needs to know of one line alone is a field of `Line`, so that nothing has to be
cached beyond the reading of the page.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from rag.ingest.text_page.bylines import Stamp, read_stamp
from rag.ingest.text_page.line_kind import LONG, MAX_LABEL, Kind, ends_sentence, kind_of
from rag.text.lines import on_one_line
from rag.text.sentences import wrapped_at

_PADDING = " \t\u200b\u200e\u200f\ufeff\u00a0"
"""Characters that show as nothing; the zero-width ones are no white space to `str.strip`."""


class Line(NamedTuple):
    """A line that is not blank: as it is in the page, and stripped; the rows of a wrapped
    paragraph, with the line breaks between them, are one.

    `stamp` is what it says of source, author and date, None for any other line; `row` the number
    in the page of its first row; `blanks` the blank lines after it.
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
    for row, raw in _unwrapped(text.split("\n"), wrapped_at(text)):
        bare = _bare(raw)
        if bare:
            lines.append(Line(raw, bare, kind_of(bare), read_stamp(bare), row, []))
        elif lines:
            lines[-1].blanks.append(raw)
    return lines


def _unwrapped(rows: Sequence[str], wrapped: Container[int]) -> Iterator[tuple[int, str]]:
    """The rows of a page with their numbers, those of a wrapped paragraph together."""
    together: list[str] = []
    end = -1
    for number, row in enumerate(rows):
        end += 1 + len(row)
        together.append(row)
        below = _bare(rows[number + 1]) if number + 1 < len(rows) else ""
        # A title can be as wide as the text below its byline.
        heads = len(together) == 1 and not below[:1].islower() and read_stamp(below) is not None
        if end not in wrapped or heads:
            yield number + 1 - len(together), "\n".join(together)
            together = []


def _bare(raw: str) -> str:
    """A line as it is shown, without white space around it."""
    return on_one_line(raw.strip().strip(_PADDING).strip())


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
