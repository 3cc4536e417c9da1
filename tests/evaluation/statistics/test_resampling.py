"""Bootstrap over units drawn whole."""

from __future__ import annotations

import numpy as np
import pytest

from rag.evaluation.statistics.resampling import cluster_intervals, interval


def test_units_of_one_question_each_give_the_usual_interval():
    values = np.random.default_rng(5).random(80)
    found = cluster_intervals([str(n) for n in range(80)], lambda at: {"mean": values[at].mean()})
    assert found["mean"] == pytest.approx(interval(values), abs=0.01)


def test_equal_questions_of_a_unit_add_nothing():
    """Ten copies of each question are no more evidence than one."""
    values = np.random.default_rng(5).random(40)
    names = [str(n) for n in range(40)]
    once = cluster_intervals(names, lambda at: {"mean": values[at].mean()})
    copies = np.repeat(values, 10)
    ten = cluster_intervals(np.repeat(names, 10).tolist(), lambda at: {"mean": copies[at].mean()})
    assert ten["mean"] == pytest.approx(once["mean"])


def test_what_some_samples_lack_has_no_interval():
    def measured(at):
        return {"all": 1.0, **({"first": 1.0} if 0 in at else {})}

    assert cluster_intervals(["a", "b", "c"], measured) == {"all": (1.0, 1.0)}
    assert cluster_intervals(["a", "a"], measured) == {}
    assert cluster_intervals([], measured) == {}
