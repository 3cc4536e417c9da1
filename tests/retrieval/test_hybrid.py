"""What is found for a question and its parts: the three scores, names, phrases, turns, filters."""

from __future__ import annotations

import datetime
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index import store as disk
from rag.index.bm25 import BM25Index
from rag.index.opened import OpenedIndex
from rag.index.vectors import InMemory
from rag.index.words import Tokens
from rag.question.parse import QuestionParser, several
from rag.retrieval.hybrid import retrieve
from rag.settings import AskSettings
from rag.text.sentences import sentence_spans
from rag.types import Article, Passage, Question

TEXTS = (
    "Police raided the casino in Poipet.",
    "The casino burned down. Nobody was hurt in Poipet.",
    "Police police police.",
    "Rain fell on the rice fields.",
    "The minister praised the police in Poipet after the raid on a casino near the border.",
)
QUESTION = "police raid casino poipet"
ONLY = {
    "cosine": {"dense_weight": 1, "sentence_weight": 0},
    "bm25": {"dense_weight": 0, "sentence_weight": 0},
    "sentence": {"dense_weight": 0, "sentence_weight": 1},
}
ASKED = {
    "words": QUESTION,
    "parts": "Which police raided the big casino, and on which fields did heavy rain fall?",
    "phrase": "Which police raided “the casino” in “Poipet”?",
    "no known word": "the of in",
}


class Shelf:
    """An index of one passage an article, searched with the fake encoder."""

    def __init__(self, folder, encoder, texts, about=(), vectors=None):
        self.articles = [
            Article(text, id=str(row), **(about[row] if about else {}))
            for row, text in enumerate(texts)
        ]
        passages = [Passage(a.id, 0, len(a.text), a.text) for a in self.articles]
        self.encoder = encoder
        self.vectors = encoder.encode_passages(texts) if vectors is None else vectors
        disk.write(folder, self.articles, passages, InMemory(self.vectors))
        self.store = disk.SnapshotStore(folder)
        sentences = [[text[start:end] for start, end in sentence_spans(text)] for text in texts]
        headed = [f"{article.title}\n{article.text}" for article in self.articles]
        self.lexical = BM25Index.build(Tokens.of(headed, sentences))
        self.index = OpenedIndex(folder, folder, None, self.store, self.lexical)
        self.mentions = QuestionParser(self.store.sources(), self.store.years())

    def search(self, question=QUESTION, k=10, allowed=None, vectors=None, **settings):
        asked = Question(question, parts=self.mentions.parts(question))
        if vectors is None:
            spans = [part.span for part in several(asked)]
            (vectors,) = self.encoder.encode_parts([question], [spans])
        allowed = None if allowed is None else np.array(allowed, np.int64)
        chosen = AskSettings(**settings)
        return retrieve(asked, vectors, self.index, chosen, k, allowed)

    def by(self, score, question=QUESTION):
        """A raw score of every passage."""
        if score == "cosine":
            return self.vectors @ self.encoder.encode_queries([question])[0]
        by_words = {"bm25": self.lexical.scores, "sentence": self.lexical.sentence_scores}
        return by_words[score](question)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, fake_encoder):
    return Shelf(tmp_path_factory.mktemp("shelf"), fake_encoder, TEXTS)


def rows(hits):
    return [int(hit.passage.article_id) for hit in hits]


def scores(hits):
    """The score of each passage found, by its row."""
    return {int(hit.passage.article_id): hit.score for hit in hits}


def best_first(scores):
    return np.argsort(-np.asarray(scores), kind="stable").tolist()


def assert_falling(hits):
    found = [hit.score for hit in hits]
    assert found == sorted(found, reverse=True)


# Words that an engine finds


@pytest.fixture(scope="module")
def large(tmp_path_factory, fake_encoder):
    """Many passages of few words, of two sources."""
    draw = random.Random(1)
    words = "police raid casino Poipet rain fields minister border mayor vote river bridge".split()
    texts = [" ".join(draw.choices(words, k=draw.randint(3, 9))) + "." for _ in range(120)]
    about = [{"source": "The Post" if row % 9 else "The Wire"} for row in range(120)]
    return Shelf(tmp_path_factory.mktemp("large"), fake_encoder, texts, about)


@pytest.mark.parametrize("allowed", [None, range(0, 120, 2)], ids=["all", "some"])
@pytest.mark.parametrize(
    "question", [*ASKED.values(), "What did The Wire say of the mayor and of heavy rain?"]
)
def test_hits_are_the_same_where_an_engine_finds_the_words(large, monkeypatch, question, allowed):
    """Though it finds the best by BM25 alone: sentences and names are looked at among more."""
    asked = []

    def finder(questions, weights, k, rows):
        asked.append(k)
        rows = np.arange(len(large.lexical)) if rows is None else rows
        scores = [large.lexical.scores(one)[rows] for one in questions]
        return np.unique([rows[np.argsort(-one, kind="stable")[:k]] for one in scores])

    expected = large.search(question, 4, allowed, candidates=4)
    monkeypatch.setattr(large.lexical, "_finder", finder)
    found = large.search(question, 4, allowed, candidates=4)
    assert rows(found) == rows(expected)
    assert asked == [40] or asked == [40, 40]


def test_few_passages_are_all_scored(large, monkeypatch):
    monkeypatch.setattr(large.lexical, "_finder", None)
    expected = large.search(k=4, candidates=12)
    monkeypatch.setattr(large.lexical, "_finder", lambda *_: pytest.fail("it was asked"))
    assert large.search(k=4, candidates=12) == expected


# Evidence


@pytest.mark.parametrize("score", ONLY)
def test_one_score_alone_gives_its_order(shelf, score):
    assert rows(shelf.search(**ONLY[score])) == best_first(shelf.by(score))


@pytest.mark.parametrize(
    ("dense", "sentence"), [(0.4, 0.2), (0.25, 0), (0, 0), (0, 1), (1, 0), (0.5, 0.5)], ids=str
)
def test_evidence_is_the_weighted_sum_of_three_scores(shelf, dense, sentence):
    """BM25 as a share of the highest; with one part, the evidence is the score."""
    expected = dense * shelf.by("cosine")
    for score, share in (("bm25", 1 - dense - sentence), ("sentence", sentence)):
        expected = expected + share * shelf.by(score) / shelf.by(score).max()
    hits = shelf.search(dense_weight=dense, sentence_weight=sentence)
    assert scores(hits) == pytest.approx(dict(enumerate(expected)), abs=1e-6)
    assert rows(hits) == best_first(expected)


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("settings", [*ONLY.values(), {}], ids=[*ONLY, "all"])
def test_raw_scores_are_those_for_the_whole_question(shelf, settings, question):
    for hit in shelf.search(question, **settings):
        row = int(hit.passage.article_id)
        assert hit.lexical == pytest.approx(shelf.by("bm25", question)[row])
        assert hit.dense == pytest.approx(shelf.by("cosine", question)[row], abs=1e-6)


def test_a_question_that_was_not_taken_apart(shelf):
    vectors = shelf.encoder.encode_queries([QUESTION])
    hits = retrieve(Question(QUESTION), vectors, shelf.index, AskSettings(), 10)
    assert hits == shelf.search()


def test_the_context_of_a_question_is_searched_too(shelf):
    asked = Question("And then?", "Did rain fall?")
    vectors, settings = shelf.encoder.encode_queries(["casino"]), AskSettings(dense_weight=0)
    assert rows(retrieve(asked, vectors, shelf.index, settings, 1)) == [3]


@pytest.mark.parametrize("k", [1, 2, 5, 100])
def test_k_takes_the_first_of_the_list(shelf, k):
    assert shelf.search(k=k) == shelf.search()[:k]


@pytest.mark.parametrize("settings", [*ONLY.values(), {}], ids=[*ONLY, "all"])
def test_ties_go_to_the_earlier_passage(tmp_path, fake_encoder, settings):
    copies = Shelf(tmp_path, fake_encoder, ["The same words."] * 20)
    assert rows(copies.search("same words", k=20, **settings)) == list(range(20))


def test_without_a_shared_word_the_vectors_decide(shelf):
    hits = shelf.search("the of in")
    assert [hit.lexical for hit in hits] == [0] * len(TEXTS)
    dense = [hit.dense for hit in hits]
    assert dense == sorted(dense, reverse=True)


def test_an_archive_of_one_passage(tmp_path, fake_encoder):
    single = Shelf(tmp_path, fake_encoder, TEXTS[:1])
    for question in (QUESTION, "nothing alike", f"{QUESTION}, and why it rained on fields"):
        assert rows(single.search(question)) == [0]


def test_the_candidates_are_those_of_both_searches(shelf):
    """With two candidates each, all that is found is among the best two of either search."""
    found = rows(shelf.search(candidates=1, k=2, sentence_weight=0))
    assert len(found) == 2
    best = [rows(shelf.search(**ONLY[score]))[:2] for score in ("cosine", "bm25")]
    assert set(found) <= {*best[0], *best[1]}


def test_more_passages_than_candidates_can_be_asked_for(shelf):
    assert len(shelf.search(candidates=1, k=len(TEXTS))) == len(TEXTS)


# Filters


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("candidates", [1, 2, 100])
def test_what_the_filter_excludes_never_comes_back(shelf, question, candidates):
    assert set(rows(shelf.search(question, allowed=[1, 3], candidates=candidates))) <= {1, 3}
    assert rows(shelf.search(question, allowed=[3])) == [3]
    assert shelf.search(question, allowed=[]) == []


def test_a_filter_reaches_beyond_the_best_of_all(shelf):
    """The worst passage is found when it alone is allowed, even with one candidate."""
    worst = rows(shelf.search())[-1]
    assert rows(shelf.search(allowed=[worst], candidates=1)) == [worst]


# Sources and dates

DAY = datetime.date(2024, 5, 3)
COPY = "Police raided the casino in Poipet."
ABOUT = [
    {"source": "The Daily", "published": DAY.replace(day=9)},
    {"source": "The Daily", "published": DAY},
    {"source": "The Post", "published": DAY.replace(day=9)},
    {"source": "The Post", "published": DAY},
    {},
    {"source": "The Post", "published": DAY},
]


@pytest.fixture(scope="module")
def named(tmp_path_factory, fake_encoder):
    """Five copies that differ in source and date, and a passage of another subject."""
    texts = [COPY] * 5 + ["Rain fell."]
    return Shelf(tmp_path_factory.mktemp("named"), fake_encoder, texts, ABOUT)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param("", [0, 1, 2, 3, 4, 5], id="nothing"),
        pytest.param("according to The Post", [2, 3, 0, 1, 4, 5], id="source"),
        pytest.param("on 3 May 2024", [1, 3, 0, 2, 4, 5], id="date"),
        pytest.param("on 9 May", [0, 2, 1, 3, 4, 5], id="date without its year"),
        pytest.param("in The Post of 3 May 2024", [3, 1, 2, 0, 4, 5], id="both"),
        pytest.param("according to The Post and The Daily", [0, 2, 1, 3, 4, 5], id="in turn"),
    ],
)
def test_what_a_question_names_comes_first_and_nothing_is_lost(named, names, expected):
    """The other subject stays last: a name alone is no reason to be found first."""
    question = f"Did police raid a casino in Poipet {names}?"
    hits = named.search(question)
    assert rows(hits) == expected
    assert_falling(hits)
    assert sorted(rows(named.search(question, lift=0))) == sorted(expected)


def test_what_a_name_adds(named):
    question = "Did police raid a casino in The Post of 3 May 2024?"
    without = scores(named.search(question, lift=0))
    for lift in (0.1, 0.5):
        found = scores(named.search(question, lift=lift))
        for row, count in enumerate([0, 1, 1, 2, 0, 2]):
            expected = without[row] * (1 + 0.8 * lift * count) + lift * count
            assert found[row] == pytest.approx(expected, abs=1e-5)


def test_a_name_lifts_the_passages_of_its_part(tmp_path, fake_encoder):
    rain = "Rain fell on the rice fields."
    about = [{"source": source} for source in ("The Daily", "The Post") * 2]
    both = Shelf(tmp_path, fake_encoder, [COPY, COPY, rain, rain], about)
    asked = "Did The {} report a casino raid by police while The {} saw rain on rice fields?"
    assert set(rows(both.search(asked.format("Post", "Daily")))[:2]) == {1, 2}
    assert set(rows(both.search(asked.format("Daily", "Post")))[:2]) == {0, 3}


# Phrases

PHRASES = (
    "Casino police, police casino: a raid, raids, raiding.",
    "The raid was long. After some hours, police left THE\n  CASINO.",
    "Nothing of the sort.",
    "A raid on the casinos by police of the casino's owner.",
)


@pytest.fixture(scope="module")
def quoted(tmp_path_factory, fake_encoder):
    about = [{}, {}, {"title": "Who “left the casino”"}, {}]
    return Shelf(tmp_path_factory.mktemp("quoted"), fake_encoder, PHRASES, about)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("the casino raid: police left?", set(), id="not quoted"),
        pytest.param("the casino raid: 'police left the casino'?", set(), id="single marks"),
        pytest.param("the casino raid: “Police left the casino.”", {1}, id="other case and space"),
        pytest.param('the casino raid: "left the casino"', {1, 2}, id="in the title too"),
        pytest.param('"nothing of the sort", the casino raid', {2}, id="last of all otherwise"),
        pytest.param('the casino raid: "casino’s owner"', {3}, id="other apostrophe"),
        pytest.param('the casino raid: "police raided Rome"', set(), id="in no passage"),
    ],
)
def test_passages_with_the_very_words_come_first(quoted, question, expected):
    hits = quoted.search(question)
    assert set(rows(hits)[: len(expected)]) == expected
    plain = scores(quoted.search(question.translate(str.maketrans("", "", '"“”'))))
    gained = {row for row, score in scores(hits).items() if score > plain[row] + 0.9}
    assert gained == expected


def test_half_of_the_phrases_is_half_as_good(quoted):
    question = 'Was "the raid" or "the casino" or "nothing of" seen?'
    plain = scores(quoted.search(question.replace('"', "")))
    gained = {row: score - plain[row] for row, score in scores(quoted.search(question)).items()}
    assert gained == pytest.approx({0: 0, 1: 2 / 3, 2: 2 / 3, 3: 1 / 3}, abs=0.01)


def test_a_phrase_is_found_beyond_the_candidates(tmp_path, fake_encoder):
    zoo = Shelf(tmp_path, fake_encoder, ["Police raided a casino.", "Once, long ago, a zebra ran."])
    for question, row in (("Did police raid the casino “zebra”?", 1), ("Did police raid it?", 0)):
        assert rows(zoo.search(question, k=1, candidates=1)) == [row]


# Parts

SUBJECTS = (
    "flood water drowned rice paddy fields",
    "doctors cured malaria patients with pills",
    "a court jailed two bank robbers",
)
MANY = [f"{' '.join(subject.split()[: 6 - cut])}." for subject in SUBJECTS for cut in range(3)]
PARTED = f"Did {SUBJECTS[0]}, {SUBJECTS[1]} and {SUBJECTS[2]}?"


@pytest.fixture(scope="module")
def subjects(tmp_path_factory, fake_encoder):
    """Three passages of each subject, the fullest first."""
    return Shelf(tmp_path_factory.mktemp("subjects"), fake_encoder, MANY)


def test_parts_take_turns(subjects):
    assert len(subjects.mentions.parts(PARTED)) == 3
    hits = subjects.search(PARTED, diversity=0.5)
    assert set(rows(hits)[:3]) == {0, 3, 6}
    assert sorted(rows(hits)) == list(range(9))
    assert_falling(hits)


def test_without_turns_the_part_that_fits_best_comes_first(subjects):
    question = f"Did {SUBJECTS[0]}, or did some doctors try pills in vain?"
    assert rows(subjects.search(question, diversity=0))[:2] == [0, 1]
    assert rows(subjects.search(question, diversity=0.5))[:2] == [0, 3]


def test_one_part_takes_no_turns(subjects):
    question = f"Did {SUBJECTS[0]}?"
    assert subjects.search(question, diversity=1) == subjects.search(question, diversity=0)


def test_the_whole_question_alone(subjects):
    """Without weight for the parts, they do not matter, and neither do their turns."""
    hits = subjects.search(PARTED, part_weight=0)
    vectors = subjects.encoder.encode_queries([PARTED])
    asked = AskSettings(part_weight=0)
    plain = retrieve(Question(PARTED), vectors, subjects.index, asked, 10)
    assert scores(hits) == pytest.approx(scores(plain))
    assert rows(hits) == rows(plain)


def test_the_score_of_a_question_of_several_parts(tmp_path, fake_encoder):
    """A fifth of the whole question's evidence, four of the best part's, and what names add."""
    about = [{"source": "The Post" if row % 2 else "The Daily"} for row in range(len(MANY))]
    press = Shelf(tmp_path, fake_encoder, MANY, about)
    question = f"Does The Post say that {SUBJECTS[0]} and The Daily that some doctors sold pills?"
    parts = press.mentions.parts(question)
    by_post = np.arange(len(MANY)) % 2
    named = np.array([by_post, 1 - by_post])
    texts = [question, *(part.text for part in parts)]
    bm25 = np.array([press.by("bm25", text) for text in texts])
    whole, *of_parts = bm25 / bm25.max(axis=1, keepdims=True)
    best = np.array([[press.by("sentence", text).max()] for text in texts[1:]])
    served = (best / best.max()) ** 0.3 * of_parts * (1 + 0.5 * named)
    expected = 0.2 * whole + 0.5 * named.max(axis=0) + 0.8 * served.max(axis=0)
    hits = press.search(question, lift=0.5, diversity=0, **ONLY["bm25"])
    assert scores(hits) == pytest.approx(dict(enumerate(expected)), abs=1e-5)


def test_what_speaks_against_a_passage_does_not_fade(tmp_path, fake_encoder):
    """A part that stands back after its passage leaves its negative cosines as they were."""
    texts = ["Flood water rice. Doctors cured malaria.", "None of it."]
    vectors = np.array([[0, 0.5, 0.75**0.5], [0.6, -0.6, 0.28**0.5]], np.float32)
    against = Shelf(tmp_path, fake_encoder, texts, vectors=vectors)
    question = "flood water rice, doctors cured malaria"
    asked = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0]], np.float32)
    hits = against.search(question, vectors=asked, diversity=1, part_weight=0.5, **ONLY["cosine"])
    assert scores(hits) == pytest.approx({0: 0.5 * 0.5, 1: 0.5 * 0.6 - 0.5 * 0.6}, abs=1e-6)


# What always holds


def any_rows(count, dimension, seed):
    """Unit rows of three dimensions, so that cosines of either sign and any size occur."""
    found = np.zeros((count, dimension), np.float32)
    found[:, :3] = np.random.default_rng(seed).standard_normal((count, 3))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def any_shelf(tmp_path_factory, fake_encoder):
    """Passages of every subject and source, with vectors that mean nothing."""
    vectors = any_rows(len(MANY), fake_encoder.dimension, 0)
    about = [ABOUT[row % len(ABOUT)] for row in range(len(MANY))]
    return Shelf(tmp_path_factory.mktemp("any"), fake_encoder, MANY, about, vectors)


@settings(max_examples=300)
@given(
    question=st.sampled_from(
        [
            *SUBJECTS,
            PARTED,
            "unheard-of words",
            "According to The Post, did unheard-of words fall?",
            f"Does The Post say that {SUBJECTS[0]} while The Daily of 3 May 2024 says otherwise?",
            f"Did “{SUBJECTS[1]}” or did “two bank robbers” say so to unheard-of people?",
        ]
    ),
    seed=st.integers(1, 1000),
    k=st.integers(1, 12),
    allowed=st.none() | st.sets(st.integers(0, len(MANY) - 1)).map(sorted),
    candidates=st.integers(1, 12),
    shares=st.sampled_from([(1, 0), (0, 0), (0.4, 0.2)]),
    weights=st.tuples(*[st.sampled_from([0, 0.2, 0.8, 1])] * 3),
)
def test_a_list_falls_is_as_long_as_it_can_be_and_keeps_to_the_filter(
    any_shelf, question, seed, k, allowed, candidates, shares, weights
):
    parts = several(Question(question, parts=any_shelf.mentions.parts(question)))
    vectors = any_rows(1 + len(parts), any_shelf.encoder.dimension, seed)
    part_weight, lift, diversity = weights
    hits = any_shelf.search(
        question, k, allowed, vectors,
        dense_weight=shares[0], sentence_weight=shares[1], candidates=candidates,
        part_weight=part_weight, lift=lift, diversity=diversity,
    )  # fmt: skip
    assert_falling(hits)
    among = range(len(MANY)) if allowed is None else allowed
    assert len(set(rows(hits))) == len(hits) == min(k, len(among))
    assert set(rows(hits)) <= set(among)


@pytest.mark.parametrize(
    "question",
    [
        "Who proposed the training?",
        "How many people were arrested in Kratie, and who brokered the ceasefire in Putrajaya?",
        "What did AP report on cybercrime while the Phnom Penh Post wrote about leaked messages?",
        'Who spoke of "brilliant results" on 2 March 2017?',
    ],
)
def test_a_longer_list_begins_with_the_shorter_one(archive, question):
    long, short = (archive.search(question, k=k) for k in (200, 10))
    assert len(long) > len(short) == 10
    assert long[:10] == short
