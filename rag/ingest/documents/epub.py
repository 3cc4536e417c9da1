"""Read e-books and newspapers as EPUB: one article for each chapter.

The file is a zip of pages with a package that lists them, which lxml reads; the known library for
the format is under the AGPL. The book is the source, its creator the author where a chapter names
none, its date that of publication, as the format defines it.
"""

from __future__ import annotations

import posixpath
import re
import urllib.parse
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.ingest.documents.properties import author_in, line_of, title_in
from rag.ingest.documents.written import Written, read_written
from rag.ingest.encoding import decode_html
from rag.ingest.failure import Failure, Found, Remark, Unreadable
from rag.ingest.html.text import html_to_text
from rag.ingest.source import Source
from rag.ingest.text_page.lines import is_paragraph, read_lines
from rag.ingest.xml import parse_xml
from rag.ingest.zip_files import ZipFiles, zip_holds
from rag.text.dates import parse_date
from rag.types import Article
from rag.wording import note

if TYPE_CHECKING:
    import datetime

    from lxml.etree import _Element

_START = re.compile(rb"PK.{28}mimetypeapplication/epub\+zip", re.DOTALL)
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset(("application/xhtml+xml", "text/html"))
_HEADING = re.compile(r"<h[1-3]\b[^>]{0,1000}>(.{1,1000}?)</h[1-3]\b", re.IGNORECASE | re.DOTALL)
_MADE = frozenset(("creation", "modification", "conversion"))


@dataclass(slots=True)
class _Book:
    """What the package of a book says: its fields, and the pages in the order of reading."""

    title: str = ""
    author: str = ""
    language: str = ""
    published: datetime.date | None = None
    chapters: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)


def is_epub(data: bytes) -> bool:
    return _START.match(data) is not None or zip_holds(data, b"META-INF/container.xml")


def read_epub(source: Source) -> Iterator[Found]:
    """Yield the chapters of a book; one that cannot be read is a failure. Raises Unreadable."""
    files = ZipFiles(source.data, source.budget)
    try:
        book = _book(files)
        encrypted = _encrypted(files)
    except Unreadable:
        raise
    except Exception:  # lxml: for what is no XML.
        raise Unreadable(note("document_broken")) from None
    if not book.chapters:
        raise Unreadable(note("document_empty"))
    left_out: list[str] = []
    any_read = False
    for path in book.chapters:
        source.budget.take_time()
        found = list(_chapter(source, files, path, book, encrypted))
        any_read = any_read or bool(found)
        left_out += [] if found else [path]
        yield from found
    if any_read and left_out:
        yield Remark(source.name, note("chapters_left_out", n=len(left_out)))
    elif left_out:  # A book of short pages, such as a picture book.
        for path in left_out:
            yield from _chapter(source, files, path, book, encrypted, any_text=True)


def _chapter(
    source: Source,
    files: ZipFiles,
    path: str,
    book: _Book,
    encrypted: Container[str],
    any_text: bool = False,
) -> Iterator[Found]:
    """Yield what a chapter holds; nothing where it has no prose, as a cover, unless `any_text`
    will do."""
    try:
        if path in encrypted:
            raise Unreadable(note("unread_encrypted"))
        if not files.holds(path):
            raise Unreadable(note("member_missing"))
        part = source.part(path, files.read(path))
        page = decode_html(part.data).text
        text = html_to_text(page)
        if not any_text and not any(map(is_paragraph, read_lines(text))):
            return
        heading = _HEADING.search(page)
        shown = " ".join(html_to_text(heading[1]).split()) if heading else ""
        written = Written(text.split("\n"), heading=shown, title=book.titles.get(path, ""))
        for found in read_written(part, written):
            yield _of_book(found, book)
    except Unreadable as error:
        yield Failure(f"{source.name}/{path}", error.reason)


def _of_book(found: Found, book: _Book) -> Found:
    if not isinstance(found, Article):
        return found
    return replace(
        found,
        id="",
        source=found.source or book.title,
        author=found.author or book.author,
        published=found.published or book.published,
        language=book.language,
    )


def _book(files: ZipFiles) -> _Book:
    """Parse the package of a book. Raises Unreadable, and lxml's errors."""
    roots = parse_xml(files.read(_CONTAINER)).iterfind(".//{*}rootfile")
    path = next((root.get("full-path", "") for root in roots), "")
    if not files.holds(path):
        raise Unreadable(note("document_broken"))
    package = parse_xml(files.read(path), recover=True)
    folder = posixpath.dirname(path)
    book = _Book(
        title=title_in(package.findtext(".//{*}title")),
        author=_creators(package),
        language=line_of(package.findtext(".//{*}language")),
        published=_published(package),
    )
    items = {item.get("id", ""): item for item in package.iterfind(".//{*}item")}
    for reference in package.iterfind(".//{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if item is None or reference.get("linear") == "no":
            continue
        if item.get("media-type") in _PAGES and not _is_contents(item):
            book.chapters.append(_path(folder, item.get("href", "")))
    for item in items.values():
        if _is_contents(item) or item.get("media-type") == "application/x-dtbncx+xml":
            book.titles |= _titles(files, _path(folder, item.get("href", "")))
    return book


def _creators(package: _Element) -> str:
    names = [author_in(one.text) for one in package.iterfind(".//{*}creator")]
    return ", ".join(dict.fromkeys(filter(None, names)))


def _published(package: _Element) -> datetime.date | None:
    for date in package.iterfind(".//{*}date"):
        event = next((value for key, value in date.items() if key.endswith("event")), "")
        found = parse_date(date.text or "")
        # Some programs write the year 101 for "unknown".
        if event not in _MADE and found and found.year > 1000:
            return found
    return None


def _is_contents(item: _Element) -> bool:
    return "nav" in item.get("properties", "").split()


def _titles(files: ZipFiles, path: str) -> dict[str, str]:
    """The titles of pages by their paths, as a table of contents has them."""
    if not files.holds(path):
        return {}
    folder = posixpath.dirname(path)
    data = files.read(path)
    contents = parse_xml(data, recover=True)
    named = [(link.get("href", ""), "".join(link.itertext())) for link in contents.iter("{*}a")]
    for point in contents.iter("{*}navPoint"):
        target = point.find("{*}content")
        if target is not None:
            named.append((target.get("src", ""), point.findtext("{*}navLabel/{*}text", "")))
    titles: dict[str, str] = {}
    for target, label in named:
        titles.setdefault(_path(folder, target.partition("#")[0]), line_of(label))
    return titles


def _path(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, urllib.parse.unquote(target)))


def _encrypted(files: ZipFiles) -> frozenset[str]:
    """The files of a book that are encrypted; its fonts often are, and are of no concern."""
    if not files.holds(_ENCRYPTION):
        return frozenset()
    root = parse_xml(files.read(_ENCRYPTION), recover=True)
    references = root.iterfind(".//{*}CipherReference")
    return frozenset(_path("", one.get("URI", "")) for one in references)
