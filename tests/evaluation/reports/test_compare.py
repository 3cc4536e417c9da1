"""Comparing two runs: the figures against ones worked out by hand, and what is refused."""

from __future__ import annotations

import json
from dataclasses import asdict

import made
import numpy as np
import pytest

from rag.errors import InputError
from rag.evaluation.reports import compare
from rag.evaluation.runs.saved import Answered, read_run


def scored(folder, scores, measure="nDCG@10", **manifest):
    """A run whose question q0, q1 ... scores `scores` in `measure`, 1 in "R@5"."""
    rows = [
        made.row(at, {measure: score, "R@5": 1.0})
        for at, score in enumerate(scores)
        if score is not None
    ]
    return made.run(folder, rows, **manifest)


def compared(a, b, measure=None):
    return compare.compare(read_run(a), read_run(b), measure)


def test_a_small_case_by_hand(tmp_path):
    """Differences 0, .5, .5, 1: each of the 2**3 signs is tried, and 2 of them reach a sum of 2."""
    a = scored(tmp_path / "a", [0.5, 0.5, 0.0, 0.0])
    b = scored(tmp_path / "b", [0.5, 1.0, 0.5, 1.0])
    change = compared(a, b)["measures"]["nDCG@10"]
    assert (change["a"], change["b"], change["difference"]) == (0.25, 0.75, 0.5)
    assert change["p"] == pytest.approx(2 / 8)
    assert (change["better"], change["same"], change["worse"]) == (3, 1, 0)


def test_the_interval_is_that_of_the_mean():
    """Differences of 0 and 1 in equal numbers: a binomial share, of standard error .5 / 20."""
    a = np.zeros(400)
    b = np.tile([0.0, 1.0], 200)
    low, high = compare.change(a, b).interval
    assert low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.003)
    assert high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.003)


def test_questions_of_one_unit_are_drawn_together():
    """Of four units two have all the gain: any sign of theirs, and any draw of them, may come."""
    a = np.zeros(40)
    b = np.repeat([0.0, 1.0], 20)
    units = [str(n // 10) for n in range(40)]
    change = compare.change(a, b, units)
    assert (change.interval, change.p) == ((0.0, 1.0), pytest.approx(2 / 4))
    alone = compare.change(a, b)
    assert alone.interval[0] > 0.3
    assert alone.p < 0.001


def test_the_confidence_of_answers_is_compared(tmp_path):
    """Its squared error is of every question, and less of it is better."""
    runs = []
    for name, confidence in (("a", 0.5), ("b", 0.9)):
        rows = [made.row(n, {"first right": 1.0} if n else {}) for n in range(3)]
        answers = [Answered(n > 0, confidence, "answered", "", 0, 0, 0, "") for n in range(3)]
        for row, answer in zip(rows, answers, strict=True):
            row["answer"] = asdict(answer)
        runs.append(read_run(made.run(tmp_path / name, rows)))
    change = compare.compare(*runs)["measures"]["Brier score"]
    assert (change["questions"], change["better"], change["worse"]) == (3, 2, 1)
    assert change["b"] == pytest.approx((0.81 + 0.01 + 0.01) / 3)


def test_equal_runs():
    scores = np.linspace(0, 1, 50)
    change = compare.change(scores, scores)
    assert (change.p, change.interval, change.same) == (1.0, (0.0, 0.0), 50)


def test_noise_is_no_difference_and_a_clear_gain_is():
    noise = np.random.default_rng(1).normal(0, 0.1, 200)
    noise -= noise.mean()
    assert compare.change(np.full(200, 0.5), 0.5 + noise).p > 0.9
    change = compare.change(np.full(200, 0.5), 0.6 + noise)
    assert change.p < 0.001
    assert change.interval[0] > 0.05


def test_the_same_runs_give_the_same_figures():
    a, b = np.random.default_rng(2).random((2, 60))
    assert compare.change(a, b) == compare.change(a, b)


def test_rounding_is_no_difference():
    change = compare.change(np.array([0.1 + 0.2, 0.5]), np.array([0.3, 0.5]))
    assert (change.same, change.p) == (2, 1.0)


def test_a_single_question_has_no_interval(tmp_path, capsys):
    a, b = scored(tmp_path / "a", [0.0]), scored(tmp_path / "b", [1.0])
    print(compare.table(compared(a, b)))
    (line,) = (x for x in capsys.readouterr().out.splitlines() if x.startswith("nDCG@10 "))
    assert line.split() == ["nDCG@10", ".0000", "1.0000", "+1.0000", "-", "1.0000", *"100"]


def test_questions_that_one_run_lacks_are_counted(tmp_path):
    a = scored(tmp_path / "a", [0.0, 1.0, None, 0.5])
    b = scored(tmp_path / "b", [None, 0.5, 0.5, 0.5], complete=False)
    result = compared(a, b)
    assert (result["questions"], result["left_out"]) == (2, {"a": 1, "b": 1})
    assert result["incomplete"] == ["b"]
    assert result["measures"]["nDCG@10"]["difference"] == -0.25


def test_what_gained_and_what_lost(tmp_path):
    a = scored(tmp_path / "a", [0.5] * 30)
    b = scored(tmp_path / "b", [0.5, *(at / 29 for at in range(1, 29)), 0.5])
    result = compared(a, b)
    assert [x["id"] for x in result["gained"]] == [f"q{at}" for at in range(28, 18, -1)]
    assert [x["id"] for x in result["lost"]] == [f"q{at}" for at in range(1, 11)]
    assert result["lost"][0] == {"id": "q1", "query": "Who is number 1?", "a": 0.5, "b": 1 / 29}
    assert compared(a, b, "R@5")["gained"] == compared(a, b, "R@5")["lost"] == []


def test_the_papers_measure_comes_before_ndcg(tmp_path):
    a = scored(tmp_path / "a", [0.0], "paper MRR@10")
    assert compared(a, scored(tmp_path / "b", [1.0], "paper MRR@10"))["measure"] == "paper MRR@10"


def test_what_differs_between_manifests(tmp_path):
    a = scored(tmp_path / "a", [0.0], encoder="small", started="2026-11-23")
    b = scored(tmp_path / "b", [0.0], settings={"read_passages": 20}, complete=False)
    assert compared(a, b)["differs"] == {
        "settings.read_passages": [10, 20],
        "encoder": ["small", None],
    }


def test_the_text(tmp_path, capsys):
    a = scored(tmp_path / "a", [0.5, 0.5, 0.0, 0.0])
    b = scored(tmp_path / "b", [0.5, 1.0, 0.5, 1.0], encoder="other", complete=False)
    print(compare.table(compared(a, b)))
    text = capsys.readouterr().out
    assert "4 questions of news in both; left out: 0 only in A, 0 only in B." in text
    assert "b is incomplete" in text
    assert '  encoder: null | "other"' in text
    assert "p is not corrected for testing 2 measures at once." in text
    assert "   .0000 to 1.0000  q3  Who is number 3?" in text
    table = [line for line in text.splitlines() if line.startswith(("measure", "nDCG", "R@5"))]
    assert len({len(line) for line in table}) == 1


def test_a_question_cannot_command_the_terminal(tmp_path, capsys):
    a = scored(tmp_path / "a", [0.0])
    b = scored(tmp_path / "b", [1.0])
    rows = (a / "rows.jsonl").read_text("utf-8")
    hostile = rows.replace("Who is", "\\u001b[2JWho\\nis\\ud800\u2028")
    (a / "rows.jsonl").write_text(hostile, "utf-8")
    print(compare.table(compared(a, b)))
    assert "q0  [2JWho is number 0?" in capsys.readouterr().out


def test_it_is_ready_for_json(tmp_path):
    a, b = scored(tmp_path / "a", [0.0, 0.0]), scored(tmp_path / "b", [1.0, 1.0])
    found = json.loads(json.dumps(compared(a, b, "nDCG@10")))
    assert found["measures"]["nDCG@10"]["interval"] == [1.0, 1.0]


def test_other_data(tmp_path):
    a = scored(tmp_path / "a", [0.0])
    b = scored(tmp_path / "b", [0.0], data={"sha256": "cd34"})
    with pytest.raises(InputError, match=r"different data .*ab12 and cd34.* Make one"):
        compared(a, b)


def test_no_question_in_common(tmp_path):
    a, b = scored(tmp_path / "a", [0.0]), scored(tmp_path / "b", [None, 0.0])
    with pytest.raises(InputError, match=r"no question in common.*--limit"):
        compared(a, b)


def test_an_unknown_measure(tmp_path):
    a, b = scored(tmp_path / "a", [0.0]), scored(tmp_path / "b", [0.0])
    with pytest.raises(InputError, match=r"'MAP'.* There are: nDCG@10, R@5"):
        compared(a, b, "MAP")
