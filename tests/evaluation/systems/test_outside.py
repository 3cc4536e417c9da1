"""Systems outside Byline: a library in its own environment, and commands in any language."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from rag import Article
from rag.__main__ import main
from rag.evaluation.runs.saved import read_run
from rag.evaluation.systems import environments, outside

AWK = Path(__file__).parents[3] / "docs" / "examples" / "bm25.awk"
WRITE = "import sys; open(sys.argv[1], 'w').write(sys.argv[2].replace('|', chr(10)))"


def this_python_as(peer, folder):
    """An environment of a library that is a link to this one."""
    python = folder / peer / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (folder / peer / "ready.txt").write_text("\n".join(environments.PINS[peer]))


@pytest.fixture
def retrieval(data, tmp_path):
    def retrieval(*more):
        out = tmp_path / "out"
        return main(["eval", "retrieval", "--data", str(data), "--out", str(out), *more]), out

    return retrieval


@pytest.mark.models
@pytest.mark.process
def test_a_library_ranks_passages_that_are_found_in_their_articles(retrieval, tmp_path):
    this_python_as("langchain", tmp_path / "peers")
    arguments = ["--system", "langchain", "--environments", str(tmp_path / "peers")]
    code, out = retrieval(*arguments, "--save-run", str(tmp_path / "run.gz"))
    assert code == 0
    run = read_run(out)
    assert (run.manifest["system"], run.manifest["passages without a place"]) == ("langchain", 0)
    assert all(row.milliseconds > 0 for row in run.rows.values())
    assert all(row.measures["evidence recall@10"] == 1 for row in run.rows.values())
    assert run.rows["q1"].passages[0]["end"] > 0


@pytest.mark.process
@pytest.mark.skipif(not shutil.which("awk"), reason="there is no awk")
def test_a_system_in_awk(retrieval):
    code, out = retrieval("--command", f"sh -c 'awk -f {AWK} {{corpus}} {{questions}} > {{run}}'")
    assert code == 0
    run = read_run(out)
    assert run.manifest["system"] == "command"
    assert "bm25.awk" in run.manifest["settings"]["command"]
    assert {row.measures["Success@1"] for row in run.rows.values()} == {1.0}


@pytest.mark.process
def test_a_command_may_rank_passages(retrieval, data, tmp_path):
    (article,) = [a for a in _articles(data) if "rice" in a.text]
    start = article.text.index("It carried rice")
    line = f"q1 Q0 {article.id}#{start}-{start + 27} 1 2.0 mine"
    code, out = retrieval("--command", f'{sys.executable} -c "{WRITE}" {{run}} "{line}"')
    assert code == 0
    rows = read_run(out).rows
    assert rows["q1"].measures["evidence recall@10"] == 1
    assert rows["q0"].measures["nDCG@10"] == 0


@pytest.mark.process
@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no-such-program {run}", "cannot be run"),
        ("false {run}", "The command failed: it said nothing"),
        ("true {corpus}", "The command wrote no run"),
        ("true {corpora}", "The command cannot be read"),
        (f'{sys.executable} -c "{WRITE}" {{run}} "q1 Q0 a 1 2 x"', "no article for the document"),
        (f'{sys.executable} -c "{WRITE}" {{run}} "q1 Q0 a 1"', "line 1: 4 columns in place of 6"),
    ],
)
def test_a_command_that_does_not_do_is_told(retrieval, capsys, command, message):
    assert retrieval("--command", command)[0] == 2
    assert message in capsys.readouterr().err


def test_a_system_that_is_not_known(retrieval, capsys):
    assert retrieval("--system", "elastic")[0] == 2
    assert "txtai-own" in capsys.readouterr().err


def test_a_passage_is_placed_by_its_text_white_space_aside():
    article = Article("One two\n three. Four.", id="a")
    assert outside._placed(article, "three. Four").start == 9
    assert outside._placed(article, "two three.").end == 15
    assert outside._placed(article, "five").end == 0


def _articles(data):
    from rag.evaluation.datasets import load

    return load(data).articles
