"""Compares the scores that systems got on the same questions: differences, intervals, tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.evaluation.statistics.resampling import interval, randomisation_test


@dataclass(frozen=True)
class Change:
    """One measure in both runs: averages over the questions that both have, and B minus A.

    `better` counts the questions whose score went up, or down where less is better.
    """

    questions: int
    a: float
    b: float
    difference: float
    interval: tuple[float, float] | None  # 95%; None for a single question.
    p: float
    better: int
    same: int
    worse: int


@dataclass(frozen=True)
class Standing:
    """The mean of one measure that a system got, and how it differs from the first system's.

    `holm` is the p of that difference, corrected for all the tests that are made together; None for
    the first.
    """

    system: str
    questions: int
    mean: float
    interval: tuple[float, float] | None
    change: Change | None = None
    holm: float | None = None


def change(
    a: npt.NDArray[np.float64],
    b: npt.NDArray[np.float64],
    units: Sequence[str] | None = None,
    lower: bool = False,
) -> Change:
    """Compare the scores of the same questions, each of shape (n,).

    The interval is the percentile bootstrap of the mean difference, p that of the two-sided paired
    randomisation test; questions of one unit, if `units` names them, are drawn together. `lower`
    says that less is better.
    """
    # Rounded, so that 0.1 + 0.2 and 0.3 are the same score.
    difference = np.round(b - a, 12)
    up, down = int((difference > 0).sum()), int((difference < 0).sum())
    better, worse = (down, up) if lower else (up, down)
    names = range(len(difference)) if units is None else units
    sums, counts = _by_unit(difference, names)
    return Change(
        len(difference), float(a.mean()), float(b.mean()), float(difference.mean()),
        interval(sums, counts, statistic=_ratio), randomisation_test(np.round(sums, 12)),
        better, len(difference) - up - down, worse,
    )  # fmt: skip


def mean_interval(
    values: npt.NDArray[np.float64], units: Sequence[str]
) -> tuple[float, float] | None:
    """The 95% interval of a mean, by percentile bootstrap over units drawn whole."""
    return interval(*_by_unit(values, units), statistic=_ratio)


def standings(
    scores: Mapping[str, Mapping[str, npt.NDArray[np.float64]]],
    units: Mapping[str, Sequence[str]],
    lower: Sequence[str] = (),
) -> dict[str, list[Standing]]:
    """For each measure, how the systems stand, each beside the first.

    `scores` are by measure and system, each of shape (n,), of the same questions, whose `units` are
    drawn whole; `lower` names the measures of which less is better. The tests of all measures and
    systems are one family of Holm's.
    """
    found: dict[str, list[Standing]] = {}
    for name, systems in scores.items():
        first, *_ = systems.values()
        found[name] = [
            Standing(
                system, len(values), float(values.mean()), mean_interval(values, units[name]),
                change(first, values, units[name], name in lower) if values is not first else None,
            )
            for system, values in systems.items()
        ]  # fmt: skip
    tested = [one for of_measure in found.values() for one in of_measure if one.change]
    corrected = iter(holm([one.change.p for one in tested if one.change]))
    return {
        name: [replace(one, holm=next(corrected)) if one.change else one for one in of_measure]
        for name, of_measure in found.items()
    }


def holm(values: Sequence[float]) -> list[float]:
    """The p-values of a family of tests by Holm's step-down correction, in the order given.

    Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    adjusted = [0.0] * len(values)
    largest = 0.0
    for rank, at in enumerate(sorted(range(len(values)), key=lambda at: values[at])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[at]))
        adjusted[at] = largest
    return adjusted


def _by_unit(
    values: npt.NDArray[np.float64], units: Sequence[object]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The sum of the values of each unit, and how many there are."""
    _, unit_of = np.unique(np.array(units), return_inverse=True)
    return np.bincount(unit_of, values).astype(float), np.bincount(unit_of).astype(float)


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64], axis: int = -1) -> Any:
    return part.sum(axis) / whole.sum(axis)
