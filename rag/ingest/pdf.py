"""Extract the article of a PDF file.

Owns which of a document's own fields are used, and what its pages are called. The words are as
pypdf gives them, in its order; `rag.ingest.paragraphs` joins their lines.

The day on which a PDF was made is not the day on which an article was published, so there is none.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.ingest.documents.properties import author_in, line_of, title_in
from rag.ingest.encoding import fit
from rag.ingest.exports.read import is_export, read_export
from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.fields import language_tag
from rag.ingest.limits import Budget
from rag.ingest.ocr.engines import FEW, Recognised, engines, letters_in
from rag.ingest.ocr.pages import blank_pages, named, recognise_pages
from rag.ingest.ocr.render import can_render, rendered
from rag.ingest.paragraphs import paragraphs
from rag.ingest.source import Source
from rag.types import Article, Page
from rag.wording import note

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_STREAM = 20_000_000
"""Bytes that one stream of a PDF may unpack to: text, of a page or a font."""
_SCAN = 200_000
"""Pixels of an image that may be a scanned page; a logo has fewer."""
_OUTLINES = 2_000
"""Bytes of drawing that may be letters as outlines; a frame or a rule takes fewer."""
_START = re.compile(rb"\s*%PDF-")


def is_pdf(data: bytes) -> bool:
    return _START.match(data, 0, 1024) is not None


def read_pdf(source: Source) -> Iterator[Found]:
    """Yield the article of a PDF.

    The text of scanned pages is recognised where the extra "ocr" is installed. Raises Unreadable
    for one that is broken, encrypted, without text, or over a bound.
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
            yield from _read(source, pypdf.PdfReader(io.BytesIO(source.data)))
    except Unreadable:
        raise
    except LimitReachedError:
        raise Unreadable(note("pdf_over_size")) from None
    except Exception:  # pypdf: "broken PDF files might cause other exceptions" than its own.
        raise Unreadable(note("pdf_broken")) from None


def _read(source: Source, reader: PdfReader) -> Iterator[Found]:
    """Yield the article of an opened document, and what there is to say of its scanned pages."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable(note("pdf_encrypted"))
    texts = _texts(reader, source.budget)
    recognised = yield from _recognised(source, reader, texts)
    for number, one in recognised.items():
        texts[number - 1] = one.text
    lines = "\n".join(texts)
    if is_export(lines):
        # The pages are those of the export, no paper's.
        yield from read_export(source, lines)
        return
    text, starts = paragraphs(texts)
    if not letters_in(text):
        raise Unreadable(note("empty"))
    said: Mapping[str, Any] = reader.metadata or {}
    yield Article(
        text,
        title=title_in(said.get("/Title")),
        author=author_in(said.get("/Author")),
        language=_language(reader),
        origin=source.name,
        pages=_pages(starts, reader, recognised),
    )


def _texts(reader: PdfReader, budget: Budget) -> list[str]:
    """The text of each page. Raises Unreadable beyond a bound."""
    limits = budget.limits
    count = len(reader.pages)
    if count > limits.pages:
        raise Unreadable(note("pdf_over_pages", n=count, most=limits.pages))

    def in_time(*_: Any) -> None:
        if budget.late():
            raise Unreadable(note("pdf_over_seconds", n=f"{limits.seconds:,}"))

    texts: list[str] = []
    characters = 0
    for page in reader.pages:
        in_time()
        texts.append(fit(page.extract_text(visitor_operand_before=in_time)))
        characters += len(texts[-1])
        if characters > limits.characters:
            raise Unreadable(note("pdf_over_characters", n=limits.characters))
    return texts


def _recognised(
    source: Source, reader: PdfReader, texts: Sequence[str]
) -> Generator[Found, None, dict[int, Recognised]]:
    """Recognise the pages that are pictures. Raises Unreadable for a document of pictures alone
    where that cannot be done; among others they are a failure."""
    scanned = not any(map(letters_in, texts))
    pictures = [
        number
        for number, (page, text) in enumerate(zip(reader.pages, texts, strict=True), 1)
        if _is_picture(page, text, scanned)
    ]
    if not pictures:
        return {}
    if not (engines() and can_render()):
        if scanned:
            raise Unreadable(note("pdf_scanned", n=len(pictures)))
        yield Failure(source.name, note("pages_scanned", pages=named(pictures)))
        return {}
    with rendered(source.data) as picture:
        found = yield from recognise_pages(source, pictures, picture)
    if scanned and sum(letters_in(one.text) for one in found.values()) < FEW:
        raise Unreadable(note("pdf_no_text"))
    yield from blank_pages(source, found)
    # A page may show a photograph beside a few words that it has as text.
    return {
        number: one
        for number, one in found.items()
        if letters_in(one.text) > 2 * letters_in(texts[number - 1])
    }


def _is_picture(page: PageObject, text: str, scanned: bool) -> bool:
    """Whether a page without text, or with a stamp's, shows what may be text; in a document that
    is `scanned`, whatever is drawn on it may be."""
    letters = letters_in(text)
    if letters >= FEW:
        return False
    try:
        drawn = page.get_contents()
        size = 0 if drawn is None else len(drawn.get_data().strip())
        if scanned or (not letters and size > _OUTLINES):
            return size > 0
        return _largest_image(page) >= _SCAN
    except Exception:  # pypdf, as above: what cannot be looked at is no scan.
        return False


def _largest_image(page: PageObject) -> int:
    """The pixels of the largest image of a page."""
    resources: Any = page["/Resources"].get_object()
    objects = resources["/XObject"].get_object() if "/XObject" in resources else {}
    images = [one.get_object() for one in objects.values()]
    sizes = (int(one.get("/Width", 0)) * int(one.get("/Height", 0)) for one in images)
    return max(sizes, default=0)


def _pages(
    starts: Sequence[int], reader: PdfReader, recognised: Mapping[int, Recognised]
) -> tuple[Page, ...]:
    """The pages that start there, by the names that the document gives them."""
    try:
        labels = [line_of(label) for label in reader.page_labels]
    except Exception:  # As above: broken labels make no text unreadable.
        labels = []
    if len(labels) != len(starts):
        labels = [""] * len(starts)
    return tuple(
        Page(
            number,
            start,
            recognised[number].certainty if number in recognised else None,
            "" if label == str(number) else label,
        )
        for number, (start, label) in enumerate(zip(starts, labels, strict=True), 1)
    )


def _language(reader: PdfReader) -> str:
    return language_tag(str(reader.root_object.get("/Lang", "")))
