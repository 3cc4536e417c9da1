"""Feeds: an article for each entry, by its own fields, teasers marked as such."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from growth import LINEAR, growth
from hypothesis import given
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in, remarks_in

from rag.types import Article

ITEM = (
    "<item><title>River rises &amp;amp; falls</title><link>https://example.org/2</link>"
    "<pubDate>Wed, 10 May 2023 00:30:00 +0700</pubDate><dc:creator>Ida Brun</dc:creator>"
    "<category>Provinces</category><category>Rivers</category>"
    f"<description>{RIVER}</description>"
    f"<content:encoded><![CDATA[<p>{RIVER}</p><p>{RELIEF}</p><p>The post <a href='#'>River rises"
    "</a> appeared first on <a href='#'>The Orlet Courier</a>.</p>]]></content:encoded></item>"
)
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'


def rss(*items: str, head: str = DECLARED) -> bytes:
    return (
        f'{head}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Orlet Courier</title>'
        f"<language>en-gb</language>{''.join(items)}</channel></rss>"
    ).encode()


def atom(entry: str) -> bytes:
    return (
        f'{DECLARED}<feed xmlns="http://www.w3.org/2005/Atom"><title>The Courier</title>'
        f"<entry><title>River rises</title><id>1</id>{entry}</entry></feed>"
    ).encode()


@pytest.mark.parametrize("head", [DECLARED, "", "\ufeff", "\n<!-- made by hand -->\n"])
def test_an_entry_with_its_whole_text(head: str) -> None:
    assert articles_in(rss(ITEM, head=head), "a.xml") == [
        Article(
            f"{RIVER}\n{RELIEF}",
            title="River rises & falls",
            source="The Orlet Courier",
            author="Ida Brun",
            published=datetime.date(2023, 5, 10),  # In its own zone; the 9th in UTC.
            url="https://example.org/2",
            language="en-gb",
            section="Provinces",
            origin="a.xml#1",
            format="feed",
        )
    ]
    assert (reasons_in(rss(ITEM)), remarks_in(rss(ITEM))) == ([], [])


@pytest.mark.parametrize(
    ("texts", "text", "partial"),
    [
        (f"<description>{RIVER}</description>", RIVER, True),
        (f"<description>&lt;p&gt;{RIVER}&lt;/p&gt;</description>", RIVER, True),
        (f"<description>{' '.join([RIVER] * 5)}</description>", " ".join([RIVER] * 5), False),
        (f"<content:encoded>{RIVER}</content:encoded>", RIVER, False),
        (f"<content:encoded>{RIVER} […]</content:encoded>", f"{RIVER} […]", True),
        (
            f"<content:encoded>&lt;p&gt;{RIVER}&lt;p&gt;Continue reading →</content:encoded>",
            RIVER,
            True,
        ),
        ("<description>3 &amp;lt; 5 &amp;amp; more</description>", "3 < 5 & more", True),
        ("<description>\n  It rose.\n\n  It fell.\n </description>", "It rose.\n\nIt fell.", True),
        ("<description>The AT&amp;T pier</description>", "The AT&T pier", True),
    ],
)
def test_a_teaser_is_no_article(texts: str, text: str, partial: bool) -> None:
    (found,) = articles_in(rss(f"<item><title>River</title>{texts}</item>"))
    assert (found.text, found.partial) == (text, partial)


def test_atom() -> None:
    data = atom(
        '<link href="https://example.org/7"/><published>2023-05-09T23:30:00+02:00</published>'
        "<updated>2023-06-01T00:00:00Z</updated><author><name>Ida Brun</name></author>"
        "<author><name>Sok Chan</name></author><category term='news' label='News'/>"
        f"<content type='html'>&lt;p&gt;{RIVER}&lt;/p&gt;</content><summary>{RELIEF}</summary>"
    )
    assert articles_in(data, "a.atom") == [
        Article(
            RIVER,
            title="River rises",
            source="The Courier",
            author="Ida Brun, Sok Chan",
            published=datetime.date(2023, 5, 9),
            url="https://example.org/7",
            section="News",
            origin="a.atom#1",
            format="feed",
        )
    ]
    xhtml = "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>It rose.</p></div>"
    (found,) = articles_in(atom(f"{xhtml}</content><updated>2023-06-01</updated>"))
    assert (found.text, str(found.published)) == ("It rose.", "2023-06-01")


def test_rdf() -> None:
    data = (
        f'{DECLARED}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel><title>The Courier</title></channel><item><title>River rises</title>"
        f"<link>https://example.org/9</link><description>{RIVER}</description>"
        "<dc:date>2023-05-09T18:02:11+02:00</dc:date><dc:creator>Ida Brun</dc:creator></item>"
        "</rdf:RDF>"
    ).encode()
    (found,) = articles_in(data)
    assert (found.title, found.source, found.author) == ("River rises", "The Courier", "Ida Brun")
    assert (str(found.published), found.partial) == ("2023-05-09", True)


@pytest.mark.parametrize(
    ("fields", "author", "day"),
    [
        ("<author>ida@b.example (Ida Brun)</author>", "Ida Brun", None),
        ("<author>ida@b.example</author>", "", None),
        ("<dc:creator>The Orlet Courier</dc:creator>", "", None),
        ("<pubDate>Tue, 9 May 23 18:02:11 EST</pubDate>", "", "2023-05-09"),
        ("<pubDate>09/05/2023</pubDate>", "", None),
    ],
)
def test_fields_that_are_written_otherwise(fields: str, author: str, day: str | None) -> None:
    item = f"<item><title>River</title>{fields}<description>{RIVER}</description></item>"
    (found,) = articles_in(rss(item))
    assert (found.author, str(found.published or "")) == (author, day or "")


def test_entries_without_a_text_are_counted() -> None:
    data = rss("<item><title>River</title></item>", ITEM, "<item><description/></item>")
    assert [found.origin for found in articles_in(data, "a.xml")] == ["a.xml#2"]
    assert reasons_in(data) == ["2 entries without a text were left out: save their pages"]


def test_a_damaged_feed_gives_what_is_left_and_says_so() -> None:
    data = rss(ITEM, ITEM.replace("River", "Bridge").replace(RIVER, BRIDGE))
    cut = data[: data.rindex(b"<content:encoded>")]
    first, second = articles_in(cut)
    assert (first.title, first.partial) == ("River rises & falls", False)
    assert (second.text, second.partial) == (BRIDGE, True)
    (remark,) = remarks_in(cut)
    assert "XML has faults" in remark
    (reason,) = reasons_in(rss())
    assert reason == "a feed without entries: nothing to read"


def test_nothing_is_fetched_and_no_entity_expanded(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("A secret of the machine")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 99}">' for n in range(1, 9))
    head = f'<!DOCTYPE rss [<!ENTITY s SYSTEM "file://{tmp_path}/secret"><!ENTITY e0 "x">{bomb}]>'
    item = f"<item><title>&s;</title><description>{RIVER} &e8; &s;</description></item>"
    data = rss(item, head=DECLARED + head)
    holds(data)
    assert "secret of" not in "".join(found.text + found.title for found in articles_in(data))


@generated
@given(cut_or_altered(rss(ITEM, "<item><description>It rose.</description></item>")))
def test_cut_and_altered_feeds(data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: rss(ITEM * n), 200),
        (
            lambda n: rss("<item><description>" + "It rose. \n" * n + "</description></item>"),
            20_000,
        ),
        (lambda n: rss("<item>" * n), 1000),
        (lambda n: rss("<item><description>" + "&lt;p&gt;a" * n + "</description></item>"), 5000),
    ],
    ids=["entries", "lines", "open", "markup"],
)
def test_linear_time(make: Callable[[int], bytes], size: int) -> None:
    assert growth(holds, make, size) < LINEAR
