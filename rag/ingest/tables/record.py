"""Make articles of records, whatever file they come from.

Owns which of a record's values is the text and what becomes of the others:

- The text is the longest of the columns of full text and of summaries, HTML written out. One that
  is a summary, or that an API cut off ("[+1234 chars]"), makes the article partial.
- For any other field, the first column that is filled, in the order of `columns`.
- A record that cannot be read is a failure with its place; the rest goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from rag.ingest.encoding import unfit, unify_line_ends
from rag.ingest.failure import Failure, Found, Remark, Unreadable
from rag.ingest.fields import read_fields
from rag.ingest.source import Source
from rag.ingest.tables.columns import Columns, ColumnsOf
from rag.ingest.tables.values import flat, language_tag, names_in, one_line, prose, sections_in
from rag.text.dates import DateOrder, parse_date
from rag.types import Article, Note
from rag.wording import note

Record: TypeAlias = Mapping[str, object]
Numbered: TypeAlias = tuple[int, Record | Note]
"""A record and its number in the file; a note says why one could not be taken out of it."""
Place: TypeAlias = Callable[[int, Note], Note]
"""Says where in a file a problem is: `at_line`, `at_row` or `at_record`."""

_CUT_OFF = re.compile(r"\s*\[\+?\d[\d,.]* (?:chars?|characters)\]\s*\Z", re.IGNORECASE)
"""What NewsAPI and GNews put where they cut an article off."""
_ALIKE = 20
"""Failures of one kind that a file's report names one by one; the others are counted."""
_MOST_NAMES = 1_000
"""Names of columns that are remembered, for objects that are keyed by anything."""
_LISTED = 12


def at_line(n: int, problem: Note) -> Note:
    return note("at_line", line=str(n), problem=problem)


def at_row(n: int, problem: Note) -> Note:
    return note("at_row", row=str(n), problem=problem)


def at_record(n: int, problem: Note) -> Note:
    return note("at_record", n=str(n), problem=problem)


def read_records(
    source: Source, records: Iterable[Numbered], columns_of: ColumnsOf, at: Place
) -> Iterator[Found]:
    """Yield an article for each record, failures, and a remark on the columns that gave nothing.

    `at` makes a place of a record's number.
    """
    reader = _Reading(source, columns_of, at)
    for number, record in records:
        yield from reader.read(number, record)
    yield from reader.end()


def fields_of(record: Record) -> dict[str, object]:
    """The fields of `Article` that a record gives, but for its text; what is unfit is left out."""
    values = flat(record)
    written = _written(values, Columns(values, {}), "")
    return read_fields({field: said for field, (_, said) in written.items()})[0]


def listed(names: Iterable[str]) -> str:
    """The names of columns in a message, as many as one reads."""
    shown = [ascii(name)[1:-1] if not name.isprintable() else name[:60] for name in names]
    more = f", … ({len(shown) - _LISTED})" if len(shown) > _LISTED else ""
    return ", ".join(shown[:_LISTED]) + more


class _Reading:
    """The records of one file: how many there were, and which of their columns gave something."""

    def __init__(self, source: Source, columns_of: ColumnsOf, at: Place) -> None:
        self._source = source
        self._at = at
        self._ordinal = 0
        self._columns_of = columns_of
        self._filled: dict[str, None] = {}
        self._used: set[str] = set()
        self._unknown: dict[str, str] = dict(source.options.columns)
        self._alike: Counter[str] = Counter()
        self._last: dict[str, Note] = {}

    def read(self, number: int, record: Record | Note) -> Iterator[Found]:
        self._ordinal += 1
        if isinstance(record, Note):
            yield from self._fail(number, record)
            return
        values = flat(record)
        columns = self._columns_of(values)
        for field in [one for one in self._unknown if one not in columns.unknown]:
            del self._unknown[field]
        if len(self._filled) < _MOST_NAMES:
            self._filled.update((name, None) for name, value in values.items() if value)
        try:
            text, partial = self._text(values, columns)
        except Unreadable as error:
            yield from self._fail(number, error.reason)
            return
        dates = self._source.options.dates
        written = _written(values, columns, dates)
        self._used.update(name for name, _ in written.values())
        if written["id"][1].isdigit() and "id" not in self._source.options.columns:
            del written["id"]  # Numbers are counted from 1 in every other table too.
        fields, problems = read_fields({field: said for field, (_, said) in written.items()}, dates)
        for problem in problems:
            yield from self._fail(number, problem)
        origin = f"{self._source.name}#{self._ordinal}"
        yield Article(text, origin=origin, partial=partial, **fields)  # type: ignore[arg-type]

    def end(self) -> Iterator[Found]:
        """What is said of the file as a whole."""
        file = self._source.name
        for kind, count in self._alike.items():
            if count > _ALIKE:
                rest = note("more_alike", n=count - _ALIKE, problem=self._last[kind])
                yield Failure(file, rest)
        for field, column in self._unknown.items():
            names = listed(self._filled)
            yield Remark(file, note("column_missing", field=field, column=column, columns=names))
        if unused := [name for name in self._filled if name not in self._used]:
            yield Remark(file, note("columns_unused", columns=listed(unused)))

    def _fail(self, number: int, problem: Note) -> Iterator[Failure]:
        self._alike[problem.key] += 1
        self._last[problem.key] = self._at(number, problem)
        if self._alike[problem.key] <= _ALIKE:
            yield Failure(self._source.name, self._last[problem.key])

    def _text(self, values: Record, columns: Columns) -> tuple[str, bool]:
        """The text of a record, and whether it is an opening only. Raises Unreadable."""
        best, partial, problem = "", False, note("no_text")
        for name in (*columns["text"], *columns["summary"]):
            if values[name] in (None, "", []):
                continue
            text = prose(values[name])
            if text is None:
                problem = note("text_no_string")
                continue
            whole = _CUT_OFF.sub("", text)
            if len(whole) > len(best):
                best, partial = whole, whole != text or name in columns["summary"]
                used = name
        if not best.strip():
            raise Unreadable(problem)
        if unfitting := unfit(best):
            raise Unreadable(note("text_unfit", problem=unfitting))
        self._used.add(used)
        return unify_line_ends(best), partial


def _written(values: Record, columns: Columns, dates: DateOrder) -> dict[str, tuple[str, str]]:
    """The fields of a record other than its text: the column of each, and what it says."""

    def is_date(said: str) -> bool:
        return parse_date(said, dates) is not None

    read: dict[str, tuple[Callable[[object], str], Callable[[str], object]]] = {
        "title": (one_line, bool),
        "source": (_outlet, bool),
        "author": (_byline, bool),
        "section": (sections_in, bool),
        "language": (language_tag, bool),
        "published": (one_line, is_date),
        "url": (one_line, _is_address),
        "id": (one_line, bool),
    }
    found = {}
    for field, (say, fits) in read.items():
        filled = [(name, said) for name in columns[field] if (said := say(values[name]))]
        fitting = (one for one in filled if fits(one[1]))
        found[field] = next(fitting, filled[0] if filled else ("", ""))
    return found


def _outlet(value: object) -> str:
    """A source's name; an address is none."""
    said = names_in(value)
    return "" if "://" in said else said


def _byline(value: object) -> str:
    return re.sub(r"by:?\s+", "", names_in(value), count=1, flags=re.IGNORECASE) if value else ""


def _is_address(value: str) -> bool:
    return value.lower().startswith(("http://", "https://"))
