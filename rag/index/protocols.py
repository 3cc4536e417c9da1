"""The Protocols of an index: what the way of a question asks of vectors, of words and of a store.

Vectors and words lie in the files of a snapshot, or in an engine beside it; two stores, or two
lexical indexes, read as one are such a one too (`rag.index.joint`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.index.boolean import Search
from rag.index.listed import Tallied
from rag.index.record import Entry
from rag.types import (
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

Scores: TypeAlias = npt.NDArray[np.float32]
IDFs: TypeAlias = Mapping[str, float]
"""The inverse document frequency that each word of a question counts with."""
Weights: TypeAlias = Mapping[int, float]
"""What words count, by their numbers in the vocabulary of an index."""
Finder: TypeAlias = "Callable[[Sequence[str], Sequence[Weights], int, Rows | None], Rows]"
"""Finds in an engine what `LexicalIndex.candidates` returns. It is given the questions, what the
words of each count (IDF times number in the question), how many rows, and which are allowed."""


class VectorRows(Protocol):
    """Unit vectors by row, of which any few can be taken: they need not be in memory."""

    def __len__(self) -> int: ...

    def take(self, rows: Rows) -> Vectors:
        """Return the vectors of `rows`, in that order, float32, shape (rows, dimension)."""
        ...


class VectorIndex(VectorRows, Protocol):
    """Vectors that are searched. Of the files of a snapshot, it is one of the kinds of
    `rag.index.vectors`."""

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        """Return rows and cosines of the `k` vectors nearest to `query`, best first.

        `query` is a unit vector of shape (dimension,). `allowed` restricts the search to those
        rows. Fewer than `k` come back when there are no more.
        """
        ...

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        """Return the cosine of each query to each of `rows`, shape (queries, rows).

        `queries` are unit rows, shape (queries, dimension).
        """
        ...


@dataclass(frozen=True, slots=True)
class Frequency:
    """A word is in `holding` of `texts` texts."""

    holding: int
    texts: int

    def __add__(self, other: Frequency) -> Frequency:
        return Frequency(self.holding + other.holding, self.texts + other.texts)

    @property
    def idf(self) -> float:
        """The inverse document frequency, Lucene's: ln(1 + (N - n + .5) / (n + .5)) for a word in
        n of N texts."""
        return math.log(1 + (self.texts - self.holding + 0.5) / (self.holding + 0.5))


class LexicalIndex(Protocol):
    """BM25 by row. Of the files of a snapshot, it is `rag.index.bm25.BM25Index`."""

    def __len__(self) -> int: ...

    def scores(self, question: str, idfs: IDFs | None = None, rows: Rows | None = None) -> Scores:
        """Return the BM25 score of every text for `question`, float32, shape (n,), or of each of
        `rows`, which are in order.

        `idfs`, of every word of the question, take the place of the index's own.
        """
        ...

    def sentence_scores(
        self, question: str, idfs: IDFs | None = None, rows: Rows | None = None
    ) -> Scores:
        """Return the BM25 score of the best sentence of every text, or of each of `rows`.

        `idfs` are as for `scores`, but among sentences.
        """
        ...

    def candidates(
        self,
        questions: Sequence[str],
        k: int,
        allowed: Rows | None = None,
        idfs: IDFs | None = None,
    ) -> Rows | None:
        """Return rows, in order, among which are the `k` of the highest scores for each question;
        None where nothing finds these sooner than scoring every text does.

        `allowed` restricts them to those rows, and `idfs` are as for `scores`.
        """
        ...

    def holding(self, text: str) -> Rows:
        """Return the rows of the texts that hold every word of `text`, in order.

        Stop words do not count; of a text of nothing else, none is found.
        """
        ...

    def idf(self, word: str) -> float:
        """Return the inverse document frequency of a word as `rag.text.stems.stems` gives it."""
        ...

    def frequency(self, word: str, within: Rows | None = None) -> Frequency:
        """Return in how many texts a word is, of all or of the rows `within`."""
        ...

    def sentence_frequency(self, word: str, within: Rows | None = None) -> Frequency:
        """Return in how many sentences a word is, of all texts or of the rows `within`."""
        ...


class Store(Protocol):
    """Articles, their passages and the vectors of these. Of one snapshot it is
    `rag.index.store.SnapshotStore`."""

    def __len__(self) -> int: ...

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        """Return rows and cosines of the `k` passages nearest to `query`, best first.

        `query` is a unit vector of shape (dimension,). `allowed` restricts the search to those
        rows. Fewer than `k` come back when there are no more.
        """
        ...

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        """Return the cosine of each query to each of `rows`, shape (queries, rows).

        `queries` are unit rows, shape (queries, dimension).
        """
        ...

    def named(self, sources: Collection[str], times: Iterable[Days]) -> Vectors:
        """Return for every passage, shape (n,), 1 if it is from one of `sources`, and 1 more if
        it was published at one of `times` (first and last day)."""
        ...

    def passages(self, rows: Iterable[int]) -> list[Passage]:
        """Return the passages of `rows`, in that order."""
        ...

    def article(self, article_id: str) -> Article:
        """Return an article whose text matches the hash it was stored with.

        Raises KeyError when there is none with this id, SnapshotError when its text was altered.
        """
        ...

    def entries(self, rows: Rows | None = None) -> list[Entry]:
        """Return the articles of the passages `rows` (None: all), newest first, undated last."""
        ...

    def find(
        self,
        wanted: Search | None,
        filters: Filters = Filters(),  # noqa: B008
        sort: Sort = "newest",
        start: int = 0,
        stop: int | None = None,
    ) -> list[Entry]:
        """Return the articles from `start` to before `stop` (None: all) of those that fit a search
        (None: any) and that `filters` leave, in an order; undated ones come last by day."""
        ...

    def tally(self, wanted: Search | None, filters: Filters = Filters()) -> Tallied:  # noqa: B008
        """Count the articles that `find` returns, by source and by month."""
        ...

    def articles_of(self, rows: Rows) -> set[str]:
        """Return the ids of the articles of the passages `rows`."""
        ...

    def holds(self, article_id: str) -> bool:
        """Whether there is an article with this id."""
        ...

    def report(self, article_id: str) -> str:
        """Return the id of the report that an article is a copy of: its own, if of none.

        Articles with one report are copies of one text. Raises KeyError when there is none with
        this id.
        """
        ...

    def origins(self) -> dict[str, tuple[str, ...]]:
        """Return the further origins of the articles, by id, that were read more than once."""
        ...

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """As `rag.index.versions.of_article`."""
        ...

    def version(self, content_hash: str) -> Version | None:
        """As `rag.index.versions.with_hash`."""
        ...

    def hashes(self, like: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the content hash of every article by its id; with `like`, hashes by id as well,
        only of articles that have one of its ids or one of its hashes."""
        ...

    def articles(self) -> Iterator[Article]:
        """Yield every article, by id."""
        ...

    def years(self) -> list[int]:
        """Return the years in which articles were published."""
        ...

    def sources(self) -> dict[str, int]:
        """Return each source with the number of its articles, by name."""
        ...

    def values(self, field: FieldName) -> dict[str, int]:
        """Return each value of a field with the number of its articles, those of most first."""
        ...

    def matching(self, filters: Filters) -> tuple[Rows, int]:
        """Return the rows that `filters` leave, and the number of articles that a date filter
        leaves out because they have no date."""
        ...

    def facets(self, filters: Filters) -> Facets:
        """Return how many articles `filters` leave, and how many each other choice would."""
        ...

    def span(self, filters: Filters) -> tuple[str, str]:
        """Return the first and the last day of what `filters` leave ("2023-10-01"), or ""."""
        ...
