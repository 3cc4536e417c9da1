"""The XML of news agencies and archives: an article by its own fields."""

from __future__ import annotations

import datetime

from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

from rag.types import Article

NITF = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "http://www.nitf.org/IPTC/NITF/3.3/dtd/nitf-3-3.dtd">
<nitf xml:lang="en"><head><title>River rises - The Orlet Courier</title>
<meta content="Provinces" name="online_sections"/><docdata><date.issue norm="20230508"/></docdata>
<pubdata date.publication="20230509T000000" name="The Orlet Courier"/></head><body>
<body.head><hedline><hl1>River rises</hl1></hedline>
<byline class="print_byline">By IDA BRUN<byttl>Staff Writer</byttl></byline></body.head>
<body.content><block class="lead_paragraph"><p>{RIVER}</p></block>
<block class="full_text"><p>{RIVER}</p><p>{RELIEF}</p></block></body.content></body></nitf>"""

ITEM = f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:1"><itemMeta>
<provider literal="orl"><name>Orlet News Agency</name></provider>
<versionCreated>2023-05-10T08:00:00+02:00</versionCreated></itemMeta><contentMeta>
<contentCreated>2023-05-09T23:30:00+02:00</contentCreated><creator><name>Ida Brun</name></creator>
<language tag="en-GB"/><headline>River rises</headline></contentMeta><contentSet><inlineXML>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><p>{RIVER}</p>
<p>{RELIEF}</p></body></html></inlineXML></contentSet></newsItem>"""


def test_nitf() -> None:
    assert articles_in(NITF.encode(), "a.xml") == [
        Article(
            f"{RIVER}\n{RELIEF}",
            title="River rises",
            source="The Orlet Courier",
            author="IDA BRUN",
            published=datetime.date(2023, 5, 9),
            language="en",
            section="Provinces",
            origin="a.xml",
            format="nitf",
        )
    ]


def test_nitf_without_blocks() -> None:
    content = f"<body.content><p>{BRIDGE}</p><media><caption>x</caption></media></body.content>"
    data = f"<nitf><body><body.head/>{content}</body></nitf>"
    (found,) = articles_in(data.encode())
    assert (found.text, found.title, found.published) == (BRIDGE, "", None)


def test_newsml() -> None:
    expected = Article(
        f"{RIVER}\n{RELIEF}",
        title="River rises",
        source="Orlet News Agency",
        author="Ida Brun",
        published=datetime.date(2023, 5, 9),
        language="en-GB",
        origin="a.xml",
        format="newsml",
    )
    assert articles_in(ITEM.encode(), "a.xml") == [expected]
    message = f"<newsMessage><itemSet>{ITEM}{ITEM.replace(RIVER, BRIDGE)}</itemSet></newsMessage>"
    first, second = articles_in(message.encode(), "a.xml")
    assert (first.origin, first.text) == ("a.xml#1", expected.text)
    assert (second.origin, second.text) == ("a.xml#2", f"{BRIDGE}\n{RELIEF}")


def test_damaged_and_empty_documents() -> None:
    for data in (NITF[:-20], ITEM[:-20]):
        (reason,) = reasons_in(data.encode())
        assert "a broken document" in reason
    (reason,) = reasons_in(b"<nitf><body/></nitf>")
    assert "a document without text" in reason


@generated
@given(st.one_of(cut_or_altered(NITF.encode()), cut_or_altered(ITEM.encode())))
def test_cut_and_altered_documents(data: bytes) -> None:
    holds(data)


def test_linear_time() -> None:
    def make(paragraphs: int) -> bytes:
        return NITF.replace(f"<p>{RELIEF}</p>", f"<p>{RELIEF}</p>" * paragraphs).encode()

    assert growth(holds, make, 1000) < LINEAR
