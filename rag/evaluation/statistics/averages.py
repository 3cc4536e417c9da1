"""Means, medians and percentiles of the scores and times of a run."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence


def mean(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The average of each measure over the rows that have it, in the order they first come in."""
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    return {name: statistics.fmean(found) for name, found in values.items()}


def spread(values: Sequence[float], digits: int) -> dict[str, float]:
    """The median and the 95th percentile (by nearest rank), rounded; of one value or more."""
    return {
        "median": round(statistics.median(values), digits),
        "95th percentile": round(sorted(values)[math.ceil(0.95 * len(values)) - 1], digits),
    }
