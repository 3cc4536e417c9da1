"""Choose the reader of a file by its content, whatever its name.

Knows nothing of folders, nor of what one format looks like inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from rag.ingest.coverage import documents_in, left_out
from rag.ingest.documents.docx import is_docx, read_docx
from rag.ingest.documents.epub import is_epub, read_epub
from rag.ingest.documents.odt import is_odt, read_odt
from rag.ingest.documents.rtf import is_rtf, read_rtf
from rag.ingest.documents.subtitles import is_sbv, is_srt, is_vtt, read_sbv, read_srt, read_vtt
from rag.ingest.encoding import LINE_ENDS, decode
from rag.ingest.exports.read import (
    is_export,
    may_be_html_export,
    read_export,
    read_html_export,
)
from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.feed import is_feed, read_feed
from rag.ingest.files import read_zip
from rag.ingest.gzip_file import is_gzip, read_gzip
from rag.ingest.html.page import is_html, read_html
from rag.ingest.image import is_image, read_image
from rag.ingest.limits import Budget
from rag.ingest.mail.mailbox import is_mailbox, read_mailbox
from rag.ingest.mail.message import is_message, read_message
from rag.ingest.mail.saved_page import is_saved_page, read_saved_page
from rag.ingest.newswire import is_newsml, is_nitf, read_newsml, read_nitf
from rag.ingest.pdf import is_pdf, read_pdf
from rag.ingest.source import Source
from rag.ingest.tables.csv_file import is_csv, read_csv
from rag.ingest.tables.json_file import is_json, read_json
from rag.ingest.tables.parquet import is_parquet, read_parquet
from rag.ingest.tables.workbook import is_workbook, read_workbook
from rag.ingest.text_page.split import read_page
from rag.ingest.unread import is_unread, refuse
from rag.ingest.warc import is_warc, read_warc
from rag.ingest.zip_files import is_zip
from rag.types import Article


class Binary(NamedTuple):
    """A format that is known by its bytes."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[Source], Iterator[Found]]


class Text(NamedTuple):
    """A format that is known by its text, once that is decoded."""

    name: str
    recognises: Callable[[str], bool]
    read: Callable[[Source, str], Iterator[Found]]


def _read_pages(source: Source, text: str) -> Iterator[Found]:
    pages = read_page(text)
    articles = [
        Article(
            found.text,
            title=found.title,
            source=found.source,
            author=found.author,
            published=found.published,
            origin=f"{source.name}#{ordinal}" if len(pages) > 1 else source.name,
        )
        for ordinal, found in enumerate(pages, 1)
    ]
    yield from articles
    yield from left_out(source.name, text, articles, documents_in(text))


_JSON = re.compile(r"\s*[\[{]")
# The first that recognises a file reads it.
_BINARY = (
    Binary("pdf", is_pdf, read_pdf),
    Binary("docx", is_docx, read_docx),
    Binary("odt", is_odt, read_odt),
    Binary("epub", is_epub, read_epub),
    Binary("rtf", is_rtf, read_rtf),
    Binary("feed", is_feed, read_feed),
    Binary("nitf", is_nitf, read_nitf),
    Binary("newsml", is_newsml, read_newsml),
    Binary("warc", is_warc, read_warc),
    Binary("gzip", is_gzip, read_gzip),
    Binary("mbox", is_mailbox, read_mailbox),
    Binary("mhtml", is_saved_page, read_saved_page),
    Binary("eml", is_message, read_message),
    Binary("html", may_be_html_export, read_html_export),
    Binary("image", is_image, read_image),
    Binary("xlsx", is_workbook, read_workbook),
    Binary("parquet", is_parquet, read_parquet),
    Binary("unread", is_unread, refuse),
    Binary("zip", is_zip, read_zip),
    Binary("html", is_html, read_html),
)
_TEXT = (
    Text("vtt", is_vtt, read_vtt),
    Text("srt", is_srt, read_srt),
    Text("sbv", is_sbv, read_sbv),
    Text("export", is_export, read_export),
    Text("json", is_json, read_json),
    Text("csv", is_csv, read_csv),
    Text("text", lambda _: True, _read_pages),
)


def read(source: Source) -> Iterator[Found]:
    """Yield the articles of a file, and what of it could not be read. Raises Unreadable."""
    source.budget.check_parts(source.data)
    for binary in _BINARY:
        if binary.recognises(source.data):
            yield from _marked(binary.name, binary.read(source), source.budget)
            return
    decoded = decode(source.data)
    _check(decoded.text, source.budget)
    yield from decoded.remarks(source.name)
    for form in _TEXT:
        if form.recognises(decoded.text):
            yield from _marked(form.name, form.read(source, decoded.text), source.budget)
            return


def _check(text: str, budget: Budget) -> None:
    """Raise Unreadable for a text of more lines, or JSON of more values, than the limits allow."""
    if len(text) > min(budget.limits.lines, budget.limits.nodes):
        budget.check_lines(sum(map(text.count, LINE_ENDS)))
        if _JSON.match(text):
            budget.check_nodes(sum(map(text.count, "[{:")))


def read_part(source: Source, name: str, data: bytes) -> Iterator[Found]:
    """Yield what a file inside another holds; that it cannot be read is a failure, too.

    Raises Unreadable where the time of the reading is over.
    """
    source.budget.take_time()
    try:
        yield from read(source.part(name, data))
    except Unreadable as error:
        yield Failure(f"{source.name}/{name}", error.reason)


def _marked(name: str, found: Iterator[Found], budget: Budget) -> Iterator[Found]:
    """Count the articles of a file and name their format, but for those of a file inside it, which
    were counted there. Raises Unreadable beyond a bound."""
    for one in found:
        if isinstance(one, Article) and not one.format:
            budget.take_article(one)
            one = replace(one, format=name)
        yield one
