"""Where the passages of the articles of a build are: cut anew, or as they were in an earlier index.

Holds numbers and headings; a passage's text is made when it is needed, of the article's.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from rag.index.chunk import TokenCounter, cut_with_heading
from rag.index.record import Record
from rag.text.sentences import sentence_spans, spans_within
from rag.types import Article, Passage, Rows


class Cut:
    """The passages of articles, in the order in which these were added.

    Passage i has the vector and the words `rows[i]` of those that there were, and then of the new
    ones. `known` are the records of the articles that were taken over.
    """

    def __init__(self, known: Mapping[str, Record], there: int) -> None:
        """`there`: how many passages there were."""
        self.known, self._there = known, there
        self.new = 0
        """How many passages are new."""
        self._rows, self._starts, self._ends = array("q"), array("i"), array("i")
        self._firsts = array("q", [0])
        # What stands before each new passage of an article, for the encoder.
        self._heads: list[str] = []

    def add(
        self, article: Article, count_tokens: TokenCounter, room: int, heading_tokens: int
    ) -> None:
        """Take over the passages of an article, or cut it as `cut_with_heading` does."""
        head = ""
        if record := self.known.get(article.id):
            for row, start, end in record.passages:
                self._add(row, start, end)
        else:
            passages, texts = cut_with_heading(article, count_tokens, room, heading_tokens)
            for passage in passages:
                self._add(self._there + self.new, passage.start, passage.end)
                self.new += 1
            if passages:
                head = texts[0].removesuffix(passages[0].text)
        self._heads.append(head)
        self._firsts.append(len(self._rows))

    def _add(self, row: int, start: int, end: int) -> None:
        self._rows.append(row)
        self._starts.append(start)
        self._ends.append(end)

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._rows)

    @property
    def rows(self) -> Rows:
        return np.array(self._rows, np.int64)

    def passages(self, articles: Iterable[Article]) -> Iterator[Passage]:
        """Yield the passages of `articles`: those that were added, in the same order."""
        for number, article in enumerate(articles):
            yield from self._of(number, article)

    def texts(self, articles: Iterable[Article]) -> Iterator[str]:
        """Yield what is embedded of each new passage."""
        for number, article in enumerate(articles):
            if article.id not in self.known:
                yield from self._texts(number, article)

    def words(
        self, articles: Iterable[Article]
    ) -> Iterator[tuple[Article, list[str], list[list[str]]]]:
        """Yield each article, and the texts of its new passages and the sentences of each."""
        for number, article in enumerate(articles):
            if article.id in self.known:
                yield article, [], []
                continue
            spans = sentence_spans(article.text)
            sentences = [
                [one.text[a:b] for a, b in spans_within(spans, one.start, one.end)]
                for one in self._of(number, article)
            ]
            yield article, self._texts(number, article), sentences

    def _of(self, number: int, article: Article) -> Iterator[Passage]:
        for i in range(self._firsts[number], self._firsts[number + 1]):
            start, end = self._starts[i], self._ends[i]
            yield Passage(article.id, start, end, article.text[start:end])

    def _texts(self, number: int, article: Article) -> list[str]:
        return [f"{self._heads[number]}{one.text}" for one in self._of(number, article)]
