"""Read an export: one article for each of its documents."""

from __future__ import annotations

from collections.abc import Iterator

from rag.ingest.coverage import left_out
from rag.ingest.encoding import decode_html
from rag.ingest.exports.document import article_of
from rag.ingest.exports.html import HINT, export_text
from rag.ingest.exports.layouts import layout_of, seen, split
from rag.ingest.failure import Found
from rag.ingest.html.page import is_html, read_html
from rag.ingest.source import Source
from rag.types import Article


def is_export(text: str) -> bool:
    """Whether a text is the export of a news database."""
    return layout_of(text) is not None


def read_export(source: Source, text: str) -> Iterator[Found]:
    """Yield the articles of an export, whatever file its text was taken from."""
    layout = layout_of(text)
    assert layout is not None
    lines = text.split("\n")
    documents = split(lines, layout)
    articles: list[Article] = []
    for ordinal, document in enumerate(documents, 1):
        origin = f"{source.name}#{ordinal}" if len(documents) > 1 else source.name
        article = article_of(layout.read(document), source.options.dates, origin, layout.name)
        if article:
            articles.append(article)
    yield from articles
    yield from left_out(source.name, text, articles, seen(lines, layout))


def may_be_html_export(data: bytes) -> bool:
    """Whether a page names a database; whether it is an export shows in its text only."""
    return is_html(data) and HINT.search(data) is not None


def html_export(data: bytes) -> str:
    """The text of a page that is an export, "" for any other page. Raises Unreadable."""
    text = export_text(decode_html(data).text) if HINT.search(data) else ""
    return text if is_export(text) else ""


def read_html_export(source: Source) -> Iterator[Found]:
    """Yield the articles of an export in HTML, or of a page that is none. Raises Unreadable."""
    text = html_export(source.data)
    yield from read_export(source, text) if text else read_html(source)
