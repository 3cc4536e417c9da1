"""Read Parquet, row group by row group, with pyarrow: the extra `parquet`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.ingest.tables.columns import ColumnsOf
from rag.ingest.tables.record import Numbered, at_record, listed, read_records
from rag.wording import note

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_START = b"PAR1"
_ROWS = 100
"""Rows that are made Python values at a time."""


def is_parquet(data: bytes) -> bool:
    return data.startswith(_START)


def read_parquet(source: Source) -> Iterator[Found]:
    """Yield one article a row. Raises Unreadable, also where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise Unreadable(note("parquet_missing")) from None
    try:
        file = ParquetFile(pyarrow.BufferReader(source.data))
        names = list(_names(file))
        groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
        size = sum(group.total_byte_size for group in groups)
    except Exception:  # pyarrow: of many kinds, for what is no such file.
        raise Unreadable(note("parquet_broken")) from None
    source.budget.take_unpacked(size)
    columns_of = ColumnsOf(source.options.columns)
    if not columns_of(names).has_text:
        raise Unreadable(note("table_no_text", columns=listed(names)))
    yield from read_records(source, _records(file), columns_of, at_record)


def _names(file: ParquetFile) -> Iterator[str]:
    """The columns, those inside another by their path."""
    for field in file.schema_arrow:
        inner = [field.type.field(n) for n in range(field.type.num_fields)]
        is_struct = str(field.type).startswith("struct")
        yield from (f"{field.name}.{one.name}" for one in inner) if is_struct else (field.name,)


def _records(file: ParquetFile) -> Iterator[Numbered]:
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_ROWS):
            for record in batch.to_pylist():
                number += 1
                yield number, record
    except Exception:  # As above: what is inside shows only now.
        raise Unreadable(note("parquet_broken")) from None
