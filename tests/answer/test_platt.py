"""Platt scaling: what many judgements say is learnt, few change little, the order stays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from rag.answer.platt import Scaling, crossed, fit

RANDOM = np.random.default_rng(7)
LOGITS = RANDOM.normal(0.5, 1.5, 4000)


def drawn(logits, scale, shift):
    probabilities = Scaling(scale, shift).probabilities(logits)
    return (RANDOM.random(len(logits)) < probabilities).astype(float)


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (0.5, -0.8), (1.6, 0.4)])
def test_what_many_judgements_say_is_learnt(scale, shift):
    found = fit(LOGITS, drawn(LOGITS, scale, shift))
    assert found.scale == pytest.approx(scale, abs=0.12)
    assert found.shift == pytest.approx(shift, abs=0.12)


def test_few_judgements_change_little():
    wrong = np.zeros(3)
    found = fit(np.full(3, 1.0), wrong)
    assert 0.3 < found.probabilities(np.array([1.0]))[0] < 0.73 - 0.05
    assert fit(np.empty(0), np.empty(0)) == Scaling(1.0, 0.0)


def test_the_order_stays_even_where_the_surest_are_the_wrong_ones():
    found = fit(LOGITS, (LOGITS < 0.5).astype(float))
    assert 0 < found.scale < 0.3
    assert (np.diff(found.probabilities(np.sort(LOGITS[:50]))) > 0).all()


@pytest.mark.parametrize("right", [np.ones(40), np.zeros(40), np.arange(40) % 2, np.full(40, 0.5)])
def test_it_is_the_minimum_of_the_penalised_loss(right):
    logits = np.linspace(-12, 12, 40)

    def loss(at):
        scale, shift = np.exp(at[0]), at[1]
        z = scale * logits + shift
        surprise = np.logaddexp(0, z) - right * z
        return surprise.sum() + 16 * (scale - 1 - np.log(scale)) + 2 * shift**2

    found, best = fit(logits, right), minimize(loss, np.zeros(2)).x
    assert (found.scale, found.shift) == pytest.approx((np.exp(best[0]), best[1]), abs=1e-3)


def test_no_judgement_takes_part_in_its_own_probability():
    """Where there is nothing to learn, a fit flatters what it was fitted to, and others do not."""
    logits, gained = RANDOM.normal(0, 1.5, 60), [[], []]
    packaged = Scaling().probabilities(logits)
    for _ in range(300):
        right = drawn(logits, 1, 0)
        ways = (fit(logits, right).probabilities(logits), crossed(logits, right))
        for gain, way in zip(gained, ways, strict=True):
            gain.append(np.mean((packaged - right) ** 2 - (way - right) ** 2))
    assert np.mean(gained[0]) > 0 > np.mean(gained[1])


def test_undone_is_what_was_scaled():
    scaling = Scaling(0.6, -0.7)
    some = np.array([-7.0, -0.3, 0.0, 5.0])
    assert scaling.undone(scaling.probabilities(some)) == pytest.approx(some)
    assert np.isfinite(scaling.undone([0.0, 1.0])).all()
