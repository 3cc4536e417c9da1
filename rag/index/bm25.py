"""BM25 over passages and over their sentences; the only file that imports bm25s.

Knows nothing of vectors.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

from rag.index.protocols import Frequency, IDFs, Scores
from rag.index.snapshot import damaged
from rag.index.words import Tokens, Words
from rag.text.stems import stems
from rag.types import Rows

# Robertson's k1 and b at the values that suit short passages of news.
_K1, _B = 0.9, 0.4
_STARTS = "starts.npy"


class BM25Index:
    """BM25 (Lucene's variant; k1 .9, b .4) over the stems of `rag.text.stems`.

    `passages` and `sentences` are indexes of their own; `starts`, shape (n,), is the first
    sentence of each passage.
    """

    def __init__(self, passages: bm25s.BM25, sentences: bm25s.BM25, starts: Rows) -> None:
        ends = [*starts[1:], sentences.scores["num_docs"]]
        known = len(starts) == passages.scores["num_docs"]
        if not known or starts[0] != 0 or not np.all(starts < ends):
            raise ValueError("the sentences do not belong to the passages")
        self._passages = passages
        self._sentences = sentences
        self._starts = starts
        self._counts = np.diff(starts, append=sentences.scores["num_docs"])

    @classmethod
    def build(cls, tokens: Tokens) -> BM25Index:
        """Index passages by their words. Row i of every score is passage i."""
        return cls(_index(tokens.passages), _index(tokens.sentences), tokens.starts)

    @classmethod
    def write(cls, tokens: Tokens, folder: Path) -> None:
        """Write the words of a snapshot's passages, and the index of them, to the new `folder`."""
        folder.mkdir()
        tokens.save(folder)
        cls.build(tokens).save(folder)

    @classmethod
    def load(cls, folder: Path) -> BM25Index:
        """Read what `save` wrote to `folder`, of a snapshot. Raises SnapshotError if it cannot."""
        try:
            passages, sentences = (
                bm25s.BM25.load(folder / name, load_vocab=True, allow_pickle=False)
                for name in ("passages", "sentences")
            )
            for index in (passages, sentences):
                _check(index)
            return cls(passages, sentences, np.load(folder / _STARTS, allow_pickle=False))
        except Exception as error:  # Of an altered file bm25s may make anything.
            raise damaged(folder.parent, f"{folder.name} cannot be read") from error

    def save(self, folder: Path) -> None:
        for name, index in (("passages", self._passages), ("sentences", self._sentences)):
            index.save(folder / name, allow_pickle=False, show_progress=False)
        np.save(folder / _STARTS, self._starts, allow_pickle=False)

    def __len__(self) -> int:
        return len(self._starts)

    def scores(self, question: str, idfs: IDFs | None = None) -> Scores:
        """Return the BM25 score of every text for `question`, float32, shape (n,).

        `idfs`, of every word of the question, take the place of the index's own.
        """
        return _scores(self._passages, question, idfs)

    def sentence_scores(self, question: str, idfs: IDFs | None = None) -> Scores:
        """Return the BM25 score of the best sentence of every text, float32, shape (n,).

        `idfs` are as for `scores`, but among sentences.
        """
        scores = _scores(self._sentences, question, idfs)
        best: Scores = np.maximum.reduceat(scores, self._starts)
        return best

    def holding(self, text: str) -> Rows:
        """Return the rows of the texts that hold every word of `text`, in order.

        Stop words do not count; of a text of nothing else, none is found.
        """
        found: Rows | None = None
        for word in set(stems(text)):
            rows = _holding(self._passages, word)
            found = rows if found is None else np.intersect1d(found, rows)
        return np.empty(0, np.int64) if found is None else np.sort(found)

    def idf(self, word: str) -> float:
        """Return the inverse document frequency of a word as `rag.text.stems.stems` gives it."""
        return self.frequency(word).idf

    def frequency(self, word: str, within: Rows | None = None) -> Frequency:
        """Return in how many texts a word is, of all or of the rows `within`."""
        if within is None:
            return _frequency(self._passages, word)
        holding = _holding(self._passages, word)
        return Frequency(int(self._are(within)[holding].sum()), len(within))

    def sentence_frequency(self, word: str, within: Rows | None = None) -> Frequency:
        """Return in how many sentences a word is, of all texts or of the rows `within`."""
        if within is None:
            return _frequency(self._sentences, word)
        holding = _holding(self._sentences, word)
        texts = np.searchsorted(self._starts, holding, side="right") - 1
        return Frequency(int(self._are(within)[texts].sum()), int(self._counts[within].sum()))

    def _are(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Of every text whether it is one of `rows`."""
        found = np.zeros(len(self), bool)
        found[rows] = True
        return found


def _index(words: Words) -> bm25s.BM25:
    index = bm25s.BM25(k1=_K1, b=_B, method="lucene")
    numbers = words.numbers.tolist()
    texts = [numbers[start:end] for start, end in pairwise(words.starts.tolist())]
    vocabulary = {word: number for number, word in enumerate(words.vocabulary)}
    if not numbers:
        # bm25s cannot index texts without a word; the empty word matches no question.
        texts[0], vocabulary = [0], {"": 0}
    index.index((texts, vocabulary), show_progress=False)
    return index


def _check(index: bm25s.BM25) -> None:
    """Raise ValueError for an index whose parts do not belong together: NumPy would look elsewhere,
    or fail in the middle of a question."""
    columns, rows, data = (index.scores[name] for name in ("indptr", "indices", "data"))
    counts, texts = np.diff(columns), index.scores["num_docs"]
    if columns[0] != 0 or columns[-1] != len(rows) or len(rows) != len(data):
        raise ValueError("its lists have not the lengths that they should")
    if np.any(counts < 0) or np.any(counts > texts) or not np.all(np.isfinite(data)):
        raise ValueError("its lists hold what none can")
    if len(rows) and (rows.min() < 0 or rows.max() >= texts):
        raise ValueError("it names texts that there are not")


def _scores(index: bm25s.BM25, question: str, idfs: IDFs | None) -> Scores:
    known = [word for word in stems(question) if word in index.vocab_dict]
    if not known:
        return np.zeros(int(index.scores["num_docs"]), np.float32)
    if idfs is None:
        return np.asarray(index.get_scores(known), np.float32)
    scores = np.zeros(int(index.scores["num_docs"]), np.float32)
    for word in known:
        column = _column(index, word)
        # What bm25s keeps of a word has the index's own idf as a factor.
        own = Frequency(column.stop - column.start, len(scores)).idf
        rows = index.scores["indices"][column]
        scores[rows] += np.float32(idfs[word] / own) * index.scores["data"][column]
    return scores


def _frequency(index: bm25s.BM25, word: str) -> Frequency:
    column = _column(index, word)
    return Frequency(column.stop - column.start, int(index.scores["num_docs"]))


def _holding(index: bm25s.BM25, word: str) -> Rows:
    """The rows of the texts that hold a word, each once."""
    return np.asarray(index.scores["indices"][_column(index, word)], np.int64)


def _column(index: bm25s.BM25, word: str) -> slice:
    """Where bm25s keeps the texts that hold a word, and what it adds to their scores."""
    column = index.vocab_dict.get(word)
    if column is None:
        return slice(0, 0)
    start, end = index.scores["indptr"][column : column + 2]
    return slice(int(start), int(end))
