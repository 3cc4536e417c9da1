"""Reads saved runs; a run is a folder.

    manifest.json   what was run, on what, by which code; `complete` once all rows are there
    rows.jsonl      one row a question, in the data set's order
    summary.json    the averages
    .lock           held by the run that is writing here

Knows neither how a run is made nor what its measures mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.text.outside import json_value

SUMMARY_SCHEMA = "byline-summary/1"
SCHEMA = "byline-run/1"
"""The version of a run's files, in its manifest; runs from before have none and are read too."""
MANIFEST, ROWS, SUMMARY = "manifest.json", "rows.jsonl", "summary.json"
_BROKEN = (
    "If the run was only cut off, start it again, and it goes on there. Otherwise make it in "
    "another folder with --out."
)


@dataclass(frozen=True)
class Written:
    """What a language model wrote to a question, and how long that took.

    `verified` counts the sentences of the answer, `rejected` are those left out, each with `text`,
    `reason` and, where it is known, `kind` of fault. `note` is what the reader was told besides:
    where `instead` is true, why the answer is not the model's. `raw` is all that the model wrote,
    in so many `tokens`, to a prompt of `prompt_tokens`; both are 0 where it was not asked.
    `seconds` are counted from the question ("quotes", "first word", "first sentence", "whole
    answer"; none that did not come), but for "reading", from the prompt to the first word, and
    "writing", from there to the last. `memory` is the peak of this process in MiB "without" the
    model loaded, and so far "with" it; empty where the system does not say.
    """

    verified: int
    rejected: list[dict[str, str]]
    instead: bool
    note: str
    raw: str
    tokens: int
    prompt_tokens: int
    seconds: dict[str, float]
    memory: dict[str, float]


@dataclass(frozen=True)
class Answered:
    """What a question was answered with, before any threshold.

    `marked` are the words that the best sentence marks, `mark_right` says whether the first of them
    answer (None where none are marked). `expected` is for a reader of the row: strings that would
    answer, or why nothing does. `facts` counts the gold facts of the
    question, `found` those shown. `broken` counts citations that do not hold. `failure` says where
    an answerable question went wrong, "" if it did not. `written` is there if a model was to write.
    """

    answerable: bool
    confidence: float
    status: str
    marked: str
    facts: int
    found: int
    broken: int
    failure: str
    written: Written | None = None
    mark_right: bool | None = None
    expected: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One question of a run and its scores; higher is better in every measure.

    `passages` are the first found, `articles` the ids in their order, `missed` the gold facts that
    no passage holds. In a run of answers the passages are the sentences shown, and `answer` is
    there; a sentence that a model wrote stands in its `sentence`, beside what it cites. `unit` is
    what bootstrap samples draw whole with this question; "" for the question alone.
    `milliseconds` are 0 where nobody measured them.
    """

    id: str
    query: str
    kind: str
    milliseconds: float
    measures: dict[str, float]
    passages: list[dict[str, Any]]
    articles: list[str]
    missed: list[str]
    answer: Answered | None = None
    unit: str = ""


@dataclass(frozen=True)
class Run:
    """A run read from its folder; `rows` by the id of their question, in the file's order."""

    name: str
    manifest: dict[str, Any]
    rows: dict[str, Row]

    @property
    def data(self) -> str:
        """The SHA-256 of the data that it was run over."""
        return str(self.manifest["data"]["sha256"])


def read_run(folder: Path) -> Run:
    """Read the manifest and the rows of a run, or raise an `InputError` that says what is wrong."""
    manifest = read_manifest(folder / MANIFEST)
    rows = read_rows(folder / ROWS)
    if not rows:
        raise InputError(f"{folder / ROWS} holds no questions. {_BROKEN}")
    return Run(folder.resolve().name, manifest, rows)


def read_runs(folder: Path) -> list[Run]:
    """The run in `folder`, or else those in the folders in it, by name."""
    if (folder / MANIFEST).exists() or not folder.is_dir():
        return [read_run(folder)]
    inside = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    if not inside:
        raise InputError(
            f"{folder} holds no run: neither it nor a folder in it has a {MANIFEST}. Name a "
            "folder that `byline eval` wrote, or one with several of them."
        )
    return [read_run(path) for path in inside]


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest; only the SHA-256 of its data is checked to be there."""
    try:
        manifest = json_value(_text(path))
    except ValueError as error:
        raise InputError(f"{path} is not JSON ({error}). {_BROKEN}") from None
    schema = manifest.get("schema", SCHEMA) if isinstance(manifest, dict) else SCHEMA
    if schema != SCHEMA:
        raise InputError(
            f"{path} is of another version ({schema!r}, not {SCHEMA!r}). Read it with the release "
            "of Byline that wrote it, or make the run again."
        )
    data = manifest.get("data") if isinstance(manifest, dict) else None
    parts = [manifest.get(name, {}) for name in ("settings", "strengths")] if data else []
    if not all(isinstance(part, dict) for part in parts):
        raise InputError(f"{path} has settings or strengths that are no objects. {_BROKEN}")
    if not (isinstance(data, dict) and isinstance(data.get("sha256"), str)):
        raise InputError(f"{path} does not say which data the run is over. {_BROKEN}")
    return dict(manifest)


def read_rows(path: Path) -> dict[str, Row]:
    """Read rows, each whole, with finite scores, and of another question."""
    rows: dict[str, Row] = {}
    # Not splitlines(): a question may hold U+2028, which JSON need not escape.
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = _row(json_value(line))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise InputError(f"Line {number} of {path} is broken ({reason}). {_BROKEN}") from None
        if row.id in rows:
            raise InputError(f"Line {number} of {path} repeats question {row.id}. {_BROKEN}")
        rows[row.id] = row
    return rows


def differences(a: Any, b: Any, name: str = "") -> dict[str, list[Any]]:
    """What differs between two manifests: dotted name to both values, None where there is none."""
    if isinstance(a, dict) and isinstance(b, dict):
        found: dict[str, list[Any]] = {}
        for key in {**a, **b}:
            found |= differences(a.get(key), b.get(key), f"{name}.{key}" if name else key)
        return found
    return {name: [a, b]} if a != b else {}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}). Name the folder of a run, as "
            "`byline eval` wrote it."
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text ({error}). {_BROKEN}") from None


def _row(record: dict[str, Any]) -> Row:
    row = Row(
        str(record["id"]),
        str(record["query"]),
        str(record["kind"] or ""),
        float(record["milliseconds"]),
        {str(name): float(value) for name, value in record["measures"].items()},
        list(map(dict, record["passages"])),
        list(map(str, record["articles"])),
        list(map(str, record["missed"])),
        _answered(record["answer"]) if record.get("answer") else None,
        str(record.get("unit", "")),
    )
    if row.answer and not all({"right", "quote"} <= shown.keys() for shown in row.passages):
        raise ValueError("a sentence without right and quote")
    confidence = row.answer.confidence if row.answer else 0.0
    if not all(map(math.isfinite, [row.milliseconds, confidence, *row.measures.values()])):
        raise ValueError("a score is not a finite number")
    return row


def _answered(record: dict[str, Any]) -> Answered:
    written = record.get("written")
    answer = Answered(**{**record, "written": Written(**written) if written else None})
    kinds: dict[type, list[Any]] = {
        bool: [answer.answerable],
        int: [answer.facts, answer.found, answer.broken],
        str: [answer.status, answer.marked, answer.failure, *answer.expected],
        list: [answer.expected],
    }
    if not all(isinstance(value, kind) for kind, values in kinds.items() for value in values):
        raise TypeError("a field of the answer is of another type")
    return answer
