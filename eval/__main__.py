"""The command line of the measures: runs one, prints it, and returns an exit code."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.arguments import parser
from rag.errors import BylineError, InputError
from rag.settings import AskSettings, BuildSettings, from_mapping

if TYPE_CHECKING:
    from eval.answers.gold import Row
    from rag.evaluation.runs.plan import Plan


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one measure and return its exit code: 0, 1 when the chat under load had faults or a
    library could not be measured, 2 for an error, 130 when interrupted."""
    options = parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options) or 0
    except BylineError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("eval: interrupted. A run goes on when it is started again.", file=sys.stderr)
        return 130


def _gold(options: argparse.Namespace) -> None:
    from eval.answers.gold import score, summary
    from eval.datasets import gold
    from rag import Archive, read_articles

    golds = [one for path in options.files for one in gold.load(path)]
    settings = from_mapping(AskSettings, dict(options.set))
    with tempfile.TemporaryDirectory() as folder:
        if options.index is None:
            Archive.build(read_articles(gold.ARTICLES), folder)
        archive = Archive.open(options.index or folder, settings)
        archive.ask("Is the encoder loaded?")
        rows = []
        for row in score(archive, golds):
            rows.append(row)
            if not options.json:
                print(_line(row), flush=True)
        result = {
            **summary(rows),
            "waiting for a right answer": sum(map(gold.waiting, options.files)),
            "encoder": archive.info()["encoder"]["name"],
            "precision": archive.info()["encoder"]["precision"],
            "settings": dataclasses.asdict(settings),
        }
    if options.json:
        print(json.dumps({"rows": [dataclasses.asdict(row) for row in rows], **result}, indent=1))
    else:
        print("\n" + "\n".join(f"{name:28} {value}" for name, value in result.items()))


def _calibrate(options: argparse.Namespace) -> None:
    from eval.train import calibrate
    from eval.train.trained import FOLDS
    from rag.answer import calibration

    folds = FOLDS if options.out is None else None
    with tempfile.TemporaryDirectory() as folder:
        found = calibrate.run(
            options.data, options.encoder, options.reader, Path(folder),
            options.out or calibration.OWN, folds, options.sample,
        )  # fmt: skip
    for reader, scores in found.items():
        print(f"reader: {reader}")
        print("\n".join(f"  {name:36} {value}" for name, value in scores.items()))


def _train_reader(options: argparse.Namespace) -> None:
    from eval.train.reader import Recipe, train

    recipe = from_mapping(Recipe, dict(options.set))
    facts = train(
        options.passages, options.questions, options.squad, options.encoder, options.out, recipe,
        options.start,
    )  # fmt: skip
    print(json.dumps(facts, indent=1))


def _retrieval(options: argparse.Namespace) -> None:
    from rag.evaluation.retrieval.run import run, table

    _print(options, run(_plan(options, options.system, options.out)), table)


def _answers(options: argparse.Namespace) -> None:
    from eval.answers.run import run
    from rag.evaluation.answers.run import SYSTEM
    from rag.evaluation.answers.strengths import Strengths
    from rag.evaluation.answers.tables import table

    plan = _plan(options, SYSTEM, options.out)
    strengths = Strengths(plan.ask.threshold, *(options.strengths or ()))
    found = run(plan, options.given, options.topics, made=options.answers, strengths=strengths)
    _print(options, found, table)


def _summary(options: argparse.Namespace) -> None:
    from rag.evaluation.answers import tables
    from rag.evaluation.answers.scores import summarise
    from rag.evaluation.answers.strengths import strengths_of
    from rag.evaluation.runs.saved import read_run

    runs = [read_run(folder) for folder in options.folders]
    strengths = {strengths_of(run.manifest) for run in runs}
    if len(strengths) > 1:
        raise InputError("These runs differ in threshold or strengths. Summarise each by itself.")
    rows = [row for run in runs for row in run.rows.values()]
    if not all(row.answer for row in rows):
        raise InputError("Not all of these are runs of answers. Name folders of `eval answers`.")
    least = strengths.pop()
    _print(options, summarise(rows, least), tables.table)
    if options.examples and not options.json:
        print("\n" + tables.examples(rows, least.threshold, options.examples))


def _generation(options: argparse.Namespace) -> None:
    from eval.generation.run import default_out, run
    from eval.generation.scores import WRITTEN, table

    options.settings += _model(options)
    plan = _plan(options, WRITTEN, options.out or Path())
    if options.out is None:
        plan = dataclasses.replace(plan, out=default_out(plan))
    _print(options, run(plan), table)


def _adversarial(options: argparse.Namespace) -> None:
    from eval.generation import adversarial

    settings = from_mapping(AskSettings, dict([*options.set, *_model(options)]))
    _print(options, adversarial.run(settings), adversarial.table)


def _planted(options: argparse.Namespace) -> None:
    from eval.generation import planted

    settings = from_mapping(AskSettings, dict(options.set))
    found = planted.run(settings, options.data, options.seed, options.split, options.sweep)
    _print(options, found, planted.table)


def _model(options: argparse.Namespace) -> list[tuple[str, str]]:
    """The options that name a model, as settings."""
    named = [("model", options.model)] if options.model else []
    allowed = [("allow_remote", "true")] if options.allow_remote else []
    return [*named, *allowed]


def _ablation(options: argparse.Namespace) -> None:
    from eval.retrieval import ablation

    _print(options, ablation.ablate(_plan(options, "byline", options.out)), ablation.table)


def _latency(options: argparse.Namespace) -> None:
    from eval.retrieval import latency

    _print(options, latency.run(_plan(options, "byline", Path())), latency.table)


def _beside(options: argparse.Namespace) -> None:
    from eval.retrieval import beside

    _print(options, beside.run(_plan(options, "byline", Path())), beside.table)


def _speed(options: argparse.Namespace) -> int:
    from eval.speed.run import run, save, table
    from rag.evaluation.runs.index import INDEXES

    peers = [name for name in options.peers.split(",") if name]
    found = run(
        _plan(options, "byline", options.out), peers, options.environments or INDEXES / "peers"
    )
    save(found, options.out)
    _print(options, found, table)
    return int(bool(found["failed"]))


def _load(options: argparse.Namespace) -> int:
    from eval.load.measure import Plan, run
    from eval.load.report import table
    from eval.load.shown import KINDS

    plan = Plan(
        options.visitors, options.questions, options.total, options.minutes, options.pages,
        options.index, tuple(options.set), options.seed, tuple(options.files), options.alone,
    )  # fmt: skip
    found = run(plan)
    _print(options, found, table)
    return int(any(found[f"{kind}s"] for kind in KINDS))


def _reading(options: argparse.Namespace) -> int:
    from eval.reading.run import lost, run, table

    found = run(options.articles)
    _print(options, found, table)
    return int(bool(lost(found)))


def _pages(options: argparse.Namespace) -> None:
    from eval.pages.run import run, table

    _print(options, run(options.data), table)


def _fit_pages(options: argparse.Namespace) -> None:
    from eval.pages.fit import fit
    from rag.ingest.html.selection import OWN

    print(json.dumps(fit(options.data, options.out or OWN), indent=1))


def _plan(options: argparse.Namespace, system: str, out: Path) -> Plan:
    from rag.evaluation.datasets.choice import Choice
    from rag.evaluation.runs.plan import Plan

    build, ask = _settings(options.settings)
    choice = Choice(options.half, options.sample, options.limit)
    return Plan(
        system, options.data, out, build, ask, options.split, choice, options.index,
        options.articles,
    )  # fmt: skip


def _print(
    options: argparse.Namespace, found: dict[str, Any], table: Callable[[dict[str, Any]], str]
) -> None:
    print(json.dumps(found, indent=1) if options.json else table(found))


def _compare(options: argparse.Namespace) -> None:
    from rag.evaluation.report import compare

    compare.run(options.a, options.b, options.measure, options.json)


def _report(options: argparse.Namespace) -> None:
    from rag.evaluation.report.page import write_page

    print(write_page(options.folder, options.out))


def _wrapped(options: argparse.Namespace) -> None:
    from eval.datasets import wrapped

    if options.out:
        wrapped.write(options.data, options.widths[0], options.out)
        print(f"{options.out}: the data with articles wrapped to {options.widths[0]} columns")
        return
    texts = wrapped.bodies(options.data)
    found = [wrapped.kept(texts, width) for width in options.widths]
    if options.json:
        print(json.dumps([dataclasses.asdict(one) | {"share": one.share} for one in found]))
    else:
        for one in found:
            print(
                f"{one.width:3} columns: {one.changed} of {one.sentences} sentences changed "
                f"({one.share:.2%})"
            )


def _settings(given: Sequence[tuple[str, str]]) -> tuple[BuildSettings, AskSettings]:
    """The settings, each name where it belongs. Raises SettingsError for one that is neither's."""
    values = dict(given)
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


def _line(row: Row) -> str:
    marks = {True: "yes", False: "NO", None: "-"}
    scores = (marks[row.found], marks[row.first], marks[row.said], marks[row.declined])
    wrong = " " if row.right else "!"
    return (
        f"{wrong} {row.id:8} found {scores[0]:3}  first {scores[1]:3}  said {scores[2]:3}  "
        f"declined {scores[3]:3}  broken {row.broken}  {row.confidence:.2f}  "
        f"{row.milliseconds:5.0f} ms  {row.question}"
    )


def _precision(options: argparse.Namespace) -> None:
    from eval.precision.measure import measure, passages_of, table
    from rag import read_articles
    from rag.models.encoder import Encoder

    encoder = Encoder(options.encoder, "float32")
    texts = passages_of(list(read_articles(options.articles)), encoder)[: options.passages]
    found = measure(options.encoder, texts, options.rounds)
    print(json.dumps(found, indent=1) if options.json else table(found))


def _quantise(options: argparse.Namespace) -> None:
    import numpy as np

    from eval.precision.largest import of_encoder, of_reader
    from rag.models.encoder import locate

    largest = of_reader() if options.reader else of_encoder(Path(locate(options.encoder)))
    np.savez_compressed(options.out, **largest)  # type: ignore[arg-type]
    print(f"{options.out}: the largest inputs of {len(largest)} layers")


def _commands(options: argparse.Namespace) -> None:
    from eval.datasets import gold
    from eval.speed.commands import run, table

    golds = [one for path in options.files for one in gold.load(path)]
    questions = [one.turns[0] for one in golds if len(one.turns) == 1 and one.answers]
    if not questions or options.rounds < 1:
        raise InputError("It takes a question that has an answer, and a round or more.")
    _print(options, run(options.baseline, options.articles, questions, options.rounds), table)


def _update(options: argparse.Namespace) -> None:
    from eval.update.measure import run, table

    _print(options, run(options.data, options.articles), table)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "gold": _gold,
    "calibrate": _calibrate,
    "train-reader": _train_reader,
    "retrieval": _retrieval,
    "answers": _answers,
    "summary": _summary,
    "generation": _generation,
    "adversarial": _adversarial,
    "planted": _planted,
    "ablation": _ablation,
    "latency": _latency,
    "beside": _beside,
    "compare": _compare,
    "load": _load,
    "report": _report,
    "reading": _reading,
    "pages": _pages,
    "fit-pages": _fit_pages,
    "speed": _speed,
    "precision": _precision,
    "quantise": _quantise,
    "commands": _commands,
    "wrapped": _wrapped,
    "update": _update,
}

if __name__ == "__main__":
    sys.exit(main())
