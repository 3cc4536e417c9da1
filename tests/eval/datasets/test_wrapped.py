"""A corpus hard-wrapped: its copy, and the sentences that change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.datasets import wrapped
from rag.evaluation.datasets import load

BODY = (
    "The chair of the harbour board denied on Friday that the mayor of the town Karl Hast had"
    " taken money from a boat firm. She said that no witness had seen Hast with the owner.\n\n"
    "A court found nothing to support it, and the leaflet of Vera Lund was withdrawn in June."
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    article = {"title": "Denied", "source": "The Courier", "url": "https://a.example", "body": BODY}
    fact = "the town Karl Hast had taken money from a boat firm."
    evidence = {"url": article["url"], "title": "Denied", "source": "The Courier", "fact": fact}
    question = {
        "query": "Did Hast take money?", "question_type": "inference_query", "answer": "no",
        "evidence_list": [evidence],
    }  # fmt: skip
    (folder / "corpus.jsonl").write_text(json.dumps(article) + "\n", encoding="utf-8")
    (folder / "queries.jsonl").write_text(json.dumps(question) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("width", [40, 60, 78])
def test_no_sentence_changes_and_every_line_is_within_the_width(width):
    text = wrapped.wrap(BODY, width)
    assert max(map(len, text.split("\n"))) <= width
    assert text.split() == BODY.split()
    assert wrapped.kept([BODY], width) == wrapped.Kept(width, 3, 0)


def test_a_sentence_that_changes_is_counted():
    # Two lines of which none looks full beside the other: nothing tells that they are one.
    found = wrapped.kept(["A word, Honorificabilitudinitatibus."], 28)
    assert (found.sentences, found.changed, found.share) == (1, 1, 1.0)


def test_the_copy_is_measured_like_the_data(data, tmp_path, capsys):
    copy = tmp_path / "copy"
    assert main(["wrapped", "--data", str(data), "--widths", "60", "--out", str(copy)]) == 0
    (there,), (here,) = load(data).articles, load(copy).articles
    assert here.text == wrapped.wrap(there.text, 60) != there.text
    (query,) = load(copy).queries
    assert query.facts[0].article_id == here.id
    assert main(["wrapped", "--data", str(data), "--widths", "60", "--json"]) == 0
    counted = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert counted == [{"width": 60, "sentences": 3, "changed": 0, "share": 0.0}]


def test_a_folder_without_a_corpus_is_told(tmp_path, capsys):
    assert main(["wrapped", "--data", str(tmp_path)]) == 2
    assert "has no corpus" in capsys.readouterr().err
