"""Hard-wrapped text: which of its line breaks are only spaces, and how it is shown. Pure.

Text from mail, exports and old wires has lines of one width. What tells it from a list, a table or
verse is the fill of its lines and where its sentences end: a line of wrapped prose is so full that
the next word would not have fitted, and most sentences end inside a line, not with it. Where both
hold, a full line that ends no sentence carries on in the next one. A heading, an address and the
last line of a paragraph are not full.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rag.types import Span

_NARROWEST, _WIDEST = 30, 140
"""Characters in the longest line of wrapped prose."""
_LONE = 60
"""From this width on, a paragraph is wrapped prose if only its end is that of a sentence."""
_SLACK = 8
"""A line may be shorter than full by this part of the width: who wraps by hand does not fill it."""
_EXACT = 4
"""So many lines that carry on in lower case show that a program filled them to the width."""
_SHOWN = 5
"""So many full lines need one that is surely prose: a sentence ends in it, or carries on."""
_MARKER = re.compile(
    r"[ \t]*(?:(?P<bullet>[•◦▪●■*])|(?P<dash>[–—+-])"
    r"|\(?(?:(?P<number>\d{1,3})|(?P<letter>[A-Za-z]))[.)])[ \t]+\S"
)
_TABLE = re.compile(r"\S(?:\t+| {3,})\S|\S \| \S|\.{4}")
_WORD = re.compile(r"\s*(\S+)")
_IDEOGRAPHS = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
"""Scripts that a line break may cut anywhere, and that are joined without a space."""
_WIDE = re.compile(f"[{_IDEOGRAPHS}]")
_BREAK = re.compile(r"[ \t]?\n\s*")
# "well-\nknown"; in a script without spaces a break is nothing at all.
_UNSPACED = re.compile(rf"(?:(?<=\w-)|(?<=[{_IDEOGRAPHS}]))\n(?=[\w{_IDEOGRAPHS}])")
_SPACES = dict.fromkeys(map(ord, "\t\n\v\f\r\x85\u00a0\u2007\u2028\u2029\u202f"), " ")


class _Line(NamedTuple):
    """A line with one below it: its text and the next one's, and what its end says.

    `open`: no sentence ends with it; `runs_on`: one carries on in lower case in the next; `prose`:
    that, or a sentence ends inside it; `above_item`: the next one begins an item of a list; `at`
    is where its line break stands in the text.
    """

    text: str
    below: str
    open: bool
    runs_on: bool
    prose: bool
    above_item: bool
    at: int


class _Paragraph(NamedTuple):
    """Lines without a blank one between: `lines` all but the last, `longest` of all. `closed`: a
    sentence ends with it."""

    lines: list[_Line]
    longest: int
    closed: bool


def soft_breaks(text: str, ends: Sequence[int]) -> set[int]:
    """Return where the line breaks of `text` stand that are only spaces, by the width of the lines.

    `ends` are the ends of its sentences, in order, as far as their marks tell.
    """
    found: set[int] = set()
    paragraphs = list(_paragraphs(text, ends))
    narrow = [one for one in paragraphs if one.longest <= _WIDEST]
    longest = max((one.longest for one in narrow), default=0)
    common = _fill([line for one in narrow for line in one.lines], longest, closed=False)
    for one in paragraphs:
        fits = common and all(_is_full(line, common) for line in one.lines if line.runs_on)
        fill = common if fits else _fill(one.lines, one.longest, one.closed) or common
        found.update(line.at for line in one.lines if _carries_on(line, fill))
    return found


def on_one_line(text: str) -> str:
    """Return a text as it is shown on one line: line breaks, with the white space around them, as
    spaces; as nothing behind a word's hyphen and between ideographs."""
    return marked_on_one_line(text, ())[0]


def marked_on_one_line(text: str, spans: Iterable[Span]) -> tuple[str, list[Span]]:
    """Return a text as it is shown on one line, and where `spans` of it stand there."""
    pieces: list[str] = []
    ends, lost = [0], [0]
    for found in _BREAK.finditer(text):
        space = "" if _UNSPACED.match(text, found.start()) else " "
        pieces += text[ends[-1] : found.start()], space
        lost.append(lost[-1] + len(found.group()) - len(space))
        ends.append(found.end())

    def place(at: int) -> int:
        return at - lost[bisect.bisect_right(ends, at) - 1]

    return "".join([*pieces, text[ends[-1] :]]), [(place(a), place(b)) for a, b in spans]


def spaced(text: str) -> str:
    """Return a text for patterns that know one kind of space: every break and no-break space is
    a space, and every character keeps its place."""
    return text.translate(_SPACES)


def _paragraphs(text: str, ends: Sequence[int]) -> Iterator[_Paragraph]:
    """The paragraphs of two lines or more."""
    rows: list[tuple[int, str]] = []
    start = 0
    for row in text.split("\n"):
        if row.strip():
            rows.append((start, row))
        else:
            if len(rows) > 1:
                yield _paragraph(rows, ends)
            rows = []
        start += len(row) + 1
    if len(rows) > 1:
        yield _paragraph(rows, ends)


def _paragraph(rows: Sequence[tuple[int, str]], ends: Sequence[int]) -> _Paragraph:
    lines: list[_Line] = []
    closed = False
    markers = [_marker(row) for _, row in rows]
    counts = Counter(markers)
    for number, (start, row) in enumerate(rows):
        bare = row.rstrip()
        stop = start + len(bare)
        first = bisect.bisect_right(ends, start)
        last = bisect.bisect_left(ends, stop, first)
        closed = last < len(ends) and ends[last] == stop
        if number + 1 < len(rows):
            below = rows[number + 1][1].rstrip()
            runs_on = not closed and below.lstrip()[:1].islower()
            marker = markers[number + 1]
            # One dash or figure alone can begin a line of prose, too.
            item = marker == "bullet" or bool(marker and counts[marker] > 1)
            prose = first < last or runs_on
            at = start + len(row)
            lines.append(_Line(bare, below, not closed, runs_on, prose, item, at))
    return _Paragraph(lines, max(len(row.rstrip()) for _, row in rows), closed)


def _fill(lines: Sequence[_Line], longest: int, closed: bool) -> int:
    """How far lines are filled, in characters; 0 if they do not look wrapped."""
    if not _NARROWEST <= longest <= _WIDEST:
        return 0
    surely = [line for line in lines if line.runs_on]
    exact = sum(_is_full(line, longest) for line in surely) >= max(_EXACT, 0.9 * len(surely))
    fill = longest if exact else longest - longest // _SLACK
    full = [line for line in lines if _is_full(line, fill)]
    prose = sum(line.prose for line in full) + (closed and longest >= _LONE)
    mostly = 2 * len(full) >= len(lines) and 2 * sum(line.open for line in full) >= len(full)
    return fill if full and mostly and _SHOWN * prose >= len(full) else 0


def _is_full(line: _Line, fill: int) -> bool:
    """Whether the next word would not have fitted behind a line, unless it only comes twice."""
    found = _WORD.match(line.below)
    word = found.group(1) if found else ""
    needed = 1 if _WIDE.match(word) else 1 + len(word)
    return line.text != line.below and len(line.text) + needed > fill


def _carries_on(line: _Line, fill: int) -> bool:
    if not fill or not (line.runs_on or _is_full(line, fill)):
        return False
    indented = _indent(line.below) > _indent(line.text) + 1 and not _marker(line.text)
    headed = line.text.isupper() and not line.below.isupper()
    tabular = _TABLE.search(line.text.lstrip()) or _TABLE.search(line.below.lstrip())
    return not (line.above_item or indented or headed or tabular)


def _marker(row: str) -> str:
    """The kind of mark with which a row begins, if it may be an item of a list."""
    found = _MARKER.match(row)
    return (found.lastgroup or "") if found else ""


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())
