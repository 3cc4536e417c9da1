"""Where an answer string stands in a text."""

from __future__ import annotations

import pytest

from rag.evaluation.answering.said import said_at


@pytest.mark.parametrize(
    ("text", "said", "spans"),
    [
        ("20", "In 2017 there were 20.", [(19, 21)]),
        ("kratie", "Kratie and KRATIE", [(0, 6), (11, 17)]),
        ("it isn't", "“It  isn’t,” he said", [(1, 10)]),
        ("$1 (net)", "some $1 (net) a year", [(5, 13)]),
        ("", "anything", []),
    ],
)
def test_whole_words_whatever_case_space_and_quotation_marks(text, said, spans):
    assert said_at(text, said) == spans
