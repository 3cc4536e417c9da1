"""The arguments of the measures' command line. Knows nothing of what the measures do."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from eval.datasets import gold
from eval.datasets.arguments import add_wrapped
from eval.pages.arguments import add_fit_pages, add_pages
from eval.precision.arguments import add_precision, add_quantise
from eval.scale.arguments import add_scale
from eval.speed.arguments import add_commands
from eval.trust.arguments import add_trust
from eval.update.arguments import add_update
from rag.evaluation.arguments import (
    SHARED,
    add_answers,
    add_choices,
    add_out,
    add_questions,
    add_run,
    add_searched,
)
from rag.settings import AskSettings, BuildSettings, assignment


def parser() -> argparse.ArgumentParser:
    """The parser of `python -m eval`; what it gives has the measure's name as `command`."""
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure Byline.")
    commands = parser.add_subparsers(
        title="measures", metavar="MEASURE", dest="command", required=True
    )
    for add in (
        _add_gold, _add_train_reader, _add_calibrate, *SHARED, _add_answers,
        _add_generation, _add_adversarial, _add_planted, _add_ablation, _add_latency, _add_beside,
        _add_load, _add_speed, _add_reading, _add_find, add_precision,
        add_quantise, add_commands, add_pages, add_fit_pages, add_wrapped, add_update, add_trust,
        add_scale,
    ):  # fmt: skip
        add(commands)
    return parser


def _add_gold(commands: Any) -> None:
    parser = commands.add_parser(
        "gold", help="Ask the gold questions over the bundled articles.",
        description="Ask the gold questions over the bundled articles: a row a question, then the "
        "averages.",
    )  # fmt: skip
    parser.add_argument(
        "--files", nargs="+", type=Path, metavar="FILE",
        default=[gold.FOLDER / name for name in gold.FILES],
        help="gold questions, or judgements that the chat kept, as JSON Lines (the bundled ones)",
    )  # fmt: skip
    parser.add_argument("--index", metavar="DIR", help="ask this index (the bundled articles)")
    _add_ask(parser)


def _add_calibrate(commands: Any) -> None:
    calibrate = commands.add_parser(
        "calibrate", help="Fit scores, confidence and marks on SQuAD-format data.",
        description="Fit the regressions that order sentences and give the confidence, on data in "
        "SQuAD's format, with a reader and without; print the scores of each half of the topics "
        "by what the other half teaches.",
    )  # fmt: skip
    add = calibrate.add_argument
    add("--data", type=Path, nargs="+", required=True, metavar="FILE")
    add("--encoder", default=BuildSettings().encoder, metavar="NAME")
    add("--reader", default=AskSettings().reader, metavar="NAME", help="(%(default)s)")
    add("--sample", type=int, metavar="N", help="so many questions of each file, at random")
    add("--out", type=Path, metavar="FILE", help="where they are written (those in use)")


def _add_train_reader(commands: Any) -> None:
    train = commands.add_parser(
        "train-reader", help="Train a reader.",
        description="Train the reader, which finds the sentence that answers, on searches. Started "
        "again, it goes on from its last checkpoint.",
    )  # fmt: skip
    add = train.add_argument
    add("--passages", type=Path, required=True, metavar="FILE",
        help="gzipped JSON Lines with id, title and sentences",
    )  # fmt: skip
    add("--questions", type=Path, required=True, metavar="FILE",
        help="gzipped JSON Lines with question, passage, answers (places of the sentences that "
        "answer), source and, where known, spans",
    )  # fmt: skip
    add("--squad", type=Path, required=True, metavar="FILE", help="a file in SQuAD's format")
    add("--start", type=Path, metavar="FILE", help="weights to start from (the encoder's)")
    add("--encoder", default=BuildSettings().encoder, metavar="NAME", help="(%(default)s)")
    add("--out", type=Path, required=True, metavar="DIR")
    add("--set", nargs="+", action="extend", default=[], type=assignment, metavar="NAME=VALUE",
        help="change the recipe: steps, batch_tokens, rate, warm_up, frozen, searches, seed",
    )  # fmt: skip


def _add_answers(commands: Any) -> None:
    add_answers(commands, gold.FOLDER)


def _add_generation(commands: Any) -> None:
    generation = commands.add_parser(
        "generation", help="Have a language model write answers, and score them beside quotes.",
        description="Ask questions with known evidence, in quotes and then of a language model "
        "that writes: two runs in DIR, `extractive` and `written`, a row a question, then what "
        "both come to. Without --data, the gold questions over the bundled articles. Started "
        "again, it goes on where it stopped. What articles do that give orders to a model, "
        "`python -m eval adversarial` measures.",
    )  # fmt: skip
    add = generation.add_argument
    add("--data", type=Path, default=gold.FOLDER, metavar="PATH",
        help="a MultiHop-RAG folder, or its file of questions",
    )  # fmt: skip
    _add_model(generation, required=True)
    add("--out", type=Path, metavar="DIR",
        help="where the runs are saved (runs/generation-NAME-DATA)",
    )  # fmt: skip
    generation.set_defaults(split="")
    add_choices(generation)


def _add_model(parser: argparse.ArgumentParser, required: bool) -> None:
    parser.add_argument(
        "--model", required=required, default="", metavar="NAME",
        help="the model that writes: a GGUF file, or a server's address, as "
        "http://127.0.0.1:11434/v1#NAME",
    )  # fmt: skip
    parser.add_argument(
        "--allow-remote", action="store_true",
        help="let the address be another machine's, to which article text is then sent",
    )  # fmt: skip


def _add_adversarial(commands: Any) -> None:
    adversarial = commands.add_parser(
        "adversarial", help="Ask of articles that give orders to a language model.",
        description="Ask of articles with planted orders, false labels and look-alike numbers, and "
        "check sentences that give in to them; count what is shown that no article bears out. "
        "Without --model, the questions are answered in quotes.",
    )  # fmt: skip
    _add_model(adversarial, required=False)
    _add_ask(adversarial)


def _add_planted(commands: Any) -> None:
    planted = commands.add_parser(
        "planted", help="Plant errors in true sentences, and count those that are caught.",
        description="Change a number, a name, a negation or the label of true sentences; print how "
        "many of these errors the check of written sentences catches, by kind, and how many "
        "untouched sentences it strikes. No language model is asked.",
    )  # fmt: skip
    add = planted.add_argument
    add("--data", type=Path, metavar="PATH",
        help="data whose sentences are taken too; of MultiHop-RAG, its facts",
    )  # fmt: skip
    add("--split", default="all", choices=("dev", "test", "all"),
        help="which half of the bundled sentences (%(default)s)",
    )  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="another number, other errors")
    add("--sweep", action="store_true", help="score other thresholds too")
    _add_ask(planted)


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--set", "--settings", nargs="+", action="extend", default=[], type=assignment,
        metavar="NAME=VALUE", help="change ask-time settings",
    )  # fmt: skip


def _add_ablation(commands: Any) -> None:
    ablation = commands.add_parser(
        "ablation", help="Run the same questions with each part of the retrieval left out.",
        description="Run the same questions with each part of the retrieval left out, and through "
        "every baseline; print a table in Markdown. Started again, it goes on where it stopped.",
    )  # fmt: skip
    add_run(ablation)


def _add_latency(commands: Any) -> None:
    text = "Time searches, one at a time and several at once, with each stage's share."
    latency = commands.add_parser("latency", help=text, description=text)
    add_searched(latency)


def _add_beside(commands: Any) -> None:
    beside = commands.add_parser(
        "beside", help="Ask of an archive and a small collection beside it.",
        description="Take a tenth of the articles as a small collection beside the others, and "
        "score the same questions over both, joined and merged, and over one index of everything.",
    )  # fmt: skip
    add = beside.add_argument
    add("--data", type=Path, required=True, metavar="PATH",
        help="a MultiHop-RAG or BEIR folder, a file of questions, or a file in SQuAD's format",
    )  # fmt: skip
    beside.set_defaults(split="", index=None)  # There are three indexes.
    add_questions(beside)
    add("--json", action="store_true", help="print JSON")
    add("--settings", "--set", nargs="+", action="extend", default=[], type=assignment,
        metavar="NAME=VALUE", help="change build-time or ask-time settings",
    )  # fmt: skip


def _add_reading(commands: Any) -> None:
    reading = commands.add_parser(
        "reading", help="Read an archive of mixed formats.",
        description="Make articles in eleven formats in a temporary folder, read them, and print "
        "time and peak memory: at a tenth of the size and at the whole, and with the articles kept "
        "as a build keeps them. Ends with 1 when an article did not come back.",
    )  # fmt: skip
    reading.add_argument("--articles", type=int, default=10_000, metavar="N", help="(%(default)s)")
    reading.add_argument("--json", action="store_true", help="print JSON")


def _add_find(commands: Any) -> None:
    find = commands.add_parser(
        "find", help="Search made articles by their words.",
        description="Write made articles to a temporary folder as a build does, and time the first "
        "page of searches among them, as the page of the chat shows it.",
    )  # fmt: skip
    find.add_argument("--articles", type=int, default=100_000, metavar="N", help="(%(default)s)")
    find.add_argument("--words", type=int, default=550, metavar="N", help="of each (%(default)s)")
    find.add_argument("--json", action="store_true", help="print JSON")


def _add_speed(commands: Any) -> None:
    speed = commands.add_parser(
        "speed", help="Build and search beside other libraries.",
        description="Build an index of the data's articles and search it, with Byline and with "
        "other libraries in turn, each in an environment of its own: first with passages of the "
        "same length, then each in its own way.",
    )  # fmt: skip
    add_searched(speed)
    add_out(speed)
    add = speed.add_argument
    add("--peers", default="langchain,llamaindex,haystack,txtai", metavar="NAMES",
        help="with commas between (%(default)s)",
    )  # fmt: skip
    add("--environments", type=Path, metavar="DIR",
        help="where the libraries are installed (eval/indexes/peers)",
    )  # fmt: skip


def _add_load(commands: Any) -> None:
    load = commands.add_parser(
        "load", help="Visit the web chat with many at once.",
        description="Start the web chat on this machine, let many visitors ask it at once, and "
        "tell how long each waits, whether each gets their own answers, what memory it takes, and "
        "how long the page takes in a browser. The exit code is 1 where anything went wrong.",
    )  # fmt: skip
    add = load.add_argument
    add("--visitors", type=int, default=50, metavar="N", help="at once (%(default)s)")
    add("--questions", type=int, default=5, metavar="N", help="of each visitor (%(default)s)")
    add("--total", type=int, default=1000, metavar="N",
        help="questions under load; new visitors come until they are asked (%(default)s)",
    )  # fmt: skip
    add("--alone", type=int, default=4, metavar="N",
        help="visitors who ask first, one after the other (%(default)s)",
    )  # fmt: skip
    add("--minutes", type=float, default=20, metavar="N",
        help="when the asking ends, done or not (%(default)s)",
    )  # fmt: skip
    add("--pages", type=int, default=5, metavar="N",
        help="openings of the page in a browser, 0 for none (%(default)s)",
    )  # fmt: skip
    add("--files", nargs="+", type=Path, metavar="FILE",
        default=[gold.FOLDER / gold.FILES[0]],
        help="gold questions as JSON Lines (the bundled ones)",
    )  # fmt: skip
    add("--index", type=Path, metavar="DIR", help="ask this index (the bundled articles)")
    add("--seed", type=int, default=0, metavar="N", help="another number, other orders")
    _add_ask(load)
