"""Records to articles: the usual names of columns, and what becomes of each value."""

from __future__ import annotations

import csv
import datetime
import io
import json

import pytest
from reading import articles_in, reasons_in, remarks_in

from rag.ingest.tables.columns import Columns, field_of
from rag.ingest.tables.values import language_tag, names_in, one_line, prose
from rag.types import Article

PIER = (
    "The harbour board of Orlet voted on Tuesday to close the old ferry pier, its chair Mara "
    "Dolin said. The pier carried 412 passengers a day last year."
)
SHORT = "The harbour board of Orlet voted on Tuesday to close the old"


def one(**values: object) -> Article:
    (article,) = articles_in(json.dumps(values).encode())
    return article


@pytest.mark.parametrize(
    ("header", "row", "fields"),
    [
        ("id,date,headline,article_text", ["0", "2023-05-04", "Ferry pier to close", PIER], {}),
        (
            "Headline,Publication,Byline,Publication Date,Content",
            ["Ferry pier to close", "The Orlet Courier", "By Ida Brun", "4 May 2023", PIER],
            {"source": "The Orlet Courier", "author": "Ida Brun"},
        ),
        (
            "source.name,author,title,description,url,publishedAt,content",
            [
                *("The Orlet Courier", "Ida Brun", "Ferry pier to close", SHORT),
                *("https://example.org/0", "2023-05-04T10:00:00Z", PIER),
            ],
            {
                "source": "The Orlet Courier",
                "author": "Ida Brun",
                "url": "https://example.org/0",
            },
        ),
        ("Title,Date,Full Text", ["Ferry pier to close", "2023-05-04", PIER], {}),
        (
            "headline,date,outlet,text",
            ["Ferry pier to close", "2023-05-04", "The Orlet Courier", PIER],
            {"source": "The Orlet Courier"},
        ),
        (
            "Überschrift,Quelle,Autor,Veröffentlicht am,Ressort,Sprache,Artikeltext",
            [
                "Ferry pier to close",
                "Orlet",
                "Ida Brun",
                "04.05.2023 10:00",
                "Lokales",
                "German",
                PIER,
            ],
            {"source": "Orlet", "author": "Ida Brun", "section": "Lokales", "language": "de"},
        ),
        (
            "Titre,Journal,Auteur,Date de publication,Rubrique,Contenu,Lien",
            [
                "Ferry pier to close",
                "Orlet",
                "Ida Brun",
                "4 mai 2023",
                "Ville",
                PIER,
                "https://example.org/0",
            ],
            {
                **{"source": "Orlet", "author": "Ida Brun", "section": "Ville"},
                "url": "https://example.org/0",
            },
        ),
        (
            "Título,Periódico,Autor,Fecha,Sección,Texto completo,Enlace",
            [
                "Ferry pier to close",
                "Orlet",
                "Ida Brun",
                "4 de mayo de 2023",
                "Ciudad",
                PIER,
                "https://example.org/0",
            ],
            {
                **{"source": "Orlet", "author": "Ida Brun", "section": "Ciudad"},
                "url": "https://example.org/0",
            },
        ),
        (
            "Pubtitle,StartPage,dc:creator,pub_date,content:encoded,post_title",
            ["Orlet", "4", "Ida Brun", "20230504", f"<p>{PIER}</p>", "Ferry pier to close"],
            {"source": "Orlet", "author": "Ida Brun"},
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_the_usual_names_of_columns(header: str, row: list[str], fields: dict[str, str]) -> None:
    made = io.StringIO()
    csv.writer(made).writerows([header.split(","), row])
    data = made.getvalue().encode()
    assert articles_in(data, "t", dates="dmy") == [
        Article(
            PIER,
            title="Ferry pier to close",
            published=datetime.date(2023, 5, 4),
            format="csv",
            origin="t#1",
            **fields,  # type: ignore[arg-type]
        )
    ]
    assert reasons_in(data, dates="dmy") == []


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("_source.source.name", "source"), ("source.id", None), ("_source.title", "title"),
        ("fields.bodyText", "text"), ("headline.main", "title"), ("title.rendered", "title"),
        ("source.title", "source"), ("data.article.body", "text"), ("Full-Text", "text"),
        ("", None), ("...", None), ("confidence", None), ("អត្ថបទ", "text"), ("عنوان", "title"),
        ("comments", None), ("created", None), ("author.avatar", None),
    ],
)  # fmt: skip
def test_a_name_gives_a_field_or_none(name: str, field: str | None) -> None:
    assert (field_of(name) or (None,))[0] == field


def test_a_column_that_is_named_takes_it_from_every_other_field() -> None:
    columns = Columns(["text", "title", "Body text", "source"], {"text": "TITLE", "url": "nowhere"})
    assert (list(columns["text"]), list(columns["title"])) == (["title"], [])
    assert columns.unknown == {"url": "nowhere"}


def test_the_longest_text_counts_and_an_opening_is_partial() -> None:
    assert one(title="A", content=PIER, description=SHORT).text == PIER
    assert one(title="A", body=SHORT, full_text=PIER).partial is False
    opening = one(title="A", content=f"{SHORT}… [+1,234 chars]", description="Short")
    assert (opening.text, opening.partial) == (f"{SHORT}…", True)
    gnews = one(title="A", content=f"{SHORT}... [5323 chars]", description=PIER)
    assert (gnews.text, gnews.partial) == (PIER, True)
    summary = one(title="A", url="https://x.org", description=SHORT)
    assert (summary.text, summary.partial) == (SHORT, True)


def test_a_number_is_no_id_that_holds_elsewhere() -> None:
    assert one(id="a-7", text="x").id == "a-7"
    assert one(id=7, text="x").id == one(text="x").id
    data = b'{"id": 7, "text": "x"}'
    assert remarks_in(data) == []
    assert articles_in(data, columns={"id": "id"})[0].id == "7"


def test_several_sections_are_kept_apart() -> None:
    article = one(text="x", categories=["World", "Arts, Culture & Life", "World"])
    assert article.section == "World; Arts, Culture & Life"


def test_the_first_value_that_fits_counts() -> None:
    article = one(
        text="x", published="soon", date="2023-05-04", url="/a", link="https://x.org/a",
        source="https://x.org", publisher={"name": "Orlet"}, author=3, byline="BY: Ida Brun",
        category=[4, 9], section={"id": 1, "name": "World"}, language="en_US",
    )  # fmt: skip
    assert article.published == datetime.date(2023, 5, 4)
    assert (article.url, article.source) == ("https://x.org/a", "Orlet")
    assert (article.author, article.section) == ("Ida Brun", "World")
    assert article.language == "en-US"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("<p>One &amp; two.</p><p>Three<br>four.</p>", "One & two.\nThree\nfour."),
        ("First <b>bold</b> line.\n\nSecond line.", "First bold line.\nSecond line."),
        ("AT&amp;T &notanentity; 5 < 6 > 4", "AT&T &notanentity; 5 < 6 > 4"),
        ("&lt;p&gt;Escaped.&lt;/p&gt;", "Escaped."),
        ("<script>alert(1)</script><p>Kept.</p>", "Kept."),
        (["One.", "<p>Two.</p>"], "One.\nTwo."),
        ("  nan ", ""),
        ("Plain text,\n\n  as it stands.", "Plain text,\n\n  as it stands."),
        (5, None),
        ({"a": "b"}, None),
    ],
)
def test_prose(value: object, said: str | None) -> None:
    assert prose(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["Ida Brun", "Jon Vey", "Ida Brun", None], "Ida Brun, Jon Vey"),
        ("['Ida Brun', 'Jon Vey']", "Ida Brun, Jon Vey"),
        ('["Ida Brun"]', "Ida Brun"),
        ([{"name": "Ida Brun", "url": "x"}, {"firstname": "Jon", "lastname": "Vey"}],
         "Ida Brun, Jon Vey"),
        ({"displayName": "Ida Brun", "image": {"url": "x"}}, "Ida Brun"),
        (3, ""), ("17", ""), (None, ""), ("None", ""), ([], ""), ({}, ""), (True, ""),
    ],
)  # fmt: skip
def test_names(value: object, said: str) -> None:
    assert names_in(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1683158400.0, "1683158400"), (float("nan"), ""), (1.5, "1.5"), (True, ""),
        (datetime.datetime(2023, 5, 4, 10), "2023-05-04T10:00:00"), (" a \n b ", "a b"),
        ("Pier <i>closes</i> &#8211; again", "Pier closes – again"), (b"bytes", ""),
    ],
)  # fmt: skip
def test_one_line(value: object, said: str) -> None:
    assert one_line(value) == said


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("en", "en"), ("EN", "en"), ("en_US", "en-US"), ("eng", "en"), ("English", "en"),
        ("german", "de"), ("Klingonish", "Klingonish"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_language(value: object, tag: str) -> None:
    assert language_tag(value) == tag
