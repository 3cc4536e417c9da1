"""What an archive holds and what can be asked of it, for a reader who comes to it anew.

Reads every article once, and asks the archive the questions that it proposes: one that the archive
does not answer well is not shown. Knows nothing of the index.
"""

from __future__ import annotations

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rag.discover.entities import Known, cast
from rag.discover.example_questions import Ask, Candidate, answered, proposed, varied
from rag.types import Article, Overview

_NAMES = 12
_FEW = 4  # With fewer names that two articles share, names of one are shown too.


class Explorer:
    """Overview and examples of an archive, each made when first asked for, and once.

    Safe to share between threads.
    """

    def __init__(
        self,
        articles: Callable[[], Iterator[Article]],
        sources: Callable[[], Mapping[str, int]],
        ask: Ask,
    ) -> None:
        self._articles, self._sources, self._ask = articles, sources, ask
        self._making, self._trying = threading.Lock(), threading.Lock()
        self._overview: Overview | None = None
        self._answered: list[Candidate] | None = None

    def overview(self) -> Overview:
        """What the archive holds."""
        with self._making:
            if self._overview is None:
                self._overview = overview(self._articles(), self._sources())
            return self._overview

    def examples(self, n: int) -> list[str]:
        """At most `n` questions that the archive answers, best first."""
        known = self.overview().names
        with self._trying:
            if self._answered is None:
                self._answered = answered(proposed(self._articles(), known), self._ask)
            return [one.question for one in varied(self._answered, n)]


def overview(articles: Iterable[Article], sources: Mapping[str, int]) -> Overview:
    """What articles hold; `sources` are those of all, counted."""
    days: list[datetime.date | None] = []
    languages: Counter[str] = Counter()

    def noted() -> Iterator[Article]:
        for article in articles:
            days.append(article.published)
            languages.update([article.language] if article.language else [])
            yield article

    known = cast(noted(), sources)
    dated = [day for day in days if day]
    return Overview(
        len(days),
        sources,
        min(dated, default=None),
        max(dated, default=None),
        len(days) - len(dated),
        dict(sorted(languages.items())),
        {one.name: len(one.articles) for one in _leading(known)},
    )


def _leading(known: Sequence[Known]) -> list[Known]:
    """The names to show: those of several articles, or, where these are few, also full names of
    one that speaks of them twice."""
    shared = [one for one in known if len(one.articles) > 1]
    if len(shared) >= _FEW:
        return shared[:_NAMES]
    alone = [one for one in known if len(one.articles) == 1]
    full = [one for one in alone if " " in one.name and one.mentions > 1]
    return [*shared, *full][:_NAMES]
