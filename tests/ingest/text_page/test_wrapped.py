"""Pages of hard-wrapped text: a wrapped paragraph is read as the one line that it was."""

from __future__ import annotations

import datetime
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import LINEAR, growth
from tests.reading import articles_in, generated, holds

PAGES = Path(__file__).parents[2] / "answer" / "pages"
PAGE = (PAGES / "denial.txt").read_text(encoding="utf-8")
BODY = PAGE.split("12 May 2023\n\n")[1]


def test_a_short_title_above_wrapped_text_is_the_title_and_the_text_stays_as_it_is():
    (article,) = articles_in(PAGE.encode())
    assert article.title == "Mayor rejects charge"
    assert (article.author, article.source) == ("Ida Brun", "The Orlet Courier")
    assert article.published == datetime.date(2023, 5, 12)
    assert article.text == BODY.rstrip("\n")


@pytest.mark.parametrize(
    "head",
    [
        "Mayor rejects charge\nBy Ida Brun",
        "Mayor rejects charge",
        "Mayor of Orlet rejects the charge that he has taken the money of a firm\n\nBy Ida Brun",
        "Mayor of Orlet rejects the charge that he has taken the money of a firm\nBy Ida Brun",
        "Mayor of Orlet rejects the charge, that Vera Lund had made, of having taken\n"
        "Money from Brandt & Lowe\n\nBy Ida Brun",
    ],
    ids=["byline", "blank", "wide, blank", "wide, byline", "wrapped"],
)
def test_what_stands_above_a_byline_or_a_blank_is_the_title(head):
    (article,) = articles_in(f"{head}\n\n{BODY}".encode())
    title = head.partition("\n\n")[0].removesuffix("\nBy Ida Brun")
    assert article.title == title.replace("\n", " ")
    assert article.author == ("Ida Brun" if "Ida" in head else "")
    assert article.text == BODY.rstrip("\n")


def test_the_first_line_of_wrapped_text_is_no_title():
    (article,) = articles_in(BODY.encode())
    assert article.title == ""
    assert article.text == BODY.rstrip("\n")


def test_a_line_of_a_paragraph_is_no_furniture_nor_a_byline():
    text = (
        "The board of the harbour of Orlet said on Friday that it would no longer\n"
        "share on the market what it had bought in March from the firm of boats, as\n"
        "Mara Dolin had proposed. The report on it was ordered, paid for and written\n"
        "by Karl Hast. It was not read in the council, which met on Tuesday without\n"
        "him, nor anywhere else in the town, as far as could be learned on Sunday."
    )
    (article,) = articles_in(f"Board keeps its boats\n\n{text}\n".encode())
    assert article.text == text
    assert article.author == ""


@pytest.mark.parametrize("width", [60, 78, 100])
def test_a_wrapped_page_is_read_as_the_page_that_was_wrapped(width, request):
    for path in sorted(Path(request.config.rootpath, "index", "articles").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        rows = [textwrap.fill(row, width, break_on_hyphens=False) for row in text.split("\n")]
        there = articles_in(text.encode())
        here = articles_in("\n".join(rows).encode())
        assert [(a.source, a.published) for a in here] == [(a.source, a.published) for a in there]
        for a, b in zip(here, there, strict=True):
            assert a.title.split() == b.title.split()
            assert a.text.split() == b.text.split()


lines = st.sampled_from(
    [*PAGE.split("\n"), "By Ida Brun", "Share", "12 May 2023", "- and", "", " "]
)


@given(st.lists(lines, max_size=30), st.text(max_size=40))
@generated
def test_any_page_of_such_lines_is_read(rows, more):
    holds("\n".join([*rows, more]).encode())


@pytest.mark.parametrize("line", [BODY.split("\n")[0], "By Ida Brun", "12 May 2023 and", "a b"])
def test_a_page_of_such_lines_is_read_in_linear_time(line):
    assert (
        growth(lambda data: articles_in(data), lambda n: f"{line}\n".encode() * n, 3_000) < LINEAR
    )
