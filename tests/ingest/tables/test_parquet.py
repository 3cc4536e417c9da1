"""Parquet: columns of every type, and files that are broken or cannot be read here."""

from __future__ import annotations

import datetime
import io
import sys

import pyarrow as pa
import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from reading import articles_in, generated, holds, reasons_in, remarks_in

from rag.types import Article

PIER = "The harbour board of Orlet voted on Tuesday to close the old ferry pier."
ROW = {
    "title": "Ferry pier to close",
    "content": f"<p>{PIER}</p>",
    "source": {"id": 7, "name": "The Orlet Courier"},
    "authors": ["Ida Brun", "Jon Vey"],
    "date": datetime.datetime(2023, 5, 4, 23, 30, tzinfo=datetime.timezone.utc),
    "label": 1,
}


def written(rows: list[dict[str, object]], **options: object) -> bytes:
    data = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), data, **options)
    return data.getvalue()


def test_a_row_is_read_field_by_field() -> None:
    data = written([ROW, {**ROW, "content": None}])
    assert articles_in(data, "n.parquet") == [
        Article(
            PIER,
            title="Ferry pier to close",
            source="The Orlet Courier",
            author="Ida Brun, Jon Vey",
            published=datetime.date(2023, 5, 4),
            format="parquet",
            origin="n.parquet#1",
        )
    ]
    (reason,) = reasons_in(data)
    assert reason.startswith("record 2: no text")
    assert remarks_in(data) == [
        "columns that were not used: source.id, label. To use one, name it with --map FIELD=COLUMN"
    ]


def test_other_columns_and_damage_are_refused() -> None:
    assert "there are a, b.c" in reasons_in(written([{"a": 1, "b": {"c": 2}}]))[0]
    data = written([ROW] * 50)
    assert reasons_in(data[: len(data) // 2]) == ["a broken Parquet file"]
    assert reasons_in(b"PAR1") == ["a broken Parquet file"]


def test_without_pyarrow_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (reason,) = reasons_in(written([ROW]))
    assert "pip install 'byline[parquet]'" in reason


WHOLE = written([ROW, ROW], compression="none")


@generated
@given(st.integers(0, len(WHOLE)), st.binary(max_size=4), st.integers(0, 8))
def test_any_damage_is_survived(at: int, put: bytes, cut: int) -> None:
    holds(WHOLE[:at] + put + WHOLE[at + cut :])


def test_a_table_is_read_in_linear_time() -> None:
    assert growth(reasons_in, lambda n: written([ROW] * n), 1000) < LINEAR
