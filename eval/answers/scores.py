"""Scores of a run of answers, over all questions and by kind.

Owns the names of the scores. Questions are asked without a threshold, so that every row has
an answer; what is declined is worked out from the confidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval.answers.judge import FAILURES
from eval.runs.saved import Answered, Row
from eval.runs.tables import by_kind, columns, times_of
from eval.statistics import abstention
from eval.statistics.abstention import Flags, Values
from eval.statistics.averages import mean
from eval.statistics.resampling import interval

COLUMNS = 6
"""More kinds than this are saved but not printed."""
LOWER = (
    "answerable declined", "AURC", "risk at the threshold", "ECE, answerable", "ECE, first right",
)  # fmt: skip
"""Scores of which less is better."""
_PRECISION, _RECALL = "citation precision", "fact recall"


def summarise(rows: Sequence[Row], threshold: float) -> dict[str, Any]:
    """Summarise a run: scores of all questions and by kind, intervals, failures, times."""
    return {
        "questions": len(rows),
        "answerable": sum(answer_of(row).answerable for row in rows),
        "threshold": threshold,
        "measures": {**rates(rows, threshold, rows), **confidence_scores(rows, threshold)},
        "intervals": _intervals(rows),
        "failures": failures(rows),
        "broken citations": sum(answer_of(row).broken for row in rows),
        "milliseconds": times_of(rows),
        "kinds": {
            kind: {"questions": len(some), "measures": rates(some, threshold, rows)}
            for kind, some in by_kind(rows).items()
        },
    }


def rates(rows: Sequence[Row], threshold: float, everything: Sequence[Row]) -> dict[str, float]:
    """Rates of right sentences and of declined questions. The AUROC of a kind whose questions are
    all answerable compares them with the unanswerable ones of `everything`.

    First, any, EM, F1 and the answer string are means over answerable questions; precision and
    recall count sentences and facts of all of them together.
    """
    found: dict[str, float | None] = dict(mean(row.measures for row in rows))
    for name, counts in _counts(rows).items():
        found[name] = _ratio(*counts) if counts.size else None
    answerable, confidence, _ = _arrays(rows)
    declined = _declined(rows, threshold)
    for name, which in (("answerable", answerable), ("unanswerable", ~answerable)):
        found[f"{name} declined"] = float(declined[which].mean()) if which.any() else None
    if answerable.any() and answerable.all():
        _, others, _ = _arrays([row for row in everything if not answer_of(row).answerable])
        answerable = np.concatenate([answerable, np.zeros(len(others), bool)])
        confidence = np.concatenate([confidence, others])
    found["AUROC"] = abstention.auroc(answerable, confidence)
    found["unanswerable declined, 5% lost"] = abstention.declined_at(answerable, confidence)
    return {name: value for name, value in found.items() if value is not None}


def confidence_scores(rows: Sequence[Row], threshold: float) -> dict[str, float]:
    """Scores of the confidence; a question counts as right if its first sentence is."""
    answerable, confidence, right = _arrays(rows)
    _, risk, (coverage, at_threshold) = curve(rows, threshold)
    found = {
        "AURC": abstention.area(risk),
        "coverage at the threshold": coverage,
        "risk at the threshold": at_threshold,
        "ECE, answerable": abstention.calibration_error(answerable, confidence),
        "ECE, first right": abstention.calibration_error(right, confidence),
    }
    return {name: x for name, x in found.items() if x is not None} | _official(rows, threshold)


def curve(
    rows: Sequence[Row], threshold: float
) -> tuple[Values, Values, tuple[float, float | None]]:
    """The risk-coverage curve, and its point at the threshold: no risk where nothing is answered.

    What is wrong is an answer whose first sentence is not right, or to what has no answer.
    """
    _, confidence, right = _arrays(rows)
    answered = ~_declined(rows, threshold)
    risk = float((~right[answered]).mean()) if answered.any() else None
    return *abstention.risk_coverage(right, confidence), (float(answered.mean()), risk)


def failures(rows: Sequence[Row]) -> dict[str, int]:
    """Count the answerable questions that went wrong, by kind of failure."""
    counts = Counter(answer_of(row).failure for row in rows)
    return {kind: counts[kind] for kind in FAILURES}


def is_wrong(row: Row, threshold: float) -> bool:
    """Whether the first sentence shown is not right, or a question without an answer has one."""
    if answer_of(row).answerable:
        return not row.measures["first right"]
    return not _declined([row], threshold)[0]


def table(summary: Mapping[str, Any]) -> str:
    """A summary as aligned text."""
    kinds = summary["kinds"] if len(summary["kinds"]) <= COLUMNS else {}
    lines = columns({**summary, "kinds": kinds})
    lines += ["", "95% intervals:"]
    lines += [f"  {name}: {low:.4f} to {high:.4f}" for name, (low, high) in _known(summary)]
    lines += ["", f"answerable, first sentence wrong ({sum(summary['failures'].values())}):"]
    lines += [f"  {kind}: {count}" for kind, count in summary["failures"].items()]
    times = ", ".join(f"{name} {value}" for name, value in summary["milliseconds"].items())
    lines += [
        "",
        f"{summary['answerable']} of {summary['questions']} answerable; "
        f"threshold {summary['threshold']:g}; broken citations: {summary['broken citations']}",
        f"milliseconds of an answer: {times}",
    ]
    return "\n".join(lines)


def _known(summary: Mapping[str, Any]) -> list[tuple[str, tuple[float, float]]]:
    return [(name, ends) for name, ends in summary["intervals"].items() if ends is not None]


def _intervals(rows: Sequence[Row]) -> dict[str, tuple[float, float] | None]:
    """95% bootstrap intervals of the means and of the two ratios."""
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.measures.items():
            values.setdefault(name, []).append(value)
    found = {name: interval(np.array(each)) for name, each in values.items()}
    for name, counts in _counts(rows).items():
        if counts.size:
            found[name] = interval(*counts, statistic=_ratio)
    return found


def _counts(rows: Sequence[Row]) -> dict[str, Values]:
    """For each answerable question that has any, how many are right or found, and of how many."""
    shown = [
        (sum(at["right"] for at in row.passages), len(row.passages))
        for row in rows
        if answer_of(row).answerable and row.passages
    ]
    facts = [(answer_of(row).found, answer_of(row).facts) for row in rows if answer_of(row).facts]
    return {
        name: np.array(pairs, float).T for name, pairs in ((_PRECISION, shown), (_RECALL, facts))
    }


def _ratio(part: Values, whole: Values, axis: int = -1) -> Any:
    return part.sum(axis) / whole.sum(axis)


def _official(rows: Sequence[Row], threshold: float) -> dict[str, float]:
    """EM and F1 of SQuAD 2.0: declining is right where there is no answer, wrong where there is."""
    if not any("EM" in row.measures for row in rows):
        return {}
    silent = _declined(rows, threshold) | np.array([not answer_of(row).marked for row in rows])
    return {
        f"SQuAD 2.0 {name}": float(
            np.mean(
                [
                    row.measures[name] * (not quiet) if answer_of(row).answerable else quiet
                    for row, quiet in zip(rows, silent, strict=True)
                ]
            )
        )
        for name in ("EM", "F1")
    }


def _declined(rows: Sequence[Row], threshold: float) -> Flags:
    answers = [answer_of(row) for row in rows]
    return np.array([a.status == "unanswered" or a.confidence < threshold for a in answers], bool)


def _arrays(rows: Sequence[Row]) -> tuple[Flags, Values, Flags]:
    """Of each row: whether it is answerable, how sure the answer is, whether its first sentence
    is right."""
    answers = [answer_of(row) for row in rows]
    return (
        np.array([answer.answerable for answer in answers], bool),
        np.array([answer.confidence for answer in answers], float),
        np.array([row.measures.get("first right", 0.0) for row in rows]) > 0,
    )


def answer_of(row: Row) -> Answered:
    """The answer part of a row."""
    assert row.answer is not None, f"{row.id} is no row of answers"
    return row.answer
