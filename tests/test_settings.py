"""Settings: what is accepted, and what the refusal says."""

from __future__ import annotations

import dataclasses
import math

import pytest

from rag.errors import SettingsError
from rag.settings import AskSettings, BuildSettings, from_mapping


def test_text_is_converted_to_the_type_of_the_field():
    built = from_mapping(
        BuildSettings, {"passage_tokens": "128", "encoder": "x", "precision": "float32"}
    )
    assert built == BuildSettings(encoder="x", precision="float32", passage_tokens=128)
    asked = from_mapping(AskSettings, {"dense_weight": "0.5", "candidates": "7"})
    assert asked == AskSettings(dense_weight=0.5, candidates=7)


@pytest.mark.parametrize(
    ("value", "allowed"), [("true", True), ("false", False), (True, True), (False, False)]
)
def test_yes_and_no_may_be_text(value, allowed):
    """As text, "false" is not empty, and must not let articles out."""
    assert from_mapping(AskSettings, {"allow_remote": value}).allow_remote is allowed


@pytest.mark.parametrize("kind", [BuildSettings, AskSettings])
def test_no_values_give_the_defaults_and_all_values_give_them_back(kind):
    assert from_mapping(kind, {}) == kind()
    assert from_mapping(kind, dataclasses.asdict(kind())) == kind()


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        pytest.param(AskSettings, {"treshold": 1}, "Did you mean 'threshold'?", id="misspelt"),
        pytest.param(AskSettings, {"zzz": 1}, "Known are: dense_weight, sent", id="unknown"),
        pytest.param(AskSettings, {"passage_tokens": 1}, "no setting", id="of the other kind"),
        pytest.param(AskSettings, {"candidates": "many"}, "takes int, not 'many'", id="no number"),
        pytest.param(AskSettings, {"candidates": None}, "takes int, not None", id="None"),
        pytest.param(AskSettings, {"dense_weight": 1.01}, "between 0 and 1", id="above"),
        pytest.param(
            AskSettings,
            {"dense_weight": 0.9, "sentence_weight": 0.2},
            r"'dense_weight \+ sentence_weight' must lie between 0 and 1, not 1.1",
            id="shares above one",
        ),
        pytest.param(AskSettings, {"part_weight": 1.1}, "part_weight", id="part_weight"),
        pytest.param(AskSettings, {"lift": -0.1}, "lift", id="lift"),
        pytest.param(AskSettings, {"diversity": 2}, "diversity", id="diversity"),
        pytest.param(AskSettings, {"rerank_passages": 0}, "rerank_passages", id="none to rerank"),
        pytest.param(AskSettings, {"threshold": -0.01}, "between 0 and 1", id="below"),
        pytest.param(AskSettings, {"threshold": math.nan}, "not nan", id="nan"),
        pytest.param(AskSettings, {"candidates": 0}, "between 1 and 10000", id="no candidates"),
        pytest.param(AskSettings, {"read_passages": 0}, "read_passages", id="no passages"),
        pytest.param(AskSettings, {"max_sentences": 4}, "max_sentences", id="four sentences"),
        pytest.param(AskSettings, {"allow_remote": "yes"}, "takes bool, not 'yes'", id="yes"),
        pytest.param(AskSettings, {"allow_remote": "True"}, "takes bool, not 'True'", id="True"),
        pytest.param(AskSettings, {"allow_remote": ""}, "takes bool, not ''", id="neither"),
        pytest.param(AskSettings, {"allow_remote": None}, "takes bool, not None", id="no bool"),
        pytest.param(AskSettings, {"allow_remote": []}, "takes bool", id="a list"),
        pytest.param(AskSettings, {"context_tokens": 511}, "context_tokens", id="no context"),
        pytest.param(AskSettings, {"prompt_passages": 0}, "prompt_passages", id="none to show"),
        pytest.param(AskSettings, {"model_timeout": 0}, "model_timeout", id="no time"),
        pytest.param(AskSettings, {"support": 1.5}, "support", id="support"),
        pytest.param(BuildSettings, {"precision": "int4"}, "int8, not 'int4'", id="precision"),
        pytest.param(BuildSettings, {"heading_tokens": -1}, "heading_tokens", id="negative"),
        pytest.param(BuildSettings, {"passage_tokens": 63}, "between 64 and", id="only a heading"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(kind, values, message):
    with pytest.raises(SettingsError, match=message):
        from_mapping(kind, values)


def test_the_limits_themselves_are_allowed():
    assert BuildSettings(passage_tokens=64).passage_tokens == 64
    assert AskSettings(dense_weight=0, threshold=1).threshold == 1
    assert AskSettings(part_weight=1, lift=1, diversity=1).part_weight == 1


@pytest.mark.parametrize("tenths", range(11))
def test_shares_that_add_up_to_one_are_allowed(tenths):
    dense, sentence = tenths / 10, (10 - tenths) / 10
    assert AskSettings(dense_weight=dense, sentence_weight=sentence).sentence_weight == sentence


@pytest.mark.parametrize("kind", [BuildSettings, AskSettings])
def test_settings_do_not_change(kind):
    name = dataclasses.fields(kind)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(kind(), name, 0)
