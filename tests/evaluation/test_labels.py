"""A question set of one's own: kept, merged, split by story, and agreed on."""

from __future__ import annotations

import json

import pytest

from rag import Archive, Article
from rag.errors import InputError
from rag.evaluation.datasets import load
from rag.evaluation.datasets.choice import half_of
from rag.evaluation.labels import Label, Labels, Mark, agreement, write_set

ARTICLES = [
    Article("Police in Kratie held a lorry.\nIt carried timber.", "Lorry", "a1"),
    Article("A ship in Kep carried salt.", "Ship", "a2"),
    Article("Rice was sold in Takeo.", "Rice", "a3"),
]


@pytest.fixture
def archive(fake_encoder, opened, tmp_path):
    Archive.build(ARTICLES, tmp_path / "index", encoder=fake_encoder)
    return opened(tmp_path / "index")


@pytest.fixture
def labels(archive, tmp_path):
    made = Labels(tmp_path / "own", "ann", archive)
    asked = ("What did the lorry carry?", "What did the ship carry?", "Who?", "  Who? ")
    made.add([("", text) for text in asked])
    return made


def test_questions_keep_the_ids_that_they_come_with(labels, archive, tmp_path):
    labels.add([("q7", "Where is Kep?")])
    labels.add([("q7", "Where is Kep?")])
    assert labels.questions["q7"] == "Where is Kep?"
    assert Labels(tmp_path / "own", "bo", archive).questions == labels.questions
    for key, text in (("q7", "Where is Takeo?"), ("q8", "Where is Kep?")):
        with pytest.raises(InputError, match=r"not the one that is here as 'q7'.*another id"):
            labels.add([(key, text)])
    with pytest.raises(InputError, match="has 2001 characters"):
        labels.add([("", "x" * 2001)])


def test_labels_are_kept_and_gone_on_with(labels, archive, tmp_path):
    first, second, third = labels.questions
    labels.label(first, [("a1", (31, 48))], "kratie", "")
    labels.label(second, [("a2", (0, 5))], "", "")
    labels.label(second, [("a2", (22, 26))], "", "second thoughts")
    again = Labels(tmp_path / "own", "ann", archive)
    assert again.questions == labels.questions
    assert again.labels == labels.labels
    assert again.labels[second].evidence == (Mark("a2", 22, 26, "salt"),)
    assert again.next() == third


def test_the_set_is_read_as_data_and_split_by_story(labels, archive, tmp_path):
    first, second, third = labels.questions
    labels.label(first, [("a1", (31, 48))], "", "")
    labels.label(second, [("a1", (0, 6)), ("a2", (22, 26))], "", "")
    labels.label(third, [], "", "nobody is named")
    found = labels.write()
    folder = tmp_path / "own"
    assert (found["questions"], found["dev"] + found["test"], found["labelled"]) == (
        3, 3, {"ann": 3},
    )  # fmt: skip
    records = {
        record["id"]: (side, record)
        for side in ("dev", "test")
        for record in map(json.loads, (folder / f"{side}.jsonl").read_text().splitlines())
    }
    story = min(first, second)
    assert records[first][1]["group"] == records[second][1]["group"] == story
    assert records[first][0] == records[second][0] == ("test" if half_of(story) else "dev")
    assert records[second][1]["answers"] == ["Police", "salt"]
    assert not records[third][1]["answerable"]
    data = load(folder / f"{records[first][0]}.jsonl", unanswerable=True)
    query = next(query for query in data.queries if query.id == first)
    assert query.relevant == {"a1": 1}
    assert [fact.places(ARTICLES[0].text) for fact in query.facts] == [[(31, 48)]]
    assert query.group == story


def test_two_people_agree_or_are_set_aside(labels, archive, tmp_path):
    first, second, third = labels.questions
    labels.label(first, [("a1", (31, 48))], "", "")
    labels.label(second, [("a2", (22, 26))], "", "")
    labels.label(third, [], "", "")
    other = Labels(tmp_path / "own", "bo", archive)
    other.label(first, [("a1", (42, 48))], "", "")
    other.label(second, [], "", "")
    other.label(third, [], "", "")
    found = write_set(tmp_path / "own", archive)
    (both,) = found["agreement"]
    assert (both["people"], both["questions"], both["same"]) == (["ann", "bo"], 3, 2)
    assert both["kappa"] == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    assert both["F1 of marked characters"] == pytest.approx(2 * 6 / (17 + 6))
    assert found["disagreed"] == 1
    assert second in (tmp_path / "own" / "disagreed.jsonl").read_text()


def test_agreement_where_it_cannot_be_told():
    yes = Label("q", True, (Mark("a", 0, 3, "one"),))
    assert agreement({"q": yes}, {"q": yes})["kappa"] is None
    assert agreement({}, {"q": yes})["F1 of marked characters"] is None


@pytest.mark.parametrize("span", [(-1, 3), (0, 999), (5, 5), (6, 7)])
def test_words_that_do_not_stand_in_the_article_are_refused(labels, span):
    for article in ("a1", "a9"):
        with pytest.raises(InputError, match="do not stand in the article"):
            labels.label(next(iter(labels.questions)), [(article, span)], "", "")


def test_names_that_are_none_for_a_file_are_refused(archive, tmp_path):
    with pytest.raises(InputError, match="none for a file"):
        Labels(tmp_path, "../x", archive)


def test_a_broken_line_is_told(labels, archive, tmp_path):
    (tmp_path / "own" / "labels-ann.jsonl").write_text('{"id": "q"}\n')
    with pytest.raises(InputError, match="line 1: the field 'evidence' is missing"):
        Labels(tmp_path / "own", "ann", archive)
