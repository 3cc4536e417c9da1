"""Qrels and runs: read, written, refused, and scored with the numbers of others."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import ir_measures
import pytest

from rag.__main__ import main
from rag.errors import InputError
from rag.evaluation import trec
from rag.evaluation.ranking.measures import calculated
from rag.evaluation.ranking.score import SHOWN, score
from rag.evaluation.reports import compare
from rag.evaluation.runs.saved import read_run
from rag.evaluation.statistics.paired import holm

NAMES = ("nDCG@10", "AP", "RR", "R@10", "P@5", "Success@1")
RANX = ("ndcg@10", "map", "mrr", "recall@10", "precision@5", "hit_rate@1")
RANX_SCRIPT = """
import json, sys
from ranx import Qrels, Run, evaluate
qrels, run, names = json.load(sys.stdin)
qrels, run = Qrels(qrels), Run(run)
evaluate(qrels, run, names, make_comparable=True)
print(json.dumps({name: {q: float(v) for q, v in run.scores[name].items()} for name in names}))
"""


def judged_and_found(seed):
    """Random judgements and a run with ties, and with questions and documents that the other has
    not; no question without a relevant document, which ranx leaves undefined."""
    random_ = random.Random(seed)
    documents = [f"d{n}" for n in range(40)]
    qrels, found = {}, {}
    for number in range(12):
        judged = {d: random_.choice([0, 0, 1, 2]) for d in random_.sample(documents, 8)}
        qrels[f"q{number}"] = {**judged, f"d{number}": 1}
        scores = [random_.choice([0.5, 1.0, 1.5, 1.5 + 1e-9, 2.0]) for _ in range(25)]
        ids = [*random_.sample(documents, 22), "x1", "x2", "x3"]
        found[f"q{number}"] = dict(zip(ids, scores, strict=True))
    del found["q3"], found["q7"]
    found["q99"] = {"d1": 1.0}
    return qrels, found


@pytest.mark.parametrize("seed", range(8))
def test_the_numbers_are_those_of_trec_eval(seed):
    qrels, found = judged_and_found(seed)
    ours = calculated(qrels, {q: trec.ordered(of) for q, of in found.items()}, NAMES)
    measures = {str(measure): measure for measure in map(ir_measures.parse_measure, NAMES)}
    theirs = {query: dict.fromkeys(NAMES, 0.0) for query in qrels}
    # trec_eval itself, not another of ir_measures' providers, which break ties in other ways.
    for one in ir_measures.pytrec_eval.iter_calc(list(measures.values()), qrels, found):
        theirs[one.query_id][str(one.measure)] = one.value
    for query, values in theirs.items():
        assert ours[query] == pytest.approx(values, abs=5e-5), query


@pytest.mark.process
def test_the_numbers_are_those_of_ranx():
    """ranx leaves documents of one score as they come, so it gets them in trec_eval's order."""
    qrels, found = judged_and_found(1)
    rankings = {q: trec.ordered(of) for q, of in found.items()}
    run = {q: {d: -float(at) for at, d in enumerate(of)} for q, of in rankings.items()}
    done = subprocess.run(
        [sys.executable, "-c", RANX_SCRIPT], input=json.dumps([qrels, run, RANX]), text=True,
        # Compiling takes minutes, the twelve questions no time.
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, check=True,
    )  # fmt: skip
    theirs = json.loads(done.stdout)
    ours = calculated(qrels, rankings, NAMES)
    for name, other in zip(NAMES, RANX, strict=True):
        for query in qrels:
            assert ours[query][name] == pytest.approx(theirs[other][query], abs=5e-5), (name, query)


def test_ids_are_compared_whole():
    qrels = {"q\0a": {"d\0a": 1}, "q\0b": {"d\0b": 1}}
    found = calculated(qrels, {"q\0a": ["d\0a"], "q\0b": ["d\0a"]}, ["AP"])
    assert found == {"q\0a": {"AP": 1.0}, "q\0b": {"AP": 0.0}}


def test_a_grade_that_is_too_large(tmp_path):
    line = {"query_id": "q", "doc_id": "a", "relevance": 10**30}
    (tmp_path / "q.jsonl").write_text(json.dumps(line))
    with pytest.raises(InputError, match=r"line 1: the grade 10+ is too large"):
        trec.read_qrels(tmp_path / "q.jsonl")


def test_ties_are_ordered_as_trec_eval_does():
    assert trec.ordered({"a": 1.0, "c": 1.0 + 1e-9, "b": 1.0, "z": 0.5}) == ["c", "b", "a", "z"]


def test_what_is_written_is_read_again(tmp_path):
    qrels = {"q 1": {"a": 1, "b": 0}, "q2": {"é": 2}}
    rankings = {"q 1": ["b", "a"], "q2": ["é"]}
    for name in ("x.txt", "x.txt.gz"):
        trec.write_qrels(tmp_path / name, qrels)
        assert trec.read_qrels(tmp_path / name) == {"q%201": qrels["q 1"], "q2": qrels["q2"]}
        trec.write_run(tmp_path / name, rankings, "my run")
        read = trec.read_run(tmp_path / name)
        assert {q: trec.ordered(of) for q, of in read.items()} == {
            "q%201": ["b", "a"], "q2": ["é"],
        }  # fmt: skip
    assert gzip.decompress((tmp_path / "x.txt.gz").read_bytes()).startswith(b"q%201 Q0 b 1 -1 my")


@pytest.mark.parametrize(
    "text",
    [
        "q 0 a 1\nq 0 b 0\n",
        "q\t0\ta\t1\r\nq\t0\tb\t0\r\n",
        "query-id\tcorpus-id\tscore\nq\ta\t1\nq\tb\t0",
    ],
)
def test_every_form_of_qrels(tmp_path, text):
    (tmp_path / "q").write_text(text, newline="")
    assert trec.read_qrels(tmp_path / "q") == {"q": {"a": 1, "b": 0}}


def test_json_lines(tmp_path):
    lines = '{"query_id": "q", "doc_id": "a", "relevance": 1}\n'
    (tmp_path / "q.jsonl").write_text(lines)
    assert trec.read_qrels(tmp_path / "q.jsonl") == {"q": {"a": 1}}
    (tmp_path / "r.jsonl").write_text(lines.replace("relevance", "score"))
    assert trec.read_run(tmp_path / "r.jsonl") == {"q": {"a": 1.0}}


def test_passages_roll_up_to_the_score_of_the_best(tmp_path):
    path = tmp_path / "p.run"
    found = {"a#0-9": 1.0, "b#2-3#5-7": 2.0, "a#9-12": 3.0}
    path.write_text("".join(f"q Q0 {at} 1 {score} x\n" for at, score in found.items()))
    assert trec.read_passages(path) == {"q": {"a": 3.0, "b#2-3": 2.0}}
    path.write_text("q Q0 a#0-9 1 2.0 x\nq Q0 c 2 1.0 x\n")
    with pytest.raises(InputError, match=r"p\.run line 2: 'c' is no passage.*--passages"):
        trec.read_passages(path)


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        ("run", "q Q0 a 1 2.0 x\nq 0 a 1\n", "line 2: 4 columns in place of 6. These look"),
        ("run", "q Q0 a 1 nan x\n", "line 1: the score 'nan' is no finite number"),
        ("run", "q Q0 a 1 2.0 x\nq Q0 a 2 1.0 x\n", "line 2: document 'a' is found twice"),
        ("run", "q,Q0,a,1,2.0,x\n", "line 1: 1 column in place of 6. Put blanks or tabs"),
        ("run", "\n", "holds nothing"),
        ("qrels", "q Q0 a 1 2.0 x\n", "line 1: 6 columns in place of 4. This looks like a run"),
        ("qrels", "q 0 a yes\n", "line 1: the grade 'yes' is no whole number"),
        ("qrels", "q 0 a 1\n\nq 0 a 0\n", "line 3: document 'a' is judged twice"),
        ("qrels", "query-id\tcorpus-id\tscore\nq\ta\n", "line 2: 2 columns in place of 3"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path, reader, text, message):
    (tmp_path / "file").write_text(text)
    with pytest.raises(InputError) as raised:
        getattr(trec, f"read_{reader}")(tmp_path / "file")
    assert f"{tmp_path / 'file'} {message}" in str(raised.value)


@pytest.fixture
def files(tmp_path):
    qrels, found = judged_and_found(2)
    trec.write_qrels(tmp_path / "qrels.txt", qrels)
    for name in ("good", "other"):
        rankings = {q: trec.ordered(of) for q, of in found.items()}
        if name == "other":
            rankings = {q: ranked[::-1] for q, ranked in rankings.items()}
        trec.write_run(tmp_path / f"{name}.run.gz", rankings, name)
    return tmp_path


def test_the_command(files, capsys):
    arguments = ["--qrels", str(files / "qrels.txt"), "--run"]
    runs = [str(files / "good.run.gz"), str(files / "other.run.gz")]
    assert main(["eval", "score", *arguments, *runs, "--out", str(files / "saved")]) == 0
    said = capsys.readouterr().out
    assert "no ranking for 2 of the judged questions, which count as 0" in said
    assert "1 of its questions are not judged and left out" in said
    assert all(name in said for name in SHOWN)
    assert main(["eval", "score", *arguments, *runs, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "byline-score/1"
    first, second = found["measures"]["nDCG@10"]
    assert (first["change"], first["holm"]) == (None, None)
    assert second["holm"] >= second["change"]["p"]
    saved = [read_run(files / "saved" / name) for name in ("good", "other")]
    both = compare.compare(*saved)
    assert both["measures"]["nDCG@10"]["b"] == pytest.approx(second["mean"])
    assert main(["eval", "report", str(files / "saved"), "--out", str(files / "r.html")]) == 0


def test_one_run_alone_has_no_columns_of_differences(files, capsys):
    arguments = ["--qrels", str(files / "qrels.txt"), "--run", str(files / "good.run.gz")]
    assert main(["eval", "score", *arguments]) == 0
    heading = capsys.readouterr().out.split("\n")[0]
    assert heading.split() == ["measure", "run", "mean", "95%", "interval"]


def test_runs_whose_files_are_called_alike_have_the_names_of_their_folders(files):
    for folder in ("bm25", "dense"):
        (files / folder).mkdir()
        (files / folder / "run.txt.gz").write_bytes((files / "good.run.gz").read_bytes())
    runs = [files / "bm25" / "run.txt.gz", files / "dense" / "run.txt.gz"]
    found = score(files / "qrels.txt", runs, ["AP"], out=files / "saved")
    assert list(found["runs"]) == ["bm25-run", "dense-run"]
    assert read_run(files / "saved" / "dense-run").rows
    with pytest.raises(InputError, match=r"have the same name\. Rename one"):
        score(files / "qrels.txt", [runs[0], runs[0]], ["AP"])


def test_a_run_over_other_questions_is_refused(files, capsys):
    (files / "own.run").write_text("z1 Q0 a 1 2.0 x\n")
    arguments = ["--qrels", str(files / "qrels.txt"), "--run", str(files / "own.run")]
    assert main(["eval", "score", *arguments]) == 2
    said = capsys.readouterr().err
    assert "none of its 1 questions is judged, 'z1' for one" in said
    assert "Take both of the same data" in said


def test_documents_that_nobody_judged_are_told(files):
    (files / "own.run").write_text("q1 Q0 a#0-3 1 2.0 x\n")
    found = score(files / "qrels.txt", [files / "own.run"], ["AP"])
    assert found["measures"]["AP"][0]["mean"] == 0
    assert "want --passages" in found["runs"]["own"]["notes"][1]


@pytest.mark.parametrize(
    "name",
    [
        "nDCG@x",
        "nothing",
        "alpha_nDCG@10",
        "P",
        "P@0",
        "P@9999999",
        "nDCG(foo=1)",
        "P(rel=0)@5",
        "",
    ],
)
def test_a_measure_that_is_not_known(files, name, capsys):
    arguments = ["--qrels", str(files / "qrels.txt"), "--run", str(files / "good.run.gz")]
    assert main(["eval", "score", *arguments, "--measures", name]) == 2
    assert re.match(r"byline: .* measure", capsys.readouterr().err)


def test_several_runs_stand_beside_the_first(files, capsys):
    third = trec.read_run(files / "good.run.gz")
    third["q0"] = {"x1": 1.0}
    trec.write_run(files / "third.run", {q: trec.ordered(of) for q, of in third.items()}, "third")
    runs = [str(files / name) for name in ("good.run.gz", "other.run.gz", "third.run")]
    out = files / "saved"
    arguments = ["--qrels", str(files / "qrels.txt"), "--out", str(out), "--json"]
    assert main(["eval", "score", "--run", *runs, *arguments]) == 0
    scored = json.loads(capsys.readouterr().out)["measures"]
    folders = [str(out / name) for name in ("good", "other", "third")]
    assert main(["eval", "compare", *folders, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "byline-comparison/1"
    assert found["measures"] == scored, "what is saved is what was scored"
    assert main(["eval", "compare", *folders]) == 0
    assert "Holm's correction" in capsys.readouterr().out
    assert main(["eval", "report", str(out)]) == 0
    page = (out / "report.html").read_text()
    assert "What changed" in page
    assert "nDCG@10: third" in page
    assert main(["eval", "compare", folders[0]]) == 2
    assert "takes two runs" in capsys.readouterr().err


def test_holms_correction_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_the_example_for_python_runs(files, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for name, given in (("mine.run", "good"), ("byline.run", "other")):
        trec.write_run(
            files / name,
            {q: trec.ordered(of) for q, of in trec.read_run(files / f"{given}.run.gz").items()},
            name,
        )
    monkeypatch.chdir(files)
    exec(code, {})
    assert re.match(r"[(\[]-?[\d.]+", capsys.readouterr().out)
