"""Trials in order, each with chance of its own, so that a run can be gone on with."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from rag.export.whole_file import write_whole

NAMED = 50
"""Faults that are kept in words; all are counted."""


@dataclass(slots=True)
class Found:
    """How many trials there were, what went wrong in how many, and what else was counted."""

    tried: int = 0
    faults: int = 0
    named: list[str] = field(default_factory=list)
    counts: dict[str, float] = field(default_factory=dict)

    def fault(self, what: str) -> None:
        self.faults += 1
        if len(self.named) < NAMED:
            self.named.append(what[:500])

    def count(self, name: str, n: float = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + n


@dataclass(frozen=True, slots=True)
class Plan:
    """How often one measure tries, from which seed, and where what it found is kept."""

    name: str
    size: int
    seed: int = 0
    out: Path | None = None
    model: str = ""

    def chance(self, number: int) -> random.Random:
        """The chance of one trial, the same in every run."""
        return random.Random(f"{self.name} {self.seed} {number}")  # noqa: S311

    @property
    def _file(self) -> Path | None:
        return self.out / f"{self.name}-{self.seed}.json" if self.out else None

    def begun(self) -> Found:
        """What an earlier run found, as far as it came."""
        if self._file and self._file.exists():
            return Found(**json.loads(self._file.read_text("utf-8")))
        return Found()

    def keep(self, found: Found) -> None:
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            values: dict[str, Any] = dataclasses.asdict(found)
            write_whole(self._file, json.dumps(values, ensure_ascii=False).encode())


Measure: TypeAlias = Callable[[Plan, Found], None]
"""Tries from `found.tried` to the size of the plan, and keeps what it found as it goes."""
