"""Workbooks: sheets, typed cells, rows above the header, and files that are broken or hostile."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from reading import articles_in, generated, holds, reasons_in, remarks_in

from rag.types import Article

PIER = "The harbour board of Orlet voted on Tuesday to close the old ferry pier."
HEADER = ("Headline", "Outlet", "Byline", "Publication Date", "Full Text", "Words")
ROW = ("Ferry pier to close", "The Orlet Courier", "Ida Brun", datetime.date(2023, 5, 4), PIER, 14)


def workbook(*sheets: tuple[str, list[tuple[object, ...]]]) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def test_a_sheet_is_read_field_by_field() -> None:
    data = workbook(("News", [("Search results", None), (), HEADER, ROW, (), HEADER]))
    assert articles_in(data, "n.xlsx") == [
        Article(
            PIER,
            title="Ferry pier to close",
            source="The Orlet Courier",
            author="Ida Brun",
            published=datetime.date(2023, 5, 4),
            format="xlsx",
            origin="n.xlsx#1",
        )
    ]
    assert remarks_in(data) == [
        "columns that were not used: Words. To use one, name it with --map FIELD=COLUMN"
    ]


def test_several_sheets_and_one_that_is_no_table_of_articles() -> None:
    other = [("A", "B", "C"), (1, 2, 3)]
    rows = [HEADER, ROW, ("Empty", "X", "Y", "4.5.2023", None, 0)]
    data = workbook(("Info", other), ("One", rows), ("Two", rows))
    assert [one.origin for one in articles_in(data, "n")] == ["n#1", "n#3"]
    assert [reason[:36] for reason in reasons_in(data)] == [
        "sheet One: row 3: no text: give a te",
        "sheet Two: row 3: no text: give a te",
    ]
    assert any(said.startswith("sheet Info: a table without") for said in remarks_in(data))
    (reason,) = reasons_in(workbook(("Info", other)))
    assert "there are A, B, C" in reason


def test_a_text_that_fills_its_cell_is_said_to_be_cut_off() -> None:
    data = workbook(("News", [("title", "text"), ("Long", "x" * 32_767)]))
    assert "1 cell is as long as a cell can be" in remarks_in(data)[0]


def test_a_cell_at_the_far_corner_takes_no_memory() -> None:
    made = Workbook()
    made.active.append(("title", "text"))
    made.active.append(("Pier", PIER))
    made.active["XFD60000"] = "x"
    data = io.BytesIO()
    made.save(data)
    (article,) = articles_in(data.getvalue())
    assert article.text == PIER
    (reason,) = reasons_in(data.getvalue())
    assert reason.startswith("row 60000: 16384 cells under 2 columns")


def test_a_sheet_that_says_it_is_endless_is_bounded() -> None:
    data = workbook(("News", [("title", "text"), ("Pier", PIER)]))
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                content = content.replace(b'r="2"', b'r="99999999999"')
            new.writestr(entry, content)
    (reason,) = reasons_in(changed.getvalue())
    assert "1,048,576 rows were read" in reason


def test_damaged_workbooks_are_refused() -> None:
    data = workbook(("News", [HEADER, ROW]))
    assert reasons_in(data[: len(data) // 2]) != []
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/workbook.xml", "<workbook>")
    assert reasons_in(broken.getvalue()) == [
        "a broken workbook: open it in Excel and save it again"
    ]


@pytest.fixture(scope="module")
def members() -> dict[str, bytes]:
    data = workbook(("News", [HEADER, ROW]))
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {name: found.read(name) for name in found.namelist()}


@generated
@given(st.data())
def test_any_damage_is_survived(members: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(members)))
    content = members[name]
    at = data.draw(st.integers(0, len(content)))
    cut = data.draw(st.integers(0, 40))
    put = data.draw(st.sampled_from([b"", b"<", b">", b'"', b"9", b"</c>", b"&x;", b"\xff"]))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as changed:
        for other, whole in members.items():
            damaged = content[:at] + put + content[at + cut :]
            changed.writestr(other, damaged if other == name else whole)
    holds(made.getvalue())


def test_reading_takes_linear_time() -> None:
    assert growth(reasons_in, lambda n: workbook(("News", [HEADER, *[ROW] * n])), 400) < LINEAR
