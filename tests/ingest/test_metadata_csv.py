"""metadata.csv: fields that it fills and corrects, and rows that cannot be used."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from pages import BANK, LOANS, RELIEF, RIVER, read_all

from rag.ingest import Failure
from rag.types import Article

TWO = (
    f"River rises, three villages cut off\nBy Jane Doe\n{RIVER}\n{RELIEF}\n\n"
    f"Bank shares fall after wide loss\nBy John Roe\n{BANK}\n{LOANS}\n"
)
HEADER = "file,ordinal,title,source,author,published,url\n"


def with_metadata(folder: Path, rows: str) -> tuple[list[Article], list[Failure]]:
    (folder / "one.txt").write_text(f"River rises\n\n{RIVER}")
    (folder / "two.txt").write_text(TWO)
    (folder / "metadata.csv").write_text(rows)
    return read_all(folder)


def test_metadata_fills_and_corrects_fields(tmp_path: Path) -> None:
    rows = (
        "one.txt,,,The Example,,3 May 2024,https://example.org\n"
        "two.txt,2,Bank falls,,,2024-05-01,\n"
    )
    (one, river, bank), failures = with_metadata(tmp_path, HEADER + rows)
    assert failures == []
    assert (one.title, one.source, one.url) == ("River rises", "The Example", "https://example.org")
    assert one.published == datetime.date(2024, 5, 3)
    assert (river.title, river.author) == ("River rises, three villages cut off", "Jane Doe")
    assert (bank.title, bank.author) == ("Bank falls", "John Roe")
    # The id follows the corrected fields, as if the page had said so itself.
    assert bank == Article(
        bank.text,
        "Bank falls",
        "",
        "",
        "John Roe",
        bank.published,
        format="text",
        origin="two.txt#2",
    )


def test_metadata_names_language_and_section(tmp_path: Path) -> None:
    rows = "file,language,section\none.txt,en,World News\n"
    (one, *_), failures = with_metadata(tmp_path, rows)
    assert failures == []
    assert (one.language, one.section) == ("en", "World News")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (HEADER + "gone.txt,,,X,,,\n", "line 2: no file gone.txt beside it"),
        (HEADER + "two.txt,3,,X,,,\n", "line 2: two.txt holds 2 articles, none with ordinal 3"),
        (HEADER + "two.txt,,,X,,,\n", "line 2: two.txt holds 2 articles: say which"),
        (HEADER + "one.txt,x,,X,,,\n", "line 2: ordinal 'x' is not a number"),
        (HEADER + "one.txt,0,,X,,,\n", "line 2: ordinal '0' is not a number"),
        (HEADER + "one.txt,1,,,,July 16,\n", "line 2: date 'July 16'"),
        (HEADER + "one.txt,1,,,,,ftp://x\n", "line 2: url does not"),
        (HEADER + "one.txt,1,,X,,,\none.txt,,,Y,,,\n", "line 3: a second row for one.txt"),
        (HEADER + ",1,,X,,,\n", "line 2: no file named"),
        ("file,publisher\none.txt,X\n", "line 1: unknown column 'publisher'; known columns: file,"),
        ("title\nX\n", "line 1: no column file"),
        ("", "empty"),
    ],
    ids=lambda value: str(value).removeprefix(HEADER).strip()[:24],
)
def test_metadata_failures(tmp_path: Path, rows: str, reason: str) -> None:
    articles, failures = with_metadata(tmp_path, rows)
    assert len(articles) == 3
    assert len(failures) == 1
    assert failures[0].file == "metadata.csv"
    assert failures[0].reason.startswith(reason)


def test_metadata_beside_a_single_file(tmp_path: Path) -> None:
    with_metadata(tmp_path, HEADER + "one.txt,,,The Example,,,\ntwo.txt,1,,X,,,\n")
    articles, failures = read_all(tmp_path / "one.txt")
    assert [article.source for article in articles] == ["The Example"]
    assert failures == []


def test_metadata_in_another_dialect(tmp_path: Path) -> None:
    rows = "sep=;\nfile;ordinal;title;source\none.txt;;River falls; The Example\n"
    (one, *_), failures = with_metadata(tmp_path, rows)
    assert failures == []
    assert (one.title, one.source) == ("River falls", "The Example")


@pytest.mark.parametrize("ordinal", ["1" * 5000, "²", "٣", "0", "1.0"])
def test_an_ordinal_that_is_no_number_is_the_failure_of_its_row(
    tmp_path: Path, ordinal: str
) -> None:
    rows = f"file,ordinal,title\ntwo.txt,{ordinal},No\none.txt,1,Yes\n"
    (one, *_), failures = with_metadata(tmp_path, rows)
    assert one.title == "Yes"
    (failure,) = failures
    assert "is not a number from 1" in failure.reason


@pytest.mark.parametrize("ending", ["²", "5", "1" * 200])
def test_a_file_may_be_called_as_if_it_had_an_ordinal(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"a#{ending}").write_text(f"River rises\n\n{RIVER}")
    (one, *_), failures = with_metadata(tmp_path, f"file,ordinal,title\na#{ending},1,Yes\n")
    assert (one.title, failures) == ("Yes", [])
