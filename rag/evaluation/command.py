"""What `byline eval` runs, which `python -m eval` shares: each prints its result."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from rag.errors import InputError
from rag.evaluation.arguments import parser
from rag.settings import AskSettings, BuildSettings, from_mapping

if TYPE_CHECKING:
    from rag.evaluation.runs.plan import Plan

Command: TypeAlias = Callable[[argparse.Namespace], int | None]
PRECISION = "float32"
"""What measures compute in unless told otherwise, so that a score does not hang on a processor."""


def run(arguments: Sequence[str], more: Mapping[str, Command]) -> int:
    """Run a measure and return its exit code; `more` are commands that live elsewhere."""
    options = parser("byline eval").parse_args(arguments)
    commands = {**COMMANDS, "answers": _answers, **more}
    return commands[options.command](options) or 0


def _score(options: argparse.Namespace) -> None:
    from rag.evaluation.retrieval import score

    found = score.score(
        options.qrels, options.runs, options.measures, options.passages, options.out,
        options.questions,
    )  # fmt: skip
    show(options, found, score.table)


def _retrieval(options: argparse.Namespace) -> None:
    from rag.evaluation import trec
    from rag.evaluation.retrieval.run import run, table
    from rag.evaluation.runs.saved import read_run

    system = "command" if options.command_line else options.system
    plan = dataclasses.replace(
        plan_of(options, system, options.out),
        environments=options.environments, command=options.command_line,
    )  # fmt: skip
    found = run(plan)
    if options.save_run:
        rows = read_run(plan.out).rows.values()
        trec.write_run(options.save_run, {row.id: row.articles for row in rows}, plan.system)
    if options.save_qrels:
        queries = plan.dataset().queries
        trec.write_qrels(options.save_qrels, {query.id: query.relevant for query in queries})
    show(options, found, table)


def _answers(options: argparse.Namespace) -> None:
    from rag.evaluation.answers.run import SYSTEM, run
    from rag.evaluation.answers.strengths import Strengths
    from rag.evaluation.answers.tables import table

    plan = plan_of(options, SYSTEM, options.out)
    strengths = Strengths(plan.ask.threshold, *options.strengths) if options.strengths else None
    found = run(plan, options.given, options.topics, made=options.answers, strengths=strengths)
    show(options, found, table)


def _summary(options: argparse.Namespace) -> None:
    from rag.evaluation.answers import tables
    from rag.evaluation.answers.scores import summarise
    from rag.evaluation.answers.strengths import strengths_of
    from rag.evaluation.runs.saved import SUMMARY_SCHEMA, read_run

    runs = [read_run(folder) for folder in options.folders]
    strengths = {strengths_of(run.manifest) for run in runs}
    if len(strengths) > 1:
        raise InputError("These runs differ in threshold or strengths. Summarise each by itself.")
    rows = [row for run in runs for row in run.rows.values()]
    if not all(row.answer for row in rows):
        raise InputError("Not all of these are runs of answers. Name folders of `eval answers`.")
    least = strengths.pop()
    show(options, {"schema": SUMMARY_SCHEMA, **summarise(rows, least)}, tables.table)
    if options.examples and not options.json:
        print("\n" + tables.examples(rows, least.threshold, options.examples))


def _compare(options: argparse.Namespace) -> None:
    from rag.evaluation.report import compare, several

    if len(options.folders) < 2:
        raise InputError("It takes two runs to compare. Name another folder.")
    if len(options.folders) > 2:
        several.run(options.folders, options.measure, options.json)
    else:
        first, second = options.folders
        compare.run(first, second, options.measure, options.json)


def _report(options: argparse.Namespace) -> None:
    from rag.evaluation.report.page import write_page

    print(write_page(options.folder, options.out))


def plan_of(options: argparse.Namespace, system: str, out: Path) -> Plan:
    """What the options of `arguments.add_searched` ask for."""
    from rag.evaluation.datasets.choice import Choice
    from rag.evaluation.runs.plan import Plan

    build, ask = settings_of(options.settings)
    choice = Choice(options.half, options.sample, options.limit)
    return Plan(
        system, options.data, out, build, ask, options.split, choice, options.index,
        options.articles,
    )  # fmt: skip


def show(
    options: argparse.Namespace, found: dict[str, Any], table: Callable[[dict[str, Any]], str]
) -> None:
    """Print a result: as JSON where that is asked for, else as a table."""
    print(json.dumps(found, indent=1) if options.json else table(found))


def settings_of(given: Sequence[tuple[str, str]]) -> tuple[BuildSettings, AskSettings]:
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


COMMANDS: dict[str, Command] = {
    "score": _score,
    "retrieval": _retrieval,
    "summary": _summary,
    "compare": _compare,
    "report": _report,
}
