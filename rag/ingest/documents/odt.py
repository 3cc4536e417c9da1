"""Read OpenDocument texts (ODT).

The file is a zip of XML files, which lxml reads; the library that there is for the format has seen
no release since 2020. Deletions that are tracked, comments, tables of contents, running heads and
pictures are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.ingest.documents.paragraphs import Paragraphs
from rag.ingest.documents.written import Written, read_written
from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.ingest.xml import parse_xml
from rag.ingest.zip_files import ZipFiles, zip_holds
from rag.wording import note

if TYPE_CHECKING:
    from lxml.etree import _Element

_START = re.compile(rb"PK.{28}mimetypeapplication/vnd\.oasis\.opendocument\.(text)?", re.DOTALL)
_OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT = f"{{{_OPEN_DOCUMENT}text:1.0}}"
_TABLE = f"{{{_OPEN_DOCUMENT}table:1.0}}"
_STYLE = f"{{{_OPEN_DOCUMENT}style:1.0}}"
_OFFICE = f"{{{_OPEN_DOCUMENT}office:1.0}}"
_META = f"{{{_OPEN_DOCUMENT}meta:1.0}}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PARAGRAPHS = frozenset((f"{_TEXT}p", f"{_TEXT}h"))
_LEFT_OUT = frozenset(
    (
        f"{_OFFICE}annotation",
        f"{_TEXT}tracked-changes",
        f"{_TEXT}note-citation",
        *(f"{_TEXT}{kind}-index" for kind in ("alphabetical", "illustration", "table", "object")),
        f"{_TEXT}table-of-content",
        f"{_TEXT}bibliography",
    )
)
_MOST_SPACES = 100


def is_odt(data: bytes) -> bool:
    """Whether a file says so at its start, or has the files of such a document."""
    if start := _START.match(data):
        return start[1] is not None
    return zip_holds(data, b"content.xml") and zip_holds(data, b"META-INF/manifest.xml")


def read_odt(source: Source) -> Iterator[Found]:
    """Yield the article of a document. Raises Unreadable."""
    files = ZipFiles(source.data, source.budget)
    if files.holds("META-INF/manifest.xml"):
        manifest = files.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise Unreadable(note("unread_encrypted"))
    try:
        content, meta = (
            parse_xml(files.read(name)) if files.holds(name) else None
            for name in ("content.xml", "meta.xml")
        )
        document = _document(content, meta)
    except Unreadable:
        raise
    except Exception:  # lxml: for what is no XML.
        raise Unreadable(note("document_broken")) from None
    yield from read_written(source, document)


def _document(content: _Element | None, meta: _Element | None) -> Written:
    body = content.find(f".//{_OFFICE}text") if content is not None else None
    if content is None or body is None:
        raise Unreadable(note("document_broken"))
    parents = {
        style.get(f"{_STYLE}name"): style.get(f"{_STYLE}parent-style-name")
        for style in content.iter(f"{_STYLE}style")
    }
    document = Written()
    headings = _walk(body, document, parents)
    document.heading = headings.get("Title", "") or headings.get("h", "")
    if meta is not None:
        document.title = meta.findtext(f".//{_DC}title")
        creators = (f".//{_META}initial-creator", f".//{_DC}creator")
        document.author = next(filter(None, map(meta.findtext, creators)), "")
        document.language = (meta.findtext(f".//{_DC}language") or "").strip()
    return document


def _walk(
    root: _Element, document: Written, parents: dict[str | None, str | None]
) -> dict[str, str]:
    """Collect the lines of a document, and return its first title and heading."""
    from lxml.etree import iterwalk

    headings: dict[str, str] = {}
    text, footnote = Paragraphs(), Paragraphs()
    inside = text
    walk = iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start" and tag in _LEFT_OUT:
            walk.skip_subtree()
        elif event == "start":
            inside = footnote if tag == f"{_TEXT}note-body" else inside
            _open(inside, element)
        else:
            if tag in _PARAGRAPHS and tag not in _LEFT_OUT:
                line = inside.close_paragraph()
                style = element.get(f"{_TEXT}style-name")
                kind = "h" if tag == f"{_TEXT}h" else parents.get(style) or style or ""
                if line and inside is text:
                    headings.setdefault(kind, line)
            elif tag == f"{_TABLE}table-row":
                inside.close_row()
            elif tag == f"{_TABLE}table-cell":
                inside.close_cell()
            elif tag == f"{_TEXT}note-body":
                document.notes.append(" ".join(filter(None, footnote.lines)))
                footnote.lines.clear()
                inside = text
            inside.add(_collapsed(element.tail))
    document.lines = text.lines
    return headings


def _open(inside: Paragraphs, element: _Element) -> None:
    tag = element.tag
    if tag in _PARAGRAPHS:
        inside.open_paragraph()
    elif tag == f"{_TABLE}table-row":
        inside.open_row()
    elif tag == f"{_TABLE}table-cell":
        inside.open_cell()
    elif tag == f"{_TEXT}s":
        count = element.get(f"{_TEXT}c", "1")
        inside.add(" " * (min(int(count), _MOST_SPACES) if count.isdecimal() else 1))
    elif tag == f"{_TEXT}tab":
        inside.add("\t")
    elif tag == f"{_TEXT}line-break":
        inside.add("\n")
    inside.add(_collapsed(element.text))


def _collapsed(text: str | None) -> str:
    """White space as the format means it: more of it than one space is written as an element."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")
