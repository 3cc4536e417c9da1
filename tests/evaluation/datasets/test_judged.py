"""Judged questions, and fixed choices among questions."""

from __future__ import annotations

import json

import pytest

from rag.errors import InputError
from rag.evaluation.datasets import Fact, Query, choice, load

CORPUS = [
    {"title": "Raids", "source": "The Post", "url": "https://post.example/raids",
     "body": "Police held 312\npeople in Kratie. A market burned."},
]  # fmt: skip
QUESTION = {
    "id": "j1", "question": "How many were held?", "answerable": True, "kind": "how-many",
    "answers": ["312"], "note": "", "story": "raids",
    "evidence": [{"url": "https://post.example/raids", "quote": "Police held 312 people"}],
}  # fmt: skip
NONE = {
    "id": "j2", "question": "Who won?", "answerable": False, "kind": "no-topic", "answers": [],
    "evidence": [], "note": "Nobody plays.",
}  # fmt: skip


@pytest.fixture
def folders(tmp_path):
    """The questions in one folder, their corpus in another."""
    for name, records in (("news/corpus", CORPUS), ("judged/dev", [QUESTION, NONE])):
        path = tmp_path / f"{name}.jsonl"
        path.parent.mkdir()
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return tmp_path


def test_judged_questions(folders):
    for data in (folders / "judged", folders / "judged" / "dev.jsonl"):
        for corpus in (folders / "news", folders / "news" / "corpus.jsonl"):
            found = load(data, unanswerable=True, articles=corpus)
            assert [query.id for query in found.queries] == ["j1", "j2"]
    held, none = found.queries
    (article,) = found.articles
    assert (held.text, held.kind, held.answers) == ("How many were held?", "how-many", ("312",))
    assert held.facts == (Fact("Police held 312 people", article.id),)
    assert (dict(held.relevant), held.unit) == ({article.id: 1}, "raids")
    assert (none.relevant, none.facts, none.note, none.unit) == ({}, (), "Nobody plays.", "j2")
    assert load(folders / "judged", articles=folders / "news").excluded == 1


def test_a_group_goes_before_a_story(folders):
    (folders / "judged" / "dev.jsonl").write_text(json.dumps({**QUESTION, "group": "j0"}))
    (query,) = load(folders / "judged", articles=folders / "news").queries
    assert query.unit == "j0"


def test_a_question_needs_no_more_than_id_words_and_evidence(folders):
    least = [{key: QUESTION[key] for key in ("id", "question", "evidence")}]
    none = [{"id": "j2", "question": "Who won?", "answerable": False}]
    path = folders / "judged" / "dev.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in least + none))
    for data in (path, folders / "judged"):
        held, other = load(data, unanswerable=True, articles=folders / "news").queries
        assert (held.kind, held.answers, len(held.facts)) == ("", (), 1)
        assert (other.text, other.facts) == ("Who won?", ())


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([QUESTION, QUESTION], "line 2: the id 'j1' is given twice"),
        ([{**QUESTION, "evidence": []}], "line 1: it has no evidence, and does not say"),
        ([{"id": "j3", "question": "Who?"}], "line 1: it has no evidence, and does not say"),
        ([{**QUESTION, "answerable": False}], "line 1: it is said to be not answerable"),
        ([{**QUESTION, "answerable": "yes"}], "'answerable' is neither true nor false"),
        ([{**QUESTION, "answers": [312]}], "the field 'answers' holds what is no string"),
        ([{**QUESTION, "evidence": [{"url": "https://x.example", "quote": "Police"}]}],
         "evidence 1: no article of the corpus"),
        ([{**QUESTION, "evidence": [{"url": CORPUS[0]["url"], "quote": "Police hold"}]}],
         "the quote 'Police hold' does not stand in its article"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named(folders, records, said):
    path = folders / "judged" / "dev.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    with pytest.raises(InputError, match=said):
        load(path, articles=folders / "news")


def test_the_corpus_must_be_named_where_it_is_not_beside(folders):
    with pytest.raises(InputError, match=r"holds no corpus\. Name the one .* with --articles"):
        load(folders / "judged")
    squad = folders / "squad.json"
    squad.write_text(json.dumps({"data": []}))
    with pytest.raises(InputError, match="holds its own articles"):
        load(squad, articles=folders / "news")


QUERIES = [Query(f"q{n}", "Who?", "", {}, topic=f"article {n // 5}") for n in range(200)]


def test_a_sample_is_the_same_whatever_else_is_there():
    drawn = choice.sample(QUERIES, 30)
    places = [QUERIES.index(query) for query in drawn]
    assert len(places) == 30
    assert places == sorted(places), "in the data's order"
    assert max(places) > 100, "not the first ones"
    assert choice.sample(QUERIES[::-1], 30) == drawn[::-1]
    assert all(query in choice.sample(QUERIES, 60) for query in drawn)
    assert choice.sample(QUERIES, 300) == tuple(QUERIES)


def test_a_half_holds_whole_topics():
    halves = [{query.topic for query in QUERIES if choice.half(query) == side} for side in (0, 1)]
    assert not halves[0] & halves[1]
    assert len(halves[0] | halves[1]) == 40
    assert 10 < len(halves[0]) < 30
    grouped = [Query(f"q{n}", "Who?", "", {}, group="story") for n in range(20)]
    assert len({choice.half(query) for query in grouped}) == 1
