"""The values of a data set: articles, and questions with what is relevant to each.

Gold points at articles and at spans of their text, never at passages, so that cutting the articles
differently cannot change what is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.types import Article, Span


@dataclass(frozen=True)
class Fact:
    """A piece of gold evidence: words of an article, wherever they occur in it or at `span`."""

    text: str
    article_id: str
    span: Span | None = None

    def places(self, text: str) -> list[Span]:
        """Where the words stand in the text of their article."""
        return spans_of(self.text, text) if self.span is None else [self.span]


@dataclass(frozen=True)
class Query:
    """A question. `relevant` gives the grade, above 0, of each relevant article by its id.

    `kind` groups questions in the averages; "" where the data set knows no kinds. Passages of the
    article `ignored` are no results of this question; "" for none. `about` is the article that the
    question was written on, whether that answers it or not, `topic` its subject, and `words` the
    spans in it of the words that answer. `answers` are strings that answer. `turns` are the
    questions that a conversation asked before.

    `group`: questions that share it are not independent. `note`: what a judge remarked.
    """

    id: str
    text: str
    kind: str
    relevant: Mapping[str, int]
    facts: tuple[Fact, ...] = ()
    ignored: str = ""
    about: str = ""
    topic: str = ""
    words: tuple[Span, ...] = ()
    answers: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    group: str = ""
    note: str = ""

    @property
    def unit(self) -> str:
        """What bootstrap samples draw whole: the questions of one group, or of one article."""
        return self.group or self.about or self.id


@dataclass(frozen=True)
class Dataset:
    """Articles and questions. `excluded` counts those left out, as nothing is relevant to them.

    `sha256` is of the bytes of all files that were read.
    """

    name: str
    articles: tuple[Article, ...]
    queries: tuple[Query, ...]
    excluded: int
    sha256: str


def spans_of(quote: str, text: str) -> list[Span]:
    """The spans where the words of `quote` occur in `text`, white space aside."""
    pattern = r"\s+".join(map(re.escape, quote.split()))
    return [match.span() for match in re.finditer(pattern, text)] if pattern else []
