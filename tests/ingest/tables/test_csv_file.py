"""CSV in every dialect: rows to articles, and everything that can be wrong with one."""

from __future__ import annotations

import csv
import datetime
import io

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import RIVER
from reading import articles_in, generated, holds, read_all, reasons_in, remarks_in

from rag.ingest.tables.csv_file import is_csv
from rag.types import Article

PIER = (
    "The harbour board of Orlet voted on Tuesday to close the old ferry pier, its chair Mara "
    "Dolin said. The pier carried 412 passengers a day last year."
)
STRIKE = (
    "Teachers in Orlet will strike for two days from Monday, the union leader Piet Ansel said. "
    "He said 96 schools would close."
)
ROWS = (
    ("title", "source", "author", "published", "text"),
    ("Ferry pier to close", "The Orlet Courier", "Ida Brun", "2023-05-04", PIER),
    ("Teachers to strike", "Orlet Daily News", "Jon Vey", "2023-05-06", STRIKE),
)


def written(rows: object = ROWS, **dialect: object) -> str:
    made = io.StringIO()
    csv.writer(made, **{"quoting": csv.QUOTE_ALL, **dialect}).writerows(rows)  # type: ignore[call-overload]
    return made.getvalue()


def two(name: str, **fields: str) -> list[Article]:
    """The articles of `ROWS`."""
    return [
        Article(
            text,
            title=title,
            source=source,
            author=author,
            published=datetime.date.fromisoformat(published),
            origin=f"{name}#{ordinal}",
            format="csv",
        )
        for ordinal, (title, source, author, published, text) in enumerate(ROWS[1:], 1)
    ]


DIALECTS = {
    "comma": written(),
    "semicolon-crlf": written(delimiter=";"),
    "tab": written(delimiter="\t"),
    "pipe": written(delimiter="|"),
    "sep-line": "sep=;\r\n" + written(delimiter=";"),
    "sep-line-quoted": '"sep=^"\n' + written(delimiter="^"),
    "minimal": written(quoting=csv.QUOTE_MINIMAL, lineterminator="\n"),
    "cr": written(lineterminator="\r"),
    "single-quotes": written(quotechar="'"),
    "spaces": written().replace('","', '", "'),
    "tab-unquoted": written(delimiter="\t", quoting=csv.QUOTE_NONE),
    "blank-lines": "\n\n" + written().replace("\r\n", "\r\n\r\n"),
    "trailing-delimiters": written().replace("\r\n", ",,\r\n").replace(",,", "", 1),
    "above-the-header": "Search results;;;;\r\nQuery: Orlet;;;;\r\n\r\n" + written(delimiter=";"),
    "header-again": written() + written(),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialects(dialect: str, encoding: str) -> None:
    found = read_all(DIALECTS[dialect].encode(encoding), "table")
    if dialect == "header-again":
        assert found[2:] != []
        found = found[:2]
    assert found == two("table")


def test_quotes_that_are_escaped_and_quotes_that_open_an_unquoted_cell() -> None:
    rows = (ROWS[0], ("A", "B", "C", "2023-05-04", '"We had no choice," she said, "none".'))
    escaped = written(rows, doublequote=False, escapechar="\\")
    assert r"\"We had" in escaped
    bare = "\t".join(rows[0]) + "\n" + "\t".join(rows[1]) + "\n"
    for data in (escaped, bare, written(rows)):
        (article,) = articles_in(data.encode())
        assert article.text == '"We had no choice," she said, "none".'
        assert article.published == datetime.date(2023, 5, 4)


def test_cells_with_line_breaks_and_html() -> None:
    long = "word " * 300_000
    data = (
        "\ufeffTitle,Body,published\r\n"
        '"A, title","Para one.\r\n\r\nSaid ""yes"".",2 March 2017\r\n'
        "\r\n"
        f"B,{long},\r\n"
        'C,"<p>Teachers will strike.</p><p>Parents &amp; pupils protested.</p>",\r\n'
    )
    first, second, third = articles_in(data.encode(), "table.txt")
    assert first.text == 'Para one.\n\nSaid "yes".'
    assert (first.title, first.published) == ("A, title", datetime.date(2017, 3, 2))
    assert (second.text, second.origin) == (long, "table.txt#2")
    assert third.text == "Teachers will strike.\nParents & pupils protested."


def test_dates_that_could_be_two_are_settled_by_an_option() -> None:
    data = written().replace("2023-05-04", "05/04/2023").replace("2023-05-06", "05/26/2023")
    first, second = articles_in(data.encode())
    assert (first.published, second.published) == (None, datetime.date(2023, 5, 26))
    assert "'05/04/2023'" in reasons_in(data.encode())[0]
    assert [one.published for one in articles_in(data.encode(), dates="mdy")] == [
        datetime.date(2023, 5, 4),
        datetime.date(2023, 5, 26),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,One, two", "line 2: 3 cells under 2 columns"),
        ("A,", "line 2: no text"),
        ('A,"x"y', "line 2: broken quoting"),
    ],
)
def test_broken_row_does_not_stop_the_rest(row: str, reason: str) -> None:
    data = f"title,text\n{row}\nB,Two\n".encode()
    assert [article.origin for article in articles_in(data, "a.csv")] == ["a.csv#2"]
    (said,) = reasons_in(data)
    assert said.startswith(reason)


def test_a_quote_that_is_never_closed_costs_its_row() -> None:
    data = b'title,text\nA,One\nB,"Two\nC,Three\nD,Four\n'
    assert [article.text for article in articles_in(data)] == ["One", "Three", "Four"]
    (said,) = reasons_in(data)
    assert said.startswith("line 3: broken quoting")


def test_a_quote_that_another_row_closes_names_the_lines_that_are_lost() -> None:
    data = b'title,text\nA,One\nB,"Two\nC,"Three"\nD,Four\n'
    assert [article.text for article in articles_in(data)] == ["One", "Four"]
    (said,) = reasons_in(data)
    assert said.startswith("line 3: broken quoting")
    assert "line 4" in said


def test_failures_of_one_kind_are_counted_beyond_the_first() -> None:
    data = "title,text,published\n" + "A,One,2017\n" * 1000
    assert len(articles_in(data.encode())) == 1000
    *_, last = reasons_in(data.encode())
    assert last.startswith("980 more like these; the last is line 1001: date '2017'")


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        ("Schlagwort;Langfassung;Tag\nFähre;Der Anleger schließt.;4.5.2023\n", "Schlagwort, Lang"),
        ("a,b,c\n1,2,3\n4,5,6\n", "a, b, c"),
        ("sep=|\nfoo|bar\nx|y\n", "foo, bar"),
        ("name\tvalue\none\t1\ntwo\t2\n", "name, value"),
    ],
)
def test_a_table_that_is_not_understood_is_refused_with_its_columns(
    data: str, columns: str
) -> None:
    (reason,) = reasons_in(data.encode())
    assert "--map text=COLUMN" in reason
    assert columns in reason


def test_a_column_is_named_by_option() -> None:
    data = "Schlagwort;Langfassung;Tag\nFähre;Der Anleger schließt.;4.5.2023\n".encode()
    mapped = {"text": "langfassung", "title": "Schlagwort", "source": "Blatt"}
    (article,) = articles_in(data, "t.csv", columns=mapped)
    assert article == Article(
        "Der Anleger schließt.", title="Fähre", origin="t.csv#1", format="csv"
    )
    assert remarks_in(data, columns=mapped) == [
        "there is no column Blatt for source; there are Schlagwort, Langfassung, Tag",
        "columns that were not used: Tag. To use one, name it with --map FIELD=COLUMN",
    ]


@pytest.mark.parametrize(
    "page",
    [
        f"Text, body and soul\n\n{RIVER}",
        f"Content\n\n{RIVER}\n{PIER}\n{STRIKE}",
        f"Home | Article | Author | News\n\nRiver rises\n\n{RIVER}\n{PIER}\n",
        f"Date: 4 May 2023; Source: The Orlet Courier\n\n{PIER}\n{STRIKE}\n",
        "Roses, red\nViolets, blue\nSugar, sweet\n",
        "1\n00:00:01,000 --> 00:00:04,000\nHello, world.\n",
    ],
)
def test_a_page_that_looks_like_a_table_is_a_page(page: str) -> None:
    assert not is_csv(page)


@generated
@given(
    st.lists(
        st.lists(st.text(st.sampled_from("ab\"', ;\t|\n\\<p>&é"), max_size=12), max_size=5),
        max_size=6,
    ),
    st.sampled_from(",;\t|"),
    st.booleans(),
    st.sampled_from(["", "title,text\n", "text;published\n", "sep=;\n", "text\tauthor\n"]),
)
def test_anything_like_a_table_is_read_or_refused(
    rows: list[list[str]], delimiter: str, quoted: bool, head: str
) -> None:
    if quoted:
        body = written(rows, delimiter=delimiter)
    else:
        body = "\n".join(delimiter.join(row) for row in rows)
    holds((head + body).encode())


@generated
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([(",", '"'), (";", '"'), ("\t", '"'), ("|", '"'), (",", "'")]),
)
def test_whatever_is_written_is_read(texts: list[str], dialect: tuple[str, str]) -> None:
    texts = [f"Kept {text} here." for text in texts if not set("<&[") & set(text)]
    rows = [("title", "text", "source"), *(("A", text, "B") for text in texts)]
    delimiter, quote = dialect
    data = written(rows, delimiter=delimiter, quotechar=quote)
    assert [article.text for article in articles_in(data.encode())] == texts if texts else True


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: "title,text\n" + "A,One\n" * n, 5_000),
        (lambda n: 'title,text\nA,"' + "One\n" * n, 50_000),
        (lambda n: "title,text\n" + 'A,"One\n' * n, 20_000),
        (lambda n: "title,text\n" + "A,\n" * n, 10_000),
        (
            lambda n: ",".join(f"c{i}" for i in range(n)) + ",title,text\n" + "x," * n + "A,B\n",
            2_000,
        ),
    ],
    ids=["rows", "unclosed", "quotes", "no-text", "columns"],
)
def test_reading_takes_linear_time(make: object, size: int) -> None:
    assert growth(lambda data: reasons_in(data), lambda n: make(n).encode(), size) < LINEAR  # type: ignore[operator]
