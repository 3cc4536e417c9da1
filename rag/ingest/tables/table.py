"""Read rows under a header: find the header, and make each row below it a record.

Knows no container: a CSV file, a sheet and the like give their rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from rag.ingest.failure import Unreadable
from rag.ingest.tables.columns import ColumnsOf
from rag.ingest.tables.record import Numbered, Record, listed
from rag.types import Note
from rag.wording import note

Row: TypeAlias = Sequence[object]
HEADER_WITHIN = 20
"""Rows that may stand above the header: a title, the query of an export."""


def records(rows: Iterable[tuple[int, Row | Note]], columns_of: ColumnsOf) -> Iterator[Numbered]:
    """Yield the rows below the header as records, each with its number.

    Raises Unreadable for a table without a column that is known to hold a text.
    """
    numbered = iter(rows)
    first = list(itertools.islice(numbered, HEADER_WITHIN))
    filled = [row for _, row in first if not isinstance(row, Note) and any(map(_shown, row))]
    header = header_in(filled, columns_of)
    if header is None:
        if not filled:
            yield from ((number, row) for number, row in first if isinstance(row, Note))
            return
        names = unique_names(max(filled, key=lambda row: sum(map(bool, map(_shown, row)))))
        raise Unreadable(note("table_no_text", columns=listed(names)))
    names = unique_names(header)
    found = False
    for number, row in itertools.chain(first, numbered):
        if isinstance(row, Note):
            yield number, row
        elif row is header:
            found = True
        elif found and any(map(_shown, row)) and list(row) != list(header):
            yield number, _record(row, names)


def header_in(rows: Iterable[Row], columns_of: ColumnsOf) -> Row | None:
    """The first row that names a text and another field, else the first that names a text."""
    known = [(columns_of(unique_names(row)).known, row) for row in rows]
    for least in (2, 1):
        for count, row in known:
            if count >= least:
                return row
    return None


def unique_names(row: Row) -> list[str]:
    """The names of columns as they are written; those without one, or with another's, numbered."""
    names: dict[str, None] = {}
    for number, cell in enumerate(row, 1):
        name = _shown(cell) or f"#{number}"
        names[name if name not in names else f"{name} #{number}"] = None
    return list(names)


def _record(row: Row, names: Sequence[str]) -> Record | Note:
    if any(map(_shown, row[len(names) :])):
        counts = note("over_columns", cells=str(len(row)), columns=str(len(names)))
        return note("row_over_columns", cells=counts)
    return dict(zip(names, row, strict=False))


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
