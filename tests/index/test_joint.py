"""Two archives asked as one: the scores of one index over both, and no article twice."""

from __future__ import annotations

import datetime
import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from rag import Archive, Article, AskSettings
from rag.errors import EncoderError, QuestionError
from rag.index.bm25 import BM25Index
from rag.index.joint import JointLexicalIndex
from rag.index.words import Tokens
from rag.text.stems import stems

DAY = datetime.date(2025, 7, 16)
# Headings and sentences of both collections have as many words: so their averages are equal.
FIRST = (
    Article(
        "Police held 312 people Monday. Rain stopped raids near Kratie.",
        "Kratie raids", "a", "The Post", "Ann Lee and Bo Ek", DAY, section="Crime",
    ),
    Article(
        "Mayor proposed training police officers. Parliament debated bill Thursday evening.",
        "Training bill", "c", "The Daily", "Bo Ek", DAY.replace(day=20), section="Politics",
    ),
    Article(
        "Poipet casino closed doors Friday. Workers demanded unpaid wages quickly.",
        "Casino closes", "e", "The Post",
    ),
)  # fmt: skip
SECOND = (
    Article(
        "Kampot river rose two metres. Police moved 400 families uphill.",
        "River flood", "b", "My Notes", "bo ek", DAY.replace(month=9, day=2), section="crime",
    ),
    Article(
        "Kratie officers arrested three smugglers. Rain delayed court hearing Tuesday.",
        "Smugglers caught", "d", "The Post", "Cy Orr", DAY, section="Crime",
    ),
    Article(
        "Union leaders praised casino workers. Minister promised new wages law.",
        "Wages law", "f", "The Daily",
    ),
)  # fmt: skip
QUESTIONS = (
    "How many people did police hold in Kratie?",
    "Which casino workers demanded wages, and who praised casino workers?",
    "According to The Post, whom did officers arrest?",
    "What happened on 16 July?",
    'Who spoke of "casino workers"?',
    "zebra",
)


@pytest.fixture(scope="module")
def homes(tmp_path_factory, fake_encoder):
    """The indexes of the first articles, the second ones, and of all."""
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second", "whole")]
    for folder, articles in zip(folders, (FIRST, SECOND, FIRST + SECOND), strict=True):
        Archive.build(articles, folder, encoder=fake_encoder)
    return folders


@pytest.fixture
def joint(homes, opened):
    return opened(homes[0]).beside(opened(homes[1]))


@pytest.fixture
def whole(homes, opened):
    return opened(homes[2])


@pytest.fixture
def beside(tmp_path, fake_encoder, opened):
    """Put these articles beside the others."""

    def beside(first, second):
        for name, articles in (("first", first), ("second", second)):
            Archive.build(articles, tmp_path / name, encoder=fake_encoder)
        return opened(tmp_path / "first").beside(opened(tmp_path / "second"))

    return beside


def ids(hits):
    return [hit.passage.article_id for hit in hits]


def said(answer):
    """What an answer says, but for scores, which differ in the last digit."""
    return (
        answer.status,
        answer.text,
        answer.citations,
        answer.claims,
        answer.notes,
        ids(answer.hits),
    )


def assert_same_hits(found, expected):
    assert [hit.passage for hit in found] == [hit.passage for hit in expected]
    for field in ("score", "dense", "lexical"):
        mine, theirs = ([getattr(hit, field) for hit in hits] for hits in (found, expected))
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


# BM25


VOCABULARY = ("police", "raid", "rain", "casino", "mayor", "vote", "Kratie", "312")
SENTENCE = st.lists(st.sampled_from(VOCABULARY), min_size=3, max_size=3).map(" ".join)
TEXTS = st.lists(st.lists(SENTENCE, min_size=2, max_size=2), min_size=1, max_size=6)


def lexical(texts, finds=False):
    index = BM25Index.build(Tokens.of([" ".join(sentences) for sentences in texts], texts))
    if finds:
        index._finder = lambda questions, weights, k, allowed: best_of(index, questions, k, allowed)
    return index


def best_of(index, questions, k, allowed):
    """What an engine finds."""
    rows = np.arange(len(index)) if allowed is None else allowed
    of_each = [rows[np.argsort(-index.scores(one)[rows], kind="stable")[:k]] for one in questions]
    return np.unique(np.concatenate(of_each))


def assert_same_scores(found, expected, question):
    for method in ("scores", "sentence_scores"):
        scores = getattr(found, method)(question)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, getattr(expected, method)(question), rtol=1e-5)
        some = np.arange(0, len(found), 2)
        np.testing.assert_array_equal(
            getattr(found, method)(question, rows=some), getattr(found, method)(question)[some]
        )
    for word in stems(question):
        assert found.idf(word) == pytest.approx(expected.idf(word))
    assert found.holding(question).tolist() == expected.holding(question).tolist()


@given(TEXTS, TEXTS, st.data())
def test_bm25_is_that_of_one_index_where_average_lengths_agree(first, second, data):
    kept = data.draw(st.sets(st.sampled_from(range(len(second)))))
    rows = np.array(sorted(kept), np.int64)
    expected = lexical([*first, *(second[row] for row in rows)])
    found = JointLexicalIndex(lexical(first), lexical(second), rows)
    assert len(found) == len(expected)
    for question in ("police", "raid in Kratie, raid", "312 zebras and the mayor", "zebra", ""):
        assert_same_scores(found, expected, question)


@given(TEXTS, TEXTS, TEXTS, st.data())
def test_bm25_of_three_is_that_of_one_index(first, second, third, data):
    inner = JointLexicalIndex(lexical(second), lexical(third), np.arange(len(third)))
    kept = data.draw(st.sets(st.sampled_from(range(len(inner)))))
    rows = np.array(sorted(kept), np.int64)
    texts = [*second, *third]
    expected = lexical([*first, *(texts[row] for row in rows)])
    found = JointLexicalIndex(lexical(first), inner, rows)
    assert_same_scores(found, expected, "police raid in Kratie")


@pytest.mark.parametrize("of_first", [True, False])
@pytest.mark.parametrize("of_second", [True, False])
def test_an_engine_finds_words_of_one_or_of_both(of_first, of_second):
    texts = [["police raid"], ["mayor vote"], ["police police"], ["rain rain"]]
    kept = np.array([1, 2, 3])
    found = JointLexicalIndex(lexical(texts, of_first), lexical(texts, of_second), kept)
    best, other = found.candidates(["police"], 1), found.candidates(["police"], 1, np.array([0, 4]))
    if not (of_first or of_second):
        assert best is other is None
        return
    first, second = ([2] if of_first else [0, 1, 2, 3]), ([5] if of_second else [4, 5, 6])
    assert best.tolist() == first + second
    assert other.tolist() == [0, 4]


def test_a_word_is_as_rare_as_in_both_together():
    """In a collection of one text every word is in all of them."""
    many = lexical([["police raid rain"], *([["mayor vote casino"]] * 30)])
    one = lexical([["police mayor casino"]])
    found = JointLexicalIndex(many, one, np.arange(1)).scores("police vote")
    assert one.scores("police")[0] < 0.5 * found[-1]
    assert found[0] == pytest.approx(found[-1], rel=1e-5)


# As one archive


def test_vectors_are_found_as_in_one_store(joint, whole, fake_encoder):
    for query in fake_encoder.encode_queries(QUESTIONS):
        for k in (1, 4, 6, 9):
            rows, cosines = joint.index.store.search(query, k)
            expected = whole.index.store.search(query, 6)[1][:k]
            np.testing.assert_allclose(cosines, expected, rtol=1e-5, atol=1e-7)
            own = joint.index.store.cosines(query[np.newaxis], rows)[0]
            np.testing.assert_allclose(own, cosines, rtol=1e-5, atol=1e-7)


def test_ties_go_to_the_earlier_row(joint):
    query = np.eye(1, 1024, 1, dtype=np.float32)[0]
    assert np.allclose(joint.index.store.search(query, 6)[1], 0)
    assert joint.index.store.search(query, 6)[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_name_of_either_is_no_misspelling_and_may_be_meant(beside):
    both = beside(
        [Article("Anna Ellison opened the market.", "One", "a")],
        [Article("Carl Gogoro closed the market. Anna Edison watched.", "Two", "b")],
    )
    answer = both.ask("What did Anna Elison open and Carl Gogorro close?")
    assert answer.understood == "What did Anna Elison open and Carl Gogoro close?"
    assert [note.key for note in answer.notes] == ["name_read_as"]
    assert both.ask("What did Carl Gogoro close?").notes == ()


@pytest.mark.parametrize("allowed", [[], [1], [4], [4, 0, 5, 2]], ids=str)
def test_only_allowed_rows_are_found(joint, whole, fake_encoder, allowed):
    rows = np.array(allowed, np.int64)
    query = fake_encoder.encode_queries(["casino wages in Kratie"])[0]
    found, cosines = joint.index.store.search(query, 10, rows)
    assert sorted(found) == sorted(allowed)
    np.testing.assert_allclose(cosines, np.sort(whole.index.store.search(query, 10, rows)[1])[::-1])


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_search_is_that_of_one_archive(joint, whole, question):
    assert_same_hits(joint.search(question), whole.search(question))


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_that_of_one_archive(joint, whole, question):
    assert said(joint.ask(question)) == said(whole.ask(question))
    assert joint.ask(question).confidence == pytest.approx(whole.ask(question).confidence, rel=1e-4)


FILTERS = pytest.mark.parametrize(
    "filters",
    [
        pytest.param({"sources": "the post"}, id="a source of both"),
        pytest.param({"sources": ["My Notes"]}, id="a source of the second"),
        pytest.param({"sources": ["My Notes", "The Daily"]}, id="sources"),
        pytest.param({"since": "2025-07-20"}, id="since"),
        pytest.param({"until": "2025-07-16"}, id="until"),
        pytest.param({"since": "2030-01-01"}, id="dates of none"),
        pytest.param({"articles": ["f", "a", "f"]}, id="articles of both"),
        pytest.param({"articles": "b"}, id="article of the second"),
        pytest.param({"articles": []}, id="no article"),
        pytest.param({"articles": ["a", "b"], "sources": "The Post"}, id="both filters"),
    ],
)


@FILTERS
def test_filters_are_those_of_one_archive(joint, whole, filters):
    question = "What did police do about casino workers in Kratie?"
    assert_same_hits(joint.search(question, **filters), whole.search(question, **filters))
    assert said(joint.ask(question, **filters)) == said(whole.ask(question, **filters))
    assert joint.facets(**filters) == whole.facets(**filters)


@pytest.mark.parametrize(
    "filters", [{"sources": "The Times"}, {"articles": "z"}, {"since": "soon"}], ids=str
)
def test_what_is_in_neither_is_no_filter(joint, filters):
    with pytest.raises(QuestionError):
        joint.search("police", **filters)


def test_what_is_held_is_what_one_archive_holds(joint, whole):
    assert list(joint.articles()) == list(whole.articles())
    assert joint.sources == whole.sources
    assert list(joint.sources) == list(whole.sources)
    for article in FIRST + SECOND:
        assert joint.article(article.id) == article
        assert joint.by_hash(article.content_hash) == article
    assert joint.overview() == whole.overview()
    with pytest.raises(KeyError):
        joint.article("z")


def test_a_follow_up_is_that_of_one_archive(joint, whole):
    turns = [("Who praised casino workers?", "Union leaders.")]
    for question in ("And who demanded wages?", "When was it published?", "Why?"):
        assert said(joint.ask(question, turns)) == said(whole.ask(question, turns))


def test_many_questions_are_answered_as_by_one_archive(joint, whole):
    answers = joint.ask_many(QUESTIONS)
    assert list(map(said, answers)) == list(map(said, whole.ask_many(QUESTIONS)))
    assert list(map(said, answers)) == [said(joint.ask(question)) for question in QUESTIONS]


def test_threads_get_the_same_answers(joint):
    expected = [said(joint.ask(question)) for question in QUESTIONS]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda question: said(joint.ask(question)), QUESTIONS * 4))
    assert found == expected * 4


def test_an_answer_as_json_names_articles_of_both(joint):
    told = joint.to_json(joint.search("casino workers"))
    assert told["articles"].keys() == {"a", "b", "c", "d", "e", "f"}


def test_the_archives_stay_as_they_were(homes, opened):
    archive, other = opened(homes[0]), opened(homes[1])
    joint = archive.beside(other)
    joint.ask("Who praised casino workers?")
    assert [one.id for one in archive.articles()] == ["a", "c", "e"]
    assert ids(other.search("police")) != ids(joint.search("police"))
    # Nothing of a private text is left in the archive.
    assert (archive.index._vectors, archive.index.memo._results) == ({}, {})


def test_models_and_settings_are_the_archives_own(homes, fake_encoder):
    archive = Archive.open(homes[0], AskSettings(reader="", threshold=1), fake_encoder)
    joint = archive.beside(Archive.open(homes[1]))
    assert joint.load_encoder() is fake_encoder
    assert joint.settings is archive.settings
    assert joint.ask("Who praised casino workers?").status == "unanswered"


# Articles that both hold


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(FIRST[0], id="the same article"),
        pytest.param(replace(FIRST[0], id="z", title="Copied", source="Mine"), id="the same text"),
    ],
)
def test_an_article_of_both_is_shown_once(beside, copy):
    joint = beside(FIRST, (copy, *SECOND))
    assert sorted(ids(joint.search("people in Kratie raids"))) == ["a", "b", "c", "d", "e", "f"]
    assert [one.id for one in joint.articles()] == ["a", "b", "c", "d", "e", "f"]
    assert joint.sources == {"My Notes": 1, "The Daily": 2, "The Post": 3}
    assert joint.info()["articles"] == joint.info()["passages"] == 6
    for name in ("a", copy.id):
        assert ids(joint.search("Kratie", articles=name)) == ["a"]
        assert joint.facets(articles=name).articles == 1
    assert joint.article(copy.id) == copy
    assert joint.index.store.report(copy.id) == "a"


def test_scores_leave_out_what_is_left_out(beside, whole):
    joint = beside(FIRST, (SECOND[0], *FIRST[1:], *SECOND[1:], FIRST[0]))
    for question in QUESTIONS:
        assert_same_hits(joint.search(question), whole.search(question))
    filters = {"since": DAY, "articles": ["c", "d", "e", "f"]}
    assert_same_hits(joint.search("casino", **filters), whole.search("casino", **filters))
    assert said(joint.ask("casino", **filters)) == said(whole.ask("casino", **filters))
    assert joint.facets(**filters) == whole.facets(**filters)


def test_a_collection_of_copies_adds_nothing(homes, opened):
    archive = opened(homes[0])
    joint = archive.beside(opened(homes[0]))
    for question in QUESTIONS:
        assert_same_hits(joint.search(question), archive.search(question))
        assert said(joint.ask(question)) == said(archive.ask(question))
    assert joint.sources == archive.sources


def test_another_text_with_the_same_id_is_left_out_and_told(beside, caplog):
    with caplog.at_level(logging.WARNING):
        joint = beside(FIRST, (replace(SECOND[0], id="a"), SECOND[1]))
    assert "others with their ids: a. Give them ids of their own" in caplog.text
    assert joint.info()["clashing"] == ["a"]
    assert joint.article("a") == FIRST[0]
    assert sorted(ids(joint.search("Kampot river"))) == ["a", "c", "d", "e"]
    assert joint.index.store.report("a") == "a"


REPORT = " ".join(
    f"On day {n} the flood reached village number {n} and {n * 7} families fled." for n in range(9)
)


def test_copies_of_one_report_are_one_report(beside):
    """The collection holds the archive's text, and another that is nearly the same."""
    original = Article(REPORT, "Flood", "a", "The Post", published=DAY)
    again = replace(original, id="b", source="Mine")
    alike = Article(REPORT + " The rain went on.", "Waters", "c", "The Daily")
    joint = beside((original, FIRST[2]), (again, alike, *SECOND[1:]))
    assert {joint.index.store.report(one) for one in "abc"} == {"a"}
    question = "How many families fled on day 7?"
    assert {"a", "c"} <= set(ids(joint.search(question)))
    assert joint.ask(question).independent == 1
    assert joint.index.store.report("d") == "d"


# More than two, other encoders, folders


def test_three_archives_are_one(homes, opened, fake_encoder, tmp_path, whole):
    extra = (replace(FIRST[0], id="g"), replace(SECOND[0], id="h"), SECOND[1])
    Archive.build(extra, tmp_path, encoder=fake_encoder)
    first, second, third = opened(homes[0]), opened(homes[1]), opened(tmp_path)
    for joint in (first.beside(second).beside(third), first.beside(second.beside(third))):
        for question in QUESTIONS:
            assert_same_hits(joint.search(question), whole.search(question))
        assert list(joint.articles()) == list(whole.articles())
        assert joint.sources == whole.sources
        assert joint.facets() == whole.facets()
        assert ids(joint.search("Kratie", articles=["g", "h"])) in (["a", "b"], ["b", "a"])
        assert joint.info()["articles"] == 6
        assert joint.check() == []


@pytest.mark.parametrize(
    "other", [FakeEncoder("other", salt="5"), FakeEncoder("small", dimension=64)], ids=str
)
def test_archives_of_two_encoders_are_not_joined(homes, opened, tmp_path, other):
    Archive.build(SECOND, tmp_path, encoder=other)
    with pytest.raises(EncoderError, match=f"--index {tmp_path} --set encoder=fake"):
        opened(homes[0]).beside(Archive.open(tmp_path))


def test_a_folder_that_is_gone_is_still_read(beside, tmp_path, whole):
    joint = beside(FIRST, SECOND)
    shutil.rmtree(tmp_path / "second")
    for question in QUESTIONS:
        assert said(joint.ask(question)) == said(whole.ask(question))


def test_info_and_check_are_of_both(beside, tmp_path):
    joint = beside(FIRST, SECOND)
    info = joint.info()
    assert (info["articles"], info["passages"]) == (6, 6)
    assert info["index"] == str(tmp_path / "first")
    assert [one["index"] for one in info["beside"]] == [str(tmp_path / "second")]
    assert info["beside"][0]["articles"] == 3
    assert info["clashing"] == []
    assert joint.check() == []
    (altered,) = (tmp_path / "second" / "snapshots").glob("*/archive.sqlite")
    altered.write_bytes(altered.read_bytes() + b"!")
    assert joint.check() == [f"{tmp_path / 'second'}: archive.sqlite was altered"]
