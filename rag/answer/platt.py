"""Platt scaling: a confidence that was fitted elsewhere, refitted on an archive's own judgements.

The log-odds are multiplied and shifted so that they fit what was judged (Platt 1999), with a
penalty that holds them to what they were: few judgements change little. Knows nothing of answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.answer.calibration import sigmoid

Values = npt.NDArray[np.float64]

_HELD = np.array([16.0, 4.0])
"""Weights of the penalties: on the scale, about 1 ± 1/4, and on the shift, about 0 ± 1/2.

In simulations with 20 judgements they cost nothing where there is little to learn (a quarter of
these cost .004 of the Brier score), and with 50 all gain as much where there is much."""
_FOLDS = 10
_STEPS, _SMALL = 100, 1e-7  # Of Newton's method; it takes about five.
_MOST = 12.0  # Log-odds; beyond, a confidence says no more.


@dataclass(frozen=True, slots=True)
class Scaling:
    """What log-odds are multiplied with, more than 0, and what is then added."""

    scale: float = 1.0
    shift: float = 0.0

    def probabilities(self, logits: Values) -> Values:
        """Return the scaled log-odds as probabilities."""
        return sigmoid(self.scale * logits + self.shift)

    def undone(self, probabilities: npt.ArrayLike) -> Values:
        """Return the log-odds that `probabilities` turns into these."""
        kept = np.clip(np.asarray(probabilities, np.float64), sigmoid(-_MOST), sigmoid(_MOST))
        logits: Values = (np.log(kept / (1 - kept)) - self.shift) / self.scale
        return logits


def fit(logits: Values, right: Values) -> Scaling:
    """Fit a scaling to log-odds and whether each came true (0 to 1), by Newton's method.

    The penalty on the scale a, k (a - 1 - log a), keeps it positive and the loss convex: there is
    one minimum, and the order of the confidences stays.
    """
    at = np.array([1.0, 0.0])
    rows = np.column_stack([logits, np.ones_like(logits)])
    for _ in range(_STEPS):
        expected = sigmoid(rows @ at)
        slope = rows.T @ (expected - right) + _HELD * (1 - 1 / at[0], at[1])
        curve = (rows.T * (expected * (1 - expected))) @ rows
        curve += np.diag(_HELD * (1 / at[0] ** 2, 1.0))
        step = np.linalg.solve(curve, slope)
        if np.abs(step).max() < _SMALL:
            break
        loss = _loss(at, rows, right)
        while not _loss(at - step, rows, right) <= loss and np.abs(step).max() >= _SMALL:
            step /= 2
        at = at - step
    return Scaling(float(at[0]), float(at[1]))


def crossed(logits: Values, right: Values) -> Values:
    """Return the probability of each by the scaling that is fitted to nine tenths of the others.

    Each tenth has confidences of all heights. Its share of those that came true is left to chance:
    made equal, it would tell the fit how many of the others did.
    """
    tenth = np.empty(len(right), int)
    tenth[np.argsort(logits, kind="stable")] = np.arange(len(right)) % _FOLDS
    found = np.empty(len(right))
    for held in (tenth == number for number in range(_FOLDS)):
        found[held] = fit(logits[~held], right[~held]).probabilities(logits[held])
    return found


def _loss(at: Values, rows: Values, right: Values) -> float:
    scale, shift = at
    if scale <= 0:
        return np.inf
    logits = rows @ at
    surprise = (np.logaddexp(0, logits) - right * logits).sum()
    return float(surprise + _HELD @ (scale - 1 - np.log(scale), shift**2 / 2))
