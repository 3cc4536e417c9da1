"""Scores of selective prediction: how well a confidence separates what to answer. Pure.

`confidence` has shape (n,) and lies between 0 and 1; the other arrays are of the same questions.
A question is answered when its confidence is not below a threshold.
"""

from __future__ import annotations

import numpy as np

from rag.answer.reliability import Flags, Values, auroc, brier, calibration_error

__all__ = [
    "Flags", "Values", "area", "auroc", "brier", "calibration_error", "coverage_at",
    "declined_at", "risk_coverage",
]  # fmt: skip


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
