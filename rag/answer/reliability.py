"""How well a confidence tells right from wrong, and how far it is a probability. Pure.

`confidence` has shape (n,) and lies between 0 and 1, `true` is of the same questions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.types import FAIR, STRONG

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """Judged questions of one strength: how many, and which share of them is right."""

    name: str
    questions: int
    right: float | None


@dataclass(frozen=True, slots=True)
class Scores:
    """What a confidence is worth on the judgements; `groups` from strong to declined."""

    auroc: float | None
    brier: float
    calibration_error: float
    groups: tuple[Group, ...]
    answerable_declined: float


def auroc(true: Flags, confidence: Values) -> float | None:
    """The area under the ROC curve; None where all or none are true.

    Mann and Whitney's U over all pairs: how often a true one has the higher confidence, ties
    counting half.
    """
    pairs = int(true.sum()) * int((~true).sum())
    if not pairs:
        return None
    _, tie, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[tie]
    least = true.sum() * (true.sum() + 1) / 2
    return float((ranks[true].sum() - least) / pairs)


def calibration_error(true: Flags | Values, confidence: Values, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Guo et al. 2017, arXiv 1706.04599)."""
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(bin_of, confidence, bins) - np.bincount(bin_of, true, bins)
    return float(np.abs(gap).sum() / len(true))


def brier(true: Flags | Values, confidence: Values) -> float:
    """The mean squared difference of the confidence and what came true (Brier 1950)."""
    return float(np.mean((confidence - true) ** 2))


def scored(true: Values, confidence: Values, threshold: float) -> Scores:
    """Score the confidence of quotes; of one that is neither `true` nor untrue, 0 to 1, how far."""
    known = (true == 0) | (true == 1)
    fair, strong = max(FAIR, threshold), max(STRONG, threshold)
    groups = []
    for name, least, most in (
        ("strong", strong, np.inf), ("fair", fair, strong), ("weak", threshold, fair),
        ("declined", -np.inf, threshold),
    ):  # fmt: skip
        within = (least <= confidence) & (confidence < most)
        share = float(true[within].mean()) if within.any() else None
        groups.append(Group(name, int(within.sum()), share))
    return Scores(
        auroc(true[known] == 1, confidence[known]),
        brier(true, confidence),
        calibration_error(true, confidence),
        tuple(groups),
        float((confidence[true > 0] < threshold).mean()),
    )
