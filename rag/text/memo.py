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

    Holds at most `size` results, of texts with at most `characters` together; one more empties it.
    Safe to share between threads.
    """

    def __init__(self, size: int = 20_000, characters: int = 4_000_000) -> None:
        self._size, self._characters = size, characters
        self._held = 0
        self._results: dict[tuple[Callable[[Any], Any], Hashable], Any] = {}

    def __call__(self, function: Callable[[A], R], argument: A) -> R:
        """Return `function(argument)`, computed again only when it is not remembered."""
        results = self._results
        try:
            result: R = results[function, argument]
        except KeyError:
            result = function(argument)
            length = len(argument) if isinstance(argument, str) else 0
            if len(results) >= self._size or self._held + length > self._characters:
                results = self._results = {}
                self._held = 0
            results[function, argument] = result
            self._held += length
        return result
