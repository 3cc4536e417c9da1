"""JSON Lines and CSV: records to articles, and everything that can be wrong with one."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from pages import RIVER, read_bytes

from rag.types import Article


def test_json_lines(tmp_path: Path) -> None:
    record = {
        "body": "Line one.\r\nLine two.",
        "title": " A title ",
        "id": 7,
        "source": "The Example",
        "author": ["Jane Doe", "John Roe"],
        "category": "world",
        "published_at": "2023-11-27 08:45:59.000000000Z",
        "url": "https://example.org/a",
        "language": "en",
    }
    data = json.dumps(record) + "\n\n" + '{"text": "More.\\u2028Still.", "author": null}\n'
    articles, reasons = read_bytes(tmp_path, data.encode(), "odd.txt")
    assert reasons == []
    assert articles[0] == Article(
        "Line one.\nLine two.",
        title="A title",
        id="7",
        source="The Example",
        author="Jane Doe, John Roe",
        published=datetime.date(2023, 11, 27),
        url="https://example.org/a",
        language="en",
        format="json",
        origin="odd.txt#1",
    )
    assert (articles[1].text, articles[1].origin) == ("More.\u2028Still.", "odd.txt#2")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "x"', "line 2: not JSON"),
        ("not json", "line 2: not JSON"),
        ("[" * 100_000, "line 2: not JSON"),
        ('{"text": ' + "1" * 5000 + "}", "line 2:"),
        ("[1]", "line 2: not an object"),
        ('{"title": "x"}', "line 2: no text"),
        ('{"text": null, "body": "  "}', "line 2: no text"),
        ('{"text": ["x"]}', "line 2: the text is not a string"),
        ('{"text": "a \\ud800 b"}', "line 2: the text holds half a surrogate"),
        ('{"text": "a \\u0000 b"}', "line 2: the text holds a NUL"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_broken_record_does_not_stop_the_rest(tmp_path: Path, line: str, reason: str) -> None:
    data = '{"text": "first"}\n' + line + '\n{"text": "third"}\n'
    articles, reasons = read_bytes(tmp_path, data.encode(), "a.jsonl")
    assert [article.origin for article in articles] == ["a.jsonl#1", "a.jsonl#3"]
    assert len(reasons) == 1
    assert reasons[0].startswith(reason)


@pytest.mark.parametrize("first", ["{broken", "{}", '{"text": '], ids=["word", "empty", "cut"])
def test_broken_first_line_is_still_json_lines(tmp_path: Path, first: str) -> None:
    articles, reasons = read_bytes(tmp_path, f'{first}\n{{"text": "second"}}'.encode())
    assert [article.text for article in articles] == ["second"]
    assert len(reasons) == 1
    assert reasons[0].startswith("line 1:")


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ('"published": "July 16"', "date 'July 16' is not a full date"),
        ('"published": 170000', "is not a full date"),
        ('"published": "03/04/2017"', "could be two days"),
        ('"url": "javascript:alert(1)"', "url does not start with http"),
        ('"title": "\\ud800"', "title holds half a surrogate"),
        ('"source": {"name": "x"}', "source is neither text nor"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_unreadable_field_is_left_empty_and_reported(
    tmp_path: Path, field: str, reason: str
) -> None:
    articles, reasons = read_bytes(tmp_path, f'{{"text": "x", {field}}}'.encode())
    assert articles == [Article("x", format="json", origin="page.txt#1")]
    assert len(reasons) == 1
    assert reasons[0].startswith("line 1: ")
    assert reason in reasons[0]


def test_csv(tmp_path: Path) -> None:
    long = "word " * 300_000
    data = (
        "\ufeffTitle,Body,published\r\n"
        '"A, title","Para one.\r\n\r\nSaid ""yes"".",2 March 2017\r\n'
        "\r\n"
        f"B,{long},\r\n"
    )
    articles, reasons = read_bytes(tmp_path, data.encode(), "table.txt")
    assert reasons == []
    assert articles[0].text == 'Para one.\n\nSaid "yes".'
    assert (articles[0].title, articles[0].published) == ("A, title", datetime.date(2017, 3, 2))
    assert (articles[1].text, articles[1].origin) == (long, "table.txt#2")


@pytest.mark.parametrize("delimiter", [";", "\t"], ids=["semicolon", "tab"])
def test_csv_delimiters(tmp_path: Path, delimiter: str) -> None:
    data = delimiter.join(("text", "title")) + "\n" + delimiter.join(("Body, here", "T"))
    articles, _ = read_bytes(tmp_path, data.encode())
    assert (articles[0].text, articles[0].title) == ("Body, here", "T")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,One, two", "line 2: 3 cells under 2 columns"),
        ("A,", "line 2: no text"),
        ('A,"x"y', "line 2: broken quoting"),
    ],
)
def test_broken_row_does_not_stop_the_rest(tmp_path: Path, row: str, reason: str) -> None:
    articles, reasons = read_bytes(tmp_path, f"title,text\n{row}\nB,Two\n".encode())
    assert [article.origin for article in articles] == ["page.txt#2"]
    assert len(reasons) == 1
    assert reasons[0].startswith(reason)


def test_unclosed_quote_names_the_lines_that_are_lost(tmp_path: Path) -> None:
    articles, reasons = read_bytes(tmp_path, b'title,text\nA,One\nB,"Two\nC,Three\n')
    assert [article.text for article in articles] == ["One"]
    assert reasons[0].startswith("line 3: broken quoting")
    assert "line 4" in reasons[0]


def test_page_that_starts_like_a_table_is_a_page(tmp_path: Path) -> None:
    articles, _ = read_bytes(tmp_path, f"Text, body and soul\n\n{RIVER}".encode())
    assert (articles[0].title, articles[0].text) == ("Text, body and soul", RIVER)
