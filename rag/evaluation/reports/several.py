"""Compares several runs over the same questions: each to the first, corrected for all the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np

from rag.errors import InputError
from rag.evaluation.answering.scores import LOWER
from rag.evaluation.reports.compare import BRIER, measures_of
from rag.evaluation.runs.saved import Run
from rag.evaluation.statistics.paired import standings
from rag.evaluation.text import aligned, plain

SCHEMA = "byline-comparison/1"
CORRECTED = (
    "Differences are to the first; p is of the paired randomisation test, by Holm's correction "
    "for all that are shown."
)
Stood: TypeAlias = Mapping[str, Any]
"""A `Standing` as JSON has it."""
HEADING = ("mean", "95% interval", "difference", "95% interval", "p (Holm)")


def result(runs: Sequence[Run], measure: str | None) -> dict[str, Any]:
    """How runs stand beside the first of them, ready for JSON; otherwise as `compared`."""
    return {
        "schema": SCHEMA,
        "data": runs[0].manifest["data"].get("name", ""),
        "runs": [one.name for one in runs],
        "measures": compared(runs, [measure] if measure else None),
    }


def table(found: Mapping[str, Any]) -> str:
    """What `result` found, for a terminal."""
    return "\n".join([*lines(found["measures"]), "", CORRECTED])


def compared(runs: Sequence[Run], names: Sequence[str] | None = None) -> dict[str, list[Stood]]:
    """How the runs stand in each measure that all have, over the questions that all have.

    `names` are the measures wanted; without them, all. Raises InputError for runs over different
    data, or with nothing in common.
    """
    if len({one.data for one in runs}) > 1:
        raise InputError("These runs are over different data. Make them again over the same.")
    if len({one.name for one in runs}) < len(runs):
        raise InputError("Two of these folders have the same name. Rename one of them.")
    first = runs[0]
    shared = [key for key in first.rows if all(key in one.rows for one in runs)]
    rows = {one.name: [measures_of(one.rows[key]) for key in shared] for one in runs}
    known = dict.fromkeys(name for row in rows[first.name] for name in row)
    scores, units = {}, {}
    for name in known if names is None else [name for name in names if name in known]:
        at = [n for n in range(len(shared)) if all(name in of[n] for of in rows.values())]
        if at:
            scores[name] = {
                system: np.array([of[n][name] for n in at]) for system, of in rows.items()
            }
            units[name] = [first.rows[shared[n]].unit or shared[n] for n in at]
    if not scores:
        raise InputError(
            f"The runs have no measure of the same questions in common. There are: "
            f"{plain(', '.join(known)) or 'none'}."
        )
    found = standings(scores, units, (*LOWER, BRIER))
    return {name: [asdict(one) for one in each] for name, each in found.items()}


def lines(found: Mapping[str, Sequence[Stood]]) -> list[str]:
    """How systems stand, a line for each in each measure, under a heading.

    One alone differs from none, and has no columns for that.
    """
    rows: list[Sequence[str]] = [("measure", "run", *HEADING)]
    for name, of_measure in found.items():
        rows += [(plain(name), plain(one["system"]), *cells(one)) for one in of_measure]
    alone = all(len(of_measure) == 1 for of_measure in found.values())
    return aligned([row[:4] for row in rows] if alone else rows)


def cells(one: Stood) -> list[str]:
    """The mean, its interval, the difference, its interval and p, as texts; "" where none is."""
    change = one["change"]
    return [
        f"{one['mean']:.4f}",
        _ends(one["interval"]),
        f"{change['difference']:+.4f}" if change else "",
        _ends(change["interval"], "+") if change else "",
        "" if one["holm"] is None else f"{one['holm']:.4f}",
    ]


def _ends(ends: Sequence[float] | None, sign: str = "-") -> str:
    return f"{ends[0]:{sign}.4f} to {ends[1]:{sign}.4f}" if ends else "-"
