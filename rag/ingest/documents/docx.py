"""Read documents of Word (DOCX, DOCM).

python-docx opens the package, finds its parts and the fields of the document. The text is taken
from the elements themselves, since python-docx leaves out what stands in content controls, text
boxes, insertions that nobody has accepted yet, and footnotes. Deletions, hidden text, comments,
running heads, pictures and macros are left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rag.ingest.documents.paragraphs import Paragraphs
from rag.ingest.documents.written import Written, read_written
from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.ingest.zip_files import ZipFiles, zip_holds
from rag.wording import note

if TYPE_CHECKING:
    from docx.opc.package import OpcPackage
    from docx.opc.part import Part
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_HIDDEN = f"{_W}rPr/{_W}vanish"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", _FALLBACK))
_CHARACTERS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "\u2011"}
_TITLES = ("title", "heading 1", "heading 2")


def is_docx(data: bytes) -> bool:
    return zip_holds(data, b"[Content_Types].xml") and zip_holds(data, b"word/")


def read_docx(source: Source) -> Iterator[Found]:
    """Yield the article of a document. Raises Unreadable."""
    ZipFiles(source.data, source.budget).check()
    try:
        document = _document(source.data)
    except Exception:  # python-docx and lxml: of many kinds, for what is no such document.
        raise Unreadable(note("document_broken")) from None
    yield from read_written(source, document)


def _document(data: bytes) -> Written:
    from docx.package import Package

    package = Package.open(io.BytesIO(data))
    main = next(_related(package, "officeDocument"))
    names = _style_names(_related(main, "styles"))
    body, headings = _lines(_element(main), names)
    notes = []
    for part in (*_related(main, "footnotes"), *_related(main, "endnotes")):
        for one in _element(part):
            if one.get(f"{_W}type", "normal") == "normal":
                notes.append(" ".join(filter(None, _lines(one, names)[0])))
    fields = package.core_properties
    heading = next((headings[kind] for kind in _TITLES if kind in headings), "")
    return Written(body, notes, heading, fields.title, fields.author, fields.language or "")


def _lines(root: _Element, names: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The lines that an element holds, and the first paragraph of each kind of heading."""
    from lxml.etree import iterwalk

    paragraphs = Paragraphs()
    opened = {
        f"{_W}p": paragraphs.open_paragraph,
        f"{_W}tr": paragraphs.open_row,
        f"{_W}tc": paragraphs.open_cell,
    }
    closed: dict[str, Any] = {f"{_W}tr": paragraphs.close_row, f"{_W}tc": paragraphs.close_cell}
    headings: dict[str, str] = {}
    walk = iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if tag in _LEFT_OUT or (tag == f"{_W}r" and element.find(_HIDDEN) is not None):
            if event == "start":
                walk.skip_subtree()
        elif event == "start":
            opened.get(tag, lambda: None)()
            if tag in (f"{_W}t", _MATH_TEXT):
                paragraphs.add(element.text or "")
            paragraphs.add(_CHARACTERS.get(tag, ""))
        elif tag == f"{_W}p":
            line = paragraphs.close_paragraph()
            style = element.find(f"{_W}pPr/{_W}pStyle")
            if line and style is not None:
                headings.setdefault(names.get(style.get(f"{_W}val", ""), ""), line)
        else:
            closed.get(tag, lambda: None)()
    return paragraphs.lines, headings


def _style_names(parts: Iterable[Part]) -> dict[str, str]:
    """The name of each style by its id; Word keeps the names of its own in English."""
    names: dict[str, str] = {}
    for style in (style for part in parts for style in _element(part).iter(f"{_W}style")):
        name = style.find(f"{_W}name")
        if name is not None:
            names[style.get(f"{_W}styleId", "")] = name.get(f"{_W}val", "").lower()
    return names


def _related(part: OpcPackage | Part, kind: str) -> Iterator[Part]:
    """The parts of a kind that belong to a part, by the last word of the relation's address, of
    which there are two: that of the standard's strict form is another."""
    for relation in part.rels.values():
        if relation.reltype.rpartition("/")[2] == kind and not relation.is_external:
            yield relation.target_part


def _element(part: Part) -> _Element:
    from docx.opc.part import XmlPart
    from docx.oxml.parser import parse_xml

    if isinstance(part, XmlPart) and part.element.tag.startswith(_W):
        return part.element
    return parse_xml(part.blob.replace(_STRICT, _W[1:-1].encode()))
