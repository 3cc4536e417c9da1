"""Groups rows by kind, summarises their times, and formats summaries as aligned text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rag.evaluation.runs.saved import Row
from rag.evaluation.statistics.averages import spread
from rag.evaluation.text import aligned


def by_kind(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each kind that has a name, by name."""
    kinds = sorted({row.kind for row in rows} - {""})
    return {kind: [row for row in rows if row.kind == kind] for kind in kinds}


def times_of(rows: Sequence[Row]) -> dict[str, float]:
    """The median and the 95th percentile of the times in milliseconds; {} where none is known."""
    known = [row.milliseconds for row in rows if row.milliseconds]
    return spread(known, 2) if known else {}


def told(times: Mapping[str, float], of: str) -> str:
    """Times as `times_of` gives them, for a terminal."""
    said = ", ".join(f"{name} {value}" for name, value in times.items())
    return f"milliseconds of {of}: {said or 'not measured'}"


def columns(summary: Mapping[str, Any]) -> list[str]:
    """The lines of a summary's measures under a heading: a column for all, and for each kind."""
    groups = {"all": summary, **summary["kinds"]}
    lines = [["", *groups], ["questions", *(str(group["questions"]) for group in groups.values())]]
    for name in summary["measures"]:
        values = (group["measures"].get(name) for group in groups.values())
        lines.append([name, *("-" if value is None else f"{value:.4f}" for value in values)])
    return aligned(lines)
