"""Runs of retrieval: what their rows and summaries hold."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import lorries
import made
import pytest

from rag import AskSettings, BuildSettings
from rag.__main__ import main
from rag.errors import InputError, SettingsError
from rag.evaluation.ranking import run as run_module
from rag.evaluation.ranking.run import run, summarise, table
from rag.evaluation.ranking.score import score
from rag.evaluation.runs.plan import Plan
from rag.evaluation.runs.saved import Row


def test_what_is_saved(plan, fake_encoder):
    summary = run(plan, fake_encoder)
    rows, manifest = lorries.saved(plan)
    assert [row["id"] for row in rows] == ["q0", "q1", "q2", "q3", "q4"]
    row = rows[1]
    assert (row["query"], row["kind"], row["missed"]) == ("Who carried rice?", "temporal", [])
    assert row["milliseconds"] > 0
    assert row["measures"]["evidence recall@5"] == row["measures"]["nDCG@10"] == 1
    assert row["passages"][0]["article"] == row["articles"][0]
    assert set(row["passages"][0]) == {"article", "start", "end", "score"}
    assert len(row["articles"]) == 5
    assert (manifest["system"], manifest["complete"], manifest["passages"]) == ("byline", True, 5)
    assert (manifest["encoder"], manifest["precision"]) == ("all-MiniLM-L6-v2", "float32")
    assert manifest["settings"] == dataclasses.asdict(AskSettings())
    assert manifest["build_settings"] == dataclasses.asdict(BuildSettings())
    assert manifest["data"]["path"] == "data"
    assert (manifest["data"]["queries"], manifest["data"]["excluded"]) == (5, 1)
    assert manifest["packages"]["ir-measures"]
    assert str(plan.data.parent) not in json.dumps([manifest, rows])
    assert summary == json.loads((plan.out / "summary.json").read_text())
    assert (summary["questions"], summary["excluded"]) == (5, 1)
    assert summary["measures"]["R@5"] == 1
    assert {kind: of["questions"] for kind, of in summary["kinds"].items()} == {
        "inference": 3, "temporal": 2,
    }  # fmt: skip


def test_what_is_missed_is_named(plan, fake_encoder, data):
    lines = [json.loads(line) for line in (data / "queries.jsonl").read_text().splitlines()]
    fact = "Police in Kratie held a lorry. It carried timber, they said. The driver ran."
    lines[0]["evidence_list"][0]["fact"] = fact
    (data / "queries.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    small = replace(plan, build=BuildSettings(passage_tokens=19, heading_tokens=3))
    run(small, fake_encoder)
    rows, manifest = lorries.saved(small)
    assert manifest["passages"] > 5
    assert rows[0]["missed"] == [fact]
    assert rows[0]["measures"]["evidence recall@100"] == 0
    assert rows[0]["measures"]["R@5"] == 1, "its article is found all the same"


def test_a_question_of_beir_does_not_find_itself(tmp_path, fake_encoder):
    """As in ArguAna, where a question is a document and what answers it is another."""
    said = [("q0", "Police in Kratie held a lorry."), ("q1", "Police in Kratie held nobody.")]
    files = {
        "corpus.jsonl": "".join(json.dumps({"_id": i, "text": text}) + "\n" for i, text in said),
        "queries.jsonl": json.dumps({"_id": "q0", "text": said[0][1]}),
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq0\tq1\t1\n",
    }
    (tmp_path / "data" / "qrels").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / "data" / name).write_text(text)
    plan = Plan("dense", tmp_path / "data", tmp_path / "out", index=tmp_path / "index")
    assert run(plan, fake_encoder)["measures"]["Success@1"] == 1
    (row,) = lorries.saved(plan)[0]
    assert row["articles"] == [passage["article"] for passage in row["passages"]] == ["q1"]


def test_unknown_systems_and_settings_without_effect(plan, fake_encoder):
    with pytest.raises(InputError, match=r"no system 'google'\. Known are: byline, dense, bm25"):
        run(replace(plan, system="google"), fake_encoder)
    with pytest.raises(SettingsError, match="bm25 has no ask-time settings"):
        run(replace(plan, system="bm25", ask=AskSettings(candidates=5)), fake_encoder)
    assert not plan.out.exists()


def test_the_table_has_a_dash_where_no_question_has_the_measure():
    rows = [
        Row(**made.row(0, {"AP": 1.0, "extra": 0.25}, kind="a", milliseconds=2.0)),
        Row(**made.row(1, {"AP": 0.5}, kind="longer", milliseconds=4.0)),
    ]
    assert table(summarise(rows, 7)) == (
        "              all       a  longer\n"
        "questions       2       1       1\n"
        "AP         0.7500  1.0000  0.5000\n"
        "extra      0.2500  0.2500       -\n"
        "excluded: 7; milliseconds of a search: median 3.0, 95th percentile 4.0"
    )


def test_averages_by_kind():
    scores = [("temporal", 1.0), ("comparison", 0.0), ("temporal", 0.5), ("", 0.5)]
    rows = [Row(**made.row(at, {"AP": x}, kind=kind)) for at, (kind, x) in enumerate(scores)]
    summary = summarise(rows, 0)
    assert (summary["questions"], summary["measures"]) == (4, {"AP": 0.5})
    assert list(summary["kinds"].items()) == [
        ("comparison", {"questions": 1, "measures": {"AP": 0.0}}),
        ("temporal", {"questions": 2, "measures": {"AP": 0.75}}),
    ]


def test_the_run_and_the_judgements_are_written_as_trec_has_them(
    plan, fake_encoder, tmp_path, monkeypatch
):
    open_ = run_module.open_archive
    monkeypatch.setattr(
        run_module, "open_archive", lambda plan, articles, _: open_(plan, articles, fake_encoder)
    )
    files = {name: tmp_path / f"{name}.gz" for name in ("run", "qrels")}
    arguments = [f"--save-{name}={path}" for name, path in files.items()]
    data = ["--data", str(plan.data), "--out", str(plan.out), "--index", str(plan.index)]
    assert main(["eval", "retrieval", *data, *arguments, "--set", "reader="]) == 0
    summary = json.loads((plan.out / "summary.json").read_text())
    found = score(files["qrels"], [files["run"]], ["nDCG@10", "AP", "R@5"])
    for name, (one,) in found["measures"].items():
        assert one["mean"] == pytest.approx(summary["measures"][name])
    manifest = json.loads((plan.out / "manifest.json").read_text())
    assert manifest["build_settings"]["precision"] == "float32"
    assert manifest["schema"] == "byline-run/1"
