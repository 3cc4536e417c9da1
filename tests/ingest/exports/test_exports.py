"""Exports of news databases, article by article and field by field."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from reading import articles_in, generated, holds, reasons_in, remarks_in

from rag.types import Article

FILES = Path(__file__).parents[1] / "files" / "exports"
PIER = (
    "The harbour board of Orlet voted on Tuesday to close the old ferry pier after engineers found "
    "cracks in eleven of its forty piles. The chair of the board, Mara Dolin, said that the pier "
    "would not open again before the winter.\n\nThe pier carried 412 passengers a day last year, "
    "according to the board. Two companies that run boats from it will move to the fish quay, "
    "which is half a mile to the east of the old town."
)
STRIKE = (
    "Teachers in Orlet will strike for two days from Monday, the union leader Piet Ansel said. He "
    "said that 96 schools would close and that talks with the city had ended without an offer.\n\n"
    "The city council said that it had offered a rise of four per cent. Parents have been asked to "
    "keep their children at home, and the libraries will be open to pupils from eight in the "
    "morning."
)
BREAD = (
    "The price of bread in Orlet has risen by a fifth since January, a survey by the consumer "
    "office showed on Friday. The head of the office, Lena Quist, said that energy costs were to "
    "blame and that bakers had little room.\n\nThree bakeries closed in March. The guild of bakers "
    "said that another nine might follow before the summer if the city did not lower the charge "
    "for waste."
)
MAY = [datetime.date(2023, 5, day) for day in (9, 12, 20)]
STORIES = [
    ("Old ferry pier to close", "The Orlet Courier", "Ida Brun", MAY[0], PIER),
    (
        "Teachers to strike for two days; Talks end without an offer",
        *("Orlet Daily News (Orlet)", "JON VEY", MAY[1], STRIKE),
    ),
    (
        "Bread is dearer by a fifth in 2000 of 4,500 shops",
        *("The Orlet Courier", "Ida Brun and Tom Hesk", MAY[2], BREAD),
    ),
]


def fields(article: Article) -> tuple[object, ...]:
    """All that the stories above have, with the lines of each paragraph joined."""
    paragraphs = (" ".join(one.split()) for one in article.text.split("\n\n"))
    text = "\n\n".join(paragraphs)
    return article.title, article.source, article.author, article.published, text


@pytest.mark.parametrize(
    ("name", "form", "sections"),
    [
        ("lexis-classic.txt", "lexisnexis", ["NEWS", "NEWS", "BUSINESS"]),
        ("nexis-uni.txt", "nexis-uni", ["NEWS", "NEWS", "BUSINESS"]),
        ("factiva.txt", "factiva", ["News", "News", "Business"]),
        ("factiva-coded.txt", "factiva", ["", "", ""]),
    ],
)
def test_each_document_is_an_article(name: str, form: str, sections: list[str]) -> None:
    data = (FILES / name).read_bytes()
    articles = articles_in(data, "export.txt")
    assert [fields(article) for article in articles] == STORIES
    assert [article.section for article in articles] == sections
    assert {article.format for article in articles} == {form}
    assert [article.origin for article in articles] == [f"export.txt#{n}" for n in (1, 2, 3)]
    assert not reasons_in(data)
    assert not remarks_in(data)


@pytest.mark.parametrize("name", [path.name for path in sorted(FILES.iterdir())])
def test_text_is_as_it_stands(name: str) -> None:
    text = (FILES / name).read_text("utf-8")
    for article in articles_in(text.encode()):
        for paragraph in article.text.split("\n\n"):
            assert paragraph in text


@pytest.mark.parametrize("name", [path.name for path in sorted(FILES.iterdir())])
@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_and_marks_change_nothing(name: str, ends: str) -> None:
    text = (FILES / name).read_text("utf-8")
    expected = [fields(article) for article in articles_in(text.encode())]
    written = text.replace("\n", ends).encode("utf-8-sig")
    assert [fields(article) for article in articles_in(written)] == expected


@pytest.mark.parametrize("name", [path.name for path in sorted(FILES.iterdir())])
def test_file_cut_anywhere_gives_no_article_anothers_headline(name: str) -> None:
    text = (FILES / name).read_text("utf-8")
    titles = [title for title, *_ in STORIES]
    for end in range(len(text) // 2, len(text), 40):
        for article in articles_in(text[:end].encode()):
            assert not any(title in article.text for title in titles)


PIECES = st.sampled_from(
    [
        *("3 of 9 DOCUMENTS", "Dokument 1 von 2", "End of Document", "Body", "Page 1 of 2"),
        *(
            "BYLINE: Ida Brun",
            "LENGTH: 96 words",
            "SECTION: NEWS; Pg. 3",
            "LOAD-DATE: June 1, 2023",
        ),
        *("HD  Pier to close", "PD  9 May 2023", "LP  The board", "TD", "AN  Document X0000202300"),
        *("96 words", "9 May 2023", "Document ORLC000020230509ej5900011", "Title: Pier", "Body:"),
        *("Full text: The board met.", "Publication title: Courier", "____________", "Database: D"),
        *(
            "Copyright 2023 The Orlet Courier",
            "All Rights Reserved",
            "May 9, 2023 Tuesday",
            "TEXT:",
        ),
        *("                 The Orlet Courier", PIER, "", "\f", "HEADLINE:", "By Ida Brun", "LA"),
    ]
)


@generated
@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=40), st.sampled_from("\n\r"))
def test_anything_is_read_or_refused(lines: list[str], end: str) -> None:
    holds(end.join(lines).encode("utf-8", "replace"))


@generated
@given(st.lists(PIECES, min_size=1, max_size=30))
def test_html_of_anything_is_read_or_refused(lines: list[str]) -> None:
    lines = ["<html>", "1 of 2 DOCUMENTS", "LENGTH: 9 words", *lines]
    holds("<p>".join(lines).encode())


@pytest.mark.parametrize("name", [path.name for path in sorted(FILES.iterdir())])
def test_time_is_linear(name: str) -> None:
    data = (FILES / name).read_bytes()
    assert growth(articles_in, lambda n: data * n, 100) < LINEAR
