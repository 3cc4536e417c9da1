"""Two stores, and two lexical indexes, read as one: a small collection beside an archive.

Owns which rows are whose: those of the first, then those of the second, less the articles that
the first holds too. Nothing is copied or indexed anew. Knows neither files nor FAISS.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from rag.index.boolean import Search
from rag.index.facets import months
from rag.index.listed import Tallied, in_order
from rag.index.protocols import Frequency, IDFs, LexicalIndex, Scores, Store
from rag.index.record import Entry
from rag.text.fields import key_of
from rag.text.stems import stems
from rag.types import (
    FIELDS,
    Article,
    Days,
    Facets,
    FieldName,
    Filters,
    Passage,
    Rows,
    Sort,
    Vectors,
    Version,
)


class JointStore:
    """Two stores of vectors by one encoder, read as one; each method is as that of `Store`.

    An article of the second is left out when the first has one with its id or its text: what is
    asked of it is then answered with the first's. Safe to share between threads.
    """

    kept: Rows
    """The rows of the second store that are not left out: row `len(first) + i` is `kept[i]`."""
    clashing: tuple[str, ...]
    """Ids that both stores have given to different texts."""

    def __init__(self, first: Store, second: Store) -> None:
        self._first, self._second = first, second
        hashes = second.hashes()
        held = first.hashes(hashes)
        by_text = {held[one]: one for one in sorted(held, reverse=True)}
        # Of each article that is left out, the one that stands for it.
        self._twins = {
            one: one if one in held else by_text[text]
            for one, text in hashes.items()
            if one in held or text in by_text
        }
        self.clashing = tuple(
            one for one in self._twins if held.get(one, hashes[one]) != hashes[one]
        )
        self._kept_ids = hashes.keys() - self._twins.keys()
        self._only_second = hashes.keys() - held.keys()
        self._reports = {
            second.report(one): first.report(twin)
            for one, twin in self._twins.items()
            if hashes[one] == held[twin]
        }
        twins = Filters(articles=tuple(self._twins))
        self._doubled = second.facets(twins)
        left_out, _ = second.matching(twins)
        self.kept = np.setdiff1d(np.arange(len(second)), left_out)

    def __len__(self) -> int:
        return len(self._first) + len(self.kept)

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        mine, theirs = (None, None) if allowed is None else self._split(allowed)
        if allowed is None and self._twins:  # Without a list of rows FAISS is faster.
            theirs = self.kept
        rows, cosines = self._first.search(query, k, mine)
        others, further = self._second.search(query, k, theirs)
        rows = np.concatenate([rows, self._joint(others)])
        cosines = np.concatenate([cosines, further])
        best = np.lexsort((rows, -cosines))[:k]
        return rows[best], cosines[best]

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        mine, theirs = self._split(rows)
        beyond = rows >= len(self._first)
        found = np.empty((len(queries), len(rows)), np.float32)
        found[:, ~beyond] = self._first.cosines(queries, mine)
        found[:, beyond] = self._second.cosines(queries, theirs)
        return found

    def named(self, sources: Collection[str], times: Iterable[Days]) -> Vectors:
        times = list(times)
        theirs = self._second.named(sources, times)[self.kept]
        return np.concatenate([self._first.named(sources, times), theirs])

    def passages(self, rows: Iterable[int]) -> list[Passage]:
        count, found = len(self._first), []
        for row in rows:
            store, own = (
                (self._first, row) if row < count else (self._second, self.kept[row - count])
            )
            found += store.passages([own])
        return found

    def article(self, article_id: str) -> Article:
        return self._home(article_id).article(article_id)

    def entries(self, rows: Rows | None = None) -> list[Entry]:
        mine, theirs = self._split(np.arange(len(self)) if rows is None else rows)
        others = self._second.entries(theirs)
        found = [replace(one, report=self.report(one.id)) for one in others]
        found += self._first.entries(None if rows is None else mine)
        return in_order(found)

    def find(
        self,
        wanted: Search | None,
        filters: Filters = Filters(),  # noqa: B008
        sort: Sort = "newest",
        start: int = 0,
        stop: int | None = None,
    ) -> list[Entry]:
        mine, theirs = self._wanted(filters)
        others = self._second.find(wanted, theirs, sort, 0, stop)
        found = [replace(one, report=self.report(one.id)) for one in others]
        return in_order([*self._first.find(wanted, mine, sort, 0, stop), *found], sort)[start:stop]

    def tally(self, wanted: Search | None, filters: Filters = Filters()) -> Tallied:  # noqa: B008
        mine, theirs = self._wanted(filters)
        both = self._first.tally(wanted, mine), self._second.tally(wanted, theirs)
        sources, months = (
            dict(Counter(one) + Counter(other)) for one, other in zip(*both, strict=True)
        )
        return Tallied(sources, months)

    def articles_of(self, rows: Rows) -> set[str]:
        mine, theirs = self._split(rows)
        return self._first.articles_of(mine) | self._second.articles_of(theirs)

    def holds(self, article_id: str) -> bool:
        return self._home(article_id).holds(article_id)

    def report(self, article_id: str) -> str:
        """As `Store.report`, and one report for equal texts of both stores; texts of both that
        are only alike were never compared, and count as two."""
        report = self._home(article_id).report(article_id)
        return self._reports.get(report, report) if article_id in self._only_second else report

    def origins(self) -> dict[str, tuple[str, ...]]:
        return self._second.origins() | self._first.origins()

    def versions(self, article_id: str) -> tuple[Version, ...]:
        return self._first.versions(article_id) or self._second.versions(article_id)

    def version(self, content_hash: str) -> Version | None:
        return self._first.version(content_hash) or self._second.version(content_hash)

    def hashes(self, like: Mapping[str, str] | None = None) -> dict[str, str]:
        """As `Store.hashes`, with the ids that the second store has given to copies."""
        theirs = self._second.hashes(like)
        found = {one: text for one, text in theirs.items() if one not in self.clashing}
        return found | self._first.hashes(like)

    def articles(self) -> Iterator[Article]:
        theirs = (one for one in self._second.articles() if one.id in self._kept_ids)
        return heapq.merge(self._first.articles(), theirs, key=lambda one: one.id)

    def years(self) -> list[int]:
        return sorted({*self._first.years(), *self._second.years()})

    def sources(self) -> dict[str, int]:
        theirs = Counter(self._second.sources()) - Counter(self._doubled.sources)
        return dict(sorted((Counter(self._first.sources()) + theirs).items()))

    def values(self, field: FieldName) -> dict[str, int]:
        theirs = Counter(self._second.values(field)) - Counter(self._doubled.of(field))
        return _ranked(_together(self._first.values(field), theirs))

    def matching(self, filters: Filters) -> tuple[Rows, int]:
        mine, theirs = self._wanted(filters)
        rows, undated = self._first.matching(mine)
        others, further = self._second.matching(theirs)
        return np.concatenate([rows, self._joint(others)]), undated + further

    def facets(self, filters: Filters) -> Facets:
        mine, theirs = self._wanted(filters)
        one = self._first.facets(mine)
        other = self._second.facets(theirs)
        both = (*one.months, *other.months)
        return Facets(
            one.articles + other.articles,
            {name: _sum(one.sources, other.sources, name) for name in self.sources()},
            {month: _sum(one.months, other.months, month) for month in months(both)},
            one.undated + other.undated,
            **{field: self._field(field, one, other) for field in FIELDS},
        )

    def span(self, filters: Filters) -> tuple[str, str]:
        mine, theirs = self._wanted(filters)
        days = [day for day in (*self._first.span(mine), *self._second.span(theirs)) if day]
        return min(days, default=""), max(days, default="")

    def _field(self, field: FieldName, one: Facets, other: Facets) -> dict[str, int]:
        found = _together(one.of(field), other.of(field))
        counted = {key_of(value): n for value, n in found.items()}
        return {value: counted[key_of(value)] for value in self.values(field)}

    def _wanted(self, filters: Filters) -> tuple[Filters, Filters]:
        """The filters as the first store takes them, and the second."""
        if filters.articles is None:
            kept = tuple(self._kept_ids) if self._twins else None
            return filters, replace(filters, articles=kept)
        wanted = tuple(self._twins.get(one, one) for one in filters.articles)
        theirs = tuple(one for one in wanted if one in self._kept_ids)
        return replace(filters, articles=wanted), replace(filters, articles=theirs)

    def _home(self, article_id: str) -> Store:
        return self._second if article_id in self._only_second else self._first

    def _joint(self, rows: Rows) -> Rows:
        """Rows of the second store as rows of both."""
        joint: Rows = len(self._first) + np.searchsorted(self.kept, rows)
        return joint

    def _split(self, rows: Rows) -> tuple[Rows, Rows]:
        return _split(rows, len(self._first), self.kept)


class JointLexicalIndex:
    """Two indexes searched as one: the texts of the first, then the `kept` rows of the second.

    A word counts by its frequency in both together: in a collection of three texts every word is
    frequent. The length of a text is measured against the average of its own index still, as
    the scores that are kept do not say how long a text is. Methods are as those of `LexicalIndex`.
    """

    def __init__(self, first: LexicalIndex, second: LexicalIndex, kept: Rows) -> None:
        self._first, self._second, self._kept = first, second, kept
        # Without a list of rows nothing has to be counted.
        self._within = kept if len(kept) < len(second) else None

    def __len__(self) -> int:
        return len(self._first) + len(self._kept)

    def scores(self, question: str, idfs: IDFs | None = None, rows: Rows | None = None) -> Scores:
        mine, theirs = (None, self._kept) if rows is None else self._split(rows)
        idfs = self._idfs([question]) if idfs is None else idfs
        others = self._second.scores(question, idfs, theirs)
        return np.concatenate([self._first.scores(question, idfs, mine), others])

    def sentence_scores(
        self, question: str, idfs: IDFs | None = None, rows: Rows | None = None
    ) -> Scores:
        mine, theirs = (None, self._kept) if rows is None else self._split(rows)
        if idfs is None:
            idfs = {word: self.sentence_frequency(word).idf for word in stems(question)}
        others = self._second.sentence_scores(question, idfs, theirs)
        return np.concatenate([self._first.sentence_scores(question, idfs, mine), others])

    def candidates(
        self,
        questions: Sequence[str],
        k: int,
        allowed: Rows | None = None,
        idfs: IDFs | None = None,
    ) -> Rows | None:
        mine, theirs = self._split(allowed)
        idfs = self._idfs(questions) if idfs is None else idfs
        first = self._first.candidates(questions, k, mine, idfs)
        second = self._second.candidates(questions, k, theirs, idfs)
        if first is None and second is None:
            return None
        if first is None:
            first = np.arange(len(self._first)) if mine is None else mine
        if second is None:
            second = self._kept if theirs is None else theirs
        return np.concatenate([first, len(self._first) + np.searchsorted(self._kept, second)])

    def _idfs(self, questions: Iterable[str]) -> IDFs:
        return {word: self.idf(word) for question in questions for word in stems(question)}

    def holding(self, text: str) -> Rows:
        theirs = np.flatnonzero(np.isin(self._kept, self._second.holding(text)))
        return np.concatenate([self._first.holding(text), len(self._first) + theirs])

    def idf(self, word: str) -> float:
        return self.frequency(word).idf

    def frequency(self, word: str, within: Rows | None = None) -> Frequency:
        mine, theirs = self._split(within)
        return self._first.frequency(word, mine) + self._second.frequency(word, theirs)

    def sentence_frequency(self, word: str, within: Rows | None = None) -> Frequency:
        mine, theirs = self._split(within)
        first = self._first.sentence_frequency(word, mine)
        return first + self._second.sentence_frequency(word, theirs)

    def _split(self, within: Rows | None) -> tuple[Rows | None, Rows | None]:
        if within is None:
            return None, self._within
        return _split(within, len(self._first), self._kept)


def _split(rows: Rows, count: int, kept: Rows) -> tuple[Rows, Rows]:
    """Rows of both as those of the first, which has `count`, and those of the second."""
    return rows[rows < count], kept[rows[rows >= count] - count]


def _sum(one: Mapping[str, int], other: Mapping[str, int], name: str) -> int:
    return one.get(name, 0) + other.get(name, 0)


def _together(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """The counts of both, values that are spelt in two ways as `one` does."""
    spelt = {key_of(value): value for value in (*other, *one)}
    counted = Counter[str]()
    for value, n in (*one.items(), *other.items()):
        counted[spelt[key_of(value)]] += n
    return dict(counted)


def _ranked(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], key_of(pair[0]))))
