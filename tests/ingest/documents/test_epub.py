"""E-books: a chapter is an article, the book its source."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable

import pytest
from growth import LINEAR, growth
from hypothesis import given
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in, remarks_in

from rag.types import Article

CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
META = (
    "<dc:title>The Orlet Weekly</dc:title><dc:creator>Ida Brun</dc:creator>"
    "<dc:language>en</dc:language><dc:date opf:event='creation'>2024-01-01</dc:date>"
    "<dc:date opf:event='publication'>2023-05-09T22:00:00+00:00</dc:date>"
)


def page(body: str, title: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>{title}</title><style>p {{ color: red }}</style></head>"
        f"<body>{body}</body></html>"
    )


CHAPTERS = {
    "cover.xhtml": page("<p>The Orlet Weekly</p>"),
    "one.xhtml": page(f"<h1>River rises</h1><p>By Sok Chan</p><p>{RIVER}</p><p>{RELIEF}</p>"),
    "part two.xhtml": page(f"<p>{BRIDGE}</p><p>{RELIEF}</p>"),
}
NCX = (
    "<ncx><navMap><navPoint><navLabel><text>The bridge</text></navLabel>"
    "<content src='part%20two.xhtml#top'/></navPoint></navMap></ncx>"
)


def epub(chapters: dict[str, str] = CHAPTERS, meta: str = META, **more: str) -> bytes:
    items = "".join(
        f"<item id='c{n}' href='{name.replace(' ', '%20')}' media-type='application/xhtml+xml'/>"
        for n, name in enumerate(chapters)
    )
    spine = "".join(f"<itemref idref='c{n}'/>" for n in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:opf="http://www.idpf.org/2007/opf"><metadata>{meta}</metadata><manifest>{items}'
        "<item id='n' href='nav.xhtml' properties='nav' media-type='application/xhtml+xml'/>"
        "<item id='x' href='toc.ncx' media-type='application/x-dtbncx+xml'/></manifest>"
        f"<spine toc='x'><itemref idref='n'/>{spine}</spine></package>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        bundle.writestr("META-INF/container.xml", CONTAINER)
        bundle.writestr("OEBPS/book.opf", package)
        more.setdefault("OEBPS/nav.xhtml", page("<nav><a href='one.xhtml'>The river</a></nav>"))
        bundle.writestr("OEBPS/toc.ncx", NCX)
        for name, content in {**chapters, **more}.items():
            bundle.writestr(name if "/" in name else f"OEBPS/{name}", content)
    return packed.getvalue()


def test_chapters_are_articles_of_the_book() -> None:
    book = {
        "source": "The Orlet Weekly",
        "published": datetime.date(2023, 5, 9),
        "language": "en",
        "format": "epub",
    }
    assert articles_in(epub(), "a.epub") == [
        Article(
            f"{RIVER}\n{RELIEF}",
            title="River rises",
            author="Sok Chan",
            origin="a.epub/OEBPS/one.xhtml",
            **book,
        ),
        Article(
            f"{BRIDGE}\n{RELIEF}",
            title="The bridge",
            author="Ida Brun",
            origin="a.epub/OEBPS/part two.xhtml",
            **book,
        ),
    ]
    assert reasons_in(epub()) == []
    assert remarks_in(epub()) == ["1 part without prose, such as a cover, was left out"]


@pytest.mark.parametrize(
    ("meta", "day"),
    [
        ("<dc:date>0101-01-01T00:00:00+00:00</dc:date>", None),
        ("<dc:date>2023</dc:date>", None),
        ("<dc:date opf:event='modification'>2023-05-09</dc:date>", None),
        ("<dc:date>2023-05-09</dc:date>", datetime.date(2023, 5, 9)),
    ],
)
def test_days_of_publication(meta: str, day: datetime.date | None) -> None:
    assert {found.published for found in articles_in(epub(meta=meta))} == {day}


def test_a_damaged_book() -> None:
    data = epub()
    (reason,) = reasons_in(data[:-99])
    assert "a broken document" in reason
    (reason, *others) = reasons_in(epub({"one.xhtml": CHAPTERS["one.xhtml"], "two.xhtml": ""}))
    assert (others, reason) == ([], "empty: it holds no text")
    encryption = "<e><CipherReference URI='OEBPS/one.xhtml'/><CipherReference URI='a.ttf'/></e>"
    locked = epub(**{"META-INF/encryption.xml": encryption})
    assert reasons_in(locked) == ["encrypted: save it without a password"]
    assert [found.title for found in articles_in(locked)] == ["The bridge"]


def test_entities_are_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 99}">' for n in range(1, 9))
    head = f'<!DOCTYPE html [<!ENTITY e0 "x">{bomb}]>'
    holds(epub({"one.xhtml": head + page(f"<p>{RIVER} &e8;</p>")}))
    holds(epub(meta=f"<dc:title>&e8;</dc:title>{META}"))


@generated
@given(cut_or_altered(epub()))
def test_cut_and_altered_books(data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: epub({f"{i}.xhtml": CHAPTERS["one.xhtml"] for i in range(n)}), 40),
        (lambda n: epub({"one.xhtml": page(f"<p>{RIVER}</p>" + "<h1 " * n)}), 20_000),
        (lambda n: epub(**{"OEBPS/nav.xhtml": "<a href='x' " * n}), 20_000),
    ],
    ids=["chapters", "headings", "contents"],
)
def test_linear_time(make: Callable[[int], bytes], size: int) -> None:
    assert growth(holds, make, size) < LINEAR
