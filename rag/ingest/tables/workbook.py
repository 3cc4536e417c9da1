"""Read the sheets of an Excel workbook (XLSX) as tables.

openpyxl gives the rows one by one. A reader that lays a sheet out in memory is no choice: a file of
a few kilobytes may have a cell at its far corner. Formulas count with the value that was kept.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rag.ingest.failure import Found, Remark, Unreadable
from rag.ingest.limits import Budget
from rag.ingest.source import Source
from rag.ingest.tables.columns import ColumnsOf
from rag.ingest.tables.record import Numbered, at_row, read_records
from rag.ingest.tables.table import Row, records
from rag.ingest.zip_files import ZipFiles, zip_holds
from rag.types import Note
from rag.wording import note

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_MOST_ROWS = 1_048_576
"""Rows that a sheet has in Excel."""
_LONGEST_CELL = 32_767
"""Characters that a cell holds in Excel; what was longer is cut off."""


def is_workbook(data: bytes) -> bool:
    return zip_holds(data, b"xl/workbook.xml")


def read_workbook(source: Source) -> Iterator[Found]:
    """Yield one article a row of every sheet that has a column of text. Raises Unreadable."""
    ZipFiles(source.data, source.budget).check()
    columns_of = ColumnsOf(source.options.columns)
    sheets = _Sheets(source, columns_of)
    yield from read_records(source, sheets.records(), columns_of, sheets.place)
    yield from sheets.remarks()


def first_sheet(data: bytes, budget: Budget) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet, each with its number, as text: days in ISO format.

    Raises Unreadable.
    """
    ZipFiles(data, budget).check()
    for sheet in _opened(data).worksheets[:1]:
        for number, row in _rows(sheet, budget):
            yield number, [_as_text(cell) for cell in row]


def _as_text(cell: object) -> str:
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _opened(data: bytes) -> Workbook:
    """The workbook of a file. Raises Unreadable."""
    # Imported here: only workbooks need it.
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception:  # openpyxl: of many kinds, for what is no such file.
        raise Unreadable(note("workbook_broken")) from None


def _rows(sheet: Any, budget: Budget) -> Iterator[tuple[int, Row]]:
    """The rows of a sheet, however large it says that it is. Raises Unreadable."""
    try:
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > _MOST_ROWS or (number % 1000 == 0 and budget.late()):
                raise Unreadable(note("workbook_too_long", n=number - 1))
            yield number, row
    except Unreadable:
        raise
    except Exception:  # As above: what is inside shows only now.
        raise Unreadable(note("workbook_broken")) from None


class _Sheets:
    """The sheets of a workbook, and what is to be said of them."""

    def __init__(self, source: Source, columns_of: ColumnsOf) -> None:
        self._source = source
        self._columns_of = columns_of
        self._book = _opened(source.data)
        self._name = ""
        self._full = 0
        self._left_out: dict[str, Note] = {}

    def records(self) -> Iterator[Numbered]:
        """The rows below the header of each sheet. Raises Unreadable where none has a header."""
        any_read = False
        for sheet in self._book.worksheets:
            self._name = sheet.title
            try:
                for record in records(self._rows(sheet), self._columns_of):
                    any_read = True
                    yield record
            except Unreadable as error:
                self._left_out[sheet.title] = error.reason
        if self._left_out and not any_read:
            raise Unreadable(next(iter(self._left_out.values())))

    def place(self, number: int, problem: Note) -> Note:
        """Where a problem is: the row, and the sheet where there are several."""
        said = at_row(number, problem)
        several = len(self._book.worksheets) > 1
        return note("at_sheet", sheet=self._name, problem=said) if several else said

    def remarks(self) -> Iterator[Remark]:
        file = self._source.name
        for name, reason in self._left_out.items():
            yield Remark(file, note("at_sheet", sheet=name, problem=reason))
        if self._full:
            yield Remark(file, note("cells_full", n=self._full))

    def _rows(self, sheet: object) -> Iterator[tuple[int, Row]]:
        """The rows of a sheet; cells that are full, and may have been cut off, are counted."""
        for number, row in _rows(sheet, self._source.budget):
            self._full += sum(isinstance(c, str) and len(c) >= _LONGEST_CELL for c in row)
            yield number, row
