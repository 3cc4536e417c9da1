"""The measures of `byline eval` as functions: named as its commands, with the words of its options.

Each returns what its command prints with --json, or the path of what it wrote. Raises BylineError,
with the message that the command gives.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from rag.errors import InputError
from rag.evaluation import trec
from rag.evaluation.answering import run as answering
from rag.evaluation.answering.scores import summarise
from rag.evaluation.answering.strengths import Strengths, strengths_of
from rag.evaluation.datasets.choice import Choice
from rag.evaluation.ranking import run as ranking
from rag.evaluation.ranking.score import score
from rag.evaluation.reports import compare as of_two
from rag.evaluation.reports import page, several
from rag.evaluation.runs.machine import INDEXES
from rag.evaluation.runs.plan import Plan
from rag.evaluation.runs.saved import SUMMARY_SCHEMA, Row, Run, read_run
from rag.settings import AskSettings, BuildSettings, from_mapping

__all__ = ["answers", "compare", "report", "retrieval", "score", "summary"]

Place: TypeAlias = str | Path
Settings: TypeAlias = Mapping[str, Any] | Sequence[tuple[str, str]]
"""Values of settings by their names."""
PRECISION = "float32"
"""What measures compute in unless told otherwise, so that a score does not hang on a processor."""


def retrieval(
    data: Place,
    out: Place,
    *,
    system: str = "byline",
    command: str = "",
    environments: Place = INDEXES / "peers",
    save_run: Place | None = None,
    save_qrels: Place | None = None,
    split: str = "",
    articles: Place | None = None,
    half: int | None = None,
    sample: int | None = None,
    limit: int | None = None,
    index: Place | None = None,
    settings: Settings = (),
) -> dict[str, Any]:
    """Search for the questions of `data` by a system, or by a command, and score the rankings."""
    plan = plan_of(
        "command" if command else system, data, out, split=split, articles=articles, half=half,
        sample=sample, limit=limit, index=index, settings=settings,
    )  # fmt: skip
    plan = dataclasses.replace(plan, environments=Path(environments), command=command)
    found = ranking.run(plan)
    if save_run:
        rows = read_run(plan.out).rows.values()
        trec.write_run(save_run, {row.id: row.articles for row in rows}, plan.system)
    if save_qrels:
        queries = plan.dataset().queries
        trec.write_qrels(save_qrels, {query.id: query.relevant for query in queries})
    return found


def answers(
    data: Place,
    out: Place,
    *,
    answers: Place | None = None,
    strengths: Sequence[float] | None = None,
    given: bool = False,
    topics: Collection[str] | None = None,
    split: str = "",
    articles: Place | None = None,
    half: int | None = None,
    sample: int | None = None,
    limit: int | None = None,
    index: Place | None = None,
    settings: Settings = (),
) -> dict[str, Any]:
    """Ask the questions of `data`, or take the `answers` of a file, and score what is answered."""
    plan = plan_of(
        answering.SYSTEM, data, out, split=split, articles=articles, half=half, sample=sample,
        limit=limit, index=index, settings=settings,
    )  # fmt: skip
    least = Strengths(plan.ask.threshold, *strengths) if strengths else None
    made = None if answers is None else Path(answers)
    return answering.run(plan, given, topics, made=made, strengths=least)


def summary(folders: Sequence[Place]) -> dict[str, Any]:
    """Score saved runs of answers again, together."""
    rows, least = answered(folders)
    return {"schema": SUMMARY_SCHEMA, **summarise(rows, least)}


def compare(folders: Sequence[Place], measure: str | None = None) -> dict[str, Any]:
    """Compare two saved runs, question by question, or several, each to the first."""
    runs = _read(folders)
    if len(runs) < 2:
        raise InputError("It takes two runs to compare. Name another folder.")
    if len(runs) > 2:
        return several.result(runs, measure)
    first, second = runs
    return of_two.compare(first, second, measure)


def report(folder: Place, out: Place | None = None) -> Path:
    """Write a saved run, or those in a folder, as a page to read, and return its path."""
    return page.write_page(Path(folder), None if out is None else Path(out))


def answered(folders: Sequence[Place]) -> tuple[list[Row], Strengths]:
    """The rows of saved runs of answers, and the strengths that all were made with."""
    runs = _read(folders)
    strengths = {strengths_of(run.manifest) for run in runs}
    if len(strengths) > 1:
        raise InputError("These runs differ in threshold or strengths. Summarise each by itself.")
    rows = [row for run in runs for row in run.rows.values()]
    if not all(row.answer for row in rows):
        raise InputError("Not all of these are runs of answers. Name folders of `eval answers`.")
    return rows, strengths.pop()


def plan_of(
    system: str,
    data: Place,
    out: Place,
    *,
    split: str,
    articles: Place | None,
    half: int | None,
    sample: int | None,
    limit: int | None,
    index: Place | None,
    settings: Settings,
) -> Plan:
    """What is asked for, as the plan of a run."""
    build, ask = settings_of(settings)
    return Plan(
        system, Path(data), Path(out), build, ask, split, Choice(half, sample, limit),
        None if index is None else Path(index), None if articles is None else Path(articles),
    )  # fmt: skip


def settings_of(given: Settings) -> tuple[BuildSettings, AskSettings]:
    """The settings, each name where it belongs. Raises SettingsError for one that is neither's.

    The precision is PRECISION unless another is given.
    """
    values = {"precision": PRECISION, **dict(given)}
    build, ask = (
        {field.name for field in dataclasses.fields(kind)} for kind in (BuildSettings, AskSettings)
    )
    # A name misspelt goes where it nearly belongs, whose error says what may have been meant.
    mine = {
        name
        for name in values
        if (difflib.get_close_matches(name, [*build, *ask], n=1) or [""])[0] in build
    }
    return (
        from_mapping(BuildSettings, {name: values[name] for name in mine}),
        from_mapping(AskSettings, {name: values[name] for name in values.keys() - mine}),
    )


def _read(folders: Sequence[Place]) -> list[Run]:
    return [read_run(Path(folder)) for folder in folders]
