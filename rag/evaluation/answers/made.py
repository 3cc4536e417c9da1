"""Answers that another build of Byline, or another system, made beforehand, as JSON Lines.

Each line has the `id` of a question, its `answer` as `byline ask --json` prints one, and perhaps
the `milliseconds` that it took.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rag import Answer
from rag.errors import InputError
from rag.evaluation.datasets.records import Files, Record
from rag.export.serialize import from_json

_SHAPE = "A line has the id of a question and its answer, as `byline ask --json` prints one."


@dataclass(frozen=True)
class Made:
    """The answers of a file by the id of their question; `facts` say which file it is."""

    facts: dict[str, str]
    _records: dict[str, Record]

    def answer(self, query_id: str) -> Answer:
        record = self._records[query_id]
        try:
            return from_json(record.values.get("answer"))
        except InputError as error:
            raise record.error(str(error)) from None

    def milliseconds(self, query_id: str) -> float:
        return float(self._records[query_id].values.get("milliseconds", 0))

    def refuse_missing(self, ids: Iterable[str]) -> None:
        """Raise InputError unless every question has its answer."""
        missing = [query_id for query_id in ids if query_id not in self._records]
        if missing:
            raise InputError(
                f"{self.facts['file']} has no answer to {len(missing)} of the questions, "
                f"{missing[0]} among them. Answer these too, or choose others with --sample, "
                "--half or --limit."
            )


def read_made(path: Path) -> Made:
    """Read a file of answers; each is read in full when it is asked for."""
    files = Files()
    records: dict[str, Record] = {}
    for record in files.records(path, _SHAPE):
        if record.text("id") in records:
            raise record.error(f"the id {record.text('id')!r} is given twice")
        records[record.text("id")] = record
    return Made({"file": path.name, "sha256": files.sha256}, records)
