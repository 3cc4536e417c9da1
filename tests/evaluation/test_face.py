"""The functions for Python: named as the commands, with the words of their options."""

from __future__ import annotations

import inspect
import json

import made
import pytest

from rag import evaluation
from rag.__main__ import main
from rag.errors import InputError
from rag.evaluation.arguments import parser

COMMANDS = ("score", "retrieval", "answers", "summary", "compare", "report")
SHOWING = {"help", "json", "examples"}
"""Options that say how a result is printed."""


def test_the_face_has_what_it_names():
    for name in evaluation.__all__:
        assert callable(getattr(evaluation, name))
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        evaluation.scores  # noqa: B018


@pytest.mark.parametrize("name", COMMANDS)
def test_a_function_takes_the_options_of_its_command(name):
    (subparsers,) = parser("byline eval")._subparsers._group_actions
    known = {action.dest for action in subparsers.choices[name]._actions} - SHOWING
    if name == "retrieval":  # "command" is taken, by the name of the measure.
        known = known - {"command_line"} | {"command"}
    if name == "answers":  # Questions with evidence have no splits.
        known |= {"split"}
    assert set(inspect.signature(getattr(evaluation, name)).parameters) == known


def test_a_function_gives_what_its_command_prints(tmp_path, capsys):
    for name, scores in (("a", [0.0, 1.0]), ("b", [1.0, 1.0]), ("c", [0.5, 1.0])):
        made.run(tmp_path / name, [made.row(at, {"AP": one}) for at, one in enumerate(scores)])
    for names in ("ab", "abc"):
        folders = [str(tmp_path / name) for name in names]
        assert main(["eval", "compare", *folders, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert json.loads(json.dumps(evaluation.compare(folders))) == told
    page = evaluation.report(str(tmp_path), str(tmp_path / "all.html"))
    assert "What changed" in page.read_text("utf-8")
    with pytest.raises(InputError, match="It takes two runs"):
        evaluation.compare([str(tmp_path / "a")])
    with pytest.raises(InputError, match="Not all of these are runs of answers"):
        evaluation.summary([str(tmp_path / "a")])


def test_paths_may_be_strings(tmp_path):
    files = {name: str(tmp_path / name) for name in ("qrels.txt", "my.run", "saved")}
    evaluation.write_qrels(files["qrels.txt"], {"q": {"a": 1}})
    evaluation.write_run(files["my.run"], {"q": ["b", "a"]}, "mine")
    assert evaluation.read_qrels(files["qrels.txt"]) == {"q": {"a": 1}}
    found = evaluation.score(files["qrels.txt"], [files["my.run"]], ["RR"], out=files["saved"])
    assert found["measures"]["RR"][0]["mean"] == 0.5
