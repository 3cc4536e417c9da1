"""An answer survives JSON exactly, and nothing that is not one gets in."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
from dataclasses import replace

import pytest
from answers import ANSWER, JSON, answers
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.export import serialize
from rag.types import Answer


@given(answers())
def test_an_answer_survives_json_exactly(answer):
    values = serialize.to_json(answer)
    assert json.loads(json.dumps(values)) == values
    assert serialize.from_json(json.loads(json.dumps(values))) == answer


def test_every_field_is_kept():
    values = serialize.to_json(ANSWER)
    assert list(values) == [field.name for field in dataclasses.fields(Answer)]
    assert serialize.from_json(values) == ANSWER


def test_a_browser_writes_whole_numbers_without_a_point():
    values = serialize.to_json(replace(ANSWER, confidence=1.0))
    read = serialize.from_json(values | {"confidence": 1})
    assert isinstance(read.confidence, float)


def test_unknown_keys_are_passed_over_and_what_is_missing_has_its_default():
    values = serialize.to_json(ANSWER) | {"colour": {"deep": [[]]}}
    del values["rejected"]
    assert serialize.from_json(values) == replace(ANSWER, rejected=())


def test_a_real_answer(archive):
    answer = archive.ask("How many people did police in Kratie arrest?")
    assert serialize.from_json(json.loads(json.dumps(serialize.to_json(answer)))) == answer


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
    "too long a text": (("understood",), "x" * (serialize.TEXT + 1)),
    "too long a list": (("notes",), ["x"] * (serialize.ITEMS + 1)),
    "too much in all": (("notes",), ["x" * 90_000] * 30),
    "a text for a list": (("notes",), "note"),
    "a quote that does not span its place": (("citations", 0, "end"), 15),
    "an empty quote": (("citations", 0), {**serialize.to_json(ANSWER)["citations"][0],
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
    values = {"": serialize.to_json(ANSWER)}
    parent, last = values, ""
    for key in place:
        parent, last = parent[last], key
    parent[last] = value
    with pytest.raises(InputError, match=r"cannot be read: .*\. Ask its question again\.") as told:
        serialize.from_json(values[""])
    assert len(str(told.value)) < 300


def test_one_label_for_two_quotes_is_refused():
    values = serialize.to_json(ANSWER)
    values["citations"] *= 2
    with pytest.raises(InputError, match="labels"):
        serialize.from_json(values)


@pytest.mark.parametrize("name", ["question", "understood", "text", "status"])
def test_what_has_no_default_is_needed(name):
    values = serialize.to_json(ANSWER)
    del values[name]
    with pytest.raises(InputError, match=f"answer.{name}: Field required"):
        serialize.from_json(values)


@given(JSON, st.sampled_from(list(serialize.to_json(ANSWER))))
def test_any_value_in_any_place_is_read_or_refused(value, name):
    values = copy.deepcopy(serialize.to_json(ANSWER)) | {name: value}
    with contextlib.suppress(InputError):
        assert isinstance(serialize.from_json(values), Answer)
