"""Summarises a load test: percentiles of waits, memory, faults; as values and as a table.

Knows nothing of how anything was asked.
"""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from eval.load.asking import Row
from eval.load.shown import KINDS, Fault
from rag.errors import BylineError
from rag.evaluation.runs import machine

NAMED = 20
"""Faults that are named; all are counted."""
_WAITS = ("first_update", "first_words", "last")


@dataclass(slots=True)
class Round:
    """Visitors who came at the same time: what they asked, how long all took, and the server's
    memory in MiB when the last had asked, and some seconds after all had left."""

    visitors: int
    rows: list[Row] = field(default_factory=list)
    opening: list[float] = field(default_factory=list)
    seconds: float = 0.0
    memory: float = 0.0
    settled: float = 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed (nearest rank).

    NaN, for what did not come, counts as the largest; it is that of no values at all, too.
    """
    if not values:
        return math.nan
    ordered = sorted(values, key=lambda value: (math.isnan(value), value))
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def report(
    alone: Sequence[Row],
    opened: dict[str, Any] | str,
    rounds: Sequence[Round],
    found: Sequence[Fault],
) -> dict[str, Any]:
    """The numbers of a run, as JSON values; seconds and MiB, None for what did not come.

    Raises BylineError when nothing was answered.
    """
    rows = [row for one in rounds for row in one.rows]
    if not alone or not rows:
        raise BylineError("No question was answered in time. Give it longer with --minutes.")
    calm, busy = _waits(alone), _waits(rows)
    return {
        "asked": len(rows),
        **{f"{kind}s": sum(fault.kind == kind for fault in found) for kind in KINDS},
        "faults": [asdict(fault) for fault in found[:NAMED]],
        "questions alone": len(alone),
        "alone": calm,
        "under load": busy,
        "ratio": {
            wait: {name: _ratio(busy[wait][name], calm[wait][name]) for name in spread}
            for wait, spread in calm.items()
        },
        "questions a second": round(len(rows) / sum(one.seconds for one in rounds), 2),
        "opening under load": _spread([seconds for one in rounds for seconds in one.opening]),
        "rounds": [_round(one) for one in rounds],
        "growth from the second round to the last": (
            round(rounds[-1].settled - rounds[1].settled, 1) if len(rounds) > 2 else None
        ),
        "pages": opened,
        "machine": machine.machine(),
        "packages": machine.packages() | {"gradio": importlib.metadata.version("gradio")},
    }


def table(found: dict[str, Any]) -> str:
    """The numbers of `report` as aligned text."""
    lines = [
        f"{found['asked']} of {found['of']} questions, {found['visitors at once']} visitors at "
        f"once, {found['questions each']} each; {found['questions a second']} a second",
        ", ".join(f"{kind}s {found[f'{kind}s']}" for kind in KINDS),
    ]
    for fault in found["faults"]:
        lines.append(f"  {fault['kind']}: {fault['visitor']}: {fault['question']}: {fault['what']}")
    lines.append(f"{'seconds':14} {'':16} {'alone':>8} {'load':>8} {'ratio':>8}")
    for wait, spread in found["alone"].items():
        for name, seconds in spread.items():
            numbers = (seconds, found["under load"][wait][name], found["ratio"][wait][name])
            lines.append(f"{wait:14} {name:16} " + " ".join(f"{_told(n):>8}" for n in numbers))
    lines.append(f"opening under load: {_listed(found['opening under load'])}")
    lines += [f"round {n + 1}: {_listed(one)}" for n, one in enumerate(found["rounds"])]
    growth = found["growth from the second round to the last"]
    lines.append(f"growth from the second round to the last: {_told(growth)} MiB")
    opened = found["pages"]
    if isinstance(opened, str):
        return "\n".join([*lines, f"pages: {opened}"])
    for name, value in opened.items():
        lines.append(f"{name:30} {_listed(value) if isinstance(value, dict) else value}")
    return "\n".join(lines)


def _round(one: Round) -> dict[str, Any]:
    return {
        "visitors": one.visitors,
        "questions": len(one.rows),
        "seconds": round(one.seconds, 1),
        "memory": round(one.memory, 1),
        "memory settled": round(one.settled, 1),
    }


def _waits(rows: Sequence[Row]) -> dict[str, dict[str, float | None]]:
    return {
        wait.replace("_", " "): _spread([getattr(row, wait) for row in rows]) for wait in _WAITS
    }


def _spread(times: Sequence[float]) -> dict[str, float | None]:
    shares = {"median": 0.5, "95th percentile": 0.95}
    return {name: _finite(percentile(times, share)) for name, share in shares.items()}


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


def _ratio(value: float | None, other: float | None) -> float | None:
    return round(value / other, 1) if value is not None and other else None


def _told(value: float | None) -> str:
    return "-" if value is None else str(value)


def _listed(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_told(value)}" for name, value in values.items())
