"""Marked words against right ones, as SQuAD's script scores them."""

from __future__ import annotations

import pytest

from rag.evaluation.answering import marked


@pytest.mark.parametrize(
    ("said", "right", "exact", "f1"),
    [
        ("The 27 people.", "27 people", 1, 1),
        ("27 people in Pursat", "27 people", 0, 2 * 2 / (4 + 2)),
        ("27 27", "27 men", 0, 2 * 1 / (2 + 2)),
        ("", "27", 0, 0),
        ("the", "a", 1, 1),
        ("U.S.", "us", 1, 1),
    ],
    ids=["articles and case", "more", "twice", "nothing", "only articles", "punctuation"],
)
def test_words_are_scored_as_squads_script_does(said, right, exact, f1):
    assert marked.exact(said, [right]) == exact
    assert marked.f1(said, [right]) == pytest.approx(f1)


def test_the_best_of_several_answers_counts():
    assert marked.exact("two", ["one", "two"]) == 1
    assert marked.f1("two men", ["one", "two"]) == pytest.approx(2 / 3)
    assert marked.exact("", ["the", "two"]) == 0, "what is empty is no answer beside others"
