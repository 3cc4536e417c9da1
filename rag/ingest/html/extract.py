"""Extract what trafilatura finds on a page: its text, which is a vote on lines, and fields."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.ingest.html.parse import CONTROL

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found of a page; "" for what was not."""

    text: str = ""
    title: str = ""
    author: str = ""
    site: str = ""
    url: str = ""


def extract(tree: HtmlElement) -> Extracted:
    """Extract text and fields; the tree stays as it is."""
    # Imported here: it takes longer to load than all of this package.
    import trafilatura
    from trafilatura.settings import Document

    # It logs every page that it gives up; here that is a failure with a reason.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    try:
        found = trafilatura.bare_extraction(
            tree,
            include_comments=False,
            include_formatting=False,
            with_metadata=True,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except Exception:  # A tree that nobody foresaw; the page may have text all the same.
        found = None
    if not isinstance(found, Document):
        return Extracted()
    written = (found.text, found.title, found.author, found.sitename, found.url)
    return Extracted(*(CONTROL.sub("", value or "").strip() for value in written))
