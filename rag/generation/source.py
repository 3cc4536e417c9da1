"""Articles as written sentences are checked in them: sentences, quotes and prompt injections.

What is found out about an article's text lives on these values, and is gone with them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from rag.generation.injection import injected_spans
from rag.text.characters import plain
from rag.text.facts import Facts
from rag.text.lines import spaced
from rag.text.quote_context import with_neighbours
from rag.text.sentences import clause_spans, sentence_spans
from rag.types import Article, Span


@dataclass(frozen=True)
class Source:
    """An article with its sentences and prompt injections, each found once."""

    article: Article

    @functools.cached_property
    def spans(self) -> list[Span]:
        """The spans of the sentences."""
        return sentence_spans(self.article.text)

    @functools.cached_property
    def sentences(self) -> list[Facts]:
        return [Facts(plain(spaced(self.article.text[start:end]))) for start, end in self.spans]

    @functools.cached_property
    def title(self) -> Facts:
        return Facts(plain(self.article.title))

    @functools.cached_property
    def injections(self) -> tuple[Span, ...]:
        return injected_spans(self.article.text)

    def safe_sentences(self, start: int, end: int) -> list[int]:
        """The numbers of the sentences that overlap a passage, without prompt injections."""
        return [
            number
            for number, span in enumerate(self.spans)
            if _overlap(span, (start, end))
            and not any(_overlap(span, injection) for injection in self.injections)
        ]

    def quote(self, number: int) -> Quote:
        """Sentence `number` as a quote."""
        span = with_neighbours(self.article.text, self.spans, number)
        whole = Facts(plain(spaced(self.article.text[slice(*span)])))
        return Quote(self, self.sentences[number], whole, span)


@dataclass(frozen=True)
class Quote:
    """A sentence of an article: `own` itself, and `whole` with the neighbours that it needs to be
    understood, at `span`."""

    source: Source
    own: Facts
    whole: Facts
    span: Span

    @property
    def article(self) -> Article:
        return self.source.article

    @property
    def text(self) -> str:
        return self.whole.text

    @functools.cached_property
    def clauses(self) -> list[Facts]:
        return [Facts(self.text[start:end]) for start, end in clause_spans(self.text)]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
