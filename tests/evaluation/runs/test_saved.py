"""Reading a saved run: what is refused, and with which words."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import made
import pytest

from rag.errors import InputError
from rag.evaluation.runs.saved import Answered, read_run, read_runs


@pytest.fixture
def folder(tmp_path):
    return made.run(tmp_path / "a", [made.row(0, {"AP": 0.0})])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('{"id": "q"}\n', "Line 1 .*KeyError: 'query'"),
        ("\n[]\n", "Line 2 .* broken"),
        ('{"id": "q", "que', "Line 1 .* broken .* start it again, and it goes on"),
        (json.dumps(made.row(0, {"AP": math.nan})), "Line 1 .* not a finite number"),
        ("", "holds no questions"),
    ],
    ids=["a field missing", "no object", "cut off", "not a number", "empty"],
)
def test_broken_rows(folder, rows, message):
    (folder / "rows.jsonl").write_text(rows, "utf-8")
    with pytest.raises(InputError, match=message):
        read_run(folder)


@pytest.mark.parametrize(
    "changed",
    [
        {"passages": ["x"]}, {"passages": [{"right": True}]}, {"confidence": "high"},
        {"answerable": 1}, {"expected": "x"}, {"marked": None}, {"status": 3}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_broken_answers(folder, changed):
    answer = asdict(Answered(True, 0.5, "answered", "", 0, 0, 0, ""))
    passages = changed.pop("passages", [])
    row = made.row(0, {}, passages=passages, answer={**answer, **changed})
    (folder / "rows.jsonl").write_text(json.dumps(row), "utf-8")
    with pytest.raises(InputError, match=r"Line 1 .* broken"):
        read_run(folder)


def test_a_question_twice(folder):
    rows = (folder / "rows.jsonl").read_text("utf-8")
    (folder / "rows.jsonl").write_text(rows * 2, "utf-8")
    with pytest.raises(InputError, match=r"Line 2 .* repeats question q0"):
        read_run(folder)


@pytest.mark.parametrize("name", ["manifest.json", "rows.jsonl"])
def test_no_run(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"{name} cannot be read .*`byline eval`"):
        read_run(folder)


@pytest.mark.parametrize(
    "manifest",
    ["{", "[]", "{}", '{"data": {"sha256": 1}}', '{"data": {"sha256": "a"}, "settings": []}'],
)
def test_a_broken_manifest(folder, manifest):
    (folder / "manifest.json").write_text(manifest, "utf-8")
    with pytest.raises(InputError, match=r"manifest\.json (is not JSON|does not say|has settings)"):
        read_run(folder)


def test_bytes_that_are_no_text(folder):
    (folder / "rows.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_run(folder)


def test_no_runs(tmp_path):
    with pytest.raises(InputError, match="holds no run: neither it nor a folder in it"):
        read_runs(tmp_path)
    with pytest.raises(InputError, match=r"manifest\.json cannot be read"):
        read_runs(tmp_path / "missing")
