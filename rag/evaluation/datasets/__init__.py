"""Questions with known evidence, in the formats that they are published in.

Owns which format stands at a path. Nothing is guessed or skipped: what cannot be read whole is an
`InputError` that names the file, the line and the remedy.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from rag.errors import InputError
from rag.evaluation.datasets import beir, corpus, judged, multihop, squad
from rag.evaluation.datasets.records import Files
from rag.evaluation.datasets.types import Dataset, Fact, Query, spans_of

__all__ = ["Dataset", "Fact", "Query", "load", "spans_of"]

_EXPECTED = (
    "Expected is one of: a MultiHop-RAG folder (corpus.jsonl or corpus.json beside a "
    "queries*.jsonl or MultiHopRAG.json, gzipped or not) or its file of questions; judged "
    "questions (.jsonl) of such a corpus; a BEIR folder (corpus.jsonl, queries.jsonl, "
    "qrels/*.tsv); a file in SQuAD's format (.json, .json.gz)."
)


def load(
    path: str | Path,
    split: str = "",
    unanswerable: bool = False,
    topics: Collection[str] | None = None,
    without: Collection[str] = (),
    articles: str | Path | None = None,
) -> Dataset:
    """Read the data set at `path`: its articles and questions.

    `split` names the judgements of a BEIR folder that has several ("test" where there is one).
    `unanswerable` keeps the questions to which nothing is relevant; `topics` keeps only those on
    these topics, `without` none on those. `articles` is the corpus of the questions, or its folder,
    where that is not their own. Raises InputError for anything that is missing, broken
    or contradictory.
    """
    beside = None if articles is None else Path(articles)
    dataset = _load(Path(path), split, beside, Files())
    queries = dataset.queries if topics is None else _on(topics, dataset)
    queries = tuple(query for query in queries if query.topic not in without)
    kept = tuple(query for query in queries if unanswerable or query.relevant)
    excluded = dataset.excluded + len(queries) - len(kept)
    dataset = replace(dataset, queries=kept, excluded=excluded)
    if not dataset.queries:
        raise InputError(
            f"{path} leaves no question to measure: of {dataset.excluded}, none has anything "
            "relevant to it. Choose other data."
        )
    return dataset


def _on(topics: Collection[str], dataset: Dataset) -> tuple[Query, ...]:
    """The questions on `topics`, written as the data's file or as a reader writes them."""
    wanted = {topic.replace("_", " ") for topic in topics}
    known = {query.topic for query in dataset.queries} - {""}
    if unknown := wanted - known:
        raise InputError(
            f"{dataset.name} has no questions on {', '.join(sorted(unknown))}. "
            f"Topics are: {', '.join(sorted(known)) or 'none'}."
        )
    return tuple(query for query in dataset.queries if query.topic in wanted)


def _load(path: Path, split: str, articles: Path | None, files: Files) -> Dataset:
    if (path / "qrels").is_dir():
        return beir.load(path, split, files)
    if split:
        raise InputError(f"{path} is no BEIR folder and has no splits. Leave out --split.")
    if path.is_dir():
        path = _questions(path)
    if not path.is_file():
        raise InputError(f"There is nothing at {path}. {_EXPECTED}")
    # SQuAD's file is one object, the others are lines, MultiHop-RAG's perhaps an array.
    if ".jsonl" in path.suffixes or Files().text(path).lstrip().startswith("["):
        beside = _corpus(articles or path.parent)
        if ".jsonl" in path.suffixes and judged.holds(path):
            return judged.load(beside, path, files)
        return multihop.load(beside, path, files)
    if articles:
        raise InputError(f"{path} holds its own articles. Leave out --articles.")
    if ".json" in path.suffixes:
        return squad.load(path, files)
    raise InputError(f"{path} is no data set that is known here. {_EXPECTED}")


def _corpus(place: Path) -> Path:
    if place.is_file():
        return place
    for name in corpus.NAMES:
        if (place / name).is_file():
            return place / name
    raise InputError(
        f"{place} holds no corpus. Name the one that the questions are of with --articles. "
        f"{_EXPECTED}"
    )


def _questions(folder: Path) -> Path:
    found = sorted(path for pattern in multihop.QUERIES for path in folder.glob(pattern))
    others = (path for path in folder.glob("*.jsonl*") if path.name not in corpus.NAMES)
    found = found or sorted(path for path in others if judged.holds(path))
    if not found:
        raise InputError(f"{folder} holds no questions. {_EXPECTED}")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise InputError(f"{folder} holds several files of questions ({names}). Name one of them.")
    return found[0]
