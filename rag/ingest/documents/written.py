"""Make an article of a written document: of its lines, and of what its program knows of it.

Owns what all formats of documents share. The lines are those of a text page: a title, a byline and
a date are found as there, and an export of a news database is read as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rag.ingest.documents.properties import author_in, title_in
from rag.ingest.encoding import fit
from rag.ingest.exports.read import is_export, read_export
from rag.ingest.failure import Found, Unreadable
from rag.ingest.source import Source
from rag.ingest.text_page.article import Found as Page
from rag.ingest.text_page.article import read_found
from rag.ingest.text_page.lines import Line, is_paragraph, read_lines, same
from rag.types import Article
from rag.wording import note

_HEAD = 6
"""Lines, not blank ones, among which a heading is the document's title."""
_LATE = 5
"""Lines after a first paragraph that may still hold the byline: the paragraph was a standfirst."""


@dataclass(slots=True)
class Written:
    """A document: its paragraphs, and footnotes, as lines of text, blank ones where it has them.

    `heading` is what stands as its title or first heading; `title` and `author` are the fields of
    the document, which are used where the text has none.
    """

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heading: str = ""
    title: object = ""
    author: object = ""
    language: str = ""


def read_written(source: Source, document: Written) -> Iterator[Found]:
    """Yield the article of a document, or those of an export. Raises Unreadable without text."""
    notes = ["", *document.notes] if any(note_.strip() for note_ in document.notes) else []
    text = fit("\n".join([*document.lines, *notes])).strip("\n")
    if not any(c.isalnum() for c in text):
        raise Unreadable(note("document_empty"))
    if is_export(text):
        yield from read_export(source, text)
        return
    lines = read_lines(text)
    found = read_found(lines, _head([line.bare for line in lines[:_HEAD]], document))
    if "\t" in found.title:  # The first row of a table.
        found.title = ""
    yield Article(
        _body(lines, found),
        title=found.title or title_in(document.title),
        source=found.source,
        author=found.author or author_in(document.author),
        published=found.published,
        language=document.language,
        origin=source.name,
    )


def _body(lines: Sequence[Line], found: Page) -> str:
    """All lines but those that became fields: a document has no furniture, as pages have."""
    end = next((n for n, line in enumerate(lines) if is_paragraph(line)), len(lines))
    kept: list[Line] = []
    titled = False
    for number, line in enumerate(lines):
        is_title = not titled and same(line.bare, found.title)
        titled = titled or is_title
        stamp = line.stamp if number < end + _LATE else None
        said = (stamp.author, stamp.published, stamp.source) if stamp else ()
        known = any(one and one in (found.author, found.published, found.source) for one in said)
        is_source = number < end and same(line.bare, found.source)
        if not (is_title or known or is_source):
            kept.append(line)
    rows = [row for line in kept for row in (line.raw, *line.blanks)]
    return "\n".join(rows).strip("\n") or "\n".join(line.raw for line in lines)


def _head(lines: Sequence[str], document: Written) -> int:
    """How many of the first lines end with the title; 0 where the document names none there."""
    for title in (document.heading, title_in(document.title)):
        at = next((n for n, line in enumerate(lines, 1) if title and same(line, title)), 0)
        if at and at < len(lines):
            return at
    return 0
