"""Read documents in Rich Text Format.

striprtf gives the text, but for footnotes, which follow it here, and the fields of the document.
Pictures, running heads and the addresses of links are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.ingest.documents.written import Written, read_written
from rag.ingest.encoding import charset
from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.wording import note

_START = re.compile(rb"\s*\{\\rtf")
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_BRACE = re.compile(r"\{(?:\\\*)?\\(footnote|info|pict)\b|\\.|[{}]", re.DOTALL)
_FIELD = r"\{\\%s\b ?((?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.){0,99}\}){0,999})\}"
_CELL = re.compile(r"(\\\\)|\\(?:nest)?cell\b")


def is_rtf(data: bytes) -> bool:
    return _START.match(data, 0, 1024) is not None


def read_rtf(source: Source) -> Iterator[Found]:
    """Yield the article of a document. Raises Unreadable."""
    encoding, document = _decoded(source.data.strip())
    body, notes, info = _parted(document)
    text = _text(body + "".join(rf"\par {one}" for one in notes) + "}", encoding)
    title, author = (
        _text(rf"{{\rtf1 {found[1]}}}", encoding) if found else ""
        for found in (re.search(_FIELD % name, info, re.DOTALL) for name in ("title", "author"))
    )
    lines = [line.strip() for line in text.split("\n")]
    yield from read_written(source, Written(lines, title=title, author=author))


def _decoded(data: bytes) -> tuple[str, str]:
    """The encoding of a document's escaped letters, and its source; what is not escaped should be
    ASCII, and is UTF-8 where some programs wrote it."""
    page = _CODE_PAGE.search(data)
    encoding = charset(f"cp{page[1].decode()}") if page else ""
    encoding = encoding or "cp1252"
    try:
        return encoding, data.decode()
    except UnicodeDecodeError:
        return encoding, data.decode(encoding, "replace")


def _parted(text: str) -> tuple[str, list[str], str]:
    """A document without the brace at its end, footnotes and pictures; footnotes; its fields."""
    body: list[str] = []
    notes: list[str] = []
    info, kind = "", ""
    depth = at = opened = 0
    for brace in _BRACE.finditer(text):
        if brace[0].startswith("{"):
            depth += 1
            if brace[1] and not kind:
                kind, opened = brace[1], depth
                body.append(text[at : brace.start()])
                at = brace.end()
        elif brace[0] == "}":
            if kind and depth == opened:
                inside = text[at : brace.start()]
                at = brace.end()
                if kind == "info":
                    info = inside
                elif kind == "footnote":
                    notes.append(inside)
                kind = ""
            depth -= 1
            if depth == 0:
                return "".join(body) + text[at : brace.start()], notes, info
    return "".join(body) + text[at:], notes, info


def _text(document: str, encoding: str) -> str:
    from striprtf.striprtf import rtf_to_text

    # What is a link to the library would be written out; and its patterns look along a line,
    # which in this format may end anywhere before a group.
    document = document.replace('HYPERLINK "', 'HYPERLINK"').replace("{\\f", "\n{\\f")
    # The library ends a cell with a stroke, which a text may hold, too.
    document = _CELL.sub(lambda found: found[1] or "\\tab", document)
    try:
        return str(rtf_to_text(document, encoding=encoding, errors="replace"))
    except Exception:  # Of several kinds, for control words that are none.
        raise Unreadable(note("document_broken")) from None
