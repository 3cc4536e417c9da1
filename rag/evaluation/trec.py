"""Judgements and rankings in the field's formats: TREC's qrels and runs, BEIR's table, JSON Lines.

    qrels   QUERY 0 DOCUMENT GRADE                   or BEIR's query-id, corpus-id and score
    run     QUERY Q0 DOCUMENT RANK SCORE NAME        the rank is not read: the scores say the order
    JSONL   {"query_id": …, "doc_id": …, "relevance": 1}, or with "score" in place of "relevance"

A name that ends in .gz is packed. Nothing is guessed or skipped: what cannot be read whole is an
`InputError` with the file, the line and the remedy.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np

from rag.errors import InputError
from rag.evaluation.datasets.records import Files

Qrels: TypeAlias = dict[str, dict[str, int]]
"""The grade of each judged document, by question; 0 and less are not relevant."""
Ranking: TypeAlias = dict[str, float]
"""Documents with their scores."""
Rankings: TypeAlias = dict[str, Ranking]
"""The documents that a system found, by question."""
V = TypeVar("V", int, float)

_QRELS = "Qrels have four columns: question, 0, document and a whole number as grade."
_BEIR = "BEIR's judgements have three columns: query-id, corpus-id and a whole number as score."
_RUN = "A run has six columns: question, Q0, document, rank, score and the run's name."
_QRELS_LINE = "A line has query_id, doc_id and a whole number as relevance."
_RUN_LINE = "A line has query_id, doc_id and a number as score."
_PASSAGES = "Leave out --passages, or write the ids of passages as ARTICLE#START-END."
_GRADES = 1_000_000
_HEADER = ["query-id", "corpus-id", "score"]
_PASSAGE = re.compile(r"(.+)#\d+-\d+", re.DOTALL)


def read_qrels(path: str | Path, files: Files | None = None) -> Qrels:
    """Read judgements: TREC's qrels, BEIR's table, or JSON Lines. Raises InputError."""
    path = Path(path)
    return _gathered(path, _judgements(path, files or Files()), "judged")


def read_run(
    path: str | Path,
    files: Files | None = None,
    problem: Callable[[str], str] = lambda document: "",
) -> Rankings:
    """Read a ranking for each question: TREC's run, or JSON Lines.

    `problem` says what is wrong with a document's id, and the remedy; "" where nothing is. Raises
    InputError.
    """
    path = Path(path)
    return _gathered(path, _checked(_scores(path, files or Files()), problem), "found")


def read_passages(path: Path, files: Files | None = None) -> Rankings:
    """Read a run of passages, whose ids are ARTICLE#START-END, as rankings of articles.

    An article has the score of its best passage. Raises InputError, also for another id.
    """

    def problem(document: str) -> str:
        return "" if _PASSAGE.fullmatch(document) else f"{document!r} is no passage. {_PASSAGES}"

    found = read_run(path, files, problem)
    return {query: _rolled_up(ranking) for query, ranking in found.items()}


def write_qrels(path: str | Path, qrels: Mapping[str, Mapping[str, int]]) -> None:
    """Write TREC's qrels; packed where the name ends in .gz. White space in ids becomes %20."""
    _write(
        path,
        (
            f"{_id(query)} 0 {_id(document)} {grade}"
            for query, judged in qrels.items()
            for document, grade in judged.items()
        ),
    )


def write_run(path: str | Path, rankings: Mapping[str, Sequence[str]], name: str) -> None:
    """Write TREC's run of documents, best first; packed where the name ends in .gz.

    The scores are the negated ranks, so that whoever reads the run finds no ties to break. White
    space in ids becomes %20, as in `write_qrels`.
    """
    _write(
        path,
        (
            f"{_id(query)} Q0 {_id(document)} {rank} {-rank} {_id(name)}"
            for query, documents in rankings.items()
            for rank, document in enumerate(documents, start=1)
        ),
    )


def ordered(ranking: Mapping[str, float]) -> list[str]:
    """The documents, best first, as trec_eval orders them.

    By score, which it keeps in single precision; those of one score by their id, the last first.
    """
    with np.errstate(over="ignore"):
        scores = {document: float(np.float32(score)) for document, score in ranking.items()}
    return sorted(sorted(scores, reverse=True), key=lambda document: -scores[document])


def _rolled_up(ranking: Ranking) -> Ranking:
    best: Ranking = {}
    for passage, score in ranking.items():
        article = passage.rpartition("#")[0]
        best[article] = max(score, best.get(article, -math.inf))
    return best


Line: TypeAlias = tuple[str, str, str, V]
"""Where it stands, the question, the document, and its grade or score."""


def _judgements(path: Path, files: Files) -> Iterator[Line[int]]:
    if ".jsonl" in path.suffixes:
        for record in files.records(path, _QRELS_LINE):
            query, document = record.text("query_id"), record.text("doc_id")
            if abs(relevance := record.number("relevance")) >= _GRADES:
                raise record.error(f"the grade {relevance} is too large")
            yield record.where, query, document, relevance
        return
    lines = list(_lines(path, files))
    beir = bool(lines) and lines[0][1] == _HEADER
    for where, cells in lines[beir:]:
        if beir:
            query, document, grade = _cells(where, cells, 3, _BEIR)
        else:
            query, _, document, grade = _cells(where, cells, 4, _QRELS)
        if not re.fullmatch(r"-?[0-9]{1,6}", grade):
            raise InputError(f"{where}: the grade {grade!r} is no whole number. {_QRELS}")
        yield where, query, document, int(grade)


def _scores(path: Path, files: Files) -> Iterator[Line[float]]:
    if ".jsonl" in path.suffixes:
        for record in files.records(path, _RUN_LINE):
            score = record.values.get("score")
            if isinstance(score, bool) or not isinstance(score, int | float):
                raise record.error("the field 'score' is not a number")
            text = record.text("query_id"), record.text("doc_id")
            yield record.where, *text, _finite(record.where, str(score))
        return
    for where, cells in _lines(path, files):
        query, _, document, _, score, _ = _cells(where, cells, 6, _RUN)
        yield where, query, document, _finite(where, score)


def _checked(lines: Iterable[Line[float]], problem: Callable[[str], str]) -> Iterator[Line[float]]:
    for where, query, document, score in lines:
        if found := problem(document):
            raise InputError(f"{where}: {found}")
        yield where, query, document, score


def _lines(path: Path, files: Files) -> Iterator[tuple[str, list[str]]]:
    """The cells of each line that is not blank, with the place of the line."""
    # Not splitlines: an id may hold a separator that ends no line of the file.
    for number, line in enumerate(files.text(path).split("\n"), start=1):
        cells = line.split("\t" if line.count("\t") in (2, 3, 5) else None)
        if any(map(str.strip, cells)):
            yield f"{path} line {number}", [cell.strip() for cell in cells]


def _cells(where: str, cells: Sequence[str], count: int, remedy: str) -> Sequence[str]:
    if len(cells) == count and all(cells):
        return cells
    hint = {4: " These look like qrels.", 6: " This looks like a run."}.get(len(cells), "")
    if len(cells) == 1 and re.search(r"[,;|]", cells[0]):
        hint = " Put blanks or tabs between them."
    columns = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
    raise InputError(f"{where}: {columns} in place of {count}.{hint} {remedy}")


def _finite(where: str, score: str) -> float:
    try:
        value = float(score)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where}: the score {score!r} is no finite number. {_RUN}")
    return value


def _gathered(path: Path, lines: Iterable[Line[V]], done: str) -> dict[str, dict[str, V]]:
    """The values by question and document. Raises InputError for a pair that comes twice."""
    found: dict[str, dict[str, V]] = {}
    for where, query, document, value in lines:
        of_query = found.setdefault(query, {})
        if document in of_query:
            raise InputError(
                f"{where}: document {document!r} is {done} twice for question {query!r}. Remove "
                "one of the lines."
            )
        of_query[document] = value
    if not found:
        raise InputError(f"{path} holds nothing. Name a file with a line or more.")
    return found


def _id(text: str) -> str:
    """An id as one word, which the columns of TREC's files are."""
    return re.sub(r"\s", "%20", text) or "-"


def _write(path: str | Path, lines: Iterable[str]) -> None:
    path = Path(path)
    data = "".join(f"{line}\n" for line in lines).encode()
    try:
        # Without the time of writing in it, the same run is the same file.
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}). Name another file."
        ) from None
