"""The words of a text: what counts as one word, and where it stands."""

from __future__ import annotations

import pytest

from rag.text.words import places, term, words


def found(text, *typed):
    return [text[a:b] for a, b in places(text, map(term, typed))]


@pytest.mark.parametrize(
    ("text", "phrase", "spans"),
    [
        ("Café owners, CAFE\u0301 goers", "cafe", ["Café", "CAFE\u0301"]),
        ("the U.S. and the US; they told us", "US", ["U.S.", "US"]),
        ("the U.S. told us and them", "us", ["us"]),
        ("A New-York minute in New\nYork, Newyork", "new york", ["New-York", "New\nYork"]),
        ("co\u00adoperation", "cooperation", ["co\u00adoperation"]),
        ("1,000 men, 1,0001", "1,000", ["1,000"]),
        ("spring, springs, offspring", "spring*", ["spring", "springs"]),
        ("climate summit; climate sum", "climate sum*", ["climate summit", "climate sum"]),
        ("a_b snake_case", "snake case", ["snake_case"]),
        ("ប្រជាជនកម្ពុជា", "កម្ពុជា", ["កម្ពុជា"]),
        ("وزیراعظم پاکستان", "پاکستان", ["پاکستان"]),
        ("東京都庁", "京都", ["京都"]),
        ("ﬁre ½ mile", "fire", ["ﬁre"]),
    ],
    ids="accent acronym pronoun hyphen soft figure begins phrase-begins underscore khmer urdu"
    " chinese ligature".split(),
)
def test_what_is_found(text, phrase, spans):
    assert found(text, phrase) == spans


def test_marks_do_not_overlap():
    assert found("the new york times of new york", "new york times", "york", "times of") == [
        "new york times", "york",
    ]  # fmt: skip


def test_words_of_nothing():
    assert list(words(" … — “” ")) == []
    assert places("text", [term("…")]) == []


def test_a_term_that_is_looked_for_twice_is_marked_once():
    terms = ["new york", "york", "n*", "york", "new york"] * 100
    assert found("New York, northern York", *terms) == ["New York", "northern", "York"]
