"""Find the day of publication that a page declares: in meta tags, JSON-LD or a time element.

A day that stands in the text, or in a box of other articles, is none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.ingest.html.furniture import names
from rag.text.dates import DateOrder, parse_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_META = (
    *("article:published_time", "og:article:published_time", "datepublished", "date_published"),
    *("article:published", "article:publication_date", "og:published_time", "published_time"),
    *("parsely-pub-date", "sailthru.date", "publication_date", "publicationdate", "publish_date"),
    *("publish-date", "publishdate", "pubdate", "pub_date", "published-date"),
    *("rnews:datepublished", "originalpublicationdate", "cxenseparse:recs:publishtime"),
    *("dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date"),
    *("dcterms.date", "citation_publication_date", "citation_date", "article_date_original"),
    "date",
)
_ELSEWHERE = frozenset(("aside", "footer", "nav"))
_BOXES = frozenset("related recommended sidebar teaser widget trending popular latest".split())
_CHANGED = frozenset("updated update modified datemodified".split())


def declared_dates(tree: HtmlElement, linked: str) -> list[str]:
    """What a page declares of its day of publication, the surest first; `linked` is JSON-LD's."""
    written = [*_meta(tree), linked, *_times(tree)]
    return [date.strip() for date in written if date.strip()]


def first_full(written: Sequence[str], order: DateOrder) -> str:
    """The first date that is a full one, else the first; "" for none."""
    full = (date for date in written if parse_date(date, order))
    return next(full, next(iter(written), ""))


def _meta(tree: HtmlElement) -> list[str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            found.setdefault(meta.get(attribute, "").strip().lower(), meta.get("content", ""))
    return [found[name] for name in _META if name in found]


def _times(tree: HtmlElement) -> Iterator[str]:
    """The times that are marked as the publication's; else the day that is the only one."""
    alone: dict[str, str] = {}
    for element in tree.iter("time"):
        own = element.get("datetime", "")
        called = set(names(element, "itemprop", "class"))
        if element.get("itemprop", "").lower() == "datepublished" or "pubdate" in element.attrib:
            yield own
        elif own and called.isdisjoint(_CHANGED) and not _is_elsewhere(element):
            alone[own[:10]] = own
    if len(alone) == 1:
        yield from alone.values()


def _is_elsewhere(element: HtmlElement) -> bool:
    return any(
        one.tag in _ELSEWHERE or not _BOXES.isdisjoint(names(one, "class", "id"))
        for one in element.iterancestors()
        if one.tag not in ("body", "html")
    )
