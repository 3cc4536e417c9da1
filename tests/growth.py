"""How the time of some work grows with its size: a measure that holds on any machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

LINEAR = 3.0
"""Below this, work takes linear time: twice the size takes twice as long, or four times as long
where time is quadratic."""
_CLEAR = 2.5
"""Below this, one round is enough: noise makes no 2.5 of a 4."""
_ROUNDS = 15
_SHORTEST = 0.02
"""Seconds that the smaller size counts for at least: below, the clock is too coarse."""


def growth(work: Callable[[Input], object], make: Callable[[int], Input], size: int) -> float:
    """How many times as long `work` takes at twice the size: processor time of this thread, of
    several rounds the ratio of the bests or the median ratio, whichever is less. A neighbour on the
    same core slows single measurements or a whole while; quadratic time shows in both."""
    small, large = make(size), make(2 * size)
    times: list[tuple[float, float]] = []
    found = LINEAR
    while found >= _CLEAR and len(times) < _ROUNDS:
        times.append((max(_SHORTEST, _seconds(work, small)), _seconds(work, large)))
        bests = min(b for _, b in times) / min(a for a, _ in times)
        found = min(bests, statistics.median(b / a for a, b in times))
    return found


def _seconds(work: Callable[[Input], object], given: Input) -> float:
    start = time.thread_time()
    work(given)
    return time.thread_time() - start
