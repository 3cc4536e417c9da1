"""The file of a refitted confidence: read as written, left aside when outdated, undone at will."""

from __future__ import annotations

import json
import logging

import numpy as np
import pytest

from rag.answer import calibration, refit
from rag.answer.extract import ANSWER, QUOTE
from rag.answer.platt import Scaling
from rag.errors import InputError, SettingsError

BASE = calibration.load(calibration.OWN, "byline")
LESS_SURE = Scaling(0.5, -1.0)


def test_a_refit_is_read_as_it_was_written_until_it_is_removed(tmp_path):
    assert refit.read(tmp_path, "mine") == Scaling()
    for scaling in (Scaling(2.0, 0.1), LESS_SURE):
        refit.write(tmp_path, scaling, "mine", {"judgements": 40})
        assert refit.read(tmp_path, "mine") == scaling
    assert [path.name for path in tmp_path.iterdir()] == [refit.FILE]
    assert json.loads((tmp_path / refit.FILE).read_text())["judgements"] == 40
    assert refit.remove(tmp_path)
    assert not refit.remove(tmp_path)
    assert refit.read(tmp_path, "mine") == Scaling()


def test_what_was_fitted_with_something_else_is_left_aside_with_a_warning(tmp_path, caplog):
    refit.write(tmp_path, LESS_SURE, "mine", {})
    with caplog.at_level(logging.WARNING):
        assert refit.read(tmp_path, "another") == Scaling()
    assert "byline calibrate" in caplog.text


def test_it_depends_on_the_calibration_and_both_models():
    whole = ("all-MiniLM-L6-v2", "byline")
    found = {
        refit.fitted_with(BASE, *whole),
        refit.fitted_with(refit.scaled(BASE, LESS_SURE), *whole),
        refit.fitted_with(BASE, "another", "byline"),
        refit.fitted_with(BASE, "all-MiniLM-L6-v2", "another"),
    }
    assert len(found) == 4
    assert refit.fitted_with(BASE, *whole) in found


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"scale": 0, "shift": 0, "fitted_with": "mine"}',
     '{"scale": "x", "shift": 0, "fitted_with": "mine"}', '{"scale": 1, "shift": 0}',
     '{"scale": NaN, "shift": 0, "fitted_with": "mine"}',
     '{"scale": 1, "shift": NaN, "fitted_with": "mine"}',
     '{"scale": 1, "shift": -Infinity, "fitted_with": "mine"}'],
)  # fmt: skip
def test_a_broken_file_is_refused_with_a_remedy(tmp_path, text):
    (tmp_path / refit.FILE).write_text(text)
    with pytest.raises(SettingsError, match="byline calibrate --undo"):
        refit.read(tmp_path, "mine")


def test_it_is_not_written_through_a_link(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.write_text("theirs")
    for name in (refit.FILE, f"{refit.FILE}.new"):
        (tmp_path / name).symlink_to(theirs)
    refit.write(tmp_path, LESS_SURE, "mine", {})
    assert refit.read(tmp_path, "mine") == LESS_SURE
    assert theirs.read_text() == "theirs"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        refit.write(tmp_path / "none", LESS_SURE, "mine", {})


@pytest.mark.parametrize(("model", "names"), [("answer", ANSWER), ("quote", QUOTE)])
def test_the_log_odds_are_scaled(model, names):
    rows = np.random.default_rng(1).normal(size=(5, len(names)))
    before = getattr(BASE, model).logits(names, rows)
    after = getattr(refit.scaled(BASE, LESS_SURE), model).logits(names, rows)
    assert after == pytest.approx(0.5 * before - 1)
