"""BEIR's folders: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv (Thakur et al. 2021)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeVar

from rag.errors import InputError
from rag.evaluation.datasets.records import Files, Record
from rag.evaluation.datasets.types import Dataset, Query
from rag.ingest.encoding import unify_line_ends
from rag.ingest.tables.record import fields_of
from rag.types import Article

T = TypeVar("T")

_HEADER = ["query-id", "corpus-id", "score"]
_DOCUMENT = "A document has _id and text, and may have title and metadata."
_QUESTION = "A question has _id and text."
_JUDGEMENT = "Write query-id, corpus-id and a whole number as score, with tabs between them."


def load(folder: Path, split: str, files: Files) -> Dataset:
    """Read a folder; questions without a relevant document in the split are excluded."""
    qrels = _qrels(folder, split)
    articles: dict[str, Article] = {}
    for ordinal, record in enumerate(_lines(folder, "corpus.jsonl", _DOCUMENT, files), start=1):
        _add(articles, record, _article(record, f"corpus.jsonl#{ordinal}"))
    texts: dict[str, str] = {}
    for record in _lines(folder, "queries.jsonl", _QUESTION, files):
        _add(texts, record, record.text("text"))
    relevant = _judgements(qrels, texts.keys(), articles.keys(), files)
    # As BEIR's evaluation does: ArguAna's questions are documents of its corpus.
    queries = tuple(
        Query(query_id, text, "", relevant[query_id], ignored=query_id)
        for query_id, text in texts.items()
        if query_id in relevant
    )
    name = f"{folder.resolve().name}, {qrels.name.partition('.')[0]}"
    excluded = len(texts) - len(queries)
    return Dataset(name, tuple(articles.values()), queries, excluded, files.sha256)


def _lines(folder: Path, name: str, remedy: str, files: Files) -> Iterator[Record]:
    packed = folder / f"{name}.gz"
    return files.records(packed if packed.exists() else folder / name, remedy)


def _add(known: dict[str, T], record: Record, value: T) -> None:
    name = record.text("_id")
    if name in known:
        raise record.error(f"the _id {name!r} is given twice")
    known[name] = value


def _article(record: Record, origin: str) -> Article:
    """A document; one that has a title alone is read as that, so that it can be found."""
    title = record.text("title", "")
    metadata = record.values.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise record.error("the field 'metadata' is not an object")
    fields = fields_of(metadata) | {"title": title, "id": record.text("_id"), "origin": origin}
    return Article(unify_line_ends(record.text("text", "")) or title, **fields)  # type: ignore[arg-type]


def _qrels(folder: Path, split: str) -> Path:
    """The judgements of `split`; without one, of the only split or of "test"."""
    found = {path.name.partition(".")[0]: path for path in sorted(folder.glob("qrels/*.tsv*"))}
    name = split or (next(iter(found)) if len(found) == 1 else "test")
    if name not in found:
        if not found:
            raise InputError(f"{folder / 'qrels'} holds no .tsv file of judgements. Add test.tsv.")
        said = f"no split {split!r}" if split else "several splits and none is called test"
        known = ", ".join(found)
        raise InputError(f"{folder / 'qrels'} has {said}. Choose with --split; it holds: {known}.")
    return found[name]


def _judgements(
    path: Path, queries: Collection[str], articles: Collection[str], files: Files
) -> dict[str, dict[str, int]]:
    """The grades above zero, by question and document."""
    lines = files.text(path).split("\n")
    if lines[0].split() != _HEADER:
        raise InputError(f"{path} line 1: not the header {' '.join(_HEADER)}. {_JUDGEMENT}")
    judged: set[tuple[str, str]] = set()
    relevant: dict[str, dict[str, int]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        query, article, grade = _judgement(f"{path} line {number}", line)
        for name, known, file in ((query, queries, "queries"), (article, articles, "corpus")):
            if name not in known:
                raise InputError(
                    f"{path} line {number}: the id {name!r} is not in {file}.jsonl. Take all "
                    "files from the same release of the data set."
                )
        if (query, article) in judged:
            raise InputError(f"{path} line {number}: the pair is judged twice. Remove one line.")
        judged.add((query, article))
        if grade > 0:
            relevant.setdefault(query, {})[article] = grade
    if not judged:
        raise InputError(f"{path} holds no judgement, so nothing can be measured. {_JUDGEMENT}")
    return relevant


def _judgement(where: str, line: str) -> tuple[str, str, int]:
    cells = line.rstrip("\r").split("\t")
    try:
        query, article, grade = cells
        if not re.fullmatch(r"-?[0-9]{1,6}", grade):
            raise ValueError(grade)
        return query, article, int(grade)
    except ValueError:
        raise InputError(f"{where}: not a judgement. {_JUDGEMENT}") from None
