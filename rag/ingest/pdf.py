"""Extract the article of a PDF file.

Owns how lines are joined to paragraphs, and which of a document's own fields are used. The words
are as pypdf gives them, in its order. A PDF knows lines and no paragraphs, so:

- A line goes on in the next one, with a space between, if that starts in lower case; and if the
  line is full and no blank line follows. A full line has three quarters of the length that three
  quarters of its page's lines keep to. Any other line ends a paragraph; an item of a list begins
  one.
- This holds across pages too, once the lines at top and foot that most pages share, but for their
  numbers, are left out.
- A hyphen at the end of a line stays and is followed by no space ("well-known", "infor-mation"):
  which of them the printer put there cannot be known. A soft hyphen is the printer's and goes.

The day on which a PDF was made is not the day on which an article was published, so there is none.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.ingest.encoding import fit
from rag.ingest.failure import Found, Unreadable
from rag.ingest.limits import Budget
from rag.ingest.source import Source
from rag.types import Article
from rag.wording import note

if TYPE_CHECKING:
    from pypdf import PdfReader

_STREAM = 20_000_000
"""Bytes that one stream of a PDF may unpack to: text, of a page or a font."""
_FULL = 0.75
_START = re.compile(rb"\s*%PDF-")
_ITEM = re.compile(r"[•▪◦‣·*–—-]\s")
_NO_TITLE = re.compile(
    r"(?:untitled|document|dokument|title|no ?name)?\s*\d*|microsoft \w+ - .*|powerpoint .*"
    r"|.*\.(?:docx?|pdf|indd|qxp|qxd|rtf|odt|txt|tex|pptx?|pages|html?)",
    re.IGNORECASE,
)

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


def paragraphs(pages: Sequence[str]) -> str:
    """Join the lines of pages by the rules above, with a blank line between paragraphs."""
    pieces: list[str] = []
    goes_on = False
    for rows, width in _without_frames([_rows(page) for page in pages]):
        for row in rows:
            if not row:
                goes_on = False
                continue
            if pieces and (goes_on or row[0].islower()) and not _ITEM.match(row):
                pieces[-1], between = _joint(pieces[-1], row)
            else:
                between = "\n\n" if pieces else ""
            pieces += (between, row)
            goes_on = len(row) >= _FULL * width
    return "".join(pieces)


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
    text = paragraphs(pages)
    if not any(c.isalnum() for c in text):
        raise Unreadable(note("pdf_pictures"))
    said: Mapping[str, Any] = reader.metadata or {}
    title, author = (_field(said.get(name)) for name in ("/Title", "/Author"))
    return Article(
        text,
        title="" if _NO_TITLE.fullmatch(title) else title,
        author=author if _is_name(author) else "",
        language=_language(reader),
        origin=file,
    )


def _rows(page: str) -> list[str]:
    return [" ".join(row.split()) for row in page.split("\n")]


def _without_frames(pages: Sequence[list[str]]) -> list[tuple[list[str], int]]:
    """The rows of each page without running heads and feet, and how long a full row is."""
    filled = [[row for row in rows if row] for rows in pages]
    heads = Counter(_numberless(rows[0]) for rows in filled if rows)
    feet = Counter(_numberless(rows[-1]) for rows in filled if rows)
    most = len(pages) // 2 + 1
    framed = []
    for rows in pages:
        kept = _trimmed(rows)
        if len(pages) > 1 and kept and heads[_numberless(kept[0])] >= most:
            kept = _trimmed(kept[1:])
        if len(pages) > 1 and kept and feet[_numberless(kept[-1])] >= most:
            kept = _trimmed(kept[:-1])
        lengths = sorted(len(row) for row in kept if row)
        framed.append((kept, lengths[len(lengths) * 3 // 4] if lengths else 0))
    return framed


def _trimmed(rows: Sequence[str]) -> list[str]:
    """Rows without the blank ones at both ends."""
    filled = [number for number, row in enumerate(rows) if row]
    return list(rows[filled[0] : filled[-1] + 1]) if filled else []


def _numberless(row: str) -> str:
    return re.sub(r"\d+", "#", row)


def _joint(row: str, after: str) -> tuple[str, str]:
    """A row as it stands before the row `after` of its paragraph, and what comes between."""
    if row.endswith("\u00ad"):
        return row[:-1], ""
    hyphened = row.endswith(("-", "\u2010")) and row[-2:-1].isalpha() and after[0].islower()
    return row, "" if hyphened else " "


def _field(value: object) -> str:
    return " ".join(fit(str(value)).split())[:300] if value else ""


def _is_name(author: str) -> bool:
    """Whether it can be a person: not "admin", "user1" or "jdoe@example.org"."""
    if not author or "@" in author or any(c.isdigit() for c in author):
        return False
    return not author.isascii() or (" " in author and author != author.lower())


def _language(reader: PdfReader) -> str:
    written = str(reader.root_object.get("/Lang", "")).strip()
    return written if _LANGUAGE.fullmatch(written) else ""
