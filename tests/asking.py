"""Asking a chat model in tests: a question, its whole answer, a clock, and a wait for an event."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rag.models.chat.client import ChatClient

ASKED = [{"role": "user", "content": "What happened in Kampot?"}]
LABELS = 'root ::= "[1]" | "[2]"'


def text(client: ChatClient, **options: Any) -> str:
    """The whole answer to `ASKED`."""
    return "".join(client.write(ASKED, **({"max_tokens": 20} | options)))


class Clock:
    """Seconds that pass only as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def tick(self) -> bool:
        """Let a second pass; for a `stopped` that never stops."""
        self.now += 1
        return False


def until(happened: Callable[[], object]) -> None:
    """Wait for what another thread brings about. Half a minute means that it never does."""
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)
