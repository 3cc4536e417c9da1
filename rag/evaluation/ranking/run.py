"""Runs the searches of one system over a data set and saves a row for each question.

Knows neither how systems search nor how a run is saved.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rag import Article, AskSettings
from rag.errors import InputError, SettingsError
from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.ranking import measures
from rag.evaluation.runs.harness import WARMING, Measuring, measure_questions
from rag.evaluation.runs.index import open_archive
from rag.evaluation.runs.plan import Plan, manifest_of
from rag.evaluation.runs.saved import Row
from rag.evaluation.runs.tables import by_kind, columns, times_of, told
from rag.evaluation.statistics.averages import mean
from rag.evaluation.systems import indexed, outside
from rag.protocols import TextEncoder

SHOWN = 10
_DEEP = 500


def run(plan: Plan, encoder: TextEncoder | None = None) -> dict[str, Any]:
    """Measure the searches of the questions that have no row yet; return the averages of all.

    `encoder` replaces loading the one that the build settings name. Raises InputError when `out`
    holds another run. Interrupted, it leaves a run that the same call continues.
    """
    _check(plan)
    dataset = plan.dataset()

    def opened() -> Measuring:
        system = _opened(plan, dataset, encoder)
        articles = {article.id: article for article in dataset.articles}
        return Measuring(
            lambda query: _row(query, system, articles),
            lambda: None if plan.system in outside.NAMES else system.search(WARMING, SHOWN),
            {"precision": system.precision, "passages": system.passages, **system.facts},
        )

    manifest = manifest_of(plan, dataset)
    if plan.system != "byline":
        manifest["settings"] = {}
    if plan.command:  # What it builds of the articles, nobody here knows.
        manifest["settings"] = {"command": plan.command}
        del manifest["build_settings"], manifest["encoder"]
    return measure_questions(
        plan.out, dataset, manifest, opened, lambda rows: summarise(rows, dataset.excluded)
    )


def summarise(rows: Sequence[Row], excluded: int) -> dict[str, Any]:
    """Averages over all questions and by kind, how many there are, and the times of searches."""
    return {
        **_means(rows),
        "excluded": excluded,
        "milliseconds": times_of(rows),
        "kinds": {kind: _means(of_kind) for kind, of_kind in by_kind(rows).items()},
    }


def table(summary: Mapping[str, Any]) -> str:
    """A summary as aligned text: a line a measure, a column for all questions and for each kind."""
    times = told(summary["milliseconds"], "a search")
    return "\n".join([*columns(summary), f"excluded: {summary['excluded']}; {times}"])


def _opened(plan: Plan, dataset: Dataset, encoder: TextEncoder | None) -> indexed.System:
    if plan.system == outside.COMMAND:
        return outside.open_command(plan, dataset)
    if plan.system in outside.LIBRARIES:
        return outside.open_library(plan, dataset)
    return indexed.open_system(plan.system, open_archive(plan, dataset.articles, encoder))


def _row(query: Query, system: indexed.System, articles: Mapping[str, Article]) -> Row:
    def found(k: int) -> indexed.Found:
        return [hit for hit in system.search(query.text, k) if hit[0].article_id != query.ignored]

    began = time.perf_counter()
    first = found(SHOWN)
    milliseconds = 1000 * (time.perf_counter() - began)
    if system.milliseconds is not None:
        milliseconds = system.milliseconds[query.text]
    # How deep a fused search looks may change its order, so its beginning stays as a user sees it.
    shown = [passage for passage, _ in first]
    passages = list(dict.fromkeys([*shown, *(passage for passage, _ in found(_DEEP))]))
    ranks = measures.fact_ranks(query, shown, articles)
    return Row(
        id=query.id,
        query=query.text,
        kind=query.kind,
        milliseconds=round(milliseconds, 3),
        measures=measures.measure(query, passages, articles),
        passages=[
            {"article": p.article_id, "start": p.start, "end": p.end, "score": score}
            for p, score in first
        ],
        articles=measures.articles_of(passages),
        missed=[f.text for f, rank in zip(query.facts, ranks, strict=True) if rank is None],
    )


def _means(rows: Sequence[Row]) -> dict[str, Any]:
    return {"questions": len(rows), "measures": mean(row.measures for row in rows)}


def _check(plan: Plan) -> None:
    if (plan.system == outside.COMMAND) != bool(plan.command):
        raise InputError("The system command has a --command, and no other has.")
    if plan.system not in (*indexed.NAMES, *outside.NAMES):
        known = ", ".join((*indexed.NAMES, *outside.NAMES))
        raise InputError(f"There is no system {plan.system!r}. Known are: {known}.")
    if plan.system != "byline" and plan.ask != AskSettings():
        raise SettingsError(
            f"The system {plan.system} has no ask-time settings. Leave them out, or measure byline."
        )
