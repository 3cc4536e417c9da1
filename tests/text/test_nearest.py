"""The sentence that says now what another said before."""

from __future__ import annotations

import pytest

from rag.text.nearest import nearest

TEXT = "The river rose. Police held 313 people in Kratie on Monday. Nobody was hurt."


@pytest.mark.parametrize(
    ("quote", "now"),
    [
        (
            "Police held 312 people in Kratie on Monday.",
            "Police held 313 people in Kratie on Monday.",
        ),
        ("The river rose.", "The river rose."),
        ("No one was hurt, the police said on Monday.", ""),
        ("A council voted for the bridge.", ""),
        ("", ""),
    ],
)
def test_what_is_said_now(quote, now):
    found = nearest(TEXT, quote)
    assert (TEXT[slice(*found)] if found else "") == now
