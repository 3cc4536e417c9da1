"""What the rows of a run of answers come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.answers import scores
from eval.runs.saved import Answered, Row


def row(number, answerable, confidence, first=0.0, right=(), facts=0, found=0, **changes):
    """A row whose sentences are right as `right` says."""
    answer = Answered(answerable, confidence, "answered", "27", facts, found, 0, "")
    made = Row(
        f"q{number}", "Who?", "", 10.0, {"first right": first} if answerable else {},
        [{"right": each} for each in right], [], [], answer,
    )  # fmt: skip
    return replace(made, **changes)


def test_precision_and_recall_count_all_together():
    rows = [
        row(0, True, 0.9, 1, (True, True, False), facts=2, found=2),
        row(1, True, 0.8, 0, (False,), facts=2, found=0),
        row(2, False, 0.7, 0, (False, False)),
    ]
    found = scores.rates(rows, 0.75, rows)
    assert found["first right"] == 0.5
    assert found["citation precision"] == pytest.approx(2 / 4)
    assert found["fact recall"] == pytest.approx(2 / 4)
    assert (found["answerable declined"], found["unanswerable declined"]) == (0, 1)
    assert found["AUROC"] == 1
    alone = scores.rates(rows[:1], 0.75, rows)
    assert alone["AUROC"] == 1, "a kind without unanswerable ones is set against all of those"
    assert "AUROC" not in scores.rates(rows[2:], 0.75, rows)


def test_an_unanswerable_question_that_is_answered_is_wrong():
    rows = [row(0, True, 0.9, 1), row(1, False, 0.8), row(2, True, 0.2, 0), row(3, False, 0.1)]
    found = scores.confidence_scores(rows, 0.5)
    assert (found["coverage at the threshold"], found["risk at the threshold"]) == (0.5, 0.5)
    assert found["AURC"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert found["ECE, answerable"] == pytest.approx((0.1 + 0.8 + 0.8 + 0.1) / 4)
    assert found["ECE, first right"] == pytest.approx((0.1 + 0.8 + 0.2 + 0.1) / 4)
    wrong = [each.id for each in rows if scores.is_wrong(each, 0.5)]
    assert wrong == ["q1", "q2"]
    assert "risk at the threshold" not in scores.confidence_scores(rows, 0.95)


def test_squads_own_score_lets_a_question_be_declined():
    words = {"first right": 1.0, "EM": 1.0, "F1": 0.5}
    rows = [
        row(0, True, 0.9, measures=words), row(1, True, 0.2, measures=words),
        row(2, False, 0.2), row(3, False, 0.9),
    ]  # fmt: skip
    found = scores.confidence_scores(rows, 0.5)
    assert (found["SQuAD 2.0 EM"], found["SQuAD 2.0 F1"]) == (0.5, 0.375)


def test_intervals_hold_their_rate():
    rows = [row(n, True, 0.5, n % 4 == 0, (n % 4 == 0, False)) for n in range(40)]
    found = scores.summarise(rows, 0.25)
    for name, rate in (("first right", 0.25), ("citation precision", 0.125)):
        low, high = found["intervals"][name]
        assert found["measures"][name] == rate
        assert 0 <= low < rate < high < 2.5 * rate
    assert "first right: " in scores.table(found)
