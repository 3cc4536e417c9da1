"""Exports of news databases, article by article and field by field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from exported import PIER, STORIES, fields, proquest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from reading import articles_in, generated, holds, reasons_in, remarks_in

from rag.ingest import UPLOADS, Budget
from rag.ingest.coverage import documents_in, left_out
from rag.ingest.exports.read import is_export, read_export
from rag.ingest.source import Source

FILES = Path(__file__).parents[1] / "files" / "exports"


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


@pytest.mark.parametrize(
    "lines",
    [
        "1 of 9 DOCUMENTS\nBYLINE: Ida Brun\n\n",
        "1 of 9 DOCUMENTS\nLENGTH: 9 words\n" + "\n" * 99,
        "Length: 9\nBody\n",
        "LENGTH: 9 words\nLOAD-DATE: May 9, 2023\n",
        "LENGTH: 9 words\n",
        "Copyright 2023\n96 words\n9 May 2023\n",
        "HD\nPD\nLP\n",
        "Title: Pier\n\nSource: Courier\n\nDate: 9 May 2023\n\n",
        "Full text: a\nPublication title: Courier\n",
        "PressReader\nPier\n9 May 2023\n" + "a" * 150 + "\n",
        "Article 1 of 9\n",
    ],
)
def test_time_is_linear_in_what_documents_start_with(lines: str) -> None:
    def read(text: str) -> None:
        if is_export(text):
            list(read_export(Source("a", b"", Budget(UPLOADS)), text))
        list(left_out("a", text, [], documents_in(text)))

    assert growth(read, lambda n: f"1 of 9 DOCUMENTS\n{lines * n}", 1000) < LINEAR
    assert growth(read, lambda n: lines * n, 1000) < LINEAR


@pytest.mark.parametrize("name", [*(path.name for path in sorted(FILES.iterdir())), "proquest"])
def test_line_that_is_missing_loses_nothing_in_silence(name: str) -> None:
    text = proquest("_" * 60, True) if name == "proquest" else (FILES / name).read_text("utf-8")
    lines = text.split("\n")
    for at in [at for at, line in enumerate(lines) if line.strip()]:
        data = "\n".join(lines[:at] + lines[at + 1 :]).encode()
        articles = articles_in(data)
        assert len(articles) == 3 or reasons_in(data) or remarks_in(data), lines[at]
        for article in articles:
            assert not any(title in article.text for title, *_ in STORIES), lines[at]


MARKS = r"\d of 3 DOCUMENTS|End of Document|Document ORLC\w+|AN  .*|_{10,}|Database: .*"


@pytest.mark.parametrize("name", [*(path.name for path in sorted(FILES.iterdir())), "proquest"])
def test_documents_without_a_mark_between_them_stay_apart(name: str) -> None:
    text = proquest("_" * 60, False) if name == "proquest" else (FILES / name).read_text("utf-8")
    marks = list(re.finditer(MARKS, text))
    second = [mark for mark in marks if text.index(STORIES[0][0]) < mark.start()][:2]
    for mark in reversed(second):
        text = text[: mark.start()] + text[mark.end() :]
    articles = articles_in(text.encode())
    for article in articles:
        assert not any(title in article.text for title, *_ in STORIES)
    assert [article.title for article in articles] == [title for title, *_ in STORIES]
