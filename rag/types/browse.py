"""What is found in an archive without asking it a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from rag.types.answer import Citation, Filters
from rag.types.article import Span

Sort: TypeAlias = Literal["newest", "oldest", "source", "title"]
"""The order of a list of articles. Undated ones come last in the first two."""
SORTS: tuple[Sort, ...] = get_args(Sort)


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
