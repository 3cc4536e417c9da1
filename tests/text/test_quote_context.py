"""The neighbours that a sentence needs, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.quote_context import with_neighbours
from rag.text.sentences import sentence_spans

LONGEST = 700  # Characters of a quote with neighbours.


def quoted(text, wanted):
    """What is quoted for the sentence of `text` that begins with `wanted`."""
    spans = sentence_spans(text)
    (number,) = (n for n, (start, _) in enumerate(spans) if text.startswith(wanted, start))
    return text[slice(*with_neighbours(text, spans, number))]


@pytest.mark.parametrize(
    "opener",
    [
        "He praised it.",
        "They praised it.",
        "His men praised it.",
        "And she praised it.",
        "This pleased all.",
        "Those men came from China.",
        "However, they left.",
        "In addition, it rained.",
        "The latter praised it.",
        "“It was a raid,” Sok said.",
    ],
)
def test_a_sentence_that_points_back_brings_the_one_before(opener):
    text = f"Khieu Sopheak saw the raid. {opener}"
    assert quoted(text, opener) == text


@pytest.mark.parametrize(
    "opener",
    [
        "It is said that Kratie burnt.",
        "It was known that Kratie burnt.",
        "It has been claimed that Kratie burnt.",
        "This year Kratie burnt.",
        "This past week Kratie burnt.",
        "That day Kratie burnt.",
        "Hers was the first house.",
        "Item five was left out.",
        "Hun Manet said he had seen it.",
        "Police in Kratie held 312 people.",
    ],
)
def test_a_sentence_that_stands_alone_is_quoted_alone(opener):
    assert quoted(f"Khieu Sopheak saw the raid. {opener}", opener) == opener


@pytest.mark.parametrize(
    "text",
    [
        "“We came. We saw,” said Hun Manet.",
        '"We came. We saw," said Hun Manet.',
        "Hun Manet said: “We came. We saw.”",
    ],
)
def test_a_quotation_is_quoted_whole(text):
    for start, end in sentence_spans(text):
        assert quoted(text, text[start:end]) == text


def test_of_a_quotation_over_many_sentences_only_the_sentence_is_quoted():
    text = "Hun Manet said: “One came. Two came. Three came. Four came.”"
    assert quoted(text, "Two came.") == "Two came."
    assert quoted(text, "Hun Manet") == "Hun Manet said: “One came."


@pytest.mark.parametrize("says", ["he said", "said he", "she told reporters", "he said in Pursat"])
def test_a_speaker_that_is_only_pointed_at_is_named_by_the_sentence_before(says):
    text = f"Hun Manet came to Kratie. “We won in Poipet,” {says}."
    assert quoted(text, "“We won") == text


@pytest.mark.parametrize("says", ["Hun Manet said", "said Hun Manet", "Hun Manet, as he said,"])
def test_a_speaker_that_is_named_needs_none(says):
    own = f"“We won in Poipet,” {says}."
    assert quoted(f"Rain fell in Kampot. {own}", "“We won") == own


@pytest.mark.parametrize(
    "before", ["A raid in Kratie", "The raid:", "Read more", "- a list of things,"]
)
def test_a_heading_is_not_joined(before):
    assert quoted(f"{before}\n\nHe praised it.", "He praised") == "He praised it."


def test_at_most_two_sentences_come_before():
    text = "Sok came. He saw. He won. He left. He rests."
    assert quoted(text, "He rests.") == "He won. He left. He rests."
    assert quoted(text, "He won.") == "Sok came. He saw. He won."


def test_the_first_sentence_has_none_before():
    assert quoted("He saw it. Sok came.", "He saw") == "He saw it."


@pytest.mark.parametrize(("letters", "joined"), [(LONGEST - 12, True), (LONGEST - 11, False)])
def test_a_quote_that_would_be_too_long_stays_as_it_is(letters, joined):
    before = "S" + "o" * (letters - 2) + "."
    text = f"{before} He praised."
    assert len(text) == letters + 12
    assert quoted(text, "He") == (text if joined else "He praised.")


_PIECES = st.sampled_from(
    ["He ", "It is said that ", "Sok ", "“", "”", '"', " said", " he said", ". ", "! ", "\n\n",
     "”, ", "the U.S. ", "x" * 300, "។", " ", "They ", "…"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map("".join), st.data())
def test_whatever_is_grown_is_whole_sentences_around_it(text, data):
    spans = sentence_spans(text)
    if not spans:
        return
    number = data.draw(st.integers(0, len(spans) - 1))
    start, end = with_neighbours(text, spans, number)
    assert start <= spans[number][0] < spans[number][1] <= end
    assert start in {first for first, _ in spans}
    assert end in {last for _, last in spans}
    assert end - start <= LONGEST or (start, end) == spans[number]
