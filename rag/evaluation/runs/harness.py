"""The loop of every run: question by question, saved as it goes, continued where it stopped.

Knows neither how a question is asked or measured nor how a run is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.runs.saved import SUMMARY_SCHEMA, Row
from rag.evaluation.runs.saving import writing

WARMING = "Is the encoder loaded?"
"""A question that is asked before the clock runs."""


@dataclass(frozen=True)
class Measuring:
    """How a question is measured, once an index is open: `row` of it, and `warm` before the first.

    `facts` are what the manifest says of the index.
    """

    row: Callable[[Query], Row]
    warm: Callable[[], object]
    facts: Mapping[str, Any]


def measure_questions(
    out: Path,
    dataset: Dataset,
    manifest: Mapping[str, Any],
    opened: Callable[[], Measuring],
    summarised: Callable[[Sequence[Row]], dict[str, Any]],
) -> dict[str, Any]:
    """Measure the questions that have no row in `out` yet, and save and return the summary of all.

    Raises InputError when `out` holds another run. Interrupted, it leaves a run that the same call
    continues.
    """
    from tqdm import tqdm

    with writing(out) as folder:
        folder.refuse_other(manifest)  # Before an index is built in vain.
        measuring = opened()
        rows = folder.begin(
            {**manifest, **measuring.facts}, [query.id for query in dataset.queries]
        )
        left = dataset.queries[len(rows) :]
        if left:
            measuring.warm()
        total, done = len(dataset.queries), len(rows)
        with tqdm(left, "asking", total, initial=done, disable=None) as bar:
            for query in bar:
                rows.append(measuring.row(query))
                folder.add(rows[-1])
        summary = {"schema": SUMMARY_SCHEMA, **summarised(rows)}
        folder.finish(summary)
    return summary
