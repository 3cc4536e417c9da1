"""The regressions: the bundled ones are whole, a file that holds none is refused with a remedy."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from rag import AskSettings
from rag.answer.calibration import OWN, Logistic, load
from rag.answer.extract import ANSWER, MARK, QUOTE, RANK, ByReader, ByVectors
from rag.errors import SettingsError

MODEL = {"weights": {"a": 2.0, "b": -1.0}, "bias": 0.5}
NAMES = ("sentence", "answer", "quote", "mark")
FIT = {
    "reader": "own",
    **{name: {"weights": {name: n}, "bias": -n} for n, name in enumerate(NAMES)},
    "sentence": MODEL,
}
READING = ByReader.__dataclass_fields__["measures"].default
VECTORS = ByVectors.__dataclass_fields__["measures"].default


def write(tmp_path, *fits):
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps({"encoder": "fake", "fits": fits}), "utf-8")
    return path


@pytest.mark.parametrize(
    ("reader", "measures"), [("", VECTORS), (AskSettings().reader, READING), ("other", READING)]
)
def test_the_bundled_file_has_all_that_is_measured(reader, measures):
    found = load(OWN, reader)
    assert found.encoder == "all-MiniLM-L6-v2"
    assert [*found.sentence.weights] == [*measures, RANK]
    assert [*found.answer.weights] == [*ANSWER]
    assert [*found.quote.weights] == [*QUOTE]
    assert [*found.mark.weights] == [*MARK]
    for model in (found.sentence, found.answer, found.quote, found.mark):
        assert np.isfinite([*model.weights.values(), model.bias]).all()
    # A better reading and a better score never speak against an answer.
    assert found.sentence.weights[measures[0]] > 0
    assert found.quote.weights["score"] > 0 > found.quote.weights["behind"]


def test_the_models_of_a_reader_that_was_not_fitted_are_those_of_another_reader(tmp_path):
    path = write(tmp_path, {**FIT, "reader": ""}, FIT, {**FIT, "reader": "third"})
    assert load(path, "unknown").reader == "own"
    assert load(path, "third").reader == "third"
    assert load(path, "").reader == ""


def test_a_file_is_read_as_it_is_written(tmp_path):
    found = load(write(tmp_path, FIT), "own")
    assert (found.encoder, found.reader) == ("fake", "own")
    assert found.sentence == Logistic({"a": 2.0, "b": -1.0}, 0.5)
    assert found.answer == Logistic({"answer": 1}, -1)
    assert found.quote == Logistic({"quote": 2}, -2)
    assert found.mark == Logistic({"mark": 3}, -3)


@pytest.mark.parametrize(
    ("names", "row", "logit"),
    [
        (("a", "b"), (1, 1), 1.5),
        (("b", "a"), (1, 0), -0.5),
        (("a",), (3,), 6.5),
        ((), (), 0.5),
    ],
)
def test_logits_and_probabilities_by_hand(names, row, logit):
    model = Logistic({"a": 2.0, "b": -1.0}, 0.5)
    assert model.logits(names, [row, row]).tolist() == [logit, logit]
    assert model.probabilities(names, [row]) == pytest.approx([1 / (1 + math.exp(-logit))])


def test_a_measure_without_a_weight_is_refused_with_a_remedy():
    model = Logistic({"a": 2.0}, 0.5)
    with pytest.raises(SettingsError, match=r"no weight for b, c\. .* python -m eval calibrate"):
        model.logits(("a", "b", "c"), [(1, 1, 1)])


BROKEN = {
    "no JSON": "{",
    "empty": "",
    "another value": "[]",
    "null": "null",
    "no fits": '{"encoder": "fake"}',
    "fits of another kind": '{"encoder": "fake", "fits": {"own": 1}}',
    "none fitted": '{"encoder": "fake", "fits": []}',
    "no encoder": json.dumps({"fits": [FIT]}),
    "no bias": json.dumps({"encoder": "fake", "fits": [{**FIT, "sentence": {"weights": {}}}]}),
    "without a reader only": json.dumps({"encoder": "fake", "fits": [{**FIT, "reader": ""}]}),
} | {
    f"no {name}": json.dumps(
        {"encoder": "fake", "fits": [{k: v for k, v in FIT.items() if k != name}]}
    )
    for name in NAMES
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_file_without_a_model_is_refused_with_a_remedy(tmp_path, text):
    path = tmp_path / "evidence.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=r"no calibration .* python -m eval calibrate"):
        load(path, "own")


@pytest.mark.parametrize("kind", ["missing", "folder", "bytes"])
def test_what_is_no_text_file_is_refused_with_a_remedy(tmp_path, kind):
    path = tmp_path / "evidence.json"
    if kind == "folder":
        path.mkdir()
    elif kind == "bytes":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="python -m eval calibrate"):
        load(path, "own")


def test_no_reader_does_not_take_the_model_of_one(tmp_path):
    with pytest.raises(SettingsError, match="no calibration"):
        load(write(tmp_path, FIT), "")
