"""Scores of selective prediction: how well a confidence separates what to answer. Pure.

`confidence` has shape (n,) and lies between 0 and 1; the other arrays are of the same questions.
A question is answered when its confidence is not below a threshold.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eval.extra import require

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def auroc(true: Flags, confidence: Values) -> float | None:
    """The area under the ROC curve; None where all or none are true.

    Mann and Whitney's U over all pairs: how often a true one has the higher confidence, ties
    counting half.
    """
    pairs = int(true.sum()) * int((~true).sum())
    if not pairs:
        return None
    ranks = require("scipy.stats").rankdata(confidence)
    least = true.sum() * (true.sum() + 1) / 2
    return float((ranks[true].sum() - least) / pairs)


def risk_coverage(right: Flags, confidence: Values) -> tuple[Values, Values]:
    """The share answered, and the share of those that is wrong, the surest 1, 2, ... n answered.

    Questions of the same confidence come in no order: each counts as their average.
    """
    _, tie = np.unique(-confidence, return_inverse=True)
    counts = np.bincount(tie)
    wrong = np.repeat(np.bincount(tie, ~right) / counts, counts)
    answered = np.arange(1, len(right) + 1)
    return answered / len(right), np.cumsum(wrong) / answered


def area(risk: Values) -> float:
    """The area under the risk-coverage curve, AURC: the mean risk over all coverages.

    Geifman and El-Yaniv, NeurIPS 2017, arXiv 1705.08500.
    """
    return float(np.mean(risk))


def calibration_error(true: Flags, confidence: Values, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Guo et al. 2017, arXiv 1706.04599)."""
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(bin_of, confidence, bins) - np.bincount(bin_of, true, bins)
    return float(np.abs(gap).sum() / len(true))


def brier(true: Flags, confidence: Values) -> float:
    """The mean squared difference of the confidence and what came true (Brier 1950)."""
    return float(np.mean((confidence - true) ** 2))


def coverage_at(precision: float, right: Flags, confidence: Values, counted: Flags) -> float | None:
    """The share of the `counted` questions that can be answered with so much `precision`.

    At the lowest threshold at which that share of all that is answered is right; 0 where there is
    none, None where nothing is counted. Questions of the same confidence are answered together.
    """
    if not counted.any():
        return None
    order = np.argsort(-confidence, kind="stable")
    last = np.append(np.diff(confidence[order]) != 0, True)  # Of those that tie.
    sure = np.cumsum(right[order]) >= precision * np.arange(1, len(order) + 1)
    enough = np.flatnonzero(last & sure)
    return float(counted[order][: enough[-1] + 1].sum() / counted.sum()) if len(enough) else 0.0


def declined_at(true: Flags, confidence: Values, lost: float = 0.05) -> float | None:
    """The share of untrue ones declined at the threshold that declines at most `lost` of the true.

    None where all or none are true.
    """
    if true.all() or not true.any():
        return None
    threshold = np.sort(confidence[true])[int(lost * true.sum())]
    return float(np.mean(confidence[~true] < threshold))
