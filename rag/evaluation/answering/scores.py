"""Scores of a run of answers, over all questions and by kind.

Owns the names of the scores. Questions are asked without a threshold, so that every row has
an answer; what is declined, weak, fair or strong is worked out from the confidence, which is the
probability that the best quote answers. What is right is an answer whose first sentence is, and
never one to a question that has no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rag.evaluation.answering.columns import Columns, answer_of, columns_of
from rag.evaluation.answering.judge import FAILURES
from rag.evaluation.answering.strengths import Strengths
from rag.evaluation.runs.saved import Row
from rag.evaluation.runs.tables import by_kind, times_of
from rag.evaluation.statistics import abstention
from rag.evaluation.statistics.abstention import Flags, Values
from rag.evaluation.statistics.resampling import cluster_intervals

LOWER = ("answerable declined", "AURC", "risk at the threshold", "Brier score", "ECE")
"""Scores of which less is better."""
PRECISIONS = (0.85, 0.9)
DECLINED, ANSWERED = "answerable, declined", "unanswerable, answered"
WRONG = (*FAILURES[:-1], DECLINED, ANSWERED)
"""How an answer can be wrong, at a threshold."""


def summarise(rows: Sequence[Row], strengths: Strengths) -> dict[str, Any]:
    """Summarise a run: scores of all questions and by kind, intervals, failures, times."""
    columns = columns_of(rows, strengths.threshold)

    def measured(some: Columns) -> dict[str, float]:
        return {**rates(some, strengths), **confidence_scores(some)}

    units = [row.unit or row.id for row in rows]
    return {
        "questions": len(rows),
        "answerable": int(columns.answerable.sum()),
        "threshold": strengths.threshold,
        "strengths": strengths.saved(),
        "measures": measured(columns),
        "intervals": cluster_intervals(units, lambda at: measured(columns.take(at))),
        "units": len(set(units)),
        "failures": failures(rows, strengths.threshold),
        "broken citations": sum(answer_of(row).broken for row in rows),
        "milliseconds": times_of(rows),
        "kinds": {
            kind: {
                "questions": len(some),
                "measures": rates(columns_of(some, strengths.threshold), strengths, columns),
            }
            for kind, some in by_kind(rows).items()
        },
    }


def rates(
    columns: Columns, strengths: Strengths, everything: Columns | None = None
) -> dict[str, float]:
    """Rates of right sentences and words, of declined questions, and how sure answers divide.

    The AUROC of questions that are all answerable compares them with the unanswerable ones of
    `everything`, if that is given.
    """
    answerable, declined = columns.answerable, columns.declined
    found: dict[str, float | None] = {
        name: _mean(values[~np.isnan(values)]) for name, values in columns.measures.items()
    }
    shown = answerable & ~declined
    found["citation precision"] = _ratio(columns.right[shown], columns.shown[shown])
    found["fact recall"] = _ratio(columns.found, columns.facts)
    found |= _precisions(columns, strengths)
    found["answerable declined"] = _mean(declined[answerable])
    found["unanswerable declined"] = _mean(declined[~answerable])
    if strengths.fair is not None:
        weak = columns.confidence < strengths.fair
        found["unanswerable declined or weak"] = _mean((declined | weak)[~answerable])
    found["marked right"] = _mean(columns.mark_right[columns.marked & ~declined])
    found["marked, of right who, when, how many"] = _mean(
        columns.marked[columns.factoid & columns.first & ~declined]
    )
    confidence = columns.confidence
    if everything and answerable.all():
        others = ~everything.answerable
        answerable = np.concatenate([answerable, np.zeros(others.sum(), bool)])
        confidence = np.concatenate([confidence, everything.confidence[others]])
    found["AUROC, answerable"] = abstention.auroc(answerable, confidence)
    found["unanswerable declined, 5% lost"] = abstention.declined_at(answerable, confidence)
    return _known(found)


def confidence_scores(columns: Columns) -> dict[str, float]:
    """Scores of the confidence as the probability that the first sentence is right."""
    right, confidence = columns.first, columns.confidence
    _, risk, (coverage, at_threshold) = curve(columns)
    found = {
        "AUROC, first right": abstention.auroc(right, confidence),
        **{
            f"coverage at {precision:.0%} precision": abstention.coverage_at(
                precision, right, confidence, columns.answerable
            )
            for precision in PRECISIONS
        },
        "AURC": abstention.area(risk),
        "coverage at the threshold": coverage,
        "risk at the threshold": at_threshold,
        "Brier score": abstention.brier(right, confidence),
        "ECE": abstention.calibration_error(right, confidence),
    }
    return _known(found) | _official(columns)


def curve(columns: Columns) -> tuple[Values, Values, tuple[float, float | None]]:
    """The risk-coverage curve, and its point at the threshold: no risk where nothing is answered.

    What is wrong is an answer whose first sentence is not right, or to what has no answer.
    """
    answered = ~columns.declined
    risk = _mean(~columns.first[answered])
    coverages, risks = abstention.risk_coverage(columns.first, columns.confidence)
    return coverages, risks, (float(answered.mean()), risk)


def failures(rows: Sequence[Row], threshold: float) -> dict[str, int]:
    """Count the answers that are wrong at a threshold, by how."""
    counts = Counter(failure(row, threshold) for row in rows)
    return {kind: counts[kind] for kind in WRONG}


def failure(row: Row, threshold: float) -> str:
    """How the answer of a row is wrong at a threshold; "" where it is right."""
    answer = answer_of(row)
    declined = answer.status == "unanswered" or answer.confidence < threshold
    if answer.answerable:
        return DECLINED if declined else answer.failure
    return "" if declined else ANSWERED


def _precisions(columns: Columns, strengths: Strengths) -> dict[str, float | None]:
    """How many of the answers of each strength are right, and how many questions have it."""
    if strengths.fair is None or strengths.strong is None:
        return {}
    sure = {
        "strong": columns.confidence >= strengths.strong,
        "fair": (columns.confidence >= strengths.fair) & (columns.confidence < strengths.strong),
        "weak": columns.confidence < strengths.fair,
        "not weak": columns.confidence >= strengths.fair,
    }
    found: dict[str, float | None] = {}
    for name, which in sure.items():
        answered = which & ~columns.declined
        found[f"precision, {name}"] = _mean(columns.first[answered])
        found[f"share {name}"] = _mean(answered)
    return found


def _official(columns: Columns) -> dict[str, float]:
    """EM and F1 of SQuAD 2.0: declining is right where there is no answer, wrong where there is."""
    silent = columns.declined | ~columns.marked
    return {
        f"SQuAD 2.0 {name}": float(
            np.where(columns.answerable, columns.measures[name] * ~silent, silent).mean()
        )
        for name in ("EM", "F1")
        if name in columns.measures
    }


def _mean(values: Values | Flags) -> float | None:
    return float(values.mean()) if values.size else None


def _ratio(part: Values, whole: Values) -> float | None:
    return float(part.sum() / whole.sum()) if whole.sum() else None


def _known(found: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in found.items() if value is not None}
