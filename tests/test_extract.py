"""Passages to sentences: verbatim, each once, weighed between 0 and 1, whatever the model."""

from __future__ import annotations

import numpy as np
import pytest

from rag import Article, Hit, Passage
from rag.extract import read
from rag.question import understand

ARTICLE = Article(
    "Police held 312 people in Kratie. They came from China.\n\nGen. Khieu praised the raid.",
    title="Raid",
    id="raid",
)
QUESTION = "How many people did police hold in Kratie?"


def hit(article, start=0, end=None):
    end = len(article.text) if end is None else end
    return Hit(Passage(article.id, start, end, article.text[start:end]), 1.0, 0.5, 2.0)


def weigh(encoder, hits, articles=(ARTICLE,), question=QUESTION):
    asked = understand(question)
    (vector,) = encoder.encode_queries([str(asked)])
    by_id = {article.id: article for article in articles}
    return read(asked, vector, hits, by_id.__getitem__, encoder.encode_queries, lambda _: 1.0)


def test_every_sentence_is_a_slice_of_its_article(fake_encoder):
    found = weigh(fake_encoder, [hit(ARTICLE)])
    assert {s.text for s in found} == {
        "Police held 312 people in Kratie.",
        "They came from China.",
        "Gen. Khieu praised the raid.",
    }
    assert all(ARTICLE.text[s.start : s.end] == s.text for s in found)
    assert {s.article_id for s in found} == {"raid"}


def test_the_most_probable_comes_first(fake_encoder):
    probabilities = [s.probability for s in weigh(fake_encoder, [hit(ARTICLE)])]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= p <= 1 and np.isfinite(p) for p in probabilities)


def test_the_sentence_that_answers_comes_first(encoder):
    assert weigh(encoder, [hit(ARTICLE)])[0].text == "Police held 312 people in Kratie."


def test_a_sentence_in_two_overlapping_passages_is_read_once(fake_encoder):
    overlapping = [hit(ARTICLE, end=55), hit(ARTICLE, start=34)]
    spans = [(s.start, s.end) for s in weigh(fake_encoder, overlapping)]
    assert sorted(spans) == [(0, 33), (34, 55), (57, 85)]


def test_the_same_hits_always_give_the_same_sentences(fake_encoder):
    hits = [hit(ARTICLE)]
    assert weigh(fake_encoder, hits) == weigh(fake_encoder, hits)


def test_without_hits_there_is_nothing_to_read(fake_encoder):
    assert weigh(fake_encoder, []) == []


@pytest.mark.parametrize("question", ["?", "the of", "🙂", "x" * 1000, "ប៉ូលិស"])
@pytest.mark.parametrize(
    "text", ["A.", "🙂 yes.", "…", "no end", "\u202eRTL\u202c.", "e\u0301" * 900]
)
def test_odd_texts_and_questions(fake_encoder, question, text):
    article = Article(text, id="odd")
    found = weigh(fake_encoder, [hit(article)], [article], question)
    assert all(article.text[s.start : s.end] == s.text for s in found)
    assert all(0 <= s.probability <= 1 for s in found)
