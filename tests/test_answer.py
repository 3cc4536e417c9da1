"""Sentences to an answer: which are chosen, how they are labelled, and what is dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import extractive
from rag.cite import holds
from rag.extract import Sentence
from rag.settings import AskSettings
from rag.types import Article, Question

FIRST = Article("Police held 312 people in Kratie. Another 27 were held in Pursat.", id="first")
SECOND = Article("The show airs in Japan. Amnesty named fifty compounds.", id="second")
ARTICLES = {article.id: article for article in (FIRST, SECOND)}


def sentence(article, words, probability=0.9):
    start = article.text.index(words)
    return Sentence(article.id, start, start + len(words), words, probability)


KRATIE = sentence(FIRST, "Police held 312 people in Kratie.", 0.90)
PURSAT = sentence(FIRST, "Another 27 were held in Pursat.", 0.89)
JAPAN = sentence(SECOND, "The show airs in Japan.", 0.88)
AMNESTY = sentence(SECOND, "Amnesty named fifty compounds.", 0.87)


def answer(*sentences, articles=ARTICLES, **settings):
    asked = AskSettings(**settings)
    return extractive("Who?", Question("Who?"), (), sentences, articles.__getitem__, asked)


def quotes(found):
    return [citation.quote for citation in found.citations]


def test_the_best_sentence_comes_first_and_labels_follow_the_reading_order():
    found = answer(PURSAT, JAPAN, KRATIE)
    assert found.citations[0].quote == PURSAT.text
    assert found.text == f"{KRATIE.text} [1] {PURSAT.text} [2] {JAPAN.text} [3]"
    assert {c.quote: c.label for c in found.citations} == {
        KRATIE.text: 1, PURSAT.text: 2, JAPAN.text: 3,
    }  # fmt: skip
    assert [(claim.text, claim.labels) for claim in found.claims] == [
        (KRATIE.text, (1,)), (PURSAT.text, (2,)), (JAPAN.text, (3,)),
    ]  # fmt: skip


def test_every_citation_holds():
    found = answer(KRATIE, PURSAT, JAPAN)
    assert all(holds(c, ARTICLES[c.article_id]) for c in found.citations)
    assert found.dropped == 0


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_more_sentences_than_wanted(most):
    found = answer(KRATIE, PURSAT, JAPAN, AMNESTY, max_sentences=most)
    assert len(found.citations) <= most
    assert found.citations[0].quote == KRATIE.text


def test_a_report_and_its_copy_are_said_once():
    copy = Article(FIRST.text, id="copy")
    articles = {**ARTICLES, "copy": copy}
    found = answer(KRATIE, sentence(copy, KRATIE.text, 0.9), articles=articles)
    assert quotes(found) == [KRATIE.text]
    assert found.citations[0].article_id == "first"


def test_a_sentence_far_less_probable_does_not_join():
    doubtful = sentence(SECOND, JAPAN.text, 0.1)
    assert quotes(answer(KRATIE, doubtful, threshold=0)) == [KRATIE.text]


def test_a_citation_that_does_not_hold_is_dropped_and_counted():
    beyond = Sentence("second", 10_000, 10_009, "invented.", 0.9)
    found = answer(beyond, KRATIE)
    assert quotes(found) == [KRATIE.text]
    assert found.dropped == 1
    assert found.citations[0].label == 1


def test_an_answer_whose_citations_all_fail_is_none():
    found = answer(Sentence("first", 7, 7, "", 0.99))
    assert (found.status, found.text, found.citations) == ("unanswered", "", ())
    assert found.dropped == 1


@pytest.mark.parametrize(
    ("probability", "threshold", "status"),
    [
        (0.0, 0.0, "answered"),
        (0.5, 0.5, "answered"),
        (0.49, 0.5, "unanswered"),
        (0.99, 1.0, "unanswered"),
        (1.0, 1.0, "answered"),
    ],
)
def test_the_threshold_decides(probability, threshold, status):
    found = answer(sentence(FIRST, KRATIE.text, probability), threshold=threshold)
    assert found.status == status
    assert found.confidence == probability
    assert bool(found.text) == bool(found.citations) == bool(found.claims) == (status == "answered")


def test_no_sentence_is_no_answer():
    found = answer(threshold=0)
    assert (found.status, found.confidence, found.text) == ("unanswered", 0.0, "")


_sentences = st.lists(
    st.tuples(st.sampled_from([KRATIE, PURSAT, JAPAN, AMNESTY]), st.floats(0, 1)),
    unique_by=lambda pair: pair[0].text,
)


@given(_sentences, st.floats(0, 1), st.integers(1, 3))
def test_whatever_the_probabilities(pairs, threshold, most):
    ranked = sorted(pairs, key=lambda pair: -pair[1])
    sentences = [sentence(ARTICLES[s.article_id], s.text, p) for s, p in ranked]
    found = answer(*sentences, threshold=threshold, max_sentences=most)
    assert len(found.citations) <= most
    assert len(set(quotes(found))) == len(found.citations)
    assert sorted(c.label for c in found.citations) == list(range(1, len(found.citations) + 1))
    assert all(holds(c, ARTICLES[c.article_id]) for c in found.citations)
    assert 0 <= found.confidence <= 1
    if found.citations:
        assert found.citations[0].quote == sentences[0].text
    positions = [found.text.index(f"[{label + 1}]") for label in range(len(found.citations))]
    assert positions == sorted(positions)
