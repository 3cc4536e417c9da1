"""BM25 over passages; the only file that imports bm25s. Knows nothing of vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

from rag.snapshot import damaged
from rag.words import words

Scores = npt.NDArray[np.float32]

# Robertson's k1 and b at the values that suit short passages of news.
_K1, _B = 0.9, 0.4


class LexicalIndex:
    """BM25 (Lucene's variant; k1 .9, b .4) over the stems of `rag.words`."""

    def __init__(self, index: bm25s.BM25) -> None:
        self._index = index
        self._texts = int(index.scores["num_docs"])

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index `texts`; row i of every score is text i."""
        index = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        tokens = [words(text) for text in texts]
        if not any(tokens):
            # bm25s cannot index texts without a word; the empty word matches no question.
            tokens[0] = [""]
        index.index(tokens, show_progress=False)
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote to `folder`, of a snapshot. Raises SnapshotError if it cannot."""
        try:
            return cls(bm25s.BM25.load(folder, load_vocab=True, allow_pickle=False))
        except Exception as error:  # Of an altered file bm25s may make anything.
            raise damaged(folder.parent, f"{folder.name} cannot be read") from error

    def save(self, folder: Path) -> None:
        self._index.save(folder, allow_pickle=False, show_progress=False)

    def scores(self, question: str) -> Scores:
        """Return the BM25 score of every text for `question`, float32, shape (n,)."""
        known = [word for word in words(question) if word in self._index.vocab_dict]
        if not known:
            return np.zeros(self._texts, np.float32)
        return np.asarray(self._index.get_scores(known), np.float32)

    def rarity(self, word: str) -> float:
        """Return the inverse document frequency of a word as `rag.words.words` gives it.

        Lucene's: ln(1 + (N - n + .5) / (n + .5)) for a word in n of N texts.
        """
        starts = self._index.scores["indptr"]
        column = self._index.vocab_dict.get(word)
        count = 0 if column is None else int(starts[column + 1] - starts[column])
        return math.log(1 + (self._texts - count + 0.5) / (count + 0.5))
