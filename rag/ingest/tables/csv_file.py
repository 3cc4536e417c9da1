"""Read CSV in every dialect: what separates the cells, how they are quoted, where the header is.

Owns what makes a text file a table. The dialect is that under which most rows of a sample have as
many cells as the header; where Excel wrote it into the file ("sep=;"), it is taken from there.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rag.ingest.failure import Found
from rag.ingest.source import Source
from rag.ingest.tables.columns import ColumnsOf
from rag.ingest.tables.record import at_line, read_records
from rag.ingest.tables.table import HEADER_WITHIN, records, unique_names
from rag.types import Note
from rag.wording import note

_DELIMITERS = ",;\t|"
_SEP_LINE = re.compile(r'"?sep=(?P<delimiter>[^\n"])"?[ \t,;]*\n', re.IGNORECASE)
_SNIFFED = 50_000
"""Characters in which a table shows; its quoting may show in the `_SAMPLED` only."""
_SAMPLED = 2_000_000
_SNIFFED_ROWS = 50
_LONGEST_NAME = 60
_RETRIES = 10
_SENTENCE = re.compile(r"[.!?:,;…]$|(?:\s\S+){6}")
"""What the name of a column is not: a sentence, or a part of one."""


class Dialect(NamedTuple):
    """How a CSV file is written; `start` is where its rows begin."""

    delimiter: str
    start: int = 0
    quote: str = '"'
    escape: str = ""

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The rows of lines. Raises csv.Error for one whose quoting is broken, and goes on."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            skipinitialspace=self.delimiter != " ",
            strict=True,
        )


def is_csv(text: str) -> bool:
    """Whether a text file is a table, be its columns known or not."""
    return dialect_of(text, _known(ColumnsOf({}))) is not None


def read_csv(source: Source, text: str) -> Iterator[Found]:
    """Yield one article a row. Raises Unreadable for a table whose columns are not known."""
    columns_of = ColumnsOf(source.options.columns)
    dialect = dialect_of(text, _known(columns_of)) or Dialect(",")
    below = records(rows(text, dialect), columns_of)
    yield from read_records(source, below, columns_of, at_line)


def dialect_of(text: str, known: Callable[[Sequence[str]], int]) -> Dialect | None:
    """The dialect of a table, None for any other text.

    `known` says how many cells of a row are names of columns that the caller knows.
    """
    told = _SEP_LINE.match(text)
    start = told.end() if told else 0
    sample = text[start : start + _SNIFFED]
    best, chosen = (0, 0.0, 0), ""
    for delimiter in (told["delimiter"],) if told else _DELIMITERS:
        for dialect in _dialects(delimiter, start, sample):
            found = _sniff(sample, dialect, known, cut=start + _SNIFFED < len(text))
            if found.is_table and found.rank > best:
                best, chosen = found.rank, delimiter
    if told:
        chosen = told["delimiter"]
    return _quoted(text, chosen, start) if chosen else None


def rows(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str] | Note]]:
    """Yield each row with the number of its first line; a note for one with broken quoting.

    A quotation mark that is never closed takes in all that follows: the row is left out, and the
    lines after its first are read for what they are.
    """
    # The limit belongs to the whole process, so it is only ever raised; 128 KiB by default.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    lines = _Lines(text, dialect.start)
    reader = dialect.reader(lines)
    retries = _RETRIES
    while True:
        line, begin = lines.number + 1, lines.at
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if lines.number > line and lines.at >= len(text) and retries:
                retries -= 1
                lines = _Lines(text, text.index("\n", begin) + 1, line)
                reader = dialect.reader(lines)
            if lines.number > line:
                yield line, note("quoting_lost", error=str(error), last=str(lines.number))
            else:
                yield line, note("broken_quoting", error=str(error))
            continue
        yield line, row


class _Lines:
    """The lines of a text, one at a time, so that it is not held twice."""

    def __init__(self, text: str, start: int = 0, number: int | None = None) -> None:
        self._text = text
        self.at = start
        self.number = text.count("\n", 0, start) if number is None else number
        """How many lines have been taken."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at >= len(self._text):
            raise StopIteration
        start, self.at = self.at, self._text.find("\n", self.at) + 1 or len(self._text)
        self.number += 1
        return self._text[start : self.at]


class _Sniffed(NamedTuple):
    """What a sample is under a dialect: whether it is a table, and how good a one."""

    is_table: bool
    rank: tuple[int, float, int]


def _sniff(
    sample: str, dialect: Dialect, known: Callable[[Sequence[str]], int], cut: bool
) -> _Sniffed:
    taken = _taken(sample, dialect._replace(start=0), cut)
    heads = [row for row in taken[:HEADER_WITHIN] if not isinstance(row, Note)]
    counts = [known(row) for row in heads]
    if not heads:
        return _Sniffed(False, (0, 0.0, 0))
    count = max(counts)
    header = heads[counts.index(count)]
    below = taken[taken.index(header) + 1 :]
    width = len(header)
    fitting = sum(not isinstance(row, Note) and len(row) == width for row in below)
    fit = fitting / max(1, len(below))
    cells = sum(isinstance(row, Note) or len(row) > 1 for row in below) / max(1, len(below))
    tidy = header is taken[0] and _is_tidy(header, sample, dialect.delimiter)
    if count > 1:
        is_table = fit >= 0.5 or (tidy and (cells >= 0.5 or not below))
    elif width > 1:
        words = all(re.fullmatch(r"[\w.-]+", name.strip()) for name in header)
        is_table = tidy and fit >= 0.9 and fitting > 0 and (words or width + fitting > 3)
    else:
        is_table = count > 0 and dialect.delimiter == "," and fit == 1 and _is_quoted(sample)
    return _Sniffed(is_table, (count, fit, width))


def _quoted(text: str, delimiter: str, start: int) -> Dialect:
    """The dialect whose quoting gives most rows as many cells as the header."""
    sample = text[start : start + _SAMPLED]
    best, chosen = -1.0, Dialect(delimiter, start)
    for dialect in _dialects(delimiter, start, sample):
        taken = _taken(sample, dialect._replace(start=0), start + _SAMPLED < len(text), None)
        widths = Counter(0 if isinstance(row, Note) else len(row) for row in taken)
        del widths[0], widths[1]
        fit = max(widths.values(), default=0) / max(1, len(taken))
        if fit > best:
            best, chosen = fit, dialect
    return chosen


def _dialects(delimiter: str, start: int, sample: str) -> Iterator[Dialect]:
    """The ways to quote that a sample may have, the likeliest first."""
    first = sample.lstrip().split("\n", 1)[0].rstrip()
    if re.fullmatch(rf"'[^']*'(?:{re.escape(delimiter)}\s?'[^']*')*", first):
        yield Dialect(delimiter, start, quote="'")
    yield Dialect(delimiter, start)
    if '\\"' in sample:
        yield Dialect(delimiter, start, escape="\\")
    if delimiter in "\t|" and '"' in sample:  # Cells without them may hold quotation marks.
        yield Dialect(delimiter, start, quote="")


def _taken(
    sample: str, dialect: Dialect, cut: bool, most: int | None = _SNIFFED_ROWS
) -> list[list[str] | Note]:
    """The rows of a sample that are not blank, without the last where it was cut through."""
    found = (
        row
        for _, row in rows(sample, dialect)
        if isinstance(row, Note) or any(cell.strip() for cell in row)
    )
    taken = list(itertools.islice(found, most))
    return taken[:-1] if cut and len(taken) != most else taken


def _is_tidy(header: Sequence[str], sample: str, delimiter: str) -> bool:
    """Whether a row looks like names of columns, and not like a line of prose."""
    names = [cell.strip() for cell in header]
    line = sample.lstrip().split("\n", 1)[0]
    if delimiter in ",;" and re.search(rf"{delimiter}[^\S\n]+[^\s\"']", line):
        return False
    return (
        len(set(names)) == len(names)
        and names.count("") <= 1
        and not any(len(name) > _LONGEST_NAME or _SENTENCE.search(name) for name in names)
    )


def _is_quoted(sample: str) -> bool:
    """Whether the one column of a table is quoted, or has the plainest of names."""
    first, _, rest = sample.strip().partition("\n")
    return rest.lstrip().startswith('"') or first.lower() in ("text", "body")


def _known(columns_of: ColumnsOf) -> Callable[[Sequence[str]], int]:
    return lambda row: columns_of(unique_names(row)).known
