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

from rag.models.reader.layout import QUESTION
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

    def sentences(self, states: Matrix, segments: npt.NDArray[np.int64], count: int) -> Matrix:
        """The log-odds of each of a row's `count` sentences against nothing, -inf for one that
        it does not have; `segments` says of each token of the row where it belongs."""
        scores = np.full(count, -np.inf, np.float32)
        asked = np.flatnonzero(segments == QUESTION)
        members = {n: np.flatnonzero(segments == n + 1) for n in range(count)}
        held = [n for n in members if len(members[n])]
        if not held:
            return scores
        means = np.stack([states[members[n]].mean(0) for n in held])
        question = states[asked].mean(0) if len(asked) else np.zeros_like(states[0])
        alike = _unit(_affine(means, self._of_sentence)) @ _unit(
            _affine(question, self._of_question)
        )
        unit = _unit(states)
        cosines = unit[asked] @ unit.T
        best = [cosines[:, members[n]].max(1).sum() / max(1, len(asked)) for n in held]
        scores[held] = (
            self._whole * alike
            + self._tokens * np.array(best, np.float32)
            + _affine(means, self._linear)[:, 0]
            - _affine(states[0], self._nothing)
        )
        return scores

    def spans(self, states: Matrix) -> Matrix:
        """The log-odds of each token of a row as a start and as an end, shape (2, tokens)."""
        scores = _affine(states, self._spans)
        found: Matrix = (scores - scores[:1]).T
        return found


def _float32(weights: npt.NDArray[Any]) -> Matrix:
    return weights.astype(np.float32, copy=False)


def _affine(rows: Matrix, layer: tuple[Matrix, Matrix]) -> Matrix:
    product: Matrix = rows @ layer[0] + layer[1]
    return product


def _unit(rows: Matrix) -> Matrix:
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Matrix = rows / np.maximum(length, _LEAST)
    return unit
