"""Make pictures of the pages of a PDF, with PDFium."""

from __future__ import annotations

import contextlib
import importlib.util
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.ingest.failure import Unreadable
from rag.ingest.ocr.pages import SIDE, Picture
from rag.wording import note

if TYPE_CHECKING:
    from PIL.Image import Image

_SCALE = 200 / 72
"""200 dots an inch, where a page is measured in points."""
_LOCK = threading.Lock()
"""PDFium does one thing at a time."""


def can_render() -> bool:
    return importlib.util.find_spec("pypdfium2") is not None


@contextlib.contextmanager
def rendered(data: bytes) -> Iterator[Picture]:
    """Yield what makes the picture of a page, by its number; it raises Unreadable for a page that
    PDFium cannot draw."""
    import pypdfium2

    document = None
    with contextlib.suppress(pypdfium2.PdfiumError), _LOCK:
        document = pypdfium2.PdfDocument(data)

    def picture(number: int) -> Image:
        if document is None:
            raise Unreadable(note("pdf_page_broken"))
        with _LOCK:
            try:
                page = document[number - 1]
                scale = min(_SCALE, SIDE / max(1, *page.get_size()))
                drawn: Image = page.render(scale=scale).to_pil().convert("RGB")
                return drawn
            except (pypdfium2.PdfiumError, ValueError, IndexError):
                raise Unreadable(note("pdf_page_broken")) from None

    try:
        yield picture
    finally:
        if document:
            with _LOCK:
                document.close()
