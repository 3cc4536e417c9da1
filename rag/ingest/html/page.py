"""Read the article of an HTML page.

The text is what the page shows, line by line, of which those are chosen that are the article's; the
fields are what it declares. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.ingest.encoding import BROKEN, Decoded, decode_html, decode_html_in_part, marked, unfit
from rag.ingest.failure import Failure, Found, Remark, Unreadable
from rag.ingest.fields import read_fields
from rag.ingest.html.body import body_of
from rag.ingest.html.declared import declared_fields
from rag.ingest.html.extract import extract
from rag.ingest.html.furniture import take_out
from rag.ingest.html.linked import Linked
from rag.ingest.html.parse import parse
from rag.ingest.source import Source
from rag.types import Article, Note
from rag.wording import note

_SNIFFED = 4096
"""Bytes in which a page's first tag is looked for."""
_START = re.compile(
    r"\s*(?:<!--(?:(?!-->).)*-->\s*|<\?xml\b[^>]*\?>\s*)*<(?:!doctype\s+html|html|head|body|title|meta|base"
    r"|link|article|main|section|header|div|h[1-6]|p|table|font|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)


def is_html(data: bytes) -> bool:
    """Whether a file starts as HTML or XML does."""
    head = data[:_SNIFFED].decode(marked(data) or "latin-1", "ignore").lstrip("\ufeff")
    return bool(_START.match(head) or _XML.match(head))


def read_html(source: Source) -> Iterator[Found]:
    """Yield the article of a page, and what of it cannot be used. Raises Unreadable."""
    decoded, broken = _decoded(source.data)
    yield from decoded.remarks(source.name)
    page = decoded.text
    if _XML.match(page) and not re.search(r"<html\b", page[:_SNIFFED], re.IGNORECASE):
        raise Unreadable(note("xml"))
    tree = parse(page)
    asked = take_out(tree)
    extracted = extract(tree)
    linked = Linked(tree, extracted.title)
    body = body_of(tree, extracted, linked, asked)
    if broken and BROKEN in f"{body.text}{extracted}":
        raise Unreadable(broken)
    if problem := unfit(body.text):
        raise Unreadable(note("text_unfit", problem=problem))
    order = source.options.dates
    fields, problems = read_fields(
        declared_fields(tree, extracted, linked, body.head, order), order
    )
    for problem in problems:
        yield Failure(source.name, problem)
    if body.partial:
        yield Remark(source.name, note("html_partial"))
    yield Article(body.text, origin=source.name, partial=body.partial, **fields)  # type: ignore[arg-type]


def _decoded(data: bytes) -> tuple[Decoded, Note | None]:
    """The source of a page; and what is wrong with its bytes, which may not be the article's."""
    try:
        return decode_html(data), None
    except Unreadable as error:
        if error.reason.key not in ("wrong_encoding", "binary"):
            raise
        return Decoded(decode_html_in_part(data)), error.reason
