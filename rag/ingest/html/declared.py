"""Gather the fields of an article from what its page declares and shows above the text.

Owns which source of a field is trusted before which. What fields may hold is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.ingest.fields import language_tag
from rag.ingest.html.authors import authors_shown, clean_authors
from rag.ingest.html.dates import declared_dates, first_full
from rag.ingest.html.extract import Extracted
from rag.ingest.html.linked import Linked
from rag.ingest.html.parse import CONTROL
from rag.ingest.text_page.bylines import Stamp, read_stamp
from rag.text.dates import DateOrder

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SECTION = ("article:section", "section", "parsely-section", "cxenseparse:section", "og:section")


def declared_fields(
    tree: HtmlElement, extracted: Extracted, linked: Linked, head: Sequence[str], order: DateOrder
) -> dict[str, str]:
    """The fields of a page, as written; `head` are the lines between its headline and its text."""
    stamps = [stamp for stamp in map(read_stamp, head) if stamp]
    written = declared_dates(tree, linked.published) or _shown(stamps)
    return {
        "title": extracted.title,
        "author": _author(extracted, linked, head),
        "source": extracted.site,
        "url": extracted.url,
        "language": _language(tree),
        "published": first_full(written, order),
        "section": _plain(_section(tree) or linked.section),
    }


def _author(extracted: Extracted, linked: Linked, head: Sequence[str]) -> str:
    """The first that names anybody: JSON-LD, what extraction finds, the byline as shown."""
    found = (
        clean_authors(linked.authors),
        clean_authors([extracted.author]),
        *map(authors_shown, head),
    )
    return _plain(next(filter(None, found), ""))


def _shown(stamps: Sequence[Stamp]) -> list[str]:
    return [stamp.published.isoformat() for stamp in stamps if stamp.published]


def _section(tree: HtmlElement) -> str:
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name in _SECTION and (content := meta.get("content", "").strip()):
            return str(content)
    return ""


def _language(tree: HtmlElement) -> str:
    return language_tag(tree.get("lang") or tree.get("xml:lang") or "")


def _plain(value: str) -> str:
    return CONTROL.sub("", value).strip()
