"""The part of a text that is shown of it."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth

from rag.text.excerpt import excerpt

TEXT = (
    "The mayor opened the bridge. It had cost forty million. Some came by boat to see it. "
    "The ferry stopped on Monday. Its captain was thanked."
)


def equal(stem):
    return 1.0


@pytest.mark.parametrize(
    ("words", "room", "part"),
    [
        ("When did the ferry stop?", 40, "The ferry stopped on Monday."),
        (
            "What did the bridge cost?",
            60,
            "The mayor opened the bridge. It had cost forty million.",
        ),
        ("the captain of the ferry", 60, "The ferry stopped on Monday. Its captain was thanked."),
        ("no such thing", 30, "The mayor opened the bridge."),
        ("", 30, "The mayor opened the bridge."),
        ("cost", 5, "It had cost forty million."),
        ("bridge captain", 1000, TEXT),
    ],
)
def test_the_sentences_that_hold_most(words, room, part):
    start, end = excerpt(TEXT, words, equal, room)
    assert TEXT[start:end] == part


def test_a_rare_word_counts_for_more():
    start, end = excerpt(TEXT, "mayor bridge captain", _rare, 30)
    assert TEXT[start:end] == "Its captain was thanked."


def _rare(stem):
    return 5.0 if stem == "captain" else 1.0


@pytest.mark.parametrize("text", ["", " ", "\n\n", "no end", "x" * 500])
def test_any_text_has_a_part(text):
    start, end = excerpt(text, "x", equal, 100)
    assert 0 <= start <= end <= len(text)


def test_time_grows_with_the_text():
    def work(text):
        return excerpt(text, "ferry captain", equal, 240)

    assert growth(work, lambda n: "The ferry has a captain. " * n, 1000) < LINEAR
