"""Figures and dates are read as far as rounding and bounds let them reach."""

from __future__ import annotations

import datetime
from math import inf

import pytest

from rag.question.answer_type import answer_spans
from rag.text.quantities import Value, amounts, apart, are_one, dates, figures
from rag.types import Question


def read(kind, text):
    """The figures of a text: (words, unit, low, high) each."""
    found = figures(text, answer_spans(Question("", expects=kind), text), kind)
    return [(text[slice(*v.span)], v.unit, round(v.low, 3), round(v.high, 3)) for v in found]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "Police held 12 people.", ("12", "people", 12, 12)),
        ("number", "twenty-five officers came", ("twenty-five", "officer", 25, 25)),
        ("number", "a dozen people", ("a dozen", "people", 6, 18)),
        ("number", "1,000 suspects", ("1,000", "suspect", 950, 1050)),
        ("number", "a thousand suspects", ("a thousand", "suspect", 500, 1500)),
        ("number", "2 lakh voters", ("2 lakh", "voter", 150_000, 250_000)),
        ("number", "about 40 people", ("40", "people", 36, 44)),
        ("number", "an estimated 40 people", ("40", "people", 36, 44)),
        ("number", "more than 40 people", ("40", "people", 40, inf)),
        ("number", "at least 40 people", ("40", "people", 40, inf)),
        ("number", "40+ people", ("40", "people", 40, inf)),
        ("number", "at most 40 people", ("40", "people", 0, 40)),
        ("number", "fewer than 40 people", ("40", "people", 0, 40)),
        ("money", "$3.4 million", ("$3.4 million", "$", 3.35e6, 3.45e6)),
        ("money", "US$60", ("US$60", "$", 60, 60)),
        ("money", "60 dollars", ("60 dollars", "$", 60, 60)),
        ("money", "€60m", ("€60m", "€", 59.5e6, 60.5e6)),
        ("money", "Rs 60", ("Rs 60", "₹", 60, 60)),
        ("size", "8GB", ("8GB", "gb", 8, 8)),
        ("size", "80m tall", ("80m", "m", 80, 80)),
        ("duration", "two and a half hours", ("two and a half hours", "", 9000, 9000)),
        ("duration", "90 minutes", ("90 minutes", "", 5400, 5400)),
        ("age", "34 years old", ("34 years old", "", 34, 34)),
    ],
)  # fmt: skip
def test_a_figure(kind, text, value):
    assert read(kind, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "another 20 people",
        "including 45 women",
        "the last 3 days",
        "laid off 86",
        "20 more people",
        "20 of the people",
        "between 20 and 30 people",
        "20 to 30 people",
        "500-600 people",
        "in 2011",
        "on 4 May 2023",
    ],
)
def test_no_figure_of_the_whole(text):
    assert read("number", text) == []


def test_a_figure_that_is_not_shown_is_left_out():
    assert figures("12 people on 3 boats", [(0, 2)], "number") == [Value((0, 2), "people", 12, 12)]
    assert figures("12 people", [], "number") == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Police held 1,000 people.", [("1,000", "people", 1000)]),
        ("one thousand people", [("one thousand", "people", 1000)]),
        ("a thousand people", [("a thousand", "people", 1000)]),
        ("$3.4 million", [("3.4 million", "$", 3.4e6)]),
        ("3.4 million dollars", [("3.4 million", "$", 3.4e6)]),
        ("€60m and £5bn", [("60m", "€", 60e6), ("5bn", "£", 5e9)]),
        ("25% or 25 per cent", [("25", "percent", 25), ("25", "percent", 25)]),
        ("twenty-five officers", [("twenty-five", "officer", 25)]),
        ("two and a half hours", [("two and a half", "hour", 2.5)]),
        ("a dozen eggs", [("a dozen", "egg", 12)]),
        ("2 lakh voters", [("2 lakh", "voter", 200_000)]),
        ("more than 40 people", [("40", "people", 40)]),
        ("another 20 of the 30 people", [("20", "of", 20), ("30", "people", 30)]),
        ("between 500 and 600 people", [("500", "and", 500), ("600", "people", 600)]),
        ("a man and an officer", []),
        ("nobody", []),
    ],
)
def test_amounts_are_exact_and_all_of_them(text, values):
    found = amounts(text)
    assert [(text[slice(*v.span)], v.unit, v.low) for v in found] == [
        (words, unit, pytest.approx(size)) for words, unit, size in values
    ]
    assert all(v.low == v.high for v in found)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("It opened on 4 May 2023.", [("2023-05-04", "2023-05-04")]),
        ("It opened in May 2023.", [("2023-05-01", "2023-05-31")]),
        ("It opened in 2023.", [("2023-01-01", "2023-12-31")]),
        (
            "It opened on 4 May.",
            [("2022-05-04", "2022-05-04"), ("2023-05-04", "2023-05-04")],
        ),
        ("It opened.", []),
    ],
)
def test_dates(text, days):
    found = dates(text, [2022, 2023])
    assert [(_day(value.low), _day(value.high)) for value in found] == days


def _day(ordinal):
    return str(datetime.date.fromordinal(int(ordinal)))


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("$9", True),
        ("180BTC, or roughly $3.4 million", True),
        ("180 BTC (about $3.4 million)", True),
        ("$9 against $8", False),
        ("$9 for a ticket of €8", False),
    ],
)
def test_conversions_are_one_value(text, one):
    assert (
        are_one(figures(text, answer_spans(Question("", expects="money"), text), "money"), text)
        is one
    )


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("$9", "$8", True),
        ("$9", "€8", False),
        ("$9", "about $9.50", False),
        ("180 BTC (about $3.4 million)", "$3.4 million", False),
        ("180 BTC (about $3.4 million)", "$9 million", True),
        ("nothing", "$9", False),
    ],
)
def test_accounts_apart(one, other, differ):
    shown = [answer_spans(Question("", expects="money"), text) for text in (one, other)]
    a, b = (figures(t, s, "money") for t, s in zip((one, other), shown, strict=True))
    assert apart(a, b) is differ
    assert apart(b, a) is differ
