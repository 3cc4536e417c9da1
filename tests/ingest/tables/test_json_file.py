"""JSON of every shape that holds articles: lines, lists, the answers of news APIs, and what is
wrong with one."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import read_bytes
from reading import articles_in, generated, holds, reasons_in, remarks_in

from rag.types import Article

PIER = "The harbour board of Orlet voted on Tuesday to close the old ferry pier."
STRIKE = "Teachers in Orlet will strike for two days from Monday."
RECORDS = [
    {"title": "Ferry pier to close", "text": PIER, "source": "The Orlet Courier"},
    {"title": "Teachers to strike", "text": STRIKE, "source": "Orlet Daily News"},
]


def as_json(value: object, **options: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, **options).encode()  # type: ignore[arg-type]


def test_json_lines() -> None:
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
    first, second = articles_in(data.encode(), "odd.txt")
    assert first == Article(
        "Line one.\nLine two.",
        title="A title",
        source="The Example",
        author="Jane Doe, John Roe",
        section="world",
        published=datetime.date(2023, 11, 27),
        url="https://example.org/a",
        language="en",
        format="json",
        origin="odd.txt#1",
    )
    assert (second.text, second.origin) == ("More.\u2028Still.", "odd.txt#2")
    assert reasons_in(data.encode()) == remarks_in(data.encode()) == []


@pytest.mark.parametrize(
    "data",
    [
        as_json(RECORDS),
        as_json(RECORDS, indent=1),
        b"\n".join(map(as_json, RECORDS)),
        b"\n".join(as_json(record, indent=2) for record in RECORDS),
        b"[" + b",\n".join(map(as_json, RECORDS)) + b"]",
        as_json({"status": "ok", "totalResults": 2, "articles": RECORDS}, indent=1),
        as_json({"response": {"status": "ok", "pages": 1, "docs": RECORDS}}),
        as_json({"hits": {"total": 2, "hits": [{"_source": one} for one in RECORDS]}}),
        as_json({"version": "https://jsonfeed.org/version/1.1", "title": "Feed",
                 "description": "All news", "home_page_url": "https://x.org", "items": RECORDS}),
        as_json([{"page": 1, "articles": RECORDS[:1]}, {"page": 2, "articles": RECORDS[1:]}]),
        b"\n".join(as_json({"status": "ok", "data": [one]}) for one in RECORDS),
        as_json({"a1": RECORDS[0], "a2": RECORDS[1]}),
        as_json({"@graph": RECORDS}),
        as_json({name: [one[name] for one in RECORDS] for name in RECORDS[0]}),
        as_json({name: {"0": RECORDS[0][name], "1": RECORDS[1][name]} for name in RECORDS[0]}),
        as_json({"columns": list(RECORDS[0]), "index": [0, 1],
                 "data": [list(one.values()) for one in RECORDS]}),
        as_json([list(RECORDS[0]), *(list(one.values()) for one in RECORDS)]),
        as_json([{"article": one, "comments": [{"text": "No!", "url": "X"}]} for one in RECORDS]),
    ],
    ids=["list", "indented", "lines", "objects", "list-of-lines", "newsapi", "envelope",
         "elasticsearch", "feed", "pages", "lines-of-answers", "by-id", "graph", "columns",
         "pandas", "split", "rows", "nested"],
)  # fmt: skip
def test_records_are_found_wherever_they_are(data: bytes) -> None:
    assert articles_in(data, "a.json") == [
        Article(one["text"], title=one["title"], source=one["source"], format="json",
                origin=f"a.json#{n}")
        for n, one in enumerate(RECORDS, 1)
    ]  # fmt: skip
    assert reasons_in(data) == []


def test_newsapi() -> None:
    record = {
        "source": {"id": None, "name": "The Orlet Courier"},
        "author": "Ida Brun",
        "title": "Ferry pier to close",
        "description": "The harbour board of Orlet voted",
        "url": "https://example.org/0",
        "urlToImage": "https://example.org/0.png",
        "publishedAt": "2023-05-04T23:30:00-05:00",
        "content": f"{PIER} [+1234 chars]",
    }
    data = as_json({"status": "ok", "totalResults": 1, "articles": [record]}, indent=1)
    assert articles_in(data, "n.json") == [
        Article(
            PIER,
            title="Ferry pier to close",
            source="The Orlet Courier",
            author="Ida Brun",
            published=datetime.date(2023, 5, 4),
            url="https://example.org/0",
            format="json",
            origin="n.json#1",
            partial=True,
        )
    ]
    assert remarks_in(data) == [
        "columns that were not used: description, urlToImage. To use one, name it with "
        "--map FIELD=COLUMN"
    ]


def test_guardian_nyt_wordpress_and_mediastack() -> None:
    guardian = {"response": {"status": "ok", "results": [{
        "id": "world/2023/may/04/pier", "type": "article", "sectionId": "world",
        "sectionName": "World news", "webPublicationDate": "2023-05-04T10:00:00Z",
        "webTitle": "Ferry pier to close", "webUrl": "https://example.org/0",
        "fields": {"headline": "Ferry pier to close", "byline": "Ida Brun", "trailText": "Short",
                   "body": f"<p>{PIER}</p><figure><img src='x'></figure><p>It is old.</p>"},
    }]}}  # fmt: skip
    (article,) = articles_in(as_json(guardian))
    assert article.text == f"{PIER}\nIt is old."
    assert (article.title, article.author) == ("Ferry pier to close", "Ida Brun")
    assert (article.section, article.partial) == ("World news", False)
    assert article.published == datetime.date(2023, 5, 4)
    nyt = {"status": "OK", "response": {"docs": [{
        "abstract": "The board voted.", "lead_paragraph": PIER, "source": "The New York Times",
        "web_url": "https://example.org/1", "pub_date": "2023-05-04T10:00:00+0000",
        "headline": {"main": "Ferry pier to close", "kicker": None}, "section_name": "World",
        "byline": {"original": "By Ida Brun and Jon Vey", "person": []},
    }]}}  # fmt: skip
    (article,) = articles_in(as_json(nyt))
    assert (article.text, article.partial) == (PIER, True)
    assert (article.title, article.author) == ("Ferry pier to close", "Ida Brun and Jon Vey")
    assert (article.source, article.section) == ("The New York Times", "World")
    wordpress = [{
        "id": 1042, "date": "2023-05-04T10:00:00", "link": "https://example.org/2", "author": 3,
        "title": {"rendered": "Pier &#8217;to close&#8217;"}, "categories": [4, 9],
        "content": {"rendered": f"\n<p>{PIER}</p>\n", "protected": False},
        "excerpt": {"rendered": "<p>Short.</p>", "protected": False},
    }]  # fmt: skip
    (article,) = articles_in(as_json(wordpress))
    assert (article.text, article.title) == (PIER, "Pier ’to close’")
    assert (article.author, article.section) == ("", "")
    mediastack = {"pagination": {"limit": 25}, "data": [{
        "author": None, "title": "Ferry pier to close", "description": PIER,
        "url": "https://example.org/3", "source": "Orlet Courier", "category": "general",
        "language": "en", "published_at": "2023-05-04T10:00:00+00:00",
    }]}  # fmt: skip
    (article,) = articles_in(as_json(mediastack))
    assert (article.text, article.partial, article.section) == (PIER, True, "general")


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
        ('{"text": {"x": ["x"]}}', "line 2: no text"),
        ('{"text": 5}', "line 2: the text is not a string"),
        ('{"text": "a \\ud800 b"}', "line 2: the text holds half a surrogate"),
        ('{"text": "a \\u0000 b"}', "line 2: the text holds a NUL"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_broken_record_does_not_stop_the_rest(line: str, reason: str) -> None:
    data = ('{"text": "first"}\n' + line + '\n{"text": "third"}\n').encode()
    assert [article.origin for article in articles_in(data, "a")] == ["a#1", "a#3"]
    (said,) = reasons_in(data)
    assert said.startswith(reason)


@pytest.mark.parametrize("first", ["{broken", "{}", '{"text": '], ids=["word", "empty", "cut"])
def test_broken_first_line_is_still_json_lines(first: str) -> None:
    data = f'{first}\n{{"text": "second"}}'.encode()
    assert [article.text for article in articles_in(data)] == ["second"]
    (said,) = reasons_in(data)
    assert said.startswith("line 1:")


def test_a_list_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    data = as_json(RECORDS, indent=1)[:-40]
    assert [article.text for article in articles_in(data)] == [PIER]
    (said,) = reasons_in(data)
    assert said.startswith("record 2: from line 9 on, the file is no JSON")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None,
          "properties": {"title": "Lake", "description": "A lake.", "url": "https://x.org"}}]},
         "JSON without articles"),
        ({"name": "byline", "version": "1.0", "description": "A package.", "scripts": {}},
         "JSON without articles"),
        ({"openapi": "3.1.0", "info": {"title": "API", "description": "It."}, "paths": {}},
         "JSON without articles"),
        ({"news": [{"Schlagwort": "Fähre", "Langfassung": PIER}]}, "Schlagwort, Langfassung"),
        ([{"Schlagwort": "Fähre", "Langfassung": PIER}], "Schlagwort, Langfassung"),
        ({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}, "JSON without articles"),
        ({"status": "error", "message": "apiKeyInvalid"}, "JSON without articles"),
        ([[1, 2], [3, 4]], "a table without a column"),
        ([], "no records"),
        ({"a": [[[[[[[[[[[[RECORDS]]]]]]]]]]]]}, "JSON without articles"),
    ],
    ids=["geojson", "package", "openapi", "unknown", "unknown-list", "chat", "error", "matrix",
         "empty", "deep"],
)  # fmt: skip
def test_json_without_articles_is_refused(tmp_path: Path, data: object, reason: str) -> None:
    articles, (said,) = read_bytes(tmp_path, as_json(data))
    assert articles == []
    assert reason in said


def test_a_field_is_named_by_option() -> None:
    data = as_json({"news": [{"Schlagwort": "Fähre", "mehr": {"Langfassung": PIER}}]})
    (article,) = articles_in(data, columns={"text": "mehr.Langfassung", "title": "schlagwort"})
    assert (article.text, article.title) == (PIER, "Fähre")


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ('"published": "July 16"', "date 'July 16' is not a full date"),
        ('"published": 170000', "is not a full date"),
        ('"published": "03/04/2017"', "date '03/04/2017'"),
        ('"url": "javascript:alert(1)"', "url does not start with http"),
        ('"title": "\\ud800"', "title holds half a surrogate"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_unreadable_field_is_left_empty_and_reported(field: str, reason: str) -> None:
    data = f'{{"text": "x", {field}}}'.encode()
    assert articles_in(data) == [Article("x", format="json", origin="file#1")]
    (said,) = reasons_in(data)
    assert said.startswith("record 1: ")
    assert reason in said


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
names = st.sampled_from(
    "title text content description source author url date data columns x".split()
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)


@generated
@given(st.lists(st.dictionaries(names, values, max_size=5) | values, max_size=4), st.integers(0, 3))
def test_any_json_is_read_or_refused(found: list[object], shape: int) -> None:
    whole = json.dumps(found)
    data = [
        "\n".join(map(json.dumps, found)),
        whole,
        json.dumps({"articles": found}),
        whole[: len(whole) * 2 // 3],
    ][shape]
    holds(data.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: as_json(RECORDS * n), 1_000),
        (lambda n: as_json({"articles": RECORDS * n}), 1_000),
        (lambda n: b"\n".join(map(as_json, RECORDS * n)), 1_000),
        (lambda n: b'{"text": "x"}\n' + b'{"text": \n' * n, 5_000),
        (lambda n: b'[{"text": "x"},' + b'{"a":' * n, 50_000),
        (lambda n: as_json([{"articles": RECORDS}] * n), 500),
        (lambda n: as_json({"text": "x", **{f"k{i}": i for i in range(n)}}), 2_000),
    ],
    ids=["list", "envelope", "lines", "broken", "nested", "answers", "keys"],
)
def test_reading_takes_linear_time(make: object, size: int) -> None:
    assert growth(reasons_in, make, size) < LINEAR  # type: ignore[arg-type]
