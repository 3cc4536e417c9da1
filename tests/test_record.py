"""An answer survives JSON exactly, and nothing that is not one gets in."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import record
from rag.errors import InputError
from rag.types import (
    Account,
    Answer,
    Citation,
    Claim,
    Difference,
    Hit,
    Passage,
    Rejected,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.floats(allow_nan=False, allow_infinity=False)
labels = st.integers(1, 99)
counts = st.integers(0, 10**6)


@st.composite
def spans(draw, end=200):
    start, stop = sorted((draw(st.integers(0, end)), draw(st.integers(0, end))))
    return start, stop


@st.composite
def citations(draw, label):
    quote, start = draw(texts.filter(bool)), draw(counts)
    return Citation(label, draw(texts), start, start + len(quote), quote)


@st.composite
def hits(draw):
    text, start = draw(texts), draw(counts)
    passage = Passage(draw(texts), start, start + len(text), text)
    return Hit(passage, draw(numbers), draw(numbers), draw(numbers))


@st.composite
def claims(draw):
    text = draw(texts)
    return Claim(
        text,
        tuple(draw(st.lists(labels, max_size=3))),
        draw(st.sampled_from(["verbatim", "field", "supported"])),
        tuple(draw(st.lists(spans(len(text)), max_size=3))),
    )


differences = st.builds(
    Difference,
    st.lists(st.builds(Account, labels, spans(), texts), max_size=3).map(tuple),
)


@st.composite
def answers(draw):
    answered = draw(st.booleans())
    cited = draw(st.lists(labels, max_size=4, unique=True)) if answered else []
    return Answer(
        draw(texts),
        draw(texts),
        draw(texts) if answered else "",
        "answered" if answered else "unanswered",
        draw(st.sampled_from(["extractive", "generated"])),
        tuple(draw(citations(label)) for label in cited),
        tuple(draw(st.lists(hits(), max_size=3))),
        tuple(draw(st.lists(claims(), max_size=3))) if answered else (),
        draw(st.floats(0, 1)),
        tuple(draw(st.lists(texts, max_size=3))),
        draw(counts),
        tuple(draw(st.lists(differences, max_size=2))),
        draw(counts),
        tuple(draw(st.lists(st.builds(Rejected, texts, texts, texts), max_size=2))),
    )


QUOTE = Citation(1, "a", 4, 14, "312 people")
ANSWER = Answer(
    "How many?",
    "How many did police arrest?",
    "312 people [1]",
    "answered",
    citations=(QUOTE,),
    hits=(Hit(Passage("a", 0, 15, "The 312 people."), 0.5, 0.25, 7.5),),
    claims=(Claim("312 people", (1,), marks=((0, 3),)),),
    confidence=0.75,
    differences=(Difference((Account(1, (0, 3), "Sok Hour"), Account(1, (0, 3)))),),
    rejected=(Rejected("They came.", "The source does not say it."),),
    notes=("An article has no date.",),
)


@given(answers())
def test_an_answer_survives_json_exactly(answer):
    values = record.to_json(answer)
    assert json.loads(json.dumps(values)) == values
    assert record.from_json(json.loads(json.dumps(values))) == answer


def test_every_field_is_kept():
    values = record.to_json(ANSWER)
    assert list(values) == [field.name for field in dataclasses.fields(Answer)]
    assert record.from_json(values) == ANSWER


def test_a_browser_writes_whole_numbers_without_a_point():
    values = record.to_json(replace(ANSWER, confidence=1.0))
    read = record.from_json(values | {"confidence": 1})
    assert isinstance(read.confidence, float)


def test_unknown_keys_are_passed_over_and_what_is_missing_has_its_default():
    values = record.to_json(ANSWER) | {"colour": {"deep": [[]]}}
    del values["rejected"]
    assert record.from_json(values) == replace(ANSWER, rejected=())


def test_a_real_answer(archive):
    answer = archive.ask("How many people did police in Kratie arrest?")
    assert record.from_json(json.loads(json.dumps(record.to_json(answer)))) == answer


WRONG = {
    "no object": ((), ["answer"]),
    "none": ((), None),
    "a number for a text": (("question",), 7),
    "a text for a number": (("confidence",), "0.5"),
    "not finite": (("confidence",), float("nan")),
    "more than certain": (("confidence",), 1.5),
    "an immense number": (("confidence",), 10**400),
    "an unknown status": (("status",), "maybe"),
    "a list for a literal": (("mode",), ["extractive"]),
    "a boolean for a count": (("dropped",), True),
    "a fraction for a count": (("dropped",), 1.5),
    "less than nothing": (("independent",), -1),
    "an immense count": (("independent",), 10**5000),
    "half a surrogate pair": (("question",), "\ud800"),
    "too long a text": (("understood",), "x" * (record.TEXT + 1)),
    "too long a list": (("notes",), ["x"] * (record.ITEMS + 1)),
    "too much in all": (("notes",), ["x" * 90_000] * 30),
    "a text for a list": (("notes",), "note"),
    "a quote that does not span its place": (("citations", 0, "end"), 15),
    "an empty quote": (("citations", 0), {**record.to_json(ANSWER)["citations"][0],
                                          "quote": "", "end": 4}),
    "a label of nought": (("citations", 0, "label"), 0),
    "a place before the article": (("citations", 0, "start"), -4),
    "a passage that does not span its place": (("hits", 0, "passage", "start"), 1),
    "a score of infinity": (("hits", 0, "score"), float("inf")),
    "an unknown verdict": (("claims", 0, "verdict"), "true"),
    "a mark beyond the text": (("claims", 0, "marks"), [[0, 11]]),
    "a mark that runs backwards": (("claims", 0, "marks"), [[3, 0]]),
    "a mark of three": (("claims", 0, "marks"), [[0, 1, 2]]),
    "labels that are none": (("claims", 0, "labels"), ["1"]),
    "an account without a place": (("differences", 0, "accounts", 0, "span"), []),
    "unanswered with quotes": (("status",), "unanswered"),
}  # fmt: skip


@pytest.mark.parametrize(("place", "value"), WRONG.values(), ids=WRONG)
def test_what_is_no_answer_is_refused(place, value):
    values = {"": record.to_json(ANSWER)}
    parent, last = values, ""
    for key in place:
        parent, last = parent[last], key
    parent[last] = value
    with pytest.raises(InputError, match=r"cannot be read: .*\. Ask its question again\.") as told:
        record.from_json(values[""])
    assert len(str(told.value)) < 300


def test_one_label_for_two_quotes_is_refused():
    values = record.to_json(ANSWER)
    values["citations"] *= 2
    with pytest.raises(InputError, match="labels"):
        record.from_json(values)


@pytest.mark.parametrize("name", ["question", "understood", "text", "status"])
def test_what_has_no_default_is_needed(name):
    values = record.to_json(ANSWER)
    del values[name]
    with pytest.raises(InputError, match=f"answer.{name} is missing"):
        record.from_json(values)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(JSON, st.sampled_from(list(record.to_json(ANSWER))))
def test_any_value_in_any_place_is_read_or_refused(value, name):
    values = copy.deepcopy(record.to_json(ANSWER)) | {name: value}
    with contextlib.suppress(InputError):
        assert isinstance(record.from_json(values), Answer)
