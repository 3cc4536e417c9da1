"""Packs altered at random: none shows something false and holds, and none ends in a traceback."""

from __future__ import annotations

import json
import random

import pytest
from altered_packs import altered, proven, untrue, whole

from rag.errors import InputError

WHOLE = whole()


def test_the_pack_before_it_is_altered_holds():
    proof = proven(WHOLE)
    assert proof.holds, proof.problems
    assert untrue(WHOLE, proof) == []


@pytest.mark.parametrize("seed", range(2))
def test_no_altered_pack_shows_something_false_and_holds(seed):
    chance = random.Random(seed)
    held = 0
    for _ in range(1000):
        values = altered(chance, WHOLE)
        try:
            proof = proven(values)
        except InputError:
            continue
        if proof.holds:
            held += 1
            assert untrue(values, proof) == [], json.dumps(values, ensure_ascii=False)
    assert held > 50  # Or nothing was tried.
