"""Parse article records: JSON Lines and CSV.

Owns the names of a record's fields and what each may hold. Knows nothing of folders, of bytes or of
saved pages. A record that cannot be read is a failure with its line; the rest goes on.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping

from rag.ingest.encoding import unfit, unify_line_ends
from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.fields import PLAIN, PUBLISHED, read_fields
from rag.ingest.source import Source
from rag.types import Article, Note
from rag.wording import note

_TEXT = ("text", "body")
_KNOWN = frozenset((*_TEXT, *PUBLISHED, *PLAIN, "url", "category"))
_DELIMITERS = ",;\t"
_JSON_ERRORS = (ValueError, RecursionError)


def is_json(text: str) -> bool:
    """Whether a file holds JSON: JSON Lines, or JSON that `read_json_lines` will refuse."""
    start = text.lstrip()
    if re.match(r'\{\s*["}]|\[\s*\{\s*"', start[:200]):
        return True
    # A file whose first line is broken is still JSON Lines when a line soon after is a record.
    return any(_is_record(line) for line in start.split("\n", 10)[:10])


def csv_delimiter(text: str) -> str:
    """The delimiter of a CSV file whose header names a text column; "" for any other file."""
    first = text.lstrip("\n").split("\n", 1)[0]
    if len(first) > 2000:
        return ""
    for delimiter in _DELIMITERS:
        try:
            names = _header(next(csv.reader([first], delimiter=delimiter), []))
        except csv.Error:
            continue
        known = _KNOWN.intersection(names)
        # "Text, body and soul" opens a page, "text,label" a table.
        table = len(known) > 1 or not any(" " in name for name in names)
        if known.intersection(_TEXT) and table:
            return delimiter
    return ""


def read_json_lines(source: Source, text: str) -> Iterator[Found]:
    """Yield one article a line. Raises Unreadable for JSON that is not JSON Lines."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if lines[0][1].strip() in ("{", "[") or lines[0][1].lstrip().startswith("["):
        try:
            json.loads(text)
        except _JSON_ERRORS:
            pass
        else:
            raise Unreadable(note("json_not_lines"))
    for ordinal, (number, line) in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except _JSON_ERRORS as error:
            said = getattr(error, "msg", note("json_extreme"))
            yield Failure(source.name, note("line_not_json", line=str(number), error=said))
            continue
        if not isinstance(record, dict):
            yield Failure(source.name, note("line_no_object", line=str(number)))
            continue
        yield from _read_record(source, str(number), ordinal, record)


def read_csv(source: Source, text: str) -> Iterator[Found]:
    """Yield one article a row; the header names the fields."""
    # The limit belongs to the whole process, so it is only ever raised; 128 KiB by default.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=csv_delimiter(text), strict=True)
    names: list[str] = []
    ordinal = 0
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            ordinal += 1
            yield Failure(source.name, _misquoted(line, rows.line_num, str(error)))
            continue
        if not any(cell.strip() for cell in row):
            continue
        if not names:
            names = _header(row)
            continue
        ordinal += 1
        if len(row) > len(names):
            cells = note("over_columns", cells=str(len(row)), columns=str(len(names)))
            yield Failure(source.name, note("line_over_columns", line=str(line), cells=cells))
            continue
        yield from _read_record(source, str(line), ordinal, dict(zip(names, row, strict=False)))


def _read_record(
    source: Source, line: str, ordinal: int, record: Mapping[str, object]
) -> Iterator[Article | Failure]:
    text = next((record[name] for name in _TEXT if record.get(name) not in (None, "")), None)
    if text is None or (isinstance(text, str) and not text.strip()):
        yield Failure(source.name, note("line_no_text", line=line))
        return
    if not isinstance(text, str):
        yield Failure(source.name, note("line_text_no_string", line=line))
        return
    if problem := unfit(text):
        yield Failure(source.name, note("line_text_unfit", line=line, problem=problem))
        return
    fields, problems = read_fields(record, source.options.dates)
    for problem in problems:
        yield Failure(source.name, note("at_line", line=line, problem=problem))
    yield Article(unify_line_ends(text), origin=f"{source.name}#{ordinal}", **fields)  # type: ignore[arg-type]


def _misquoted(line: int, last: int, error: str) -> Note:
    """What is wrong with a row at `line` whose quoting is broken; `last` is where reading goes on
    after it."""
    if last > line:
        return note("line_quoting_lost", line=str(line), error=error, last=str(last))
    return note("at_line", line=str(line), problem=note("broken_quoting", error=error))


def _header(row: list[str]) -> list[str]:
    return [cell.strip().lower() for cell in row]


def _is_record(line: str) -> bool:
    if not re.match(r'\s*\{\s*"', line):
        return False
    try:
        return not _KNOWN.isdisjoint(json.loads(line))
    except _JSON_ERRORS:
        return False
