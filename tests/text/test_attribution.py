"""The speaker of a figure is named as the article names him, or not at all."""

from __future__ import annotations

import pytest

from rag.text.attribution import speaker
from rag.text.sentences import sentence_spans


def said(text, value):
    """Who says the `value` in a sentence of `text`."""
    at = text.index(value)
    sentence = next((a, b) for a, b in sentence_spans(text) if a <= at < b)
    return speaker(text, sentence, at)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("The bridge cost $9.", ""),
        ("Police said the bridge cost $9.", "Police"),
        ("The bridge cost $9, police said on Monday.", "police"),
        ("The bridge cost $9, said Hun Manet.", "Hun Manet"),
        ("Hun Vannak, a contractor, said the bridge cost $9.", "Hun Vannak"),
        ("The ministry has also confirmed that it cost $9.", "The ministry"),
        ("But the mayor later claimed that it cost $9.", "the mayor"),
        ("The bridge cost $9, according to the Red Cross.", "the Red Cross"),
        ("Citing the mayor, the daily gave $9.", "the mayor"),
        ("Auditors put the cost at $9.", "Auditors"),
        ("The bridge is said to have cost $9.", ""),
        ("The mayor was told that the bridge cost $9.", ""),
        ("The mayor never said that the bridge cost $9.", ""),
        ("Nobody said that the bridge cost $9.", ""),
        ("Contrary to what auditors said, the bridge cost $9.", ""),
        ("The bridge cost $9, said George W. Bush.", "George W. Bush"),
        ("Hun Vannak spoke. He said it cost $9.", ""),
        ("Hun Vannak said it fell. He said it cost $9.", "Hun Vannak"),
    ],
)
def test_a_sentence(text, who):
    assert said(text, "$9") == who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("“It cost $9,” said union leader Ath Thorn.", "union leader Ath Thorn"),
        ("“It cost $9,” said Ath Thorn on Monday.", "Ath Thorn"),
        ("“It cost $9,” said Ath Thorn, who built it.", "Ath Thorn"),
        ("“It cost $9,” wrote Ath Thorn in a letter.", "Ath Thorn"),
        ("“It cost $9,” said Ath Thorn. “It fell.”", "Ath Thorn"),
        ("“It fell,” said Ath Thorn. “It cost $9.”", "Ath Thorn"),
        ("“It cost $9,” Ath Thorn said.", "Ath Thorn"),
        ('"It cost $9," Ath Thorn said.', "Ath Thorn"),
        ("Ath Thorn said it fell. “It cost $9,” he said.", "Ath Thorn"),
        ("Ath Thorn said it fell. “It cost $9.", "Ath Thorn"),
        ("“It cost $9.”", ""),
        ("Ath Thorn said it fell.\n“It cost $9.”", ""),
    ],
)
def test_a_quotation(text, who):
    assert said(text, "$9") == who


def test_a_sentence_behind_a_quotation_is_the_articles_own():
    assert said("“It fell,” he wrote, of the bridge that cost $9.", "$9") == ""
