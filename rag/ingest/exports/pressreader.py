"""PressReader: a title, then source, day, section and byline in one line or in short lines below.

Only for files that name it: elsewhere the rules of saved pages decide what such lines are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.exports import labelled
from rag.ingest.exports.document import Document, is_byline, is_day, joined, trimmed
from rag.ingest.exports.labels import AUTHOR, MIXED, PUBLISHED, SECTION, SOURCE, TITLE
from rag.ingest.text_page.line_kind import ends_sentence

_SPLIT = re.compile(r"\s*[·•|]\s*|\s+[-–—]\s+(?:[-–—]\s+)?|\t")
_OWN = re.compile(
    r"\s*(?:(?:©|copyright).*pressreader.*|(?:www\.)?press(?:reader|display)(?:\.com)?.*"
    r"|newspapers (?:in|from) .*|article rank|all rights reserved\W*)\s*",
    re.IGNORECASE,
)
_PAGE = re.compile(r"(?:page|pg|p)\.?\s*\w{1,4}", re.IGNORECASE)
_LONGEST = 120
_BELOW = 4
"""Short lines below a title that may be its day."""


def anchor(lines: Sequence[str], at: int) -> bool:
    """Whether the line at `at` has the day of a document: a short line, with a paragraph below."""
    if not _is_short(lines[at]) or not any(map(is_day, _SPLIT.split(lines[at]))):
        return False
    below = [line for line in lines[at + 1 : at + 2 * _BELOW] if line.strip()]
    return bool(_above(lines, at)) and not all(map(_is_short, below[: _BELOW + 1]))


def head(lines: Sequence[str], at: int) -> int:
    """The first line of the document whose day is at `at`."""
    return min(_above(lines, at), default=at)


def read(lines: Sequence[str]) -> Document:
    """Read one document."""
    at = next((i for i in range(len(lines)) if anchor(lines, i)), -1)
    if at < 0:
        return Document()
    below = [i for i in range(at + 1, len(lines)) if lines[i].strip()][:_BELOW]
    short = below[: next((n for n, i in enumerate(below) if not _is_short(lines[i])), len(below))]
    above = [lines[i].strip() for i in _above(lines, at)]
    under = [lines[i].strip() for i in short]
    pieces = [piece.strip() for piece in _SPLIT.split(lines[at]) if piece.strip()]
    day = next(n for n, piece in enumerate(pieces) if is_day(piece))
    document = Document({PUBLISHED: pieces[day]})
    for line in (*above, *under):
        document.add(MIXED.values([line]))
    first = [line for line in (*above, *pieces[:day]) if not MIXED.field(line)]
    last = [line for line in (*pieces[day + 1 :], *under) if not MIXED.field(line)]
    if TITLE not in document.values:
        # A line of several fields has the title above it; among short lines it is the longest.
        among = first[:1] if len(pieces) > 1 else [*first, *last]
        title = max(among, key=len, default="")
        document.add({TITLE: title})
        first, last = ([one for one in some if one != title] for some in (first, last))
    _add_rest(document, first, [one for one in last if not _PAGE.fullmatch(one)])
    start = (short[-1] if short else at) + 1
    document.text = trimmed([line for line in lines[start:] if not _OWN.fullmatch(line)])
    return document


def _add_rest(document: Document, first: Sequence[str], last: Sequence[str]) -> None:
    """Add the source, which is above the day, and the section and the byline, below it."""
    if first:
        document.add({SOURCE: first[-1]})
    by = next((piece for piece in last if is_byline(piece)), "")
    others = [piece for piece in last if piece != by]
    if not by and AUTHOR not in document.values and len(others) > 1:
        by = others.pop()
    document.add({AUTHOR: by} if by else {})
    document.add({SECTION: others[0]} if others else {})


def _above(lines: Sequence[str], at: int) -> list[int]:
    """The short lines above a day: the title, and perhaps the source."""
    found: list[int] = []
    for i in range(at - 1, max(-1, at - 2 * _BELOW), -1):
        if not lines[i].strip():
            if found and i and not lines[i - 1].strip():
                break
            continue
        if len(found) == 2 or not _is_short(lines[i]) or _OWN.fullmatch(lines[i]):
            break
        if labelled.RULE.fullmatch(lines[i]):
            break
        found.insert(0, i)
        if MIXED.field(lines[i]) == TITLE:
            break
    return found


def _is_short(line: str) -> bool:
    bare = joined([line])
    return len(bare) <= _LONGEST and not ends_sentence(bare)
