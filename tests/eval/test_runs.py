"""Runs: what is saved, how one is taken up again, and the systems that are measured."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field, replace
from itertools import pairwise

import filelock
import made
import numpy as np
import pytest
from fakes import FakeEncoder

from eval.__main__ import _settings, main
from eval.extra import require
from eval.retrieval import run as runs
from eval.retrieval import systems
from eval.retrieval.run import Plan
from eval.runs.saved import Row
from rag import Archive, Article, AskSettings, BuildSettings
from rag.errors import BylineError, InputError, SettingsError, SnapshotError

PLACES = ("Kratie", "Pursat", "Kampot", "Takeo", "Kep")
GOODS = ("timber", "rice", "gold", "sand", "salt")


def articles():
    for place, good in zip(PLACES, GOODS, strict=True):
        yield {
            "title": f"News of {place}", "source": "Daily", "url": f"https://daily.example/{place}",
            "body": f"Police in {place} held a lorry.\nIt carried {good}, they said. "
            "The driver ran.",
        }  # fmt: skip


def questions():
    for number, (record, good) in enumerate(zip(articles(), GOODS, strict=True)):
        fact = {"title": record["title"], "source": "Daily", "url": record["url"]}
        kind = "temporal_query" if number % 2 else "inference_query"
        yield {
            "id": f"q{number}", "query": f"Who carried {good}?", "question_type": kind,
            "evidence_list": [{**fact, "fact": f"It carried {good}, they said."}],
        }  # fmt: skip
    yield {"id": "n", "query": "Who?", "question_type": "null_query", "evidence_list": []}


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, records in (("corpus", articles()), ("queries", questions())):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (folder / f"{name}.jsonl").write_text(lines)
    return folder


@pytest.fixture
def plan(data, tmp_path):
    return Plan("byline", data, tmp_path / "out", index=tmp_path / "index")


def saved(plan):
    rows = [json.loads(line) for line in (plan.out / "rows.jsonl").read_text().splitlines()]
    manifest = json.loads((plan.out / "manifest.json").read_text())
    return rows, manifest


def without_times(rows):
    return [{**row, "milliseconds": 0} for row in rows]


def test_what_is_saved(plan, fake_encoder):
    summary = runs.run(plan, fake_encoder)
    rows, manifest = saved(plan)
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
    runs.run(small, fake_encoder)
    rows, manifest = saved(small)
    assert manifest["passages"] > 5
    assert rows[0]["missed"] == [fact]
    assert rows[0]["measures"]["evidence recall@100"] == 0
    assert rows[0]["measures"]["R@5"] == 1, "its article is found all the same"


@pytest.mark.parametrize("cut", [0, 1, 40])
def test_a_run_goes_on_after_a_line_that_was_cut_off(plan, fake_encoder, cut):
    runs.run(plan, fake_encoder)
    whole, manifest = saved(plan)
    path = plan.out / "rows.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:cut])
    (plan.out / "manifest.json").write_text(json.dumps({**manifest, "complete": False}))
    runs.run(plan, fake_encoder)
    rows, again = saved(plan)
    assert without_times(rows) == without_times(whole)
    assert rows[:2] == whole[:2], "what was measured is not measured again"
    assert again == manifest


def test_a_larger_limit_goes_on_and_a_smaller_one_is_refused(plan, fake_encoder):
    assert runs.run(replace(plan, limit=2), fake_encoder)["questions"] == 2
    first, manifest = saved(plan)
    assert (manifest["data"]["limit"], manifest["data"]["queries"]) == (2, 2)
    assert runs.run(replace(plan, limit=4), fake_encoder)["questions"] == 4
    rows, manifest = saved(plan)
    assert rows[:2] == first
    assert (manifest["data"]["limit"], manifest["complete"]) == (4, True)
    with pytest.raises(InputError, match=r"holds 4 questions already, more than the 3 asked for"):
        runs.run(replace(plan, limit=3), fake_encoder)
    assert saved(plan) == (rows, manifest)


def test_another_run_is_refused_and_told_apart(plan, fake_encoder, data):
    runs.run(plan, fake_encoder)
    before = saved(plan)
    others = [
        (replace(plan, system="bm25"), r"system \(there byline, here bm25\)"),
        (
            replace(plan, ask=AskSettings(dense_weight=0.5)),
            r"What differs: settings\.dense_weight \(there 0\.\d+, here 0\.5\)\. Choose .* --out",
        ),
        (
            replace(plan, build=BuildSettings(passage_tokens=99)),
            r"passage_tokens \(there 256, here 99\)",
        ),
    ]
    for other, message in others:
        with pytest.raises(InputError, match=message):
            runs.run(other, fake_encoder)
    with (data / "queries.jsonl").open("a") as file:
        file.write("\n")
    message = (
        r"over MultiHop-RAG, queries\.jsonl\. .*: data\.sha256 \(there \w{64}, here \w{64}\)\. "
    )
    with pytest.raises(InputError, match=message):
        runs.run(plan, fake_encoder)
    assert saved(plan) == before


def test_rows_of_other_code_or_precision_do_not_mix(plan, fake_encoder):
    runs.run(plan, fake_encoder)
    path = plan.out / "manifest.json"
    manifest = saved(plan)[1]
    for name in ("commit", "precision"):
        path.write_text(json.dumps({**manifest, name: "other"}))
        with pytest.raises(InputError, match=rf"{name} \(there other, here"):
            runs.run(plan, fake_encoder)


def test_a_folder_that_is_no_run(plan, fake_encoder):
    runs.run(plan, fake_encoder)
    rows, manifest = plan.out / "rows.jsonl", plan.out / "manifest.json"
    lines = rows.read_text().splitlines(keepends=True)
    rows.write_text(lines[0] + "{}\n" + lines[2])
    with pytest.raises(
        InputError, match=r"Line 2 of .*rows\.jsonl is broken .*another folder with --out"
    ):
        runs.run(plan, fake_encoder)
    rows.write_text(lines[1])
    with pytest.raises(InputError, match="holds rows of other questions: q1 where the data has q0"):
        runs.run(plan, fake_encoder)
    manifest.write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json is not JSON"):
        runs.run(plan, fake_encoder)
    manifest.unlink()
    with pytest.raises(InputError, match="holds rows without a manifest"):
        runs.run(plan, fake_encoder)
    with pytest.raises(InputError, match="is no folder that can be written to"):
        runs.run(replace(plan, out=rows), fake_encoder)


def test_a_folder_that_another_run_is_writing_to(plan, fake_encoder):
    plan.out.mkdir()
    with filelock.FileLock(plan.out / ".lock"):
        with pytest.raises(InputError, match=r"Another run is writing to .*out\. .* --out"):
            runs.run(plan, fake_encoder)
        assert [path.name for path in plan.out.iterdir()] == [".lock"]
    assert runs.run(plan, fake_encoder)["questions"] == 5


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
    assert runs.run(plan, fake_encoder)["measures"]["Success@1"] == 1
    (row,) = saved(plan)[0]
    assert row["articles"] == [passage["article"] for passage in row["passages"]] == ["q1"]


def test_the_index_is_reused(plan, fake_encoder, tmp_path, monkeypatch):
    runs.run(plan, fake_encoder)
    built = Archive.open(plan.index).info()["snapshot"]
    runs.run(replace(plan, system="bm25", out=tmp_path / "second"), fake_encoder)
    assert Archive.open(plan.index).info()["snapshot"] == built
    monkeypatch.setattr(runs, "INDEXES", tmp_path / "indexes")
    for number, build in enumerate(
        [BuildSettings(), BuildSettings(), BuildSettings(passage_tokens=99)]
    ):
        own = replace(plan, index=None, out=tmp_path / f"own-{number}", build=build)
        runs.run(own, fake_encoder)
    homes = list((tmp_path / "indexes").iterdir())
    assert [len(home.name) for home in homes] == [16, 16]


def test_a_damaged_index_of_ours_is_built_again(plan, fake_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "INDEXES", tmp_path / "indexes")
    own = replace(plan, index=None)
    runs.run(own, fake_encoder)
    (home,) = (tmp_path / "indexes").iterdir()
    (home / "CURRENT").write_text("{}")
    assert runs.run(replace(own, out=tmp_path / "again"), fake_encoder)["questions"] == 5


def test_an_index_of_the_users_is_never_replaced(plan, fake_encoder):
    Archive.build([Article("Something else.")], plan.index, encoder=fake_encoder)
    before = (plan.index / "CURRENT").read_bytes()
    with pytest.raises(InputError, match="is of other articles or build settings"):
        runs.run(plan, fake_encoder)
    assert (plan.index / "CURRENT").read_bytes() == before
    (plan.index / "CURRENT").write_text("{}")
    with pytest.raises(SnapshotError, match="is damaged"):
        runs.run(plan, fake_encoder)


def test_unknown_systems_and_settings_without_effect(plan, fake_encoder):
    with pytest.raises(InputError, match=r"no system 'google'\. Known are: byline, dense, bm25"):
        runs.run(replace(plan, system="google"), fake_encoder)
    with pytest.raises(SettingsError, match="bm25 has no ask-time settings"):
        runs.run(replace(plan, system="bm25", ask=AskSettings(candidates=5)), fake_encoder)
    assert not plan.out.exists()


def test_settings_go_where_they_belong():
    given = [("passage_tokens", "99"), ("dense_weight", "1"), ("dense_weight", ".5")]
    assert _settings(given) == (BuildSettings(passage_tokens=99), AskSettings(dense_weight=0.5))
    for wrong, meant in (("pasage_tokens", "passage_tokens"), ("dense_wieght", "dense_weight")):
        with pytest.raises(SettingsError, match=f"Did you mean '{meant}'"):
            _settings([(wrong, "1")])
    with pytest.raises(SettingsError, match="no setting 'x'"):
        _settings([("x", "1")])


@dataclass(frozen=True)
class Interrupted(FakeEncoder):
    """Is interrupted at one of its questions, as by Ctrl-C."""

    at: int = 0
    asked: list[str] = field(default_factory=list)

    def encode_queries(self, texts):
        self.asked.extend(texts)
        if self.asked.count("Who carried gold?") == self.at:
            raise KeyboardInterrupt
        return super().encode_queries(texts)


@pytest.mark.parametrize("at", [1, 2], ids=["the timed search", "the deep one"])
def test_interrupted_it_leaves_a_run_to_go_on_with(plan, fake_encoder, monkeypatch, capsys, at):
    def call(encoder, *more):
        monkeypatch.setattr("rag.archive._load_encoder", lambda *_: encoder)
        places = ("--data", plan.data, "--out", plan.out, "--index", plan.index)
        code = main(["retrieval", *map(str, places), *more])
        return code, capsys.readouterr()

    code, said = call(Interrupted(at=at))
    assert (code, said.out) == (130, "")
    assert said.err.count("\n") == 1
    assert "interrupted" in said.err
    rows, manifest = saved(plan)
    assert [row["id"] for row in rows] == ["q0", "q1"]
    assert manifest["complete"] is False
    code, said = call(fake_encoder)
    assert code == 0
    assert said.out.splitlines()[0].split() == ["all", "inference", "temporal"]
    assert said.out.splitlines()[1].split() == ["questions", "5", "3", "2"]
    assert saved(plan)[0][:2] == rows
    assert saved(plan)[1]["complete"] is True
    code, said = call(fake_encoder, "--json")
    assert json.loads(said.out) == json.loads((plan.out / "summary.json").read_text())
    code, said = call(fake_encoder, "--settings", "dense_weight=.5", "candidates=5")
    assert code == 2
    assert f"settings.dense_weight (there {AskSettings().dense_weight}, here 0.5)" in said.err
    assert "settings.candidates (there 100, here 5)" in said.err


def test_the_table_has_a_dash_where_no_question_has_the_measure():
    rows = [
        Row(**made.row(0, {"AP": 1.0, "extra": 0.25}, kind="a", milliseconds=2.0)),
        Row(**made.row(1, {"AP": 0.5}, kind="longer", milliseconds=4.0)),
    ]
    assert runs.table(runs.summarise(rows, 7)) == (
        "              all       a  longer\n"
        "questions       2       1       1\n"
        "AP         0.7500  1.0000  0.5000\n"
        "extra      0.2500  0.2500       -\n"
        "excluded: 7; milliseconds of a search: median 3.0, 95th percentile 4.0"
    )


def test_averages_by_kind():
    scores = [("temporal", 1.0), ("comparison", 0.0), ("temporal", 0.5), ("", 0.5)]
    rows = [Row(**made.row(at, {"AP": x}, kind=kind)) for at, (kind, x) in enumerate(scores)]
    summary = runs.summarise(rows, 0)
    assert (summary["questions"], summary["measures"]) == (4, {"AP": 0.5})
    assert list(summary["kinds"].items()) == [
        ("comparison", {"questions": 1, "measures": {"AP": 0.0}}),
        ("temporal", {"questions": 2, "measures": {"AP": 0.75}}),
    ]


def test_a_package_that_is_missing_is_named_with_its_remedy():
    with pytest.raises(BylineError, match=r"'no_such_package'.* Run: pip install -e '\.\[eval\]'"):
        require("no_such_package")


@pytest.fixture(scope="module")
def real(articles_, encoder, tmp_path_factory):
    return Archive.build(articles_, tmp_path_factory.mktemp("real"), encoder=encoder)


@pytest.fixture(scope="module")
def articles_():
    """A few articles, one of them longer than the encoder reads at once."""
    long = "\n\n".join(
        f"In {place} the court heard {n} witnesses about {good}. \tNobody was named, it said."
        for n in range(6) for place, good in zip(PLACES, GOODS, strict=True)
    )  # fmt: skip
    return [Article(long, "The trial"), *(Article(r["body"], r["title"]) for r in articles())]


@pytest.mark.parametrize("name", systems.NAMES)
def test_every_system_finds_slices_of_articles(real, articles_, name):
    system = systems.open_system(name, real)
    texts = {article.id: article.text for article in articles_}
    found = system.search("What did the lorry in Kampot carry?", 4)
    assert len(found) == 4
    assert found[0][0].text.startswith("Police in Kampot")
    assert all(p.text == texts[p.article_id][p.start : p.end] for p, _ in found)
    assert all(high >= low for (_, high), (_, low) in pairwise(found))
    assert system.precision == "float32"
    everything = system.search("What did the lorry in Kampot carry?", 500)
    assert len(everything) == len(set(everything)) <= system.passages
    assert everything[:4] == found


def test_dense_and_bm25_are_the_plain_scores(real, encoder):
    query = "What did the lorry in Kampot carry?"
    vector = encoder.encode_queries([query])[0]
    # The store's vectors are of the passages with their headings.
    found = systems.open_system("dense", real).search(query, 500)
    texts = [f"{real.article(p.article_id).title}\n{p.text}" for p, _ in found]
    assert [score for _, score in found] == pytest.approx(
        list(encoder.encode_passages(texts) @ vector), abs=1e-5
    )
    lexical = systems.open_system("bm25", real)
    assert lexical.search("zebra", 10) == []
    assert lexical.search("Kep", 10)[0][0].text.startswith("Police in Kep")


def test_reciprocal_rank_fusion_by_hand(real):
    query = "The driver in Takeo"
    ranks = {}
    for name in ("dense", "bm25"):
        for rank, (passage, _) in enumerate(systems.open_system(name, real).search(query, 100), 1):
            ranks.setdefault(passage, []).append(1 / (60 + rank))
    found = systems.open_system("rrf", real).search(query, 500)
    assert dict(found) == pytest.approx({p: sum(r) for p, r in ranks.items()})


def test_langchains_chunks_are_embedded_once(real, articles_):
    first = systems.open_system("langchain", real)
    (kept,) = real.home.glob("langchain-*.npy")
    vectors = np.load(kept, allow_pickle=False)
    assert vectors.shape == (first.passages, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    np.save(kept, vectors[::-1])
    second = systems.open_system("langchain", real)
    query = "What did the lorry in Kampot carry?"
    best, worst = first.search(query, 1)[0], second.search(query, 1)[0]
    assert best[1] == pytest.approx(worst[1]), "the vectors are those that were kept"
    assert best[0] != worst[0]
    kept.unlink()


def test_a_question_that_byline_refuses_scores_nothing(real):
    refused = "why " * 400
    assert systems.open_system("byline", real).search(refused, 10) == []
    assert systems.open_system("dense", real).search(refused, 10)


def test_the_ablation_runs_every_variant_and_baseline(data, tmp_path, capsys):
    out = tmp_path / "ablation"
    given = ["ablation", "--data", str(data), "--index", str(tmp_path / "index"), "--out", str(out)]
    assert main(given) == 0
    table = capsys.readouterr().out
    rows = [line.split(" | ")[0].strip("| ") for line in table.splitlines()[2:]]
    assert rows[0] == "everything"
    assert "without vectors" in rows
    assert {*systems.NAMES} - {"byline"} <= set(rows)
    settings = json.loads((out / "without-vectors" / "manifest.json").read_text())["settings"]
    assert settings["dense_weight"] == 0
    assert settings["lift"] == AskSettings().lift


def test_latency_shares_add_up(data, tmp_path, capsys):
    given = ["latency", "--data", str(data), "--index", str(tmp_path / "index")]
    assert main([*given, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["questions"] == 5
    assert sum(stage["share"] for stage in found["stages"].values()) == pytest.approx(1, abs=0.01)
    assert all(stage["mean"] >= 0 for stage in found["stages"].values())
    assert found["stages"]["encoder"]["mean"] > 0
    assert main(given) == 0
    assert "8 at once" in capsys.readouterr().out


def test_a_small_collection_is_asked_beside_the_others(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(runs, "INDEXES", tmp_path / "indexes")
    given = ["beside", "--data", str(data)]
    assert main([*given, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["articles"], found["collection"]) == (5, 1)
    assert found["passages"]["archive.beside(collection)"] == 5
    assert found["passages"]["the archive alone"] == 4
    for way, groups in found["ways"].items():
        assert groups["evidence in the collection too"]["questions"] == 1
        missed = way == "the archive alone"
        assert groups["all"]["measures"]["paper Hits@10"] == (0.8 if missed else 1)
    assert main(given) == 0
    assert "1 of 5 articles beside the others" in capsys.readouterr().out
