"""Compares two runs over the same questions: averages, significance, and what changed.

Knows nothing of how a run was made or is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from rag.errors import InputError
from rag.evaluation.answering.scores import LOWER
from rag.evaluation.runs.saved import Row, Run, differences
from rag.evaluation.statistics.paired import Change, change
from rag.evaluation.text import aligned, plain

CHANGED = 10
UNCOMPARED = ("started", "complete")
_MAIN = ("paper MRR@10", "nDCG@10", "first right")
BRIER = "Brier score"


def compare(a: Run, b: Run, measure: str | None = None) -> dict[str, Any]:
    """Compare two runs; the result is ready for JSON. `measure` picks the questions shown."""
    if a.data != b.data:
        raise InputError(
            f"{a.name} and {b.name} were run over different data (SHA-256 {a.data} and {b.data}). "
            "Make one of them again over the other's data."
        )
    shared = [key for key in a.rows if key in b.rows]
    if not shared:
        raise InputError(
            f"{a.name} and {b.name} have no question in common. "
            "Make both runs with the same --limit, or with none."
        )
    names = dict.fromkeys(name for row in a.rows.values() for name in measures_of(row))
    pairs = {name: _pairs(a, b, shared, name) for name in names}
    changes = {name: _change(a, name, x) for name, x in pairs.items() if x}
    measure = measure or main_of(changes)
    if measure not in changes:
        known = plain(", ".join(changes))
        raise InputError(f"The runs do not both have a measure {measure!r}. There are: {known}.")
    moved: list[dict[str, Any]] = [
        {"id": key, "query": a.rows[key].query, "a": x, "b": y}
        for key, (x, y) in sorted(pairs[measure].items(), key=lambda pair: pair[1][0] - pair[1][1])
    ]
    return {
        "schema": "byline-difference/1",
        "a": a.name,
        "b": b.name,
        "data": a.manifest["data"].get("name", ""),
        "questions": len(shared),
        "left_out": {"a": len(a.rows) - len(shared), "b": len(b.rows) - len(shared)},
        "incomplete": [run.name for run in (a, b) if not run.manifest.get("complete")],
        "differs": {
            name: both
            for name, both in differences(a.manifest, b.manifest).items()
            if name not in UNCOMPARED
        },
        "measures": {name: asdict(each) for name, each in changes.items()},
        "measure": measure,
        "gained": [x for x in moved[:CHANGED] if x["b"] > x["a"]],
        "lost": [x for x in moved[: -CHANGED - 1 : -1] if x["b"] < x["a"]],
    }


def main_of(names: Iterable[str]) -> str:
    """The measure that a run with these is judged by: the paper's if it has it, else nDCG@10 or
    what answers are judged by, else its first."""
    known = dict.fromkeys(names)
    return next((name for name in (*_MAIN, *known) if name in known), _MAIN[1])


def _change(run: Run, name: str, pairs: dict[str, tuple[float, float]]) -> Change:
    a, b = np.array(list(pairs.values())).T
    units = [run.rows[key].unit or key for key in pairs]
    return change(a, b, units, lower=name in LOWER)


def measures_of(row: Row) -> dict[str, float]:
    """The measures of a row and, of an answer, the squared error of its confidence."""
    if row.answer is None:
        return row.measures
    error = row.answer.confidence - (row.measures.get("first right", 0.0) > 0)
    return {**row.measures, BRIER: error**2}


def _pairs(a: Run, b: Run, keys: Sequence[str], name: str) -> dict[str, tuple[float, float]]:
    both = ((key, measures_of(a.rows[key]), measures_of(b.rows[key])) for key in keys)
    return {key: (x[name], y[name]) for key, x, y in both if name in x and name in y}


def table(result: dict[str, Any]) -> str:
    """The comparison for a terminal."""
    left_out = result["left_out"]
    lines = [
        f"A  {plain(result['a'])}",
        f"B  {plain(result['b'])}",
        f"{result['questions']} questions of {plain(result['data'])} in both; left out: "
        f"{left_out['a']} only in A, {left_out['b']} only in B.",
        *(f"{plain(name)} is incomplete: it was stopped early." for name in result["incomplete"]),
        "",
        "What differs, A | B:" if result["differs"] else "The manifests do not differ.",
        *(
            f"  {plain(name)}: {plain(json.dumps(a))} | {plain(json.dumps(b))}"
            for name, (a, b) in result["differs"].items()
        ),
        "",
        *_table(result["measures"]),
    ]
    if len(result["measures"]) > 1:
        count = len(result["measures"])
        lines.append(f"p is not corrected for testing {count} measures at once.")
    for name in ("gained", "lost"):
        lines += ["", f"Questions that {name} most in {plain(result['measure'])}, A to B:"]
        lines += [
            f"  {_score(x['a']):>6} to {_score(x['b']):>6}  {plain(x['id'])}  {plain(x['query'])}"
            for x in result[name]
        ] or ["  none"]
    return "\n".join(lines)


def _table(measures: dict[str, dict[str, Any]]) -> list[str]:
    """A line a measure, under a heading."""
    cells = [("measure", "A", "B", "B-A", "95% interval", "p", "better", "same", "worse")]
    for name, x in measures.items():
        interval = " ".join(_score(end, "+") for end in x["interval"] or ()) or "-"
        scores = (_score(x["a"]), _score(x["b"]), _score(x["difference"], "+"), interval)
        counts = (str(x["better"]), str(x["same"]), str(x["worse"]))
        cells.append((plain(name), *scores, _score(x["p"]), *counts))
    return aligned(cells)


def _score(value: float, sign: str = "-") -> str:
    """Four decimals without the leading zero: .4298, +.0120."""
    text = f"{value:{sign}.4f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text
