"""The arguments of `byline eval`, which `python -m eval` shares. Knows nothing of what is done."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rag.evaluation.runs.machine import INDEXES
from rag.settings import assignment


def parser(program: str) -> argparse.ArgumentParser:
    """The parser of `byline eval`; what it gives has the measure's name as `command`."""
    made = argparse.ArgumentParser(
        prog=program, description="Score searches and answers, of Byline and of any other system."
    )
    measures = made.add_subparsers(
        title="measures", metavar="MEASURE", dest="command", required=True
    )
    for add in (*SHARED, add_answers, add_label):
        add(measures)
    return made


def add_score(commands: Any) -> None:
    score = commands.add_parser(
        "score", help="Score the runs of any systems against judgements.",
        description="Score rankings against judgements with trec_eval's numbers, with intervals; "
        "several are compared to the first. Files may be TREC's, BEIR's or JSON Lines, gzipped.",
    )  # fmt: skip
    add = score.add_argument
    add("--qrels", type=Path, required=True, metavar="FILE", help="the judgements")
    add("--run", dest="runs", type=Path, nargs="+", required=True, metavar="FILE",
        help="the rankings, the first of them to compare the others to",
    )  # fmt: skip
    add("--measures", nargs="+", default=[], metavar="NAME",
        help="of ir_measures (nDCG@10 AP RR@10 R@10 R@100 Success@1)",
    )  # fmt: skip
    add("--passages", action="store_true",
        help="the runs rank passages, whose ids are ARTICLE#START-END: an article has the score of "
        "its best passage",
    )  # fmt: skip
    add("--out", type=Path, metavar="DIR",
        help="save each run in a folder in this one, for `compare` and `report`",
    )  # fmt: skip
    add("--questions", type=Path, metavar="FILE",
        help="the texts of the questions, for what is saved: JSON Lines with id and question",
    )  # fmt: skip
    add("--json", action="store_true", help="print JSON")


def add_label(commands: Any) -> None:
    label = commands.add_parser(
        "label", help="Make a question set of your own, on a page.",
        description="Open a page on which a person marks the words that answer a question, in what "
        "several systems found, whose names are not told. Started again, it goes on.",
    )  # fmt: skip
    add = label.add_argument
    add("--index", type=Path, required=True, metavar="DIR", help="the index that is asked")
    add("--out", type=Path, required=True, metavar="DIR",
        help="where questions, labels and the question set are kept",
    )  # fmt: skip
    add("--questions", type=Path, metavar="FILE",
        help="questions, a line each, or JSON Lines with id and question",
    )  # fmt: skip
    add("--system", dest="systems", nargs="*", metavar="NAME",
        help="whose results are shown: byline, bm25, dense or rrf (byline bm25 dense)",
    )  # fmt: skip
    add("--run", dest="runs", type=Path, nargs="+", default=[], metavar="FILE",
        help="show what these TREC runs found too: of articles, or passages as ARTICLE#START-END",
    )  # fmt: skip
    add("--judgements", type=Path, metavar="FILE",
        help="the chat's judgements of answers (feedback.jsonl in the folder of an index)",
    )  # fmt: skip
    add("--by", default="me", metavar="NAME", help="who labels (%(default)s)")
    add("--port", type=int, default=0, metavar="N", help="(a free one)")
    add("--no-browser", dest="browser", action="store_false", help="open no browser")
    add("--finish", action="store_true",
        help="open no page: write the question set, split by story, and tell who agrees",
    )  # fmt: skip


def add_retrieval(commands: Any) -> None:
    retrieval = commands.add_parser(
        "retrieval", help="Search for questions with known evidence, and score the rankings.",
        description="Search for questions with known evidence and score the rankings: a row a "
        "question in DIR, then the averages. Started again, it goes on where it stopped.",
    )  # fmt: skip
    retrieval.add_argument("--system", default="byline", metavar="NAME",
        help="byline, dense, bm25 or rrf; langchain, llamaindex, haystack or txtai, with passages "
        "of the same length, or as langchain-own in its own way (%(default)s)",
    )  # fmt: skip
    add = retrieval.add_argument
    add("--command", dest="command_line", default="", metavar="COMMAND",
        help="measure the run that this command writes: of the articles in {corpus} for the "
        "questions in {questions}, both JSON Lines as BEIR has them, to {run}",
    )  # fmt: skip
    add("--environments", type=Path, default=INDEXES / "peers", metavar="DIR",
        help="where the other libraries are installed, each in an environment of its own",
    )  # fmt: skip
    add("--save-run", type=Path, metavar="FILE",
        help="write the first 100 articles of each question as TREC's run too (.gz: packed)",
    )  # fmt: skip
    add("--save-qrels", type=Path, metavar="FILE", help="write the judgements as TREC's qrels too")
    add_run(retrieval)


def add_answers(commands: Any, data: Path | None = None) -> None:
    """The arguments of the measure of answers; `data` is what is asked where none is named."""
    answers = commands.add_parser(
        "answers", help="Ask questions with known answers, and score what is shown.",
        description="Ask questions with known evidence and score the sentences shown, the words "
        "marked and the confidence: a row a question in DIR, then the averages. Started again, it "
        "goes on where it stopped."
        + (" Without --data, the gold questions over the bundled articles." if data else ""),
    )  # fmt: skip
    add = answers.add_argument
    add("--data", type=Path, default=data, required=data is None, metavar="PATH",
        help="a MultiHop-RAG folder, its file of questions, judged questions, or a file in SQuAD's "
        "format",
    )  # fmt: skip
    add("--given", action="store_true", help="ask each question of its own paragraph alone")
    add("--topics", nargs="+", metavar="NAME",
        help="only the questions on these topics of a SQuAD file (those that the reader was not "
        "trained on); all paragraphs stay in the index",
    )  # fmt: skip
    add("--answers", type=Path, metavar="FILE",
        help="judge these answers instead, as JSON Lines with id and answer (what `byline ask "
        "--json` prints): of another build, or another system",
    )  # fmt: skip
    add("--strengths", type=float, nargs=2, metavar=("FAIR", "STRONG"),
        help="the confidences from which an answer counts as fair and as strong (Byline's own)",
    )  # fmt: skip
    answers.set_defaults(split="")
    add_out(answers)
    add_choices(answers)


def add_summary(commands: Any) -> None:
    summary = commands.add_parser(
        "summary", help="Score saved runs of answers again, together.",
        description="Score saved runs of answers as one, and show examples of what is wrong.",
    )  # fmt: skip
    add = summary.add_argument
    add("folders", nargs="+", type=Path, metavar="DIR", help="the folder of a run")
    add("--examples", type=int, default=0, metavar="N",
        help="show so many wrong answers of each kind, the surest first",
    )  # fmt: skip
    add("--json", action="store_true", help="print JSON")


def add_compare(commands: Any) -> None:
    compare = commands.add_parser(
        "compare", help="Compare saved runs, question by question.",
        description="Compare two saved runs, question by question; or several, each to the first, "
        "by tests that are corrected for their number.",
    )  # fmt: skip
    compare.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="the folder of a run")
    compare.add_argument(
        "--measure", metavar="NAME",
        help="of two runs, the measure whose most changed questions are listed (paper MRR@10, or "
        "nDCG@10); of several, the only one that is compared",
    )  # fmt: skip
    compare.add_argument("--json", action="store_true", help="print JSON")


def add_report(commands: Any) -> None:
    text = "Write a saved run as a page to read."
    report = commands.add_parser("report", help=text, description=text)
    report.add_argument("folder", type=Path, metavar="DIR", help="the folder of a run")
    report.add_argument("--out", type=Path, metavar="FILE", help="where the page is written")


def add_run(parser: argparse.ArgumentParser) -> None:
    add_searched(parser)
    add_out(parser)


def add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where the run is saved"
    )


def add_searched(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="PATH",
        help="a MultiHop-RAG or BEIR folder, a file of questions, or a file in SQuAD's format",
    )  # fmt: skip
    add("--split", default="", metavar="NAME", help="which judgements of a BEIR folder (test)")
    add_choices(parser)


def add_questions(parser: argparse.ArgumentParser) -> None:
    """Which questions of the data are asked, and of which articles."""
    add = parser.add_argument
    add("--articles", type=Path, metavar="PATH",
        help="the corpus that the questions are of, or its folder (the one beside them)",
    )  # fmt: skip
    add("--half", type=int, choices=(0, 1),
        help="only the questions on one half of the topics, the same in every run",
    )  # fmt: skip
    add("--sample", type=int, metavar="N",
        help="only so many questions, drawn at random, the same in every run",
    )  # fmt: skip
    add("--limit", type=int, metavar="N", help="only the first questions")


def add_choices(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_questions(parser)
    add("--index", type=Path, metavar="DIR",
        help="the index, built if it is missing (one in eval/indexes)",
    )  # fmt: skip
    add("--json", action="store_true", help="print JSON")
    add("--settings", "--set", nargs="+", action="extend", default=[], type=assignment,
        metavar="NAME=VALUE", help="change build-time or ask-time settings",
    )  # fmt: skip


SHARED = (add_score, add_retrieval, add_summary, add_compare, add_report)
