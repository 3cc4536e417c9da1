"""Choose the reader of a file by its content, whatever its name.

Knows nothing of folders and zips, nor of what one format looks like inside.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.ingest.encoding import decode
from rag.ingest.failure import Failure
from rag.ingest.html_page import is_html, read_html
from rag.ingest.limits import Budget
from rag.ingest.pdf import is_pdf, read_pdf
from rag.ingest.records import csv_delimiter, is_json, read_csv, read_json_lines
from rag.ingest.text_page.split import read_page
from rag.types import Article


def read(file: str, data: bytes, budget: Budget) -> Iterator[Article | Failure]:
    """Yield the articles of a file, and what of it could not be read. Raises Unreadable."""
    if is_pdf(data):
        yield read_pdf(file, data, budget)
    elif is_html(data):
        yield from read_html(file, data)
    else:
        yield from _read_text(file, decode(data))


def _read_text(file: str, text: str) -> Iterator[Article | Failure]:
    if is_json(text):
        yield from read_json_lines(file, text)
    elif delimiter := csv_delimiter(text):
        yield from read_csv(file, text, delimiter)
    else:
        pages = read_page(text)
        for ordinal, found in enumerate(pages, 1):
            yield Article(
                found.text,
                title=found.title,
                source=found.source,
                author=found.author,
                published=found.published,
                origin=f"{file}#{ordinal}" if len(pages) > 1 else file,
            )
