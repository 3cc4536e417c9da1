"""A fair queue before a model server: first come, first served, a few at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from rag.errors import ModelError
from rag.wording import note

POLL = 0.05
"""Seconds between two looks at whether the reader has stopped or the time is up."""


class Turns:
    """First come, first served, `places` at once. `clock` gives seconds."""

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = self._free = places
        self._clock = clock
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def take(self, seconds: float, stopped: Callable[[], bool]) -> bool:
        """Wait for a turn; False when `stopped` says so first. A turn taken must be left.

        `seconds` is what one turn may last. Raises ModelError when all who came before should
        have been through: `seconds`, and one more, for each round of `places` before it.
        """
        ticket = threading.Event()
        with self._lock:
            rounds = 1 + len(self._waiting) // self._places
            limit = self._clock() + (seconds + 1) * rounds
            self._waiting.append(ticket)
            self._call()
        taken = False
        try:
            while not ticket.wait(POLL):
                if stopped():
                    return False
                if self._clock() > limit:
                    raise ModelError(note("model_busy"))
            taken = True
            return True
        finally:
            if not taken:
                self._withdraw(ticket)

    def leave(self) -> None:
        """Give the turn to the next who waits."""
        with self._lock:
            self._free += 1
            self._call()

    def _withdraw(self, ticket: threading.Event) -> None:
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            else:  # Called in the meantime.
                self._free += 1
            self._call()

    def _call(self) -> None:
        """Wake as many of those who wait as there are free places. The lock must be held."""
        while self._free and self._waiting:
            self._free -= 1
            self._waiting.popleft().set()
