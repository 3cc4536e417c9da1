"""The heads of Byline's own reader: sentence scores and answer spans from the states of tokens.

There are three, over an encoder that reads question, heading and passage together:

- sentences: a sentence is scored by the cosine of its mean token with the question's (Reimers and
  Gurevych 2019), by the mean over the question's tokens of the best cosine to one of its own
  (late interaction, Khattab and Zaharia 2020), and by a linear layer;
- nothing: what it would take to say that no sentence of this passage answers. It is subtracted,
  so that sentences of several passages can be compared;
- spans: start and end of the words that answer, the first token standing for "none" (Devlin et
  al. 2019).

`eval.train.network` trains them, in torch; the tests hold both to the same scores.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rag.models.reader.sentence_tokens import SentenceTokens
from rag.models.runtime.bert import Weights

Matrix = npt.NDArray[np.float32]

_LEAST = 1e-12  # Length below which a vector is not divided by it, as in torch.


class Heads:
    """The heads, with their weights. Raises KeyError when one is missing."""

    def __init__(self, weights: Weights) -> None:
        self._of_question, self._of_sentence, self._linear, self._nothing, self._spans = (
            (_float32(weights[f"{name}.weight"]).T, _float32(weights[f"{name}.bias"]))
            for name in ("of_question", "of_sentence", "linear", "nothing", "spans")
        )
        self._whole, self._tokens = _float32(weights["scale"])

    def sentences(self, states: Matrix, sentences: SentenceTokens) -> Matrix:
        """The log-odds of sentences of rows against nothing, in their order; `states` are those
        of the rows' tokens."""
        of_row, asked = sentences.rows, sentences.asked
        means = sentences.reduce(np.add, states) / _column(sentences.counts)
        count = _column(np.maximum(asked.sum(1), 1))
        places = np.flatnonzero(asked.any(0))  # The question's tokens stand there in every row.
        words = states[:, places] * asked[:, places, np.newaxis]
        question = words.sum(1) / count
        ours, theirs = _affine(question, self._of_question), _affine(means, self._of_sentence)
        alike = (_unit(ours)[of_row] * _unit(theirs)).sum(1)
        cosines = _unit(states) @ _unit(words).transpose(0, 2, 1)
        best = sentences.reduce(np.maximum, cosines).sum(1) / count[of_row, 0]
        scores: Matrix = (
            self._whole * alike
            + self._tokens * best
            + _affine(means, self._linear)[:, 0]
            - _affine(states[:, 0], self._nothing)[of_row, 0]
        )
        return scores

    def spans(self, states: Matrix) -> tuple[Matrix, Matrix]:
        """The log-odds of each token of rows as a start, and as an end, shape (rows, tokens)."""
        scores = _affine(states, self._spans)
        scores -= scores[:, :1]
        return scores[..., 0], scores[..., 1]


def _column(counts: npt.NDArray[Any]) -> Matrix:
    return _float32(counts[:, np.newaxis])


def _float32(weights: npt.NDArray[Any]) -> Matrix:
    return weights.astype(np.float32, copy=False)


def _affine(rows: Matrix, layer: tuple[Matrix, Matrix]) -> Matrix:
    product: Matrix = rows @ layer[0] + layer[1]
    return product


def _unit(rows: Matrix) -> Matrix:
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Matrix = rows / np.maximum(length, _LEAST)
    return unit
