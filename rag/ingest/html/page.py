"""Extract the article of an HTML page.

Owns which markup gives which field: trafilatura finds the text, the title, the author and the site,
this module the date, the language, and whether there is an article at all. The text is
trafilatura's, less the title and lines that are furniture as a whole ("Advertisement"). The date is
what the page declares as the day of publication, in full; trafilatura's own is not used, since it
would take a copyright line's year or any day that the text mentions. Nothing is fetched.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rag.ingest.encoding import decode_html, marked, unfit, unify_line_ends
from rag.ingest.failure import Failure, Found, Unreadable
from rag.ingest.fields import read_fields
from rag.ingest.html.parse import CONTROL, parse
from rag.ingest.source import Source
from rag.ingest.text_page.line_kind import Kind
from rag.ingest.text_page.lines import read_lines, same
from rag.text.dates import parse_date
from rag.types import Article
from rag.wording import note

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SNIFFED = 4096
"""Bytes in which a page's first tag is looked for."""
_START = re.compile(
    r"\s*(?:<!--(?:(?!-->).)*-->\s*|<\?xml\b[^>]*\?>\s*)*<(?:!doctype\s+html|html|head|body|title|meta|base"
    r"|link|article|main|section|header|div|h[1-6]|p|table|font|center)\b",
    re.IGNORECASE | re.DOTALL,
)

_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)
_DATES = (
    *("article:published_time", "og:article:published_time", "datepublished", "date_published"),
    *("parsely-pub-date", "sailthru.date", "publication_date", "publish_date", "publish-date"),
    *("publishdate", "pubdate", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date"),
    *("citation_publication_date", "article_date_original", "cxenseparse:recs:publishtime"),
    "date",
)
_ARTICLE = re.compile(r"\w*(?:Article|BlogPosting|Report)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def is_html(data: bytes) -> bool:
    """Whether a file starts as HTML or XML does."""
    head = data[:_SNIFFED].decode(marked(data) or "latin-1", "ignore").lstrip("\ufeff")
    return bool(_START.match(head) or _XML.match(head))


def read_html(source: Source) -> Iterator[Found]:
    """Yield the article of a page, and the fields of it that cannot be used. Raises Unreadable."""
    decoded = decode_html(source.data)
    yield from decoded.remarks(source.name)
    page = decoded.text
    if _XML.match(page) and not re.search(r"<html\b", page[:_SNIFFED], re.IGNORECASE):
        raise Unreadable(note("xml"))
    tree = parse(page)
    found = _extract(tree)
    title = _plain(found.title)
    text = _without_furniture(unify_line_ends(found.text or ""), title)
    if problem := unfit(text):
        raise Unreadable(note("text_unfit", problem=problem))
    values = {
        "title": title,
        "author": _plain(found.author).replace("; ", ", "),
        "source": _plain(found.sitename),
        "url": found.url,
        "language": _language(tree),
        "published": _published(tree),
    }
    fields, problems = read_fields(values, source.options.dates)
    for problem in problems:
        yield Failure(source.name, problem)
    yield Article(text, origin=source.name, **fields)  # type: ignore[arg-type]


def _extract(tree: HtmlElement) -> Any:
    """Extract text and fields with trafilatura. Raises Unreadable where it finds no text."""
    # Imported here: it takes longer to load than all of this package.
    import trafilatura

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
    except Exception:  # A tree that nobody foresaw; the next page may be well.
        raise Unreadable(note("html_no_text")) from None
    if found is None:
        raise Unreadable(note("html_no_text"))
    return found


def _without_furniture(text: str, title: str) -> str:
    """The text but for lines that only a site's furniture has, and for the title above it.

    Raises Unreadable where no prose is left.
    """
    lines = [line for line in read_lines(text) if line.kind is not Kind.FURNITURE]
    if len(lines) > 1 and same(lines[0].bare, title):
        del lines[0]
    if not any(line.kind is Kind.PROSE for line in lines):
        raise Unreadable(note("html_no_text"))
    rows = [row for line in lines for row in (line.raw, *line.blanks)]
    return "\n".join(rows).strip()


def _published(tree: HtmlElement) -> str:
    """The day of publication as the page declares it: the first in full, else the first."""
    written = [*_meta_dates(tree), *_linked_dates(tree)]
    for element in tree.iter("time"):
        if element.get("itemprop", "").lower() == "datepublished" or "pubdate" in element.attrib:
            written.append(element.get("datetime", ""))
    written = [date.strip() for date in written if date.strip()]
    return next(filter(parse_date, written), next(iter(written), ""))


def _meta_dates(tree: HtmlElement) -> list[str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            found.setdefault(meta.get(attribute, "").strip().lower(), meta.get("content", ""))
    return [found[name] for name in _DATES if name in found]


def _linked_dates(tree: HtmlElement) -> list[str]:
    """The date of the page's article in JSON-LD; none where several articles differ in theirs."""
    dates: dict[str, None] = {}
    for script in tree.iter("script"):
        if script.get("type", "").strip().lower() == "application/ld+json":
            try:
                read = json.loads(script.text or "")
            except (ValueError, RecursionError):
                continue
            for item in _items(read):
                kinds = item.get("@type")
                named = kinds if isinstance(kinds, list) else [kinds]
                if any(isinstance(one, str) and _ARTICLE.fullmatch(one) for one in named):
                    dates[str(item.get("datePublished") or "")] = None
    return list(dates) if len(dates) == 1 else []


def _items(read: Any) -> Iterator[dict[str, Any]]:
    """The objects at the top of JSON-LD, and those of its graph."""
    for item in read if isinstance(read, list) else [read]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            yield from (
                (one for one in graph if isinstance(one, dict)) if isinstance(graph, list) else ()
            )


def _language(tree: HtmlElement) -> str:
    written = tree.get("lang") or tree.get("xml:lang") or ""
    return written.strip() if _LANGUAGE.fullmatch(written.strip()) else ""


def _plain(value: str | None) -> str:
    return CONTROL.sub("", value or "").strip()
