"""Whole commands beside those of another checkout, which is this one by another name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.datasets import gold
from eval.speed.commands import BASELINE, HERE, table

ROOT = Path(__file__).parents[3]


@pytest.mark.models
@pytest.mark.process
def test_a_checkout_is_measured_beside_another(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("eval.speed.commands.CHAT_QUESTIONS", 3)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    other = tmp_path / "other"
    other.symlink_to(ROOT)
    asked = gold.FOLDER / gold.FILES[0]
    few = tmp_path / "few.jsonl"
    few.write_text("".join(asked.read_text("utf-8").splitlines(keepends=True)[:3]), "utf-8")
    about = gold.ARTICLES / "000_fc0009f30d98c68d.txt"
    given = ["--baseline", str(other), "--files", str(few), "--articles", str(about)]
    assert main(["commands", *given, "--rounds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [HERE, BASELINE]
    assert found[HERE].keys() == found[BASELINE].keys()
    for measures in found.values():
        assert all(value > 0 for value in measures.values())
        page, answer = (
            measures[f"chat, seconds to its {what}"] for what in ("page", "first cited answer")
        )
        assert page < answer
        assert measures["search, ms"] < measures["answer, ms"] < 1000 * measures["ask, seconds"]
        assert 100 < measures["ask, peak MB"] < 4000


def test_what_is_no_checkout_is_refused(tmp_path, capsys):
    assert main(["commands", "--baseline", str(tmp_path)]) == 2
    assert "it has no rag/__init__.py" in capsys.readouterr().err


@pytest.mark.process
def test_a_checkout_that_fails_is_said_with_its_words(tmp_path, capsys):
    (tmp_path / "rag").mkdir()
    (tmp_path / "rag" / "__init__.py").touch()
    (tmp_path / "rag" / "__main__.py").write_text("raise SystemExit('it is broken')")
    assert main(["commands", "--baseline", str(tmp_path), "--articles", str(tmp_path)]) == 2
    assert "failed: " in capsys.readouterr().err


def test_the_table_says_the_share_of_the_baseline():
    found = {HERE: {"ask, seconds": 2.0}, BASELINE: {"ask, seconds": 8.0}}
    assert table(found).splitlines()[2] == "| ask, seconds | 2.0 (0.25) | 8.0 |"
    assert table({HERE: found[HERE]}).splitlines()[2] == "| ask, seconds | 2.0 |"
