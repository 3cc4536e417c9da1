"""Measure Byline and other libraries in turn: each builds the same corpus and is asked the same."""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.speed.limit import passages_a_second
from rag.errors import BylineError, InputError
from rag.evaluation.datasets import Dataset
from rag.evaluation.extra import require
from rag.evaluation.ranking.measures import standard
from rag.evaluation.runs import machine
from rag.evaluation.runs.plan import Plan
from rag.evaluation.statistics.resampling import interval
from rag.evaluation.systems.environments import PINS, measured
from rag.evaluation.systems.outside import lines_of
from rag.evaluation.systems.peer import Job, Measured
from rag.models.encoder import locate

WAYS = {"alike": "passages of the same length", "own": "each library's own way"}
_DEEPEST = 50  # Passages that a ranking of ten articles is taken from.


def run(plan: Plan, peers: Sequence[str], environments: Path) -> dict[str, Any]:
    """Measure Byline and `peers`, first with passages alike, then each in its own way.

    A library that cannot be installed or fails is told with its reason under "failed". Raises
    InputError for one that is not known.
    """
    _check(peers)
    dataset = plan.dataset()
    encoder = str(locate(plan.build.encoder))
    tokens = {"alike": plan.build.passage_tokens - 2, "own": 0}
    rows: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "documents.jsonl"
        documents.write_text(lines_of(dataset), "utf-8")
        for way, peer in itertools.product(WAYS, ("byline", *peers)):
            if peer in failed:
                continue
            job = Job(
                peer=peer, documents=str(documents), encoder=encoder, tokens=tokens[way],
                questions=[query.text for query in dataset.queries], passages=_DEEPEST,
                out=str(Path(folder) / f"{peer}-{way}.json"),
            )  # fmt: skip
            try:
                done = measured(job, environments)
            except BylineError as error:
                failed[peer] = str(error)
                continue
            rows.append({"peer": peer, "way": way, **_figures(done, dataset)})
            print(_line(rows[-1]), file=sys.stderr, flush=True)
    limit = passages_a_second(encoder, plan.build.passage_tokens)
    return {
        "data": dataset.name,
        "articles": len(dataset.articles),
        "questions": len(dataset.queries),
        "limit": {"passages a second": limit, "tokens": plan.build.passage_tokens},
        "rows": rows,
        "failed": failed,
        "pins": {peer: PINS[peer] for peer in peers},
        "commit": machine.commit(),
        "machine": machine.machine(),
    }


def table(found: dict[str, Any]) -> str:
    """What `run` found, as aligned text: a table each way."""
    lines = []
    for way, name in WAYS.items():
        lines += [f"\n{name}, {found['articles']} articles, {found['questions']} questions", _HEAD]
        lines += [_line(row) for row in found["rows"] if row["way"] == way]
    limit = found["limit"]
    lines.append(
        f"\nThe products of matrices alone, float32, {limit['tokens']} tokens: "
        f"{limit['passages a second']:.1f} passages a second"
    )
    lines += [f"{peer} was not measured: {why}" for peer, why in found["failed"].items()]
    return "\n".join(lines)


def _check(peers: Sequence[str]) -> None:
    if unknown := set(peers) - set(PINS):
        raise InputError(
            f"There is no peer {', '.join(sorted(unknown))}. Known are: {', '.join(PINS)}."
        )


def _figures(done: Measured, dataset: Dataset) -> dict[str, Any]:
    documents = [document for document, _ in done["found"]]
    ndcg = np.array(
        [
            standard(query, list(dict.fromkeys(documents[number] for number in ranking)))["nDCG@10"]
            for query, ranking in zip(dataset.queries, done["rankings"], strict=True)
        ]
    )
    return {
        "passages": done["passages"],
        "load": round(done["load"], 2),
        "build": round(done["build"], 2),
        "build cpu": round(done["build_cpu"], 2),
        "peak MB": round(done["peak"]),
        "passages a second": round(done["passages"] / done["build"], 1),
        "search ms": round(1000 * statistics.median(done["latencies"]), 2),
        "nDCG@10": round(float(ndcg.mean()), 4),
        "interval": interval(ndcg),
    }


def save(found: dict[str, Any], folder: Path) -> None:
    """Write what `run` found to a folder: as JSON, as a table, and its plot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    (folder / "table.txt").write_text(table(found) + "\n", "utf-8")
    _plot(found, folder / "speed.svg")


def _plot(found: dict[str, Any], path: Path) -> None:
    """A bar a library for passages a second and for search latency, ways side by side."""
    pyplot: Any = require("matplotlib.pyplot")
    names = list(dict.fromkeys(row["peer"] for row in found["rows"]))
    figure, both = pyplot.subplots(1, 2, figsize=(9, 1 + 0.6 * len(names)), layout="constrained")
    for axes, figure_of, unit in zip(
        both, ("passages a second", "search ms"), ("passages a second", "milliseconds"), strict=True
    ):
        for at, (way, told) in enumerate(WAYS.items()):
            rows = {row["peer"]: row[figure_of] for row in found["rows"] if row["way"] == way}
            places = np.arange(len(names)) + 0.4 * at
            bars = axes.barh(places, [rows.get(name, 0) for name in names], 0.36, label=told)
            axes.bar_label(bars, fmt="%.3g", padding=2)
        axes.set_yticks(np.arange(len(names)) + 0.2, names)
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.margins(x=0.15)
        axes.spines[["top", "right"]].set_visible(False)
    both[0].axvline(found["limit"]["passages a second"], color="0.5", ls=":")
    both[0].legend(fontsize=8)
    both[0].set_title("building (dotted: products of matrices alone)", fontsize=10)
    both[1].set_title("a search, median", fontsize=10)
    figure.savefig(path)
    pyplot.close(figure)


_HEAD = (
    f"{'':11} {'passages':>8} {'load s':>7} {'build s':>8} {'CPU s':>7} {'a second':>8} "
    f"{'peak MB':>8} {'search ms':>9}  nDCG@10"
)


def _line(row: dict[str, Any]) -> str:
    low, high = row["interval"] or (row["nDCG@10"],) * 2
    return (
        f"{row['peer']:11} {row['passages']:8} {row['load']:7.1f} {row['build']:8.1f} "
        f"{row['build cpu']:7.1f} {row['passages a second']:8.1f} {row['peak MB']:8} "
        f"{row['search ms']:9.1f}  {row['nDCG@10']:.3f} ({low:.3f} to {high:.3f})"
    )
