"""Read a picture of a text: the scan or photograph of a clipping, as PNG, JPEG or TIFF.

Its text is recognised where the extra "ocr" is installed. Each frame of a TIFF is a page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from rag.ingest.failure import Found, Unreadable
from rag.ingest.ocr.engines import FEW, engines, letters_in
from rag.ingest.ocr.pages import SIDE, Picture, blank_pages, recognise_pages
from rag.ingest.paragraphs import paragraphs
from rag.ingest.source import Source
from rag.types import Article, Page
from rag.wording import note

_MILLIONS = 100
"""Millions of pixels that a picture may have."""
_FORMATS = {"PNG": rb"\x89PNG\r\n\x1a\n", "JPEG": rb"\xff\xd8\xff", "TIFF": rb"II\*\x00|MM\x00\*"}
_START = re.compile(b"|".join(b"(?P<%s>%s)" % (n.encode(), s) for n, s in _FORMATS.items()))


def is_image(data: bytes) -> bool:
    return _START.match(data) is not None


def read_image(source: Source) -> Iterator[Found]:
    """Yield the article of a picture.

    Raises Unreadable for one that is broken, too large or without text, and where no text
    recognition is installed.
    """
    match = _START.match(source.data)
    form = (match and match.lastgroup) or ""
    if not engines():
        raise Unreadable(note("picture_no_ocr", format=form))
    frames, frame = _opened(source, form)
    numbers = range(1, frames + 1)
    found = yield from recognise_pages(source, numbers, frame)
    if not found:  # Why has been said.
        return
    text, starts = paragraphs([found[n].text if n in found else "" for n in numbers])
    if letters_in(text) < FEW:
        raise Unreadable(note("picture_no_text"))
    yield from blank_pages(source, found)
    pages = [
        Page(n, start, found[n].certainty if n in found else None)
        for n, start in zip(numbers, starts, strict=True)
    ]
    yield Article(text, origin=source.name, pages=tuple(pages))


def _opened(source: Source, form: str) -> tuple[int, Picture]:
    """The number of frames of a picture, and what makes the picture of each, by its number."""
    # Imported here: only pictures need it.
    from PIL import Image, ImageOps

    try:
        image = Image.open(io.BytesIO(source.data))
        frames = int(getattr(image, "n_frames", 1))
    except Image.DecompressionBombError:
        raise Unreadable(note("picture_over_pixels", n=_MILLIONS)) from None
    except Exception:  # Pillow: a broken picture gives errors of many kinds.
        raise Unreadable(note("picture_broken", format=form)) from None
    if frames > source.budget.limits.pages:
        raise Unreadable(note("pdf_over_pages", n=frames, most=source.budget.limits.pages))

    def frame(number: int) -> Image.Image:
        try:
            image.seek(number - 1)
            if image.width * image.height > _MILLIONS * 1_000_000:
                raise Unreadable(note("picture_over_pixels", n=_MILLIONS))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            if max(upright.size) > SIDE:
                upright.thumbnail((SIDE, SIDE))
            return upright
        except Unreadable:
            raise
        except Exception:  # As above.
            raise Unreadable(note("picture_broken", format=form)) from None

    return frames, frame
