"""OpenDocument texts: all that they show, with the fields that can be believed."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
from growth import LINEAR, growth
from hypothesis import given
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

from rag.types import Article

KIND = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = " ".join(
    f'xmlns:{name}="{KIND}{name}:1.0"' for name in ("office", "text", "table", "style", "meta")
)
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
STYLES = (
    '<office:automatic-styles><style:style style:name="P1" style:parent-style-name="Title"/>'
    "</office:automatic-styles>"
)
META = (
    f"<office:document-meta {SPACES} {DC}><office:meta><dc:title>Template</dc:title>"
    "<meta:initial-creator>Sok Chan</meta:initial-creator><dc:creator>The Desk</dc:creator>"
    "<dc:date>2020-01-01</dc:date><dc:language>en-GB</dc:language></office:meta>"
    "</office:document-meta>"
)


def odt(body: str, meta: str = META, head: str = "", manifest: str = "<m/>") -> bytes:
    packed = io.BytesIO()
    content = (
        f'<?xml version="1.0"?>{head}<office:document-content {SPACES} {DC}>{STYLES}<office:body>'
        f"<office:text>{body}</office:text></office:body></office:document-content>"
    )
    with zipfile.ZipFile(packed, "w") as bundle:
        bundle.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        bundle.writestr("META-INF/manifest.xml", manifest)
        bundle.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
        bundle.writestr("meta.xml", meta)
    return packed.getvalue()


ARTICLE = (
    '<text:p text:style-name="P1">River rises</text:p>\n<text:p>By Ida Brun</text:p>'
    f"<text:p>9 May 2023</text:p><text:p>{RIVER}<text:note><text:note-citation>1"
    "</text:note-citation><text:note-body><text:p>By Monday noon.</text:p></text:note-body>"
    "</text:note> It rained.</text:p>"
    f"<text:h text:outline-level='2'>What comes next</text:h><text:p>{RELIEF}</text:p>"
    "<table:table><table:table-row><table:table-cell><text:p>Kratie</text:p></table:table-cell>"
    "<table:table-cell><text:p>400</text:p></table:table-cell></table:table-row></table:table>"
    "<text:list><text:list-item><text:p>One boat</text:p></text:list-item></text:list>"
)


def test_fields_and_text() -> None:
    assert articles_in(odt(ARTICLE), "a.odt") == [
        Article(
            f"{RIVER} It rained.\nWhat comes next\n{RELIEF}\nKratie\t400\nOne boat"
            "\n\nBy Monday noon.",
            title="River rises",
            author="Ida Brun",
            published=datetime.date(2023, 5, 9),
            language="en-GB",
            origin="a.odt",
            format="odt",
        )
    ]


def test_the_author_of_the_document_is_used_where_the_text_has_none() -> None:
    (found,) = articles_in(odt(f"<text:p>{RIVER} {RELIEF}</text:p>"))
    assert (found.title, found.author, found.published) == ("Template", "Sok Chan", None)


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("rose<text:s text:c='2'/>by<text:tab/>two", "rose  by\ttwo"),
        ("rose<text:line-break/>by two", "rose\nby two"),
        ("rose\n   by\n   two", "rose by two"),
        ("rose <text:span>by</text:span> <text:a>two</text:a>", "rose by two"),
        ("rose<office:annotation><text:p>Why?</text:p></office:annotation> fast", "rose fast"),
    ],
)
def test_what_is_shown_is_the_text(xml: str, text: str) -> None:
    (found,) = articles_in(odt(f"<text:p>{RIVER}</text:p><text:p>It {xml}</text:p>"))
    assert found.text == f"{RIVER}\nIt {text}"


def test_what_was_deleted_and_made_of_the_text_is_left_out() -> None:
    body = (
        f"<text:tracked-changes><text:p>{BRIDGE}</text:p></text:tracked-changes>"
        f"<text:table-of-content><text:p>What comes next 3</text:p></text:table-of-content>"
        f"<text:p>{RIVER}</text:p><text:p>{RELIEF}</text:p>"
    )
    (found,) = articles_in(odt(body))
    assert found.text == f"{RIVER}\n{RELIEF}"


def test_damaged_documents_are_refused() -> None:
    data = odt(ARTICLE)
    for broken in (data[:-99], odt("<text:p>"), odt("</office:text>")):
        (reason,) = reasons_in(broken)
        assert "a broken document" in reason
    (reason,) = reasons_in(odt("<text:p> </text:p>"))
    assert "a document without text" in reason
    (reason,) = reasons_in(odt(ARTICLE, manifest="<m><encryption-data/></m>"))
    assert reason == "encrypted: save it without a password"


def test_entities_are_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 99}">' for n in range(1, 9))
    head = f'<!DOCTYPE a [<!ENTITY e0 "{RIVER}">{bomb}]>'
    holds(odt(f"<text:p>{RIVER} &e8;</text:p>", head=head))


@generated
@given(cut_or_altered(odt(ARTICLE)))
def test_cut_and_altered_documents(data: bytes) -> None:
    holds(data)


@pytest.mark.parametrize(
    "body",
    [f"<text:p>{RIVER}</text:p>", "<text:p>a<text:s text:c='999999999'/></text:p>"],
    ids=["paragraphs", "spaces"],
)
def test_linear_time(body: str) -> None:
    assert growth(holds, lambda n: odt(body * n), 1000) < LINEAR
