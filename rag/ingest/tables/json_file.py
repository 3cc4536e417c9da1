"""Read JSON of any shape that holds records: lines of them, a list, or the answer of a news API.

Owns where in a file the records are, found by structure: objects with a text, whatever is around
them. A list is read object by object, so that one that was cut off is read as far as it goes.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.ingest.tables.columns import ColumnsOf
from rag.ingest.tables.record import Numbered, Record, at_line, at_record, listed, read_records
from rag.ingest.tables.table import records
from rag.ingest.tables.values import flat
from rag.types import Note
from rag.wording import note

_START = re.compile(r'\{\s*["}]|\[\s*(?:\{\s*["}]|\[|\])')
_ERRORS = (ValueError, RecursionError)
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"\s*")
_IN_LIST = re.compile(r"[\s,\[\]]*")
_LINE = re.compile(r"\S[^\n]*")
_OBJECT = re.compile(r"\s*\[\s*\{")
_DEEPEST = 8
_PEEKED = 100
_SNIFFED = 200
_MAPS = ("FeatureCollection", "Feature", "Topology", "GeometryCollection")
"""Kinds of GeoJSON and TopoJSON: what they describe are places."""
_TEXT_ALONE, _OPENING, _ARTICLE = 1, 2, 3


def is_json(text: str) -> bool:
    """Whether a file holds JSON: lines of it, or one value."""
    first = _LINE.search(text)
    if first and _START.match(text, first.start(), first.start() + _SNIFFED):
        return True
    # A file whose first line is broken is still JSON Lines when a line soon after is a record.
    return any(map(_is_record_line, _first_lines(text)))


def read_json(source: Source, text: str) -> Iterator[Found]:
    """Yield an article for each record. Raises Unreadable for JSON without any."""
    columns_of = ColumnsOf(source.options.columns)
    lines = _is_lines(text)
    found = _in_lines(text, columns_of) if lines else _in_values(text, columns_of)
    at = at_line if lines else at_record
    yield from read_records(source, _understood(found, columns_of), columns_of, at)


def records_in(value: object, columns_of: ColumnsOf, depth: int = 0) -> list[Any]:
    """The records in a value, [] for none: `depth` is how many lists and objects are around it.

    An object with a text and another field is one. Else those in its lists and objects are taken:
    all objects of a list in which one is a record. An object without them is one if it may be.
    """
    if depth > _DEEPEST:
        return []
    outermost = depth == 0 or (depth == 1 and isinstance(value, dict))
    least = _TEXT_ALONE if outermost else _OPENING
    if isinstance(value, list):
        whole = any(_rating(one, columns_of) >= least for one in value)
        inner = (
            records_in(one, columns_of, depth + 1) or ([one] if whole else []) for one in value
        )
        return [record for found in inner for record in found]
    if not isinstance(value, dict) or value.get("type") in _MAPS:
        return []
    if found := _in_columns(value, columns_of):
        return found
    rating = _rating(value, columns_of)
    if rating == _ARTICLE:
        return [value]
    inner = (
        records_in(one, columns_of, depth + 1)
        for one in value.values()
        if isinstance(one, list | dict)
    )
    return [record for found in inner for record in found] or ([value] if rating >= least else [])


def _rating(value: object, columns_of: ColumnsOf) -> int:
    """How much an object looks like an article."""
    if not isinstance(value, dict):
        return 0
    values = flat(value)
    columns = columns_of(values)

    def filled(*fields: str) -> bool:
        said = (values[name] for field in fields for name in columns[field])
        return any(isinstance(one, str | list | dict) and one for one in said)

    about = filled("published", "url", "author", "source")
    if filled("text"):
        return _ARTICLE if about or filled("title") else _TEXT_ALONE
    return _OPENING if about and filled("title") and filled("summary") else 0


def _in_columns(value: dict[str, Any], columns_of: ColumnsOf) -> list[Any]:
    """The records of a table that is kept by its columns, as pandas writes one; [] for others."""
    names, data = value.get("columns"), value.get("data")
    if (
        isinstance(names, list)
        and isinstance(data, list)
        and all(isinstance(row, list) for row in data)
    ):
        value = dict(zip(map(str, names), zip(*data, strict=False), strict=False))
    columns = [one.values() if isinstance(one, dict) else one for one in value.values()]
    known = columns_of(value)
    if not (known.has_text and known["title"]) or any(isinstance(one, str) for one in columns):
        return []
    try:
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    except (TypeError, ValueError):
        return []


def _understood(found: Iterator[Numbered], columns_of: ColumnsOf) -> Iterator[Numbered]:
    """The records, if one of the first has a text. Raises Unreadable if there are others only."""
    first: list[Numbered] = []
    for number, record in found:
        first.append((number, record))
        if not isinstance(record, Note) and _rating(record, columns_of):
            break
        if len(first) == _PEEKED:
            break
    others = [flat(one) for _, one in first if not isinstance(one, Note)]
    if others and not any(_rating(one, columns_of) for _, one in first):
        raise Unreadable(note("json_no_articles", names=listed(_names(others[0]))))
    yield from first
    yield from found


def _names(values: Record) -> Iterable[str]:
    """What the fields of an object are called; of one around a list of objects, theirs."""
    for value in values.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return flat(value[0])
    return values


def _is_lines(text: str) -> bool:
    """Whether each line is a value of its own."""
    first = _LINE.search(text)
    if first is None or first[0][0] == "[" or not _LINE.search(text, first.end()):
        return False
    if isinstance(_value(first[0]), dict):
        return True
    if not any(map(_is_record_line, _first_lines(text))):
        return False
    try:
        _DECODER.raw_decode(text, first.start())
    except _ERRORS:
        return True
    return False


def _in_lines(text: str, columns_of: ColumnsOf) -> Iterator[Numbered]:
    number, at = 0, 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        line, at = text[at:end], end
        number += 1
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except _ERRORS as error:
            yield number, _broken(error)
            continue
        for one in records_in(value, columns_of, 1) or [value]:
            yield number, one if isinstance(one, dict) else note("no_object")


def _in_values(text: str, columns_of: ColumnsOf) -> Iterator[Numbered]:
    """The records of a list, read object by object, or of one value after the other."""
    listing = text.lstrip()[:1] == "["
    if listing and not _OBJECT.match(text):
        yield from _in_rows(text, columns_of)
        return
    between = _IN_LIST if listing else _SPACE
    at, number = _after(between, text, 0), 0
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except _ERRORS as error:
            line = text.count("\n", 0, getattr(error, "pos", at)) + 1
            yield number + 1, note("json_cut", line=str(line), problem=_broken(error))
            return
        for one in records_in(value, columns_of, 1 if listing else 0) or [value]:
            number += 1
            yield number, one if isinstance(one, dict) else note("no_object")
        at = _after(between, text, at)


def _in_rows(text: str, columns_of: ColumnsOf) -> Iterator[Numbered]:
    """The records of a list of lists, whose first is the header."""
    value = _value(text)
    if isinstance(value, list) and all(isinstance(row, list) for row in value):
        yield from records(enumerate(value, 1), columns_of)
    else:
        raise Unreadable(note("json_no_objects"))


def _first_lines(text: str) -> Iterator[str]:
    return (line[0] for line in itertools.islice(_LINE.finditer(text), 10))


def _after(between: re.Pattern[str], text: str, at: int) -> int:
    match = between.match(text, at)
    return match.end() if match else at


def _is_record_line(line: str) -> bool:
    return line.lstrip().startswith("{") and _rating(_value(line), ColumnsOf({})) > 0


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except _ERRORS:
        return None


def _broken(error: Exception) -> Note:
    return note("not_json", error=getattr(error, "msg", note("json_extreme")))
