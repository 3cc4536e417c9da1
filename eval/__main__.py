"""The command line of the measures: runs one, prints it, and returns an exit code."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.arguments import parser
from rag.errors import BylineError, InputError
from rag.evaluation.command import COMMANDS, plan_of, show
from rag.settings import AskSettings, from_mapping

if TYPE_CHECKING:
    from eval.answers.gold import Row


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


def _answers(options: argparse.Namespace) -> None:
    from eval.answers.run import run
    from rag.evaluation.answering.run import SYSTEM
    from rag.evaluation.answering.strengths import Strengths
    from rag.evaluation.answering.tables import table

    plan = plan_of(options, SYSTEM, options.out)
    strengths = Strengths(plan.ask.threshold, *options.strengths) if options.strengths else None
    found = run(plan, options.given, options.topics, made=options.answers, strengths=strengths)
    show(options, found, table)


def _generation(options: argparse.Namespace) -> None:
    from eval.generation.run import default_out, run
    from eval.generation.scores import WRITTEN, table

    options.settings += _model(options)
    plan = plan_of(options, WRITTEN, options.out or Path())
    if options.out is None:
        plan = dataclasses.replace(plan, out=default_out(plan))
    show(options, run(plan), table)


def _adversarial(options: argparse.Namespace) -> None:
    from eval.generation import adversarial

    settings = from_mapping(AskSettings, dict([*options.set, *_model(options)]))
    show(options, adversarial.run(settings), adversarial.table)


def _planted(options: argparse.Namespace) -> None:
    from eval.generation import planted

    settings = from_mapping(AskSettings, dict(options.set))
    found = planted.run(settings, options.data, options.seed, options.split, options.sweep)
    show(options, found, planted.table)


def _model(options: argparse.Namespace) -> list[tuple[str, str]]:
    """The options that name a model, as settings."""
    named = [("model", options.model)] if options.model else []
    allowed = [("allow_remote", "true")] if options.allow_remote else []
    return [*named, *allowed]


def _ablation(options: argparse.Namespace) -> None:
    from eval.retrieval import ablation

    show(options, ablation.ablate(plan_of(options, "byline", options.out)), ablation.table)


def _latency(options: argparse.Namespace) -> None:
    from eval.retrieval import latency

    show(options, latency.run(plan_of(options, "byline", Path())), latency.table)


def _beside(options: argparse.Namespace) -> None:
    from eval.retrieval import beside

    show(options, beside.run(plan_of(options, "byline", Path())), beside.table)


def _speed(options: argparse.Namespace) -> int:
    from eval.speed.run import run, save, table
    from rag.evaluation.runs.machine import INDEXES

    peers = [name for name in options.peers.split(",") if name]
    found = run(
        plan_of(options, "byline", options.out), peers, options.environments or INDEXES / "peers"
    )
    save(found, options.out)
    show(options, found, table)
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
    show(options, found, table)
    return int(any(found[f"{kind}s"] for kind in KINDS))


def _reading(options: argparse.Namespace) -> int:
    from eval.reading.run import lost, run, table

    found = run(options.articles)
    show(options, found, table)
    return int(bool(lost(found)))


def _pages(options: argparse.Namespace) -> None:
    from eval.pages.run import run, table

    show(options, run(options.data), table)


def _fit_pages(options: argparse.Namespace) -> None:
    from eval.pages.fit import fit
    from rag.ingest.html.selection import OWN

    print(json.dumps(fit(options.data, options.out or OWN), indent=1))


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
    show(options, run(options.baseline, options.articles, questions, options.rounds), table)


def _find(options: argparse.Namespace) -> None:
    from eval.browse.measure import run, table

    show(options, run(options.articles, options.words), table)


def _update(options: argparse.Namespace) -> None:
    from eval.update.measure import run, table

    show(options, run(options.data, options.articles), table)


def _trust(options: argparse.Namespace) -> int:
    from eval.trust.run import run, table

    result = run(options)
    show(options, result, table)
    return 1 if result["faults"] else 0


def _scale(options: argparse.Namespace) -> None:
    from eval.scale.measure import Size, run
    from eval.scale.report import plot, table

    sizes = [
        Size(
            passages, options.passage_tokens, options.encoded, options.data, options.index,
            options.questions,
        )
        for passages in options.sizes
    ]  # fmt: skip
    found = run(sizes, options.out)
    plot(found, options.out / "growth.svg")
    show(options, found, table)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    **COMMANDS,
    "gold": _gold,
    "calibrate": _calibrate,
    "train-reader": _train_reader,
    "answers": _answers,
    "generation": _generation,
    "adversarial": _adversarial,
    "planted": _planted,
    "ablation": _ablation,
    "latency": _latency,
    "beside": _beside,
    "load": _load,
    "reading": _reading,
    "find": _find,
    "pages": _pages,
    "fit-pages": _fit_pages,
    "speed": _speed,
    "precision": _precision,
    "quantise": _quantise,
    "commands": _commands,
    "wrapped": _wrapped,
    "update": _update,
    "trust": _trust,
    "scale": _scale,
}

if __name__ == "__main__":
    sys.exit(main())
