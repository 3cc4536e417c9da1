"""How a confidence is scored: against scikit-learn, by hand, and on anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from rag.evaluation.statistics import abstention

judged = st.lists(
    st.tuples(st.booleans(), st.integers(0, 8).map(lambda n: n / 8)), min_size=1, max_size=40
)


def arrays(pairs):
    return np.array([a for a, _ in pairs], bool), np.array([b for _, b in pairs], float)


@given(judged)
def test_auroc_is_sklearns(pairs):
    true, confidence = arrays(pairs)
    found = abstention.auroc(true, confidence)
    if true.all() or not true.any():
        assert found is None
    else:
        assert found == pytest.approx(roc_auc_score(true, confidence))


def test_risk_and_coverage_by_hand():
    right = np.array([True, False, True, False])
    coverage, risk = abstention.risk_coverage(right, np.array([0.9, 0.6, 0.7, 0.1]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk == pytest.approx([0, 0, 1 / 3, 2 / 4])
    assert abstention.area(risk) == pytest.approx((1 / 3 + 1 / 2) / 4)
    _, tied = abstention.risk_coverage(right, np.array([0.5, 0.5, 0.5, 0.1]))
    assert tied == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1 / 2])


@given(judged, st.randoms(use_true_random=False))
def test_risk_and_coverage_of_anything(pairs, random):
    right, confidence = arrays(pairs)
    coverage, risk = abstention.risk_coverage(right, confidence)
    assert (np.diff(coverage) > 0).all()
    assert coverage[-1] == 1
    assert risk[-1] == pytest.approx(np.mean(~right))
    assert ((risk >= 0) & (risk <= 1 + 1e-9)).all()
    random.shuffle(pairs)
    assert abstention.risk_coverage(*arrays(pairs))[1] == pytest.approx(risk), "order is chance"


def test_calibration_error_by_hand():
    true = np.array([True, False, True, True])
    # Bins .1 to .2 (one of two, sure .15) and the last (both, sure .95): half of .35 and of .05.
    found = abstention.calibration_error(true, np.array([0.1, 0.2 - 1e-9, 0.9, 1.0]))
    assert found == pytest.approx(0.5 * 0.35 + 0.5 * 0.05)


def test_what_is_declined_when_a_twentieth_is_lost():
    true = np.array([True] * 20 + [False] * 4)
    confidence = np.array([n / 20 for n in range(20)] + [0.0, 0.04, 0.05, 0.5])
    assert abstention.declined_at(true, confidence) == 0.5, "one of 20 lies below .05"
    assert abstention.declined_at(true[:5], confidence[:5]) is None


@given(judged)
def test_no_more_is_lost_than_allowed(pairs):
    true, confidence = arrays(pairs)
    found = abstention.declined_at(true, confidence, lost=0.25)
    if found is not None:
        allowed = [t for t in {*confidence, 2} if np.mean(confidence[true] < t) <= 0.25]
        assert found == np.mean(confidence[~true] < max(allowed))


def test_brier_by_hand():
    true = np.array([True, False])
    assert abstention.brier(true, np.array([0.9, 0.3])) == pytest.approx((0.01 + 0.09) / 2)


def test_coverage_at_a_precision_by_hand():
    right = np.array([True, True, False, True, False])
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    counted = np.array([True, True, False, True, True])

    def at(precision):
        return abstention.coverage_at(precision, right, confidence, counted)

    assert at(1) == 2 / 4
    assert at(0.75) == 3 / 4, "a threshold lower than one that is not right enough may be"
    assert at(0.5) == 4 / 4
    assert abstention.coverage_at(0.9, ~right, confidence, counted) == 0
    assert abstention.coverage_at(0.9, right, confidence, ~counted & counted) is None
    tied = np.array([0.9, 0.9, 0.9, 0.6, 0.5])
    assert abstention.coverage_at(1, right, tied, counted) == 0, "equal ones are shown together"


@given(judged, st.floats(0.05, 1))
def test_coverage_is_the_most_that_any_threshold_gives(pairs, precision):
    right, confidence = arrays(pairs)
    counted = np.ones(len(right), bool)
    shares = [
        np.mean(confidence >= threshold)
        for threshold in set(confidence)
        if right[confidence >= threshold].sum() >= precision * (confidence >= threshold).sum()
    ]
    found = abstention.coverage_at(precision, right, confidence, counted)
    assert found == pytest.approx(max(shares, default=0))
