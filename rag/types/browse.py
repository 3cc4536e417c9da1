"""What is found in an archive without asking it a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from rag.types.article import Citation, Span
from rag.types.filters import Filters

Sort: TypeAlias = Literal["newest", "oldest", "source", "title"]
"""The order of a list of articles. Undated ones come last in the first two."""
SORTS: tuple[Sort, ...] = get_args(Sort)


NameKind: TypeAlias = Literal["person", "place", "other"]
"""What a name stands for; "other" are organisations, works and all that is neither."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that articles speak of, in its fullest common form, and in how many of them."""

    name: str
    kind: NameKind
    articles: int


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody is quoted with: `citation` quotes the sentences that hold it, `span` is that of
    the quotation in them, and `speaker` whom the article names as its speaker."""

    citation: Citation
    span: Span
    speaker: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What the articles have of a name: `total` of the `searched` ones have it.

    The newest `read` of them were read for quotations: `said` are those of the one who is called
    so, `about` those of others that name it, newest first. `sources` and `months` are as in
    `Found`, and `newest` the ids of the first articles.
    """

    name: str
    total: int
    searched: int
    read: int = 0
    said: tuple[Saying, ...] = ()
    about: tuple[Saying, ...] = ()
    newest: tuple[str, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    undated: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """An article that fits a search: where what was looked for stands in its text and title, and
    the first sentences of the text that it stands in, quoted."""

    article_id: str
    in_text: tuple[Span, ...] = ()
    in_title: tuple[Span, ...] = ()
    excerpts: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the articles that fit a search, and counts of all that fit.

    `words` are as they were typed, "" for a list of all articles that `filters` leave. `total`
    articles fit, of the `searched` ones of the archive. `matches` are those of this `page` of
    `pages`, both from 1. `sources` are those of the articles that fit, most first; `months`
    ("2017-03") all from the first to the last, in order; `undated` have no month.
    """

    words: str
    filters: Filters
    sort: Sort
    total: int
    searched: int
    page: int = 1
    pages: int = 1
    matches: tuple[Match, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    undated: int = 0
