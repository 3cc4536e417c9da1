"""BM25 over passages and over their sentences, in lists that are memory-mapped.

Knows nothing of vectors.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.index.mapped import mapped, new, spread
from rag.index.protocols import Finder, Frequency, IDFs, Scores, Weights
from rag.index.snapshot import damaged
from rag.index.words import STARTS, VOCABULARY, Tokens, Words, sentences_of
from rag.text.outside import json_value
from rag.text.stems import stems
from rag.types import Rows

K1, B = 0.9, 0.4
"""Robertson's k1 and b at the values that suit short passages of news."""
_KINDS = ("passages", "sentences")
_COLUMNS, _ROWS, _VALUES = (f"{name}.csc.index.npy" for name in ("indptr", "indices", "data"))
FILES = (_COLUMNS, _ROWS, _VALUES)
"""The files of each kind, by the names that bm25s, the library, has for them."""
PARAMETERS = "params.index.json"
_VOCABULARY_6 = "vocab.index.json"
_BLOCK = 1 << 20
"""Words that are counted at a time."""
_New: TypeAlias = Callable[[str, npt.DTypeLike, int], npt.NDArray[Any]]
"""Makes an array for one of `FILES`."""
_SPARSE = 8
"""Of fewer texts than one in so many each is looked up, of more all are scored."""


@dataclass(frozen=True)
class _Lists:
    """Of each word the texts that hold it, and what it adds to their scores: of word number i,
    `rows` and `values` from `starts[i]` to `starts[i + 1]`. A value has the word's idf in it."""

    vocabulary: Mapping[str, int]
    starts: Rows
    rows: npt.NDArray[np.int32]
    values: Scores
    texts: int

    def __post_init__(self) -> None:
        """Raise ValueError where the parts do not belong together."""
        ends = (self.starts[0], self.starts[-1], len(self.values))
        if ends != (0, len(self.rows), len(self.rows)):
            raise ValueError("its lists have not the lengths that they should")
        counts = np.diff(self.starts)
        if np.any(counts < 0) or np.any(counts > self.texts):
            raise ValueError("its lists hold what none can")

    def of(self, word: str) -> slice:
        number = self.vocabulary.get(word)
        if number is None:
            return slice(0, 0)
        # An altered vocabulary may name a list that there is not.
        start, end = self.starts[number : number + 2]
        return slice(int(start), int(end))

    def holding(self, word: str) -> Rows:
        """The rows of the texts that hold a word, each once. Raises ValueError for those of an
        altered file that there are not: they are read when they are needed."""
        rows = self.rows[self.of(word)]
        if len(rows) and (rows.min() < 0 or rows.max() >= self.texts):
            raise ValueError("it names texts that there are not")
        return rows.astype(np.int64)

    def frequency(self, word: str) -> Frequency:
        found = self.of(word)
        return Frequency(found.stop - found.start, self.texts)

    def weights(self, question: str, idfs: IDFs | None) -> Weights:
        """The IDF of each word that there is, times its number in a question."""
        return {
            self.vocabulary[word]: count
            * (self.frequency(word).idf if idfs is None else idfs[word])
            for word, count in Counter(stems(question)).items()
            if self.frequency(word).holding
        }

    def scores(self, question: str, idfs: IDFs | None, rows: Rows | None = None) -> Scores:
        if rows is not None and len(rows) > self.texts // _SPARSE:
            every = self.scores(question, idfs)
            return every[rows]
        scores = np.zeros(self.texts if rows is None else len(rows), np.float32)
        for word in stems(question):
            found = self.of(word)
            if found.stop == found.start:
                continue
            if rows is None:
                places, values = self.holding(word), self.values[found]
            else:
                places, values = self._among(rows, found)
            if not np.isfinite(values).all():
                raise ValueError("its lists hold what none can")
            if idfs is not None:
                values = np.float32(idfs[word] / self.frequency(word).idf) * values
            scores[places] += values
        return scores

    def _among(self, rows: Rows, found: slice) -> tuple[Rows, Scores]:
        """Which of `rows` are in a list, and what it adds to the score of each; the list is
        searched, not read."""
        holding = self.rows[found]
        there = np.searchsorted(holding, rows.astype(holding.dtype))
        there = np.minimum(there, len(holding) - 1)
        places = np.flatnonzero(holding[there] == rows)
        return places, self.values[found][there[places]]


class BM25Index:
    """BM25 (Lucene's variant; k1 .9, b .4) over the stems of `rag.text.stems`.

    `passages` and `sentences` are lists of their own; `starts`, shape (n,), is the first
    sentence of each passage. `folder` is where they were read. `finder`, where there is one,
    finds passages by their words elsewhere. Methods are as those of `LexicalIndex`.
    """

    def __init__(
        self,
        passages: _Lists,
        sentences: _Lists,
        starts: Rows,
        folder: Path | None = None,
        finder: Finder | None = None,
    ) -> None:
        ends = np.append(starts[1:], sentences.texts)
        known = starts.shape == (passages.texts,) and passages.texts > 0
        if not known or starts[0] != 0 or not np.all(starts < ends):
            raise ValueError("the sentences do not belong to the passages")
        self._passages = passages
        self._sentences = sentences
        self._starts = starts
        self._counts = ends - starts
        self._folder, self._finder = folder, finder

    @classmethod
    def build(cls, tokens: Tokens) -> BM25Index:
        """Index passages by their words, in memory. Row i of every score is passage i."""
        passages, sentences = (
            _index(words, lambda _, kind, count: np.empty(count, kind))
            for words in (tokens.passages, tokens.sentences)
        )
        return cls(passages, sentences, tokens.starts)

    @staticmethod
    def write(folder: Path, between: Callable[[], object] = lambda: None) -> None:
        """Write the index of the words that were written to `folder`, beside them. `between` is
        called now and then, and may raise to end the work."""
        tokens = Tokens.load(folder)
        for name, words in zip(_KINDS, (tokens.passages, tokens.sentences), strict=True):
            (folder / name).mkdir()

            def on_disk(file: str, kind: npt.DTypeLike, count: int, of: str = name) -> Any:
                between()
                return new(folder / of / file, kind, (int(count),))

            lists = _index(words, on_disk, between)
            parameters = {"k1": K1, "b": B, "method": "lucene", "num_docs": lists.texts}
            (folder / name / PARAMETERS).write_text(json.dumps(parameters), "utf-8")

    @classmethod
    def load(cls, folder: Path, finder: Finder | None = None) -> BM25Index:
        """Open what `write` wrote to `folder`, of a snapshot. Raises SnapshotError if it cannot."""
        try:
            starts = np.array(mapped(folder / STARTS, np.int64, 1))
            common = _vocabulary(folder / VOCABULARY) if (folder / VOCABULARY).exists() else None
            passages, sentences = (_load(folder / name, common) for name in _KINDS)
            if sentences.texts != sentences_of(folder):  # A score of each is made for a question.
                raise ValueError("it has not the sentences that it should")
            return cls(passages, sentences, starts, folder, finder)
        except Exception as error:  # An altered file may hold anything.
            raise damaged(folder.parent, f"{folder.name} cannot be read") from error

    def __len__(self) -> int:
        return len(self._starts)

    def scores(self, question: str, idfs: IDFs | None = None, rows: Rows | None = None) -> Scores:
        with self._reading():
            return self._passages.scores(question, idfs, rows)

    def sentence_scores(
        self, question: str, idfs: IDFs | None = None, rows: Rows | None = None
    ) -> Scores:
        sentences, starts = None, self._starts
        if rows is not None:
            counts = self._counts[rows]
            sentences, starts = spread(self._starts[rows], counts), np.cumsum(counts) - counts
        with self._reading():
            scores = self._sentences.scores(question, idfs, sentences)
        best: Scores = np.maximum.reduceat(scores, starts) if len(starts) else scores
        return best

    def candidates(
        self,
        questions: Sequence[str],
        k: int,
        allowed: Rows | None = None,
        idfs: IDFs | None = None,
    ) -> Rows | None:
        if self._finder is None:
            return None
        with self._reading():
            weights = [self._passages.weights(question, idfs) for question in questions]
        return self._finder(questions, weights, k, allowed)

    def holding(self, text: str) -> Rows:
        found: Rows | None = None
        with self._reading():
            for word in set(stems(text)):
                rows = self._passages.holding(word)
                found = rows if found is None else np.intersect1d(found, rows)
        return np.empty(0, np.int64) if found is None else np.sort(found)

    def idf(self, word: str) -> float:
        return self.frequency(word).idf

    def frequency(self, word: str, within: Rows | None = None) -> Frequency:
        if within is None:
            return self._passages.frequency(word)
        with self._reading():
            holding = self._passages.holding(word)
        return Frequency(int(self._are(within)[holding].sum()), len(within))

    def sentence_frequency(self, word: str, within: Rows | None = None) -> Frequency:
        if within is None:
            return self._sentences.frequency(word)
        with self._reading():
            holding = self._sentences.holding(word)
        texts = np.searchsorted(self._starts, holding, side="right") - 1
        return Frequency(int(self._are(within)[texts].sum()), int(self._counts[within].sum()))

    def _are(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Of every text whether it is one of `rows`."""
        found = np.zeros(len(self), bool)
        found[rows] = True
        return found

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """What is read of the files when it is needed: an altered one is found then."""
        try:
            yield
        except ValueError as error:
            if self._folder is None:
                raise
            raise damaged(self._folder.parent, f"{self._folder.name} was altered") from error


def _load(folder: Path, common: Mapping[str, int] | None) -> _Lists:
    starts, rows, values = (
        mapped(folder / name, kind, 1)
        for name, kind in zip(FILES, (np.int64, np.int32, np.float32), strict=True)
    )
    vocabulary = common
    if vocabulary is None:  # Of format 6, in which each has its own, with the empty word.
        named = json_value((folder / _VOCABULARY_6).read_bytes())
        there = range(len(starts) - 1)
        vocabulary = {word: int(named[word]) for word in named if named[word] in there}
    elif len(vocabulary) != len(starts) - 1:
        raise ValueError("it has not the words that it should")
    texts = json_value((folder / PARAMETERS).read_bytes())["num_docs"]
    return _Lists(vocabulary, np.array(starts), rows, values, int(texts))


def _vocabulary(path: Path) -> dict[str, int]:
    return {word: number for number, word in enumerate(json_value(path.read_bytes()))}


def _index(words: Words, make: _New, between: Callable[[], object] = lambda: None) -> _Lists:
    """Index texts by their words: count them, then put them where their lists begin."""
    vocabulary = {word: number for number, word in enumerate(words.vocabulary)}
    holding = np.zeros(len(vocabulary), np.int64)
    for _, numbers, _ in _counted(words):
        holding += np.bincount(numbers, minlength=len(holding))
        between()
    starts = make(_COLUMNS, np.int64, len(holding) + 1)
    starts[:] = np.concatenate([[0], np.cumsum(holding)])
    rows, values = make(_ROWS, np.int32, starts[-1]), make(_VALUES, np.float32, starts[-1])
    norms = _norms(words)
    idfs = np.log(1 + (len(words) - holding + 0.5) / (holding + 0.5))
    places = starts[:-1].copy()
    for texts, numbers, counts in _counted(words):
        order = np.argsort(numbers, kind="stable")
        texts, numbers, counts = texts[order], numbers[order], counts[order]
        added = np.bincount(numbers, minlength=len(holding))
        first = np.cumsum(added) - added
        here = places[numbers] + np.arange(len(numbers)) - first[numbers]
        rows[here] = texts
        values[here] = idfs[numbers] * counts / (counts + norms[texts])
        places += added
        between()
    return _Lists(vocabulary, starts, rows, values, len(words))


def frequencies(folder: Path) -> Iterator[Weights]:
    """Yield of each passage whose words were written to `folder` what each word adds to its score
    with an IDF of 1."""
    words = Tokens.load(folder).passages
    for row, norm in enumerate(_norms(words)):
        of_this = words.numbers[words.starts[row] : words.starts[row + 1]]
        numbers, counts = np.unique(of_this, return_counts=True)
        yield dict(zip(numbers.tolist(), (counts / (counts + norm)).tolist(), strict=True))


def _norms(words: Words) -> npt.NDArray[np.float64]:
    """What is added to the frequency of a word in each text, by the length of the text."""
    lengths = np.diff(words.starts)
    norms: npt.NDArray[np.float64] = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9))
    return norms


def _counted(words: Words) -> Iterator[tuple[Rows, Rows, Rows]]:
    """Yield texts, the words that each has, and how often, block by block."""
    ends = words.starts[1:]
    first = 0
    while first < len(words):
        last = max(first + 1, int(np.searchsorted(ends, words.starts[first] + _BLOCK, "right")))
        texts = np.repeat(np.arange(first, last), np.diff(words.starts[first : last + 1]))
        numbers = words.numbers[words.starts[first] : words.starts[last]].astype(np.int64)
        both, counts = np.unique(texts * len(words.vocabulary) + numbers, return_counts=True)
        if len(both):
            yield *np.divmod(both, len(words.vocabulary)), counts
        first = last
