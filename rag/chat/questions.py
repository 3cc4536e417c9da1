"""Reads files of questions: a table, as CSV in any dialect or the first sheet of a workbook, or
JSON Lines.

A line of a table has a question, and the source and days that its answer is looked for in; one of
JSON Lines has a question, or the turns of a conversation. Owns what such a line may hold; every
line is checked before the first question is asked. Asks nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import BylineError, InputError, QuestionError
from rag.index.opened import OpenedIndex
from rag.ingest.encoding import decode
from rag.ingest.failure import Unreadable
from rag.ingest.limits import UPLOADS, Budget
from rag.ingest.tables.csv_file import Dialect, dialect_of, rows
from rag.ingest.tables.workbook import first_sheet, is_workbook
from rag.question.rewrite import understand
from rag.retrieval.filters import parse_filters
from rag.text.dates import is_ambiguous_date, parse_date
from rag.text.outside import json_value
from rag.types import Filters, Note
from rag.wording import note

COLUMNS = ("question", "source", "since", "until")
LARGEST = 5_000_000
"""Bytes that a file of questions may have."""
MOST_LINES = 100_000
"""Lines that a file of questions may have."""
_MOST_NAMED = 20
"""Lines with a problem that an error names."""
_ONE_COLUMN = "\x1f"
"""Separates the cells of a table of one column: a question may hold a comma."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file of questions, which begins at line `number`.

    `turns` are one question, or those of a conversation. `source` is one name, or several with
    semicolons between them, as it was written; so are the days in ISO format.
    """

    number: int
    turns: tuple[str, ...]
    source: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None

    @property
    def question(self) -> str:
        return self.turns[-1]

    def filters(self, index: OpenedIndex, given: Filters = Filters()) -> Filters:  # noqa: B008
        """The filters of this line, and for what it leaves open those `given`.

        Raises QuestionError as `rag.retrieval.filters.parse_filters` does.
        """
        known = self.source in index.store.sources()
        named = [self.source] if known else self.source.split(";")
        named = [name.strip() for name in named if name.strip()]
        return parse_filters(
            index, named or given.sources, self.since or given.since, self.until or given.until,
            given.articles, authors=given.authors, sections=given.sections,
            languages=given.languages, formats=given.formats,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Questions:
    """The lines of a file that can be asked, and what is wrong with the others."""

    name: str
    lines: tuple[Line, ...]
    problems: tuple[Note, ...] = ()

    def checked(self, index: OpenedIndex, given: Filters = Filters()) -> Questions:  # noqa: B008
        """Without the lines whose filters do not fit an index, which are problems too."""
        lines, problems = [], list(self.problems)
        for line in self.lines:
            try:
                line.filters(index, given)
                lines.append(line)
            except QuestionError as error:
                problems.append(note("at_line", line=str(line.number), problem=error.message))
        problems.sort(key=_line_of)
        return Questions(self.name, tuple(lines), tuple(problems))

    def required(self) -> tuple[Line, ...]:
        """The lines. Raises InputError, which names the bad lines, unless all can be asked."""
        if self.problems:
            named = "; ".join(self.problems[:_MOST_NAMED])
            rest = len(self.problems) - _MOST_NAMED
            more = f"; and {rest} more" if rest > 0 else ""
            raise InputError(f"{self.name} {named}{more}")
        if not self.lines:
            raise InputError(note("no_questions", file=self.name))
        return self.lines


def _line_of(problem: Note) -> int:
    return int(dict(problem.values)["line"])


def read_questions(path: Path, name: str = "", most: int = MOST_LINES) -> Questions:
    """Read a file of questions, which messages call `name`, or else by its path.

    Raises InputError for a file that cannot be read as one, and for more than `most` lines.
    """
    name = name or str(path)
    lines: list[Line] = []
    problems: list[Note] = []
    try:
        for number, found in _found(_bytes_of(path), path.suffix.lower()):
            if isinstance(found, Line):
                lines.append(found)
            else:
                problems.append(note("at_line", line=str(number), problem=found))
            if len(lines) + len(problems) > most:
                raise Unreadable(note("over_lines", n=most))
    except Unreadable as error:
        raise InputError(note("questions_unreadable", file=name, reason=error.reason)) from None
    return Questions(name, tuple(lines), tuple(problems))


def _found(data: bytes, ending: str) -> Iterator[tuple[int, Line | Note]]:
    """The lines of a file, each with its number, or what is wrong with it. Raises Unreadable."""
    if is_workbook(data):
        yield from _table(first_sheet(data, Budget(UPLOADS)))
        return
    text = decode(data).text
    if ending in (".jsonl", ".ndjson") or text.lstrip().startswith("{"):
        yield from _json_lines(text)
    else:
        yield from _table(rows(text, _dialect(text)))


def _bytes_of(path: Path) -> bytes:
    """What a file holds. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(note("cannot_be_read", error=str(error.strerror))) from None
    if len(data) > LARGEST:
        size = note("megabytes", n=str(LARGEST // 1_000_000))
        raise Unreadable(note("file_over_size", size=size))
    return data


def _table(numbered: Iterable[tuple[int, list[str] | Note]]) -> Iterator[tuple[int, Line | Note]]:
    """The lines of a table, each with its number, or what is wrong with it."""
    names: list[str] = []
    for number, found in numbered:
        if isinstance(found, Note):
            yield number, found
            continue
        cells = [cell.strip() for cell in found]
        if not any(cells):
            continue
        if not names:
            names = [cell.casefold() for cell in cells]
            problems = list(_in_header(names))
            yield from ((number, problem) for problem in problems)
            if problems:  # Of every line that follows the same would have to be said.
                return
        elif any(cells[len(names) :]):
            counts = {"cells": str(len(cells)), "columns": str(len(names))}
            yield number, note("row_over_columns", cells=note("over_columns", **counts))
        else:
            yield number, _line(number, dict(zip(names, cells, strict=False)))


def _dialect(text: str) -> Dialect:
    first = text.strip().partition("\n")[0]
    if first.strip("\"' ").casefold() == "question":
        return Dialect(_ONE_COLUMN)
    return dialect_of(text, _known) or Dialect(",")


def _known(header: Sequence[str]) -> int:
    """How many columns of a header there may be; 0 without the one that every line needs."""
    names = {cell.strip().casefold() for cell in header}
    return len(names.intersection(COLUMNS)) if "question" in names else 0


def _in_header(names: Sequence[str]) -> Iterator[Note]:
    """What is wrong with the names of the columns."""
    known = note("known_columns", columns=", ".join(COLUMNS))
    if "question" not in names:
        yield note("no_question_column", known=known)
        return
    for name in dict.fromkeys(names):
        if name and name not in COLUMNS:
            yield note("unknown_column", column=repr(name), known=known)
        elif name and names.count(name) > 1:
            yield note("column_twice", column=repr(name))


def _line(number: int, cells: Mapping[str, str]) -> Line | Note:
    """A line of a table, or what is wrong with it."""
    days: dict[str, datetime.date | None] = {}
    for name in ("since", "until"):
        written = cells.get(name, "")
        days[name] = parse_date(written)
        if written and days[name] is None:
            # "03/04/2017" may be two days; a spreadsheet program may have written it so.
            key = "day_ambiguous" if is_ambiguous_date(written) else "no_date"
            return note(key, text=repr(written[:40]))
    first, last = days["since"], days["until"]
    if first and last and first > last:
        return note("dates_backwards", first=str(first), last=str(last))
    question = cells["question"]
    problem = _problem_of([question])
    return problem or Line(number, (question,), cells.get("source", ""), first, last)


def _json_lines(text: str) -> Iterator[tuple[int, Line | Note]]:
    """The lines of JSON Lines, each with its number, or what is wrong with it."""
    # Not splitlines: JSON text may hold line separators that end no line of the file.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            turns = _turns(line)
            problem = _problem_of(turns) if turns else note("no_question_record")
            yield number, problem or Line(number, tuple(turns))


def _turns(line: str) -> list[Any]:
    """The questions of a record; none where it has none."""
    try:
        record = json_value(line)
        turns = record["turns"] if "turns" in record else [record["question"]]
    except (ValueError, KeyError, TypeError):
        return []
    good = isinstance(turns, list) and all(isinstance(turn, str) for turn in turns)
    return turns if good else []


def _problem_of(turns: Sequence[str]) -> Note | None:
    """Why questions cannot be asked, None if they can."""
    try:
        for turn in turns:
            understand(turn)
    except BylineError as error:
        return error.message
    return None
