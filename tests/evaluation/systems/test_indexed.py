"""The systems that are measured, their ablation and their times."""

from __future__ import annotations

import json
from itertools import pairwise

import lorries
import pytest

from eval.__main__ import main
from rag import Archive, Article, AskSettings
from rag.evaluation.systems import indexed

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def real(articles_, encoder, tmp_path_factory):
    return Archive.build(articles_, tmp_path_factory.mktemp("real"), encoder=encoder)


@pytest.fixture(scope="module")
def articles_():
    """A few articles, one of them longer than the encoder reads at once."""
    long = "\n\n".join(
        f"In {place} the court heard {n} witnesses about {good}. \tNobody was named, it said."
        for n in range(6) for place, good in zip(lorries.PLACES, lorries.GOODS, strict=True)
    )  # fmt: skip
    return [
        Article(long, "The trial"),
        *(Article(r["body"], r["title"]) for r in lorries.articles()),
    ]


@pytest.mark.parametrize("name", indexed.NAMES)
def test_every_system_finds_slices_of_articles(real, articles_, name):
    system = indexed.open_system(name, real)
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
    found = indexed.open_system("dense", real).search(query, 500)
    texts = [f"{real.article(p.article_id).title}\n{p.text}" for p, _ in found]
    assert [score for _, score in found] == pytest.approx(
        list(encoder.encode_passages(texts) @ vector), abs=1e-5
    )
    lexical = indexed.open_system("bm25", real)
    assert lexical.search("zebra", 10) == []
    assert lexical.search("Kep", 10)[0][0].text.startswith("Police in Kep")


def test_reciprocal_rank_fusion_by_hand(real):
    query = "The driver in Takeo"
    ranks = {}
    for name in ("dense", "bm25"):
        for rank, (passage, _) in enumerate(indexed.open_system(name, real).search(query, 100), 1):
            ranks.setdefault(passage, []).append(1 / (60 + rank))
    found = indexed.open_system("rrf", real).search(query, 500)
    assert dict(found) == pytest.approx({p: sum(r) for p, r in ranks.items()})


def test_a_question_that_byline_refuses_scores_nothing(real):
    refused = "why " * 400
    assert indexed.open_system("byline", real).search(refused, 10) == []
    assert indexed.open_system("dense", real).search(refused, 10)


def test_the_ablation_runs_every_variant_and_baseline(data, tmp_path, capsys):
    out = tmp_path / "ablation"
    given = ["ablation", "--data", str(data), "--index", str(tmp_path / "index"), "--out", str(out)]
    assert main(given) == 0
    table = capsys.readouterr().out
    rows = [line.split(" | ")[0].strip("| ") for line in table.splitlines()[2:]]
    assert rows[0] == "everything"
    assert "without vectors" in rows
    assert {*indexed.NAMES} - {"byline"} <= set(rows)
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
    monkeypatch.setattr("rag.evaluation.runs.index.INDEXES", tmp_path / "indexes")
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
