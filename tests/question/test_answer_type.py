"""The words of a text that are of the kind asked for, as slices of it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.question.answer_type import answer_spans, answer_type, fits
from rag.text.stems import stems
from rag.types import Question

KINDS = (
    "person", "name", "place", "date", "number", "size", "money", "age", "duration", "reason", "",
)  # fmt: skip


def found(kind, text, question="?"):
    return [text[start:end] for start, end in answer_spans(Question(question, expects=kind), text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It cost $3.4 million in all.", ["$3.4 million"]),
        ("It cost €3bn, or US$ 3.2bn.", ["€3bn", "US$ 3.2bn"]),
        ("A price of 180BTC, or roughly $3.4 million.", ["180BTC", "$3.4 million"]),
        ("Some 5,000 riel, or Rs. 200.", ["5,000 riel", "Rs. 200"]),
        ("Prices rose by 5 percent.", ["5 percent"]),
        ("Police held 312 people.", []),
    ],
)
def test_money(text, expected):
    assert found("money", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It came on 4 October 2023.", ["4 October 2023"]),
        ("It came on October 4th, 2023.", ["October 4th, 2023"]),
        ("It came on the 4th of October.", ["4th of October"]),
        ("They may come on 5 May.", ["5 May"]),
        ("It opened in May 2024.", ["May 2024"]),
        ("They may come.", []),
        ("It ran from 1998 to the 2010s.", ["1998", "2010s"]),
        ("It rained last week, and on Monday.", ["last week", "Monday"]),
        ("It rained 3 days ago.", ["3 days ago"]),
        ("Police held 312 people.", []),
    ],
)
def test_dates(text, expected):
    assert found("date", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The record is about 8GB.", ["8GB"]),
        ("It has 12 km and 3.5 million tonnes.", ["12 km", "3.5 million tonnes"]),
        ("It has 40 hectares, 9 percent of all.", ["40 hectares", "9 percent"]),
        ("It ran for 8 games.", []),
    ],
)
def test_sizes(text, expected):
    assert found("size", text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("number", "At least 1,000 and twelve others, or a dozen.", ["1,000", "twelve", "dozen"]),
        ("duration", "It lasted six days, an hour and 2-year terms.",
         ["six days", "an hour", "2-year"]),
        ("age", "A 7-year-old came.", ["7-year-old"]),
        ("reason", "It rained because of 312 clouds.", []),
        ("", "Police held 312 people.", []),
    ],
)  # fmt: skip
def test_other_figures(kind, text, expected):
    assert found(kind, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the envoy John Smith came.", ["John Smith"]),
        ("the U.S. envoy came to Kratié.", ["U.S.", "Kratié"]),
        ("a man of the Ministry of the Interior spoke.", ["Ministry of the Interior"]),
        ("KAMPOT (AP) — a man met Sok Hour.", ["Sok Hour"]),
        ("a man came.", []),
    ],
)
@pytest.mark.parametrize("kind", ["person", "name", "place"])
def test_names(kind, text, expected):
    assert found(kind, text) == expected


@pytest.mark.parametrize(
    ("kind", "question", "text", "expected"),
    [
        ("number", "How many of the 312 people came?", "Of 312 people 27 came.", ["27"]),
        ("money", "How much more than $5 was it?", "It was $5, then $6.", ["$6"]),
        ("date", "When in 2023 was it?", "In 2023, on 4 October 2023.", ["4 October 2023"]),
        ("place", "Where in Kratie was it?", "in Kratié they met at Sambor.", ["Sambor"]),
        ("person", "Who met Sok Hour?", "then Sok met Hun Manet.", ["Hun Manet"]),
    ],
)
def test_what_stands_in_the_question_is_no_answer(kind, question, text, expected):
    assert found(kind, text, question) == expected


def test_what_stands_in_the_earlier_question_is_no_answer():
    question = Question("And how many came?", "Of the 312 people?", expects="number")
    assert answer_spans(question, "Of 312 people 27 came.") == [(14, 16)]


@pytest.mark.parametrize(
    ("question", "text", "fit"),
    [
        ("How many people did it hold?", "Then 27 people came.", 1),
        ("How many people did it hold?", "Then 27 ships came.", 0),
        ("How many people did it hold?", "Then some people came.", -1),
        ("Why did they come?", "Then 27 ships came.", 0),
        ("Who came?", "Then Hun Manet came.", 1),
        ("Who came?", "then a man came.", -1),
    ],
)
def test_how_a_sentence_fits(question, text, fit):
    assert fits(Question(question, expects=answer_type(question)), text) == fit


_TEXTS = st.lists(
    st.sampled_from(
        ["$3.4 million", "180BTC", "U.S.", "Kratié", "Krati\u0065\u0301", "4 October 2023", "may",
         "May", "8GB", "3 days ago", "Hun Manet", "of", "the", "two", "45-year-old", "១២", ",", ".",
         "(AP) —", "🙂", "\u202e", "5", "%", "\n"]
    ),
    max_size=12,
)  # fmt: skip


@given(st.sampled_from(KINDS), _TEXTS.map(" ".join), _TEXTS.map(" ".join))
def test_spans_are_slices_in_order_and_not_of_the_question(kind, text, question):
    asked = Question(question, expects=kind)
    spans = answer_spans(asked, text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)
    assert not any(set(stems(text[a:b])) <= set(stems(question)) for a, b in spans)
    assert fits(asked, text) in (-1.0, 0.0, 1.0)


@given(st.sampled_from(KINDS), st.text(max_size=200))
def test_any_text(kind, text):
    assert all(0 <= a < b <= len(text) for a, b in answer_spans(Question("?", expects=kind), text))
