"""Packs altered at random: none shows something false and holds, and none ends in a traceback."""

from __future__ import annotations

import json
import random

import pytest
from altered_packs import altered, proven, untrue, whole

from rag.errors import InputError

WHOLE = whole()


def test_the_pack_before_it_is_altered_holds():
    for asks in (False, True):
        proof = proven(WHOLE, asks)
        assert proof.holds, proof.problems
        assert untrue(WHOLE, proof, asks) == []


@pytest.mark.parametrize("seed", range(2))
def test_no_altered_pack_shows_something_false_and_holds(seed):
    chance = random.Random(seed)
    held = 0
    for _ in range(1000):
        values, asks = altered(chance, WHOLE), chance.random() < 0.5
        try:
            proof = proven(values, asks)
        except InputError:
            continue
        if proof.holds:
            held += 1
            assert untrue(values, proof, asks) == [], json.dumps(values, ensure_ascii=False)
    assert held > 50  # Or nothing was tried.
