"""Ablation of the retrieval: the same questions with one part left out.

What a part costs is measured in `eval.retrieval.latency`: a weight of 0
spares no time. Each variant is a run kept in a folder of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rag.evaluation.ranking.run import run
from rag.evaluation.runs.plan import Plan
from rag.evaluation.systems import indexed

_WITHOUT: dict[str, dict[str, Any]] = {
    "everything": {},
    "without the parts of a question": {"part_weight": 0, "diversity": 0},
    "without lifting sources and dates": {"lift": 0},
    "without parts taking turns": {"diversity": 0},
    "without the best sentence's BM25": {"sentence_weight": 0},
    "without vectors": {"dense_weight": 0},
}
_MEASURES = (
    "paper MRR@10", "paper Hits@10", "paper Hits@4", "evidence recall@10",
    "nDCG@10", "AP", "RR@10", "R@5", "R@10",
)  # fmt: skip


def ablate(plan: Plan) -> dict[str, Any]:
    """Run every variant of `plan`, and every other system; return the averages of each by name.

    A variant whose run is there already is not run again.
    """
    found = {}
    for name, changed in _WITHOUT.items():
        out = plan.out / name.replace(" ", "-").replace("'", "")
        variant = replace(plan, system="byline", ask=replace(plan.ask, **changed), out=out)
        found[name] = run(variant)
    for name in indexed.NAMES:
        if name != "byline":
            found[name] = run(replace(plan, system=name, out=plan.out / name))
    return found


def table(found: dict[str, Any]) -> str:
    """The averages of each variant as a table in Markdown."""
    known = [name for name in _MEASURES if name in found["everything"]["measures"]]
    rows: list[Sequence[str]] = [["", *known], ["---", *("---:" for _ in known)]]
    for variant, summary in found.items():
        scores = (f"{summary['measures'][name]:.3f}" for name in known)
        rows.append([variant, *scores])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
