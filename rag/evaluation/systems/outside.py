"""Systems outside Byline: libraries in their own environments, and commands that write a run.

Both get all the articles and questions at once and give rankings back, which are then searched like
any other system.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rag.errors import BylineError, InputError
from rag.evaluation.datasets import Dataset, spans_of
from rag.evaluation.runs.plan import Plan
from rag.evaluation.systems.environments import PINS, measured
from rag.evaluation.systems.indexed import Found, Search, System
from rag.evaluation.systems.peer import Job
from rag.evaluation.systems.runs import passages_of
from rag.models.encoder import locate
from rag.types import Article, Passage

OWN = "-own"
"""Ends the name of a library that cuts in its own way; the others have passages of one length."""
LIBRARIES = (*PINS, *(name + OWN for name in PINS))
COMMAND = "command"
NAMES = (*LIBRARIES, COMMAND)
_DEPTH = 200
_MODEL_TOKENS = 2  # Of a passage's tokens, those that are the encoder's own.


def open_library(plan: Plan, dataset: Dataset) -> System:
    """A library's rankings of the questions, made by its own Python with the plan's encoder.

    Raises BylineError when it cannot be installed or fails.
    """
    name, own = plan.system.removesuffix(OWN), plan.system.endswith(OWN)
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "documents.jsonl"
        documents.write_text(lines_of(dataset), "utf-8")
        job = Job(
            peer=name, documents=str(documents), encoder=str(locate(plan.build.encoder)),
            tokens=0 if own else plan.build.passage_tokens - _MODEL_TOKENS,
            questions=[query.text for query in dataset.queries], passages=_DEPTH,
            out=str(Path(folder) / "measured.json"),
        )  # fmt: skip
        done = measured(job, plan.environments)
    articles = {article.id: article for article in dataset.articles}
    passages = [_placed(articles[document], text) for document, text in done["found"]]
    rankings: dict[str, Found] = {}
    times: dict[str, float] = {}
    for query, numbers, seconds in zip(
        dataset.queries, done["rankings"], done["latencies"], strict=True
    ):
        rankings[query.text] = [(passages[n], -float(rank)) for rank, n in enumerate(numbers)]
        times[query.text] = 1000 * seconds
    lost = sum(passage.end == 0 for passage in passages)
    facts = {"pins": list(PINS[name]), "passages without a place": lost, "depth": _DEPTH}
    search = _search(rankings)
    return System(search, done["passages"], "float32", times, facts)


def open_command(plan: Plan, dataset: Dataset) -> System:
    """The rankings of a command, which gets the articles and questions as files and writes a run.

    In the command, {corpus} and {questions} stand for files of JSON Lines, as BEIR has them, and
    {run} for the TREC run that it writes: of articles, or of passages as ARTICLE#START-END. Raises
    BylineError when it fails, InputError for a run that does not fit.
    """
    articles = {article.id: article for article in dataset.articles}
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.jsonl" for name in ("corpus", "questions")}
        files["run"] = Path(folder) / "run.txt"
        corpus = ({"_id": a.id, "title": a.title, "text": a.text} for a in dataset.articles)
        asked = ({"_id": query.id, "text": query.text} for query in dataset.queries)
        for name, records in (("corpus", corpus), ("questions", asked)):
            files[name].write_text("".join(f"{json.dumps(one)}\n" for one in records), "utf-8")
        _run(plan.command, files)
        found = passages_of(files["run"], articles.get, [query.id for query in dataset.queries])
    rankings = {
        query.text: [(one, -float(rank)) for rank, one in enumerate(found.get(query.id, ()))]
        for query in dataset.queries
    }
    return System(_search(rankings), len(articles), "", None, {})


def lines_of(dataset: Dataset) -> str:
    """The articles as the peers read them, a line each."""
    documents = ({"id": a.id, "title": a.title, "text": a.text} for a in dataset.articles)
    return "\n".join(map(json.dumps, documents))


def _search(rankings: Mapping[str, Found]) -> Search:
    return lambda text, k: rankings[text][:k]


def _placed(article: Article, text: str) -> Passage:
    """A passage with its place in its article, white space aside; an empty one where its text does
    not stand there."""
    start = article.text.find(text)
    places = [(start, start + len(text))] if start >= 0 else spans_of(text, article.text)
    start, end = places[0] if places else (0, 0)
    return Passage(article.id, start, end, article.text[start:end])


def _run(command: str, files: Mapping[str, Path]) -> None:
    try:
        words = [
            word.format_map({name: str(path) for name, path in files.items()})
            for word in shlex.split(command)
        ]
    except (ValueError, LookupError) as error:
        raise InputError(
            f"The command cannot be read ({error}). Its files are {{corpus}}, {{questions}} and "
            "{run}; other braces are doubled."
        ) from None
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise BylineError(f"The command cannot be run ({error}). Name one that can.") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise BylineError(f"The command failed: {said[-1]}")
    if not files["run"].is_file():
        raise BylineError("The command wrote no run. Let it write to {run}.")
