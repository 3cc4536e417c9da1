"""What `byline eval` runs, which `python -m eval` shares: each prints its result."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from rag.evaluation.arguments import parser

if TYPE_CHECKING:
    from rag.evaluation.runs.plan import Plan

Command: TypeAlias = Callable[[argparse.Namespace], int | None]
_CHOSEN = ("split", "articles", "half", "sample", "limit", "index", "settings")
"""The options of `arguments.add_searched` that say what is asked, and how."""


def run(arguments: Sequence[str], more: Mapping[str, Command]) -> int:
    """Run a measure and return its exit code; `more` are commands that live elsewhere."""
    options = parser("byline eval").parse_args(arguments)
    commands = {**COMMANDS, "answers": _answers, **more}
    return commands[options.command](options) or 0


def _score(options: argparse.Namespace) -> None:
    from rag.evaluation.ranking import score

    names = ("qrels", "runs", "measures", "passages", "out", "questions")
    show(options, score.score(**_options(options, names)), score.table)


def _retrieval(options: argparse.Namespace) -> None:
    from rag.evaluation import face
    from rag.evaluation.ranking.run import table

    names = ("data", "out", "system", "environments", "save_run", "save_qrels", *_CHOSEN)
    found = face.retrieval(command=options.command_line, **_options(options, names))
    show(options, found, table)


def _answers(options: argparse.Namespace) -> None:
    from rag.evaluation import face
    from rag.evaluation.answering.tables import table

    names = ("data", "out", "answers", "strengths", "given", "topics", *_CHOSEN)
    show(options, face.answers(**_options(options, names)), table)


def _summary(options: argparse.Namespace) -> None:
    from rag.evaluation import face
    from rag.evaluation.answering import tables

    show(options, face.summary(options.folders), tables.table)
    if options.examples and not options.json:
        rows, least = face.answered(options.folders)
        print("\n" + tables.examples(rows, least.threshold, options.examples))


def _compare(options: argparse.Namespace) -> None:
    from rag.evaluation import face
    from rag.evaluation.reports import compare, several

    table = several.table if len(options.folders) > 2 else compare.table
    show(options, face.compare(options.folders, options.measure), table)


def _report(options: argparse.Namespace) -> None:
    from rag.evaluation import face

    print(face.report(options.folder, options.out))


def plan_of(options: argparse.Namespace, system: str, out: Path) -> Plan:
    """What the options of `arguments.add_searched` ask for."""
    from rag.evaluation import face

    return face.plan_of(system, options.data, out, **_options(options, _CHOSEN))


def show(
    options: argparse.Namespace, found: dict[str, Any], table: Callable[[dict[str, Any]], str]
) -> None:
    """Print a result: as JSON where that is asked for, else as a table."""
    print(json.dumps(found, indent=1) if options.json else table(found))


def _options(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(options, name) for name in names}


COMMANDS: dict[str, Command] = {
    "score": _score,
    "retrieval": _retrieval,
    "summary": _summary,
    "compare": _compare,
    "report": _report,
}
