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
    return _above(lines, at)[0]


def read(lines: Sequence[str]) -> Document:
    """Read one document."""
    at = next((i for i in range(len(lines)) if anchor(lines, i)), -1)
    if at < 0:
        return Document()
    below = [i for i in range(at + 1, len(lines)) if lines[i].strip()][:_BELOW]
    short = below[: next((n for n, i in enumerate(below) if not _is_short(lines[i])), len(below))]
    above = [lines[i].strip() for i in _above(lines, at)]
    pieces = [piece.strip() for piece in _SPLIT.split(lines[at]) if piece.strip()]
    day = next(n for n, piece in enumerate(pieces) if is_day(piece))
    document = Document({PUBLISHED: pieces[day]})
    for line in (*above, *(lines[i] for i in short)):
        document.add(MIXED.values([line]))
    titles = [line for line in above if not MIXED.field(line)]
    if TITLE not in document.values and titles:
        document.add({TITLE: titles.pop(0)})
    sources = [*pieces[:day], *titles]
    document.add({SOURCE: sources[0]} if sources else {})
    rest = [*pieces[day + 1 :], *(lines[i].strip() for i in short if not MIXED.field(lines[i]))]
    by = next((piece for piece in rest if is_byline(piece)), "")
    named = [piece for piece in rest if piece != by]
    if not by and AUTHOR not in document.values and len(named) > 1:
        by = named[1]
    document.add({AUTHOR: by} if by else {})
    document.add({SECTION: named[0]} if named else {})
    start = (short[-1] if short else at) + 1
    document.text = trimmed([line for line in lines[start:] if not _OWN.fullmatch(line)])
    return document


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
