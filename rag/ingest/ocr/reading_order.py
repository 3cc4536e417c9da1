"""Put the lines that a text recognition found on a page into the order in which one reads them.

Columns are told by the white space between them: a gutter that no line of a run crosses, with
several lines on either side. A line that crosses it (a headline, a caption) ends the run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

_IN_A_COLUMN = 3
"""Lines that a column has at least: a table's row, or a dateline with a page number, has none."""
_MOST = 1_000
"""Lines of a page whose columns are looked for; work grows with their square."""
_BREAK = 0.7
"""White space before a paragraph, beyond that between its lines, in heights of a line."""


class Line(NamedTuple):
    """A line of text on a page, or a part of one, and how sure the recognition is of it (0 to 1);
    its box is in pixels, from the top left."""

    text: str
    certainty: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


Interval = tuple[float, float]


def in_order(lines: Sequence[Line]) -> str:
    """The text of lines in reading order, with a blank line where the page has white space."""
    if not lines:
        return ""
    height = median(line.height for line in lines)
    ordered = sorted(lines, key=lambda line: (line.middle, line.left))
    columns = _columns(ordered, height) if len(lines) <= _MOST else [ordered]
    return "\n".join(_text(column, height) for column in columns)


def _columns(lines: Sequence[Line], height: float) -> Iterator[Sequence[Line]]:
    """The columns of lines, which come from top to bottom, in the order of reading."""
    alone: list[Line] = []
    start = 0
    while start < len(lines):
        end, gutters = _run(lines, start, height)
        if not gutters:
            alone.append(lines[start])
            start += 1
            continue
        if alone:
            yield alone
            alone = []
        edges = [*gutters, float("inf")]
        first = float("-inf")
        for edge in edges:
            yield from _columns([ln for ln in lines[start:end] if first <= ln.left < edge], height)
            first = edge
        start = end
    if alone:
        yield alone


def _run(lines: Sequence[Line], start: int, height: float) -> tuple[int, list[float]]:
    """The end of the longest run of lines from `start` that stand in columns, and where each
    column after the first begins; none where they stand in one."""
    covered: list[Interval] = []
    best: tuple[int, list[float]] = (start, [])
    for end in range(start, len(lines)):
        line = lines[end]
        covered = _with((line.left, line.right), covered, height)
        if len(covered) < 2:
            if best[1]:
                break
            if end - start >= 2 * _IN_A_COLUMN:
                break
            continue
        found = lines[start : end + 1]
        sizes = [sum(left <= one.left < right for one in found) for left, right in covered]
        if min(sizes) >= _IN_A_COLUMN:
            best = (end + 1, [left for left, _ in covered[1:]])
    return best


def _with(new: Interval, covered: Sequence[Interval], gap: float) -> list[Interval]:
    """Intervals with another one; what is nearer to it than `gap` becomes one with it."""
    left, right = new
    apart = []
    for one in covered:
        if one[1] + gap < left or right + gap < one[0]:
            apart.append(one)
        else:
            left, right = min(left, one[0]), max(right, one[1])
    return sorted([*apart, (left, right)])


def _text(column: Sequence[Line], height: float) -> str:
    """The rows of one column; the parts of a row are joined."""
    rows: list[list[Line]] = []
    for line in column:
        if rows and line.middle - rows[-1][0].middle < height / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    gaps = [_gap(above, below) for above, below in itertools.pairwise(rows)]
    usual = median(gaps) if gaps else 0
    said = []
    for number, row in enumerate(rows):
        if number and gaps[number - 1] > usual + _BREAK * height:
            said.append("")
        said.append(" ".join(one.text for one in sorted(row, key=lambda one: one.left)))
    return "\n".join(said)


def _gap(above: Sequence[Line], below: Sequence[Line]) -> float:
    return min(one.top for one in below) - max(one.bottom for one in above)
