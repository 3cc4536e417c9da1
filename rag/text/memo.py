"""A bounded memo for pure functions of texts, owned by an object and released with it.

A module-level cache would keep the texts of removed documents in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

A = TypeVar("A", bound=Hashable)
R = TypeVar("R")


class Memo:
    """Remembers results of functions by their argument: `memo(function, argument)`.

    Holds at most `size` results; one more empties it. Safe to share between threads.
    """

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._results: dict[tuple[Callable[[Any], Any], Hashable], Any] = {}

    def __call__(self, function: Callable[[A], R], argument: A) -> R:
        """Return `function(argument)`, computed again only when it is not remembered."""
        results = self._results
        try:
            result: R = results[function, argument]
        except KeyError:
            result = function(argument)
            if len(results) >= self._size:
                results = self._results = {}
            results[function, argument] = result
        return result
