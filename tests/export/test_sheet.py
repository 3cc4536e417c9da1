"""Answers as a sheet: what stands in its rows, and that none of it is ever run."""

from __future__ import annotations

import csv
import datetime
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from rag.citation import cite
from rag.export.sheet import SHEETS, Row, rows_of, to_csv, to_xlsx
from rag.types import Account, Answer, Article, Claim, Difference, Page
from rag.wording import LANGUAGES, note, wording

DAY = datetime.date(2025, 7, 16)
POST = Article(
    "Police held 312 people in Kratie. The river rose.", "Raids", "a", "The Post",
    published=DAY, url="https://example.org/raids.pdf", format="pdf",
    pages=(Page(1, 0, label="iv"), Page(2, 34, certainty=0.91)),
)  # fmt: skip
DAILY = Article("Police held 313 people.", "Raid", "b", url="javascript:alert(1)", partial=True)
ARTICLES = {"a": POST, "b": DAILY}
FIRST, SECOND = cite(POST, (0, 33), 1), cite(DAILY, (0, 23), 2)
ANSWER = Answer(
    "How many?", "How many?", "", "answered", confidence=0.9, citations=(SECOND, FIRST),
    claims=(Claim(FIRST.quote, (1,)), Claim(SECOND.quote, (2,))),
    differences=(Difference((Account(1, (12, 15)), Account(2, (12, 15), speaker="Police"))),),
    notes=(note("undated_left_out", n=2),),
)  # fmt: skip
BITING = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", "a;=cmd|' /C calc'!A0", "\r=1"]


def cells(data):
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def workbook(data):
    return load_workbook(io.BytesIO(data)).active


def test_a_row_for_each_quote_in_the_order_of_the_labels():
    first, second = rows_of(ANSWER, ARTICLES, line=7)
    remarks = "The sources differ: “312” (The Post, 16 July 2025); “313” (Police, undated)."
    left_out = wording("en").note(ANSWER.notes[0])
    assert first == Row(
        "How many?", f"{FIRST.quote} [1] {SECOND.quote} [2]", FIRST.quote, "The Post", "Raids",
        DAY, "iv", "https://example.org/raids.pdf#page=1", "strong", f"{remarks} {left_out}", 7,
    )  # fmt: skip
    assert second[1:9] == (first.answer, SECOND.quote, "", "Raid", None, "", "", "strong")
    assert second.remarks.endswith("Only the opening of this article was on the page.")


def test_a_page_that_was_recognised_is_said_to_be():
    answer = replace(ANSWER, citations=(cite(POST, (34, 49), 1),), differences=())
    answer = replace(answer, claims=(Claim("The river rose.", (1,)),))
    (row,) = rows_of(answer, ARTICLES)
    assert row.page == "2"
    assert "91% sure" in row.remarks


def test_what_has_no_answer_is_not_found():
    answer = Answer("Who?", "Who? (How many?)", "", "unanswered", notes=(note("no_subject"),))
    (row,) = rows_of(answer, {})
    assert (row.answer, row.quote, row.strength, row.link) == ("not found", "", "", "")
    assert row.remarks.startswith("Understood as: Who? (How many?) ")


def test_a_quote_that_is_no_longer_in_its_article_is_left_out():
    changed = ARTICLES | {"a": replace(POST, text=POST.text.replace("312", "300"))}
    (row,) = rows_of(ANSWER, changed)
    assert row.quote == SECOND.quote
    assert "312" not in row.answer
    assert "1 quote was left out" in row.remarks
    (row,) = rows_of(ANSWER, {})
    assert row.answer == "No quote could be verified, so none is shown."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("write", SHEETS.values(), ids=SHEETS)
def test_a_sheet_is_in_the_words_of_its_reader(write, language):
    say = wording(language)
    data = write([Row("Who?", say("not_found"))], say)
    if write is to_csv:
        header = cells(data)[0]
    else:
        sheet = workbook(data)
        header = [cell.value for cell in sheet[1]]
        assert sheet.sheet_view.rightToLeft == (language == "ur")
    assert header[:2] == [say("sheet_question"), say("sheet_answer")]
    assert len(header) == len(Row._fields)


def test_a_csv_opens_as_utf8_in_excel():
    data = to_csv(rows_of(ANSWER, ARTICLES, 2))
    assert data.startswith(b"\xef\xbb\xbf")
    header, first, _ = cells(data)
    assert (
        header == "question answer quote source title day page link strength remarks line".split()
    )
    assert (first[2], first[5], first[10]) == (FIRST.quote, "2025-07-16", "2")


@pytest.mark.parametrize("text", BITING)
def test_no_cell_of_a_csv_is_a_formula(text):
    (_, row) = cells(to_csv([Row(text, text, quote=text, source=text, title=text)]))
    for cell in row[:5]:
        assert cell != text
        assert cell.replace("'", "", 1) == text
        assert not re.search(r"^\s*[=+\-@＝＋－＠]|;[=+\-@＝＋－＠]", cell)


@pytest.mark.parametrize("text", ["312 people", "a=b", "a; b", "e-mail@example.org", "’=1", "“-1”"])
def test_other_text_stands_in_a_csv_as_it_is(text):
    assert cells(to_csv([Row(text, "")]))[1][0] == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_a_text_in_a_workbook(text):
    cell = workbook(to_xlsx([Row(text, "x")]))["A2"]
    assert cell.data_type == ("s" if text else "n")
    assert cell.hyperlink is None
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)
    # Of a line end XML may make a line feed.
    shown = (re.sub(r"\r\n?", "\n", one) for one in (cell.value or "", kept))
    assert next(shown) == next(shown)


@pytest.mark.parametrize("text", BITING[:5])
def test_a_text_stays_one_when_its_cell_is_edited(text):
    cell = workbook(to_xlsx([Row(text, "Plain.")]))["A2"]
    assert cell.value.strip() == text.strip()
    assert (cell.data_type, bool(cell.quotePrefix)) == ("s", True)
    assert not workbook(to_xlsx([Row("Plain.", "")]))["A2"].quotePrefix


def test_days_are_days_and_addresses_links_in_a_workbook():
    rows = [*rows_of(ANSWER, ARTICLES, 3), Row("Q", "", day=datetime.date(1887, 2, 3))]
    sheet = workbook(to_xlsx(rows))
    assert sheet["F2"].value == datetime.datetime(2025, 7, 16)
    assert sheet["F2"].number_format == "yyyy-mm-dd"
    assert sheet["F4"].value == "1887-02-03"
    assert sheet["H2"].hyperlink.target == "https://example.org/raids.pdf#page=1"
    assert sheet["H3"].hyperlink is None
    assert sheet["K2"].value == 3
    assert sheet.freeze_panes == "A2"


def test_a_cell_that_is_too_long_says_so_and_codes_are_no_characters():
    sheet = workbook(to_xlsx([Row("x" * 40_000, "_x0041_ and _x")]))
    assert len(sheet["A2"].value) == 32_767
    assert sheet["A2"].value.endswith("…")
    assert sheet["B2"].value in ("_x005F_x0041_ and _x", "_x0041_ and _x")
