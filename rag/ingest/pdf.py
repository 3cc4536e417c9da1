"""Extract the article of a PDF file.

Owns which of a document's own fields are used, and what its pages are called. The words are as
pypdf gives them, in its order; `rag.ingest.paragraphs` joins their lines.

The day on which a PDF was made is not the day on which an article was published, so there is none.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.ingest.documents.properties import author_in, line_of, title_in
from rag.ingest.encoding import fit
from rag.ingest.failure import Found, Unreadable
from rag.ingest.limits import Budget
from rag.ingest.paragraphs import paragraphs
from rag.ingest.source import Source
from rag.types import Article, Page
from rag.wording import note

if TYPE_CHECKING:
    from pypdf import PdfReader

_STREAM = 20_000_000
"""Bytes that one stream of a PDF may unpack to: text, of a page or a font."""
_START = re.compile(rb"\s*%PDF-")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def is_pdf(data: bytes) -> bool:
    return _START.match(data, 0, 1024) is not None


def read_pdf(source: Source) -> Iterator[Found]:
    """Yield the article of a PDF.

    Raises Unreadable for one that is broken, encrypted, without text, or over a bound.
    """
    # Imported here: only PDFs need it.
    import pypdf
    from pypdf.errors import LimitReachedError

    # It logs every fault that it mends.
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    bounds = pypdf.get_configuration().with_overwrites(
        array_based_stream_maximum_output_length=_STREAM,
        lzw_maximum_output_length=_STREAM,
        run_length_maximum_output_length=_STREAM,
        zlib_maximum_output_length=_STREAM,
        stream_parsing_work_maximum_count=500_000,
    )
    try:
        with pypdf.apply_configuration(bounds):
            yield _article(source.name, pypdf.PdfReader(io.BytesIO(source.data)), source.budget)
    except Unreadable:
        raise
    except LimitReachedError:
        raise Unreadable(note("pdf_over_size")) from None
    except Exception:  # pypdf: "broken PDF files might cause other exceptions" than its own.
        raise Unreadable(note("pdf_broken")) from None


def _article(file: str, reader: PdfReader, budget: Budget) -> Article:
    limits = budget.limits
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable(note("pdf_encrypted"))
    count = len(reader.pages)
    if count > limits.pages:
        raise Unreadable(note("pdf_over_pages", n=count, most=limits.pages))

    def in_time(*_: Any) -> None:
        if budget.late():
            raise Unreadable(note("pdf_over_seconds", n=f"{limits.seconds:,}"))

    pages: list[str] = []
    characters = 0
    for page in reader.pages:
        in_time()
        pages.append(fit(page.extract_text(visitor_operand_before=in_time)))
        characters += len(pages[-1])
        if characters > limits.characters:
            raise Unreadable(note("pdf_over_characters", n=limits.characters))
    text, starts = paragraphs(pages)
    if not any(c.isalnum() for c in text):
        raise Unreadable(note("pdf_pictures"))
    said: Mapping[str, Any] = reader.metadata or {}
    return Article(
        text,
        title=title_in(said.get("/Title")),
        author=author_in(said.get("/Author")),
        language=_language(reader),
        origin=file,
        pages=_pages(starts, reader),
    )


def _pages(starts: Sequence[int], reader: PdfReader) -> tuple[Page, ...]:
    """The pages that start there, by the names that the document gives them."""
    try:
        labels = [line_of(label) for label in reader.page_labels]
    except Exception:  # As above: broken labels make no text unreadable.
        labels = []
    if len(labels) != len(starts):
        labels = [""] * len(starts)
    return tuple(
        Page(number, start, label="" if label == str(number) else label)
        for number, (start, label) in enumerate(zip(starts, labels, strict=True), 1)
    )


def _language(reader: PdfReader) -> str:
    written = str(reader.root_object.get("/Lang", "")).strip()
    return written if _LANGUAGE.fullmatch(written) else ""
