"""The rows of a run of answers as arrays, one entry a question, so that samples are scored fast."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from rag.evaluation.runs.saved import Answered, Row
from rag.evaluation.statistics.abstention import Flags, Values

_FACTOID = re.compile(r"\W*(?:who|when|how many)\b", re.IGNORECASE)
"""Questions whose answer is a few words: those should be marked."""


def answer_of(row: Row) -> Answered:
    """The answer part of a row."""
    assert row.answer is not None, f"{row.id} is no row of answers"
    return row.answer


@dataclass(frozen=True)
class Columns:
    """What was answered to n questions; every array has shape (n,).

    `shown` counts the sentences, `right` those that are; `facts` the gold facts, `found` those
    shown. `marked` and `mark_right` are of the best sentence, `factoid` of the question. `measures`
    are those of the rows, NaN where one does not apply.
    """

    answerable: Flags
    confidence: Values
    declined: Flags
    first: Flags
    shown: Values
    right: Values
    facts: Values
    found: Values
    marked: Flags
    mark_right: Flags
    factoid: Flags
    measures: Mapping[str, Values]

    def take(self, at: npt.NDArray[np.int64] | Flags) -> Columns:
        """The questions at these places, in their order, repeated ones repeated."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        del arrays["measures"]
        measures = {name: values[at] for name, values in self.measures.items()}
        return Columns(**{name: values[at] for name, values in arrays.items()}, measures=measures)


def columns_of(rows: Sequence[Row], threshold: float) -> Columns:
    """The columns of rows; what is less sure than the threshold is declined."""
    answers = [answer_of(row) for row in rows]
    names = dict.fromkeys(name for row in rows for name in row.measures)
    confidence = np.array([a.confidence for a in answers], float)
    silent = np.array([a.status == "unanswered" for a in answers], bool)
    return Columns(
        answerable=np.array([a.answerable for a in answers], bool),
        confidence=confidence,
        declined=silent | (confidence < threshold),
        first=np.array([row.measures.get("first right", 0) > 0 for row in rows], bool),
        shown=np.array([len(row.passages) for row in rows], float),
        right=np.array([sum(at["right"] for at in row.passages) for row in rows], float),
        facts=np.array([a.facts for a in answers], float),
        found=np.array([a.found for a in answers], float),
        marked=np.array([a.mark_right is not None for a in answers], bool),
        mark_right=np.array([bool(a.mark_right) for a in answers], bool),
        factoid=np.array([bool(_FACTOID.match(row.query)) for row in rows], bool),
        measures={
            name: np.array([row.measures.get(name, np.nan) for row in rows]) for name in names
        },
    )
