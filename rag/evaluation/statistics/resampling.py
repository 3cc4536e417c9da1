"""Bootstrap intervals and the paired randomisation test, with a fixed seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.evaluation.extra import require

RESAMPLES = 9999
CLUSTER_RESAMPLES = 999
SEED = 20231226
Places: TypeAlias = npt.NDArray[np.int64]
# Batches keep 9,999 samples of some thousand questions to tens of megabytes.
_OPTIONS = {"n_resamples": RESAMPLES, "batch": 500, "vectorized": True}


def interval(
    *values: npt.NDArray[np.float64], statistic: Callable[..., Any] = np.mean
) -> tuple[float, float] | None:
    """The 95% interval of a statistic of the same questions' values, by percentile bootstrap.

    Every array has shape (n,); `statistic` takes them and an axis. None for a single question.
    """
    if len(values[0]) < 2:
        return None
    # In the calls of SciPy here, `random_state` is the name that releases before 1.15 know too.
    found = require("scipy.stats").bootstrap(
        values, statistic, paired=True, method="percentile",
        random_state=np.random.default_rng(SEED), **_OPTIONS,
    )  # fmt: skip
    low, high = found.confidence_interval
    return float(low), float(high)


def cluster_intervals(
    units: Sequence[str], measured: Callable[[Places], Mapping[str, float]]
) -> dict[str, tuple[float, float]]:
    """The 95% interval of each score, by percentile bootstrap over units drawn whole.

    `units` names the unit of each question; `measured` gives the scores of the questions at some
    places, repeated ones repeated. A score that some samples do not have is left out, and all are
    where there is a single unit.
    """
    _, unit_of = np.unique(np.array(units, str), return_inverse=True)
    members = [np.flatnonzero(unit_of == unit) for unit in range(unit_of.max(initial=-1) + 1)]
    if len(members) < 2:
        return {}
    random = np.random.default_rng(SEED)
    samples: dict[str, list[float]] = {}
    for _ in range(CLUSTER_RESAMPLES):
        drawn = random.integers(len(members), size=len(members))
        for name, value in measured(np.concatenate([members[unit] for unit in drawn])).items():
            samples.setdefault(name, []).append(value)
    ends = {
        name: np.percentile(values, [2.5, 97.5])
        for name, values in samples.items()
        if len(values) == CLUSTER_RESAMPLES
    }
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


def randomisation_test(difference: npt.NDArray[np.float64]) -> float:
    """The p of the two-sided paired randomisation test of differences, shape (n,).

    How often a mean difference as large comes about if the sign of each question's difference is
    left to chance (Smucker, Allan and Carterette, CIKM 2007).
    """
    # A difference of nothing has no sign: leaving those out changes no sum, only the time.
    moved = difference[difference != 0]
    if len(moved) < 2:
        return 1.0  # Also of a single one: either sign is as far from nothing.
    found = require("scipy.stats").permutation_test(
        (moved,), np.sum, permutation_type="samples",
        random_state=np.random.default_rng(SEED), **_OPTIONS,
    )  # fmt: skip
    return float(found.pvalue)
