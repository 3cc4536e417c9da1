"""A small, good file of each format that Byline reads, of which inputs are made by altering it."""

from __future__ import annotations

import datetime
import gzip
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from eval.datasets.gold import ARTICLES
from eval.reading import made
from rag.evaluation.extra import require

_MADE = 40
"""Articles that are written in the formats of a common archive, each of a few sentences."""
_SENTENCES = 4
_TEXT = (
    "The river rose by two metres on Monday, said Sok Chan of the weather office.",
    "Police brought 312 people to the school in Kratie. It will open again on 9 May 2023.",
)
_PARAGRAPHS = "".join(f"<p>{one}</p>" for one in _TEXT)
_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>River rises</title><meta '
    'property="article:published_time" content="2023-05-09"></head><body><article>'
    f"<h1>River rises</h1>{_PARAGRAPHS}</article></body></html>"
)
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_ODT = (
    f'<office:document-content xmlns:office="{_OASIS}office:1.0" xmlns:text="{_OASIS}text:1.0">'
    f"<office:body><office:text>{''.join(f'<text:p>{one}</text:p>' for one in _TEXT)}"
    "</office:text></office:body></office:document-content>"
)
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book.opf"/></rootfiles></container>'
)
_BOOK = (
    '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<metadata><dc:title>The Post</dc:title></metadata><manifest>"
    '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="c"/></spine></package>'
)
_CHAPTER = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{_PARAGRAPHS}</body></html>'
_NITF = (
    '<nitf><head><title>River rises</title><pubdata date.publication="20230509" name="The Post"/>'
    "</head><body><body.head><hedline><hl1>River rises</hl1></hedline><byline>By Ida Brun</byline>"
    f"</body.head><body.content><block>{_PARAGRAPHS}</block></body.content></body></nitf>"
)
_NEWSML = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/"><itemMeta><provider><name>The Post'
    "</name></provider></itemMeta><contentMeta><contentCreated>2023-05-09T23:30:00+02:00"
    "</contentCreated><headline>River rises</headline></contentMeta><contentSet><inlineXML><html "
    f'xmlns="http://www.w3.org/1999/xhtml"><body>{_PARAGRAPHS}</body></html></inlineXML>'
    "</contentSet></newsItem>"
)
_RTF = r"{\rtf1\ansi{\info{\title River rises}}\f0 " + r"\par ".join(_TEXT) + r"\par}"
_SAVED = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/river\r\n"
    "Subject: River rises\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
    '\ttype="text/html";\r\n\tboundary="--b--"\r\n\r\n----b--\r\nContent-Type: text/html\r\n'
    f"Content-Location: https://example.org/river\r\n\r\n{_PAGE}\r\n----b----\r\n"
)
_HTTP = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{_PAGE}"
_WARC = (
    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/river\r\n"
    "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
    "WARC-Date: 2023-05-09T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
    f"Content-Length: {len(_HTTP.encode())}\r\n\r\n{_HTTP}\r\n\r\n"
)
_TIMES = (("00:00:01", "00:00:04"), ("00:00:05", "00:00:09"))
_SRT = "\n".join(
    f"{n}\n{a},000 --> {b},000\n{text}\n"
    for n, ((a, b), text) in enumerate(zip(_TIMES, _TEXT, strict=True), 1)
)
_VTT = "WEBVTT\n\n" + "\n".join(
    f"{a}.000 --> {b}.000\n{text}\n" for (a, b), text in zip(_TIMES, _TEXT, strict=True)
)
_SBV = "\n".join(
    f"{a[1:]}.000,{b[1:]}.000\n{text}\n" for (a, b), text in zip(_TIMES, _TEXT, strict=True)
)
_PROQUEST = "\n\n".join(
    (
        "Report Information from ProQuest", "Table of contents", "1. River rises", "_" * 40,
        "Document 1 of 1", "River rises", "Author: Ida Brun", "ProQuest document link",
        f"Full text: {_TEXT[0]}", _TEXT[1], "Title: River rises", "Publication title: The Post",
        "Publication date: May 9, 2023", "ProQuest document ID: 25143991", "_" * 40,
        "Contact us at: help", "Copyright © 2023 ProQuest LLC.",
    )
)  # fmt: skip


def seeds() -> list[tuple[str, bytes]]:
    """The ending and the content of each file."""
    found = [(one.suffix, one.read_bytes()) for one in ARTICLES.rglob("*") if one.is_file()]
    with tempfile.TemporaryDirectory() as folder:
        made.make(Path(folder), _MADE, sentences=_SENTENCES)
        files = sorted(one for one in Path(folder).rglob("*") if one.is_file())
        found += [(one.suffix, one.read_bytes()) for one in files]
    return [*found, *_rarer()]


def _rarer() -> Iterator[tuple[str, bytes]]:
    """Files of the formats that `eval.reading.made` does not write."""
    yield ".odt", packed({"mimetype": "application/vnd.oasis.opendocument.text",
                          "content.xml": _ODT})  # fmt: skip
    yield ".epub", packed({"mimetype": "application/epub+zip", "book.opf": _BOOK,
                           "META-INF/container.xml": _CONTAINER, "c.xhtml": _CHAPTER})  # fmt: skip
    texts = {
        ".rtf": _RTF, ".nitf.xml": _NITF, ".newsml.xml": _NEWSML, ".mhtml": _SAVED, ".warc": _WARC,
        ".srt": _SRT, ".vtt": _VTT, ".sbv": _SBV, ".export.txt": _PROQUEST,
    }  # fmt: skip
    for suffix, text in texts.items():
        yield suffix, text.encode()
    yield ".html.gz", gzip.compress(_PAGE.encode(), mtime=0)
    row = {"title": "River rises", "source": "The Post", "date": datetime.date(2023, 5, 9)}
    yield ".xlsx", _workbook([{**row, "text": one} for one in _TEXT])
    yield ".parquet", _parquet([{**row, "text": one} for one in _TEXT])
    yield ".png", _picture()


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A zip of these members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as bundle:
        for name, content in members.items():
            stored = name == "mimetype"  # What documents are known by.
            bundle.writestr(name, content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return data.getvalue()


def _workbook(rows: list[dict[str, object]]) -> bytes:
    book = require("openpyxl").Workbook()
    for row in [list(rows[0]), *(list(one.values()) for one in rows)]:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _parquet(rows: list[dict[str, object]]) -> bytes:
    require("pyarrow")
    import pyarrow
    from pyarrow import parquet

    data = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), data)
    return data.getvalue()


def _picture() -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("L", (420, 60), 255)
    ImageDraw.Draw(picture).text((10, 10), "\n".join(escape(one)[:60] for one in _TEXT), 0)
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()
