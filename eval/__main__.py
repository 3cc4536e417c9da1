"""The command line of the measures."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from eval import goldset
from rag.__main__ import assignment
from rag.errors import BylineError
from rag.settings import AskSettings, BuildSettings, from_mapping

ROOT = Path(__file__).parent.parent
ARTICLES = ROOT / "index" / "articles"
MODEL = ROOT / "rag" / "evidence.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one measure and return its exit code: 0, or 2 for an error."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except BylineError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    return 0


def _gold(options: argparse.Namespace) -> None:
    from rag import Archive, read_articles

    golds = [gold for path in options.files for gold in goldset.load(path)]
    settings = from_mapping(AskSettings, dict(options.set))
    with tempfile.TemporaryDirectory() as folder:
        Archive.build(read_articles(ARTICLES), folder)
        archive = Archive.open(folder, settings)
        archive.ask("Is the encoder loaded?")
        rows = []
        for row in goldset.score(archive, golds):
            rows.append(row)
            if not options.json:
                print(_line(row), flush=True)
        result = {
            **goldset.summary(rows),
            "encoder": archive.info()["encoder"]["name"],
            "precision": archive.info()["encoder"]["precision"],
            "settings": dataclasses.asdict(settings),
        }
    if options.json:
        print(json.dumps({"rows": [dataclasses.asdict(row) for row in rows], **result}, indent=1))
    else:
        print("\n" + "\n".join(f"{name:28} {value}" for name, value in result.items()))


def _calibrate(options: argparse.Namespace) -> None:
    from eval import calibrate

    with tempfile.TemporaryDirectory() as folder:
        scores = calibrate.run(options.data, options.encoder, Path(folder), options.out)
    print("\n".join(f"{name:30} {value}" for name, value in scores.items()))


def _line(row: goldset.Row) -> str:
    marks = {True: "yes", False: "NO", None: "-"}
    scores = (marks[row.found], marks[row.first], marks[row.said], marks[row.declined])
    wrong = " " if row.right else "!"
    return (
        f"{wrong} {row.id:8} found {scores[0]:3}  first {scores[1]:3}  said {scores[2]:3}  "
        f"declined {scores[3]:3}  broken {row.broken}  {row.confidence:.2f}  "
        f"{row.milliseconds:5.0f} ms  {row.question}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure Byline.")
    commands = parser.add_subparsers(title="measures", metavar="MEASURE", required=True)
    gold = commands.add_parser(
        "gold", help="Ask the gold questions over the bundled articles.",
        description="Ask the gold questions over the bundled articles: a row a question, then the "
        "averages.",
    )  # fmt: skip
    gold.set_defaults(run=_gold)
    gold.add_argument(
        "--files", nargs="+", type=Path, metavar="FILE",
        default=[goldset.FOLDER / name for name in goldset.FILES],
        help="gold questions as JSON Lines (the bundled ones)",
    )  # fmt: skip
    gold.add_argument("--json", action="store_true", help="print JSON")
    gold.add_argument(
        "--set", action="append", default=[], type=assignment, metavar="NAME=VALUE",
        help="change an ask-time setting; may be repeated",
    )  # fmt: skip
    calibrate = commands.add_parser(
        "calibrate", help="Fit the model that weighs sentences, on SQuAD-format data.",
        description="Fit the model that weighs sentences, and its confidence, on SQuAD-format "
        "data; print its two-fold scores.",
    )  # fmt: skip
    calibrate.set_defaults(run=_calibrate)
    calibrate.add_argument("--data", type=Path, required=True, metavar="FILE")
    calibrate.add_argument("--encoder", default=BuildSettings().encoder, metavar="NAME")
    calibrate.add_argument(
        "--out", type=Path, default=MODEL,
        help="where the model is written (the one in use)",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
