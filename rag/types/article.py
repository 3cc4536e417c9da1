"""An article, a passage and a quote of it, and messages about them.

All offsets count characters (Unicode code points) of `Article.text` and are half-open.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]


class Note(str):
    """A message to the reader: the English text, and what it takes to say it in another language.

    `key` names its template in the catalogues of `rag.wording`, "" for a text that has none, and
    `values` fill the template's places by name; a value may be a note in turn. A string, so that
    whoever prints, compares or stores messages needs to know nothing of languages. Made by
    `rag.wording.note`.
    """

    __slots__ = ("key", "values")

    key: str
    values: tuple[tuple[str, str | int], ...]

    def __new__(
        cls, text: str = "", key: str = "", values: tuple[tuple[str, str | int], ...] = ()
    ) -> Note:
        note = super().__new__(cls, text)
        note.key, note.values = key, values
        return note


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a document, from `start` in the article's text to the next one's start.

    `number` counts from 1; `label` is what the document calls the page, where it says so and that
    is another ("iv"). `certainty` is how sure a text recognition was of its words, 0 to 1; None
    where the document itself holds the text.
    """

    number: int
    start: int
    certainty: float | None = None
    label: str = ""

    @property
    def name(self) -> str:
        """The page as one cites it."""
        return self.label or str(self.number)


@dataclass(frozen=True, slots=True)
class Article:
    """One news article.

    `text` is the standfirst and body as decoded, line ends unified and nothing else changed.
    What the page does not say stays empty; a date given only in part stays None.
    `format` is what it was read from ("html", "pdf", "csv"), by the names of
    `rag.ingest.formats`; `section` is the part of the paper that it stood in. `pages` are those of
    a document that has them, in order. `partial` says that the page showed only an opening.
    `origin` names the file, and the ordinal on a page of several articles ("page.txt#2").
    """

    text: str
    title: str = ""
    id: str = ""
    source: str = ""
    author: str = ""
    published: datetime.date | None = None
    url: str = ""
    language: str = ""
    origin: str = ""
    section: str = ""
    format: str = ""
    pages: tuple[Page, ...] = ()
    partial: bool = False

    def __post_init__(self) -> None:
        if not self.id:
            published = self.published.isoformat() if self.published else ""
            identity = "\x00".join((self.text, self.title, self.source, published))
            object.__setattr__(self, "id", _sha256(identity)[:16])

    @property
    def headline(self) -> str:
        """The title, or else `origin`: never empty."""
        return self.title or self.origin or "Untitled"

    @property
    def day(self) -> str:
        """The date of publication in words, as "4 October 2023"; empty without one."""
        return f"{self.published.day} {self.published:%B %Y}" if self.published else ""

    def pages_at(self, start: int, end: int) -> tuple[Page, ...]:
        """The pages on which a span of the text stands; none for a document without pages."""
        ends = [*(page.start for page in self.pages[1:]), len(self.text)]
        return tuple(
            page
            for page, stop in zip(self.pages, ends, strict=False)
            if max(page.start, start) < min(stop, end)
        )

    @property
    def content_hash(self) -> str:
        """SHA-256 of `text` in UTF-8, in hexadecimal."""
        return _sha256(self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of an article: `text == article.text[start:end]`."""

    article_id: str
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if self.start < 0 or self.end - self.start != len(self.text):
            raise ValueError(
                f"a passage of {len(self.text)} characters cannot span {self.start}:{self.end}"
            )


@dataclass(frozen=True, slots=True)
class Citation:
    """One contiguous span of an article, quoted: `article.text[start:end] == quote`.

    `page` is the page of a document on which it stands, or its first and last ("iv", "3–4"), and
    `certainty` how sure the recognition of a scanned one was of its words, 0 to 1; "" and None
    where there is none, or it is not said.
    """

    label: int
    article_id: str
    start: int
    end: int
    quote: str
    page: str = ""
    certainty: float | None = None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
