"""What was measured of the language models that write answers.

Of a sentence that a model wrote and that Byline let into an answer, right is one whose quotes hold
the gold evidence (`python -m eval generation`; eval/README.md has how and on what).
"""

from __future__ import annotations

from dataclasses import dataclass

REQUIRED = 0.9
"""The share of a model's sentences that has to be right, or its writing is experimental."""


@dataclass(frozen=True)
class Measured:
    """How many of the sentences that were let through were right."""

    right: int
    sentences: int

    @property
    def holds(self) -> bool:
        """Whether the share that is right suffices."""
        return self.right >= REQUIRED * self.sentences


_MEASURED = {"qwen2.5-coder-0.5b-instruct": Measured(22, 29)}
"""By the beginning of the model's name."""


def measured(name: str) -> Measured | None:
    """What was measured of a model, by its name; None for one that was not."""
    folded = name.lower().replace("_", "-").replace(":", "-")
    return next((found for known, found in _MEASURED.items() if folded.startswith(known)), None)
