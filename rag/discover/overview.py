"""What an archive holds and what can be asked of it, for a reader who is new to it.

Reads the articles once for each, and asks the archive the questions that it proposes: one that is
not answered well is not shown. Knows nothing of the index.
"""

from __future__ import annotations

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rag.discover.entities import Entity, entities
from rag.discover.example_questions import Ask, answered, proposed
from rag.text.fields import language_of
from rag.types import Article, Name, Overview

_NAMES = 12
_KNOWN = 5_000  # Names, those of most articles: example questions are about them.
_FEW = 4  # With fewer names that two articles share, names of one are shown too.


class Explorer:
    """Overview and examples of an archive, each made once, when first asked for. Thread-safe."""

    def __init__(
        self,
        articles: Callable[[], Iterator[Article]],
        sources: Callable[[], Mapping[str, int]],
        ask: Ask,
    ) -> None:
        self._articles, self._sources, self._ask = articles, sources, ask
        self._reading, self._asking = threading.Lock(), threading.Lock()
        self._read: tuple[Overview, Sequence[Entity]] | None = None
        self._answered: list[str] | None = None

    def overview(self) -> Overview:
        """What the archive holds."""
        with self._reading:
            self._read = self._read or overview(self._articles(), self._sources())
            return self._read[0]

    def names(self) -> tuple[Name, ...]:
        """The names that the articles speak of, those of most articles first."""
        self.overview()
        found = self._read[1] if self._read else ()
        return tuple(Name(one.name, one.kind, len(one.articles)) for one in found)

    def examples(self, n: int) -> list[str]:
        """At most `n` questions that the archive answers, best first."""
        self.overview()
        with self._asking:
            if self._answered is None and self._read:
                self._answered = answered(proposed(self._articles(), self._read[1]), self._ask)
            return (self._answered or [])[:n]


def overview(
    articles: Iterable[Article], sources: Mapping[str, int]
) -> tuple[Overview, Sequence[Entity]]:
    """What articles hold, and their names; `sources` are those of all, counted."""
    days: list[datetime.date | None] = []
    languages: Counter[str] = Counter()

    def noted() -> Iterator[Article]:
        for article in articles:
            days.append(article.published)
            languages[language_of(article.language)] += 1
            yield article

    names = entities(noted(), sources)
    dated = [day for day in days if day]
    first, last = min(dated, default=None), max(dated, default=None)
    shown = [one for one in names if len(one.articles) > 1]
    if len(shown) < _FEW:  # Full names of one article follow.
        shown += [one for one in names if len(one.articles) == 1 < one.mentions and " " in one.name]
    counted = {language: n for language, n in sorted(languages.items()) if language}
    spoken_of = {one.name: len(one.articles) for one in shown[:_NAMES]}
    undated = len(days) - len(dated)
    return Overview(len(days), sources, first, last, undated, counted, spoken_of), names[:_KNOWN]
