"""Fusion of both searches: its two ends, ties, filters, and lists shorter than asked for."""

from __future__ import annotations

import numpy as np
import pytest

from rag import store as disk
from rag.lexical import LexicalIndex
from rag.retrieve import retrieve
from rag.settings import AskSettings
from rag.types import Article, Passage

TEXTS = (
    "Police raided the casino in Poipet.",
    "The casino burned down.",
    "Police police police.",
    "Rain fell on the rice fields.",
    "The minister praised the police in Poipet after the raid on a casino near the border.",
)
QUESTION = "police raid casino poipet"


class Shelf:
    """An index of one passage an article, searched with the fake encoder."""

    def __init__(self, folder, encoder, texts):
        articles = [Article(text, id=str(row)) for row, text in enumerate(texts)]
        passages = [Passage(a.id, 0, len(a.text), a.text) for a in articles]
        self.encoder = encoder
        self.vectors = encoder.encode_passages(texts)
        disk.write(folder, articles, passages, self.vectors)
        self.store = disk.Store(folder)
        self.lexical = LexicalIndex.build(texts)

    def search(self, question=QUESTION, k=10, allowed=None, **settings):
        (vector,) = self.encoder.encode_queries([question])
        allowed = None if allowed is None else np.array(allowed, np.int64)
        asked = AskSettings(**settings)
        return retrieve(question, vector, self.store, self.lexical, asked, k, allowed)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, fake_encoder):
    return Shelf(tmp_path_factory.mktemp("shelf"), fake_encoder, TEXTS)


def rows(hits):
    return [int(hit.passage.article_id) for hit in hits]


def best_first(scores):
    return np.argsort(-np.asarray(scores), kind="stable").tolist()


def test_weight_zero_is_the_order_of_bm25(shelf):
    assert rows(shelf.search(dense_weight=0)) == best_first(shelf.lexical.scores(QUESTION))


def test_weight_one_is_the_order_of_the_cosines(shelf):
    (vector,) = shelf.encoder.encode_queries([QUESTION])
    assert rows(shelf.search(dense_weight=1)) == best_first(shelf.vectors @ vector)


def test_raw_scores_are_kept_whatever_the_weight(shelf):
    (vector,) = shelf.encoder.encode_queries([QUESTION])
    bm25, cosines = shelf.lexical.scores(QUESTION), shelf.vectors @ vector
    for weight in (0, 0.25, 1):
        for hit in shelf.search(dense_weight=weight):
            row = int(hit.passage.article_id)
            assert hit.lexical == pytest.approx(bm25[row])
            assert hit.dense == pytest.approx(cosines[row], abs=1e-6)


def test_scores_fall_and_lie_within_one(shelf):
    scores = [hit.score for hit in shelf.search()]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("k", [1, 2, 5, 100])
def test_k_takes_the_first_of_the_list(shelf, k):
    assert shelf.search(k=k) == shelf.search()[:k]


@pytest.mark.parametrize("candidates", [1, 2, 100])
def test_what_the_filter_excludes_never_comes_back(shelf, candidates):
    assert set(rows(shelf.search(allowed=[1, 3], candidates=candidates))) <= {1, 3}
    assert rows(shelf.search(allowed=[3])) == [3]
    assert shelf.search(allowed=[]) == []


def test_a_filter_reaches_beyond_the_best_of_all(shelf):
    """The worst passage is found when it alone is allowed, even with one candidate."""
    worst = rows(shelf.search())[-1]
    assert rows(shelf.search(allowed=[worst], candidates=1)) == [worst]


def test_ties_go_to_the_earlier_passage(tmp_path, fake_encoder):
    copies = Shelf(tmp_path, fake_encoder, ["The same words."] * 20)
    for weight in (0, 0.25, 1):
        assert rows(copies.search("same words", k=20, dense_weight=weight)) == list(range(20))


def test_without_a_shared_word_the_vectors_decide(shelf):
    hits = shelf.search("the of in")
    assert [hit.lexical for hit in hits] == [0] * len(TEXTS)
    dense = [hit.dense for hit in hits]
    assert dense == sorted(dense, reverse=True)


def test_an_archive_of_one_passage(tmp_path, fake_encoder):
    single = Shelf(tmp_path, fake_encoder, TEXTS[:1])
    for question in (QUESTION, "nothing alike"):
        assert rows(single.search(question)) == [0]


def test_the_candidates_are_those_of_both_searches(shelf):
    """With two candidates each, all that is found is among the best two of either search."""
    found = rows(shelf.search(candidates=1, k=2))
    assert len(found) == 2
    best = [rows(shelf.search(dense_weight=weight))[:2] for weight in (0, 1)]
    assert set(found) <= {*best[0], *best[1]}


def test_more_passages_than_candidates_can_be_asked_for(shelf):
    assert len(shelf.search(candidates=1, k=len(TEXTS))) == len(TEXTS)
