"""BM25: the exact scores of the formula, and what matches what."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from rag.lexical import LexicalIndex
from rag.words import words

TEXTS = [
    "Sam Rainsy distributed text messages, and more messages.",
    "The mayor of Kratié proposed training for 1,000 officers.",
    "The U.S. Ambassador left.",
    "",
    "The of and",
]


def bm25(texts: list[str], question: str) -> list[float]:
    """Lucene's BM25 with k1 .9 and b .4, as in Kamphuis et al. 2020, without the factor k1 + 1."""
    documents = [words(text) for text in texts]
    mean = sum(map(len, documents)) / len(documents)

    def score(document: list[str]) -> float:
        total = 0.0
        for word in words(question):
            holding = sum(word in other for other in documents)
            idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
            tf = document.count(word)
            total += idf * tf / (tf + 0.9 * (1 - 0.4 + 0.4 * len(document) / mean))
        return total

    return [score(document) for document in documents]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("messages", id="word twice in a text"),
        pytest.param("messages messages", id="word twice in the question"),
        pytest.param("Who proposed training to Sam Rainsy?", id="words of two texts"),
        pytest.param("the ambassador and an unheard-of word", id="word in no text"),
        pytest.param("Kratie", id="name without its accent"),
        pytest.param("the US", id="acronym without points"),
        pytest.param("1,000", id="figure"),
    ],
)
def test_scores_are_those_of_the_formula(question):
    scores = LexicalIndex.build(TEXTS).scores(question)
    assert scores.dtype == np.float32
    assert scores.max() > 0
    np.testing.assert_allclose(scores, bm25(TEXTS, question), rtol=1e-5)


@pytest.mark.parametrize("question", ["", "what of the", "?!", "zebra", "1000", "10"])
def test_a_question_without_a_known_word_scores_zero(question):
    assert LexicalIndex.build(TEXTS).scores(question).tolist() == [0] * len(TEXTS)


@pytest.mark.parametrize("texts", [[""], ["", ""], ["the of", "?!"]], ids=repr)
def test_texts_without_words_can_be_indexed_and_never_match(texts, tmp_path):
    LexicalIndex.build(texts).save(tmp_path)
    index = LexicalIndex.load(tmp_path)
    for question in ("", "anything", "the"):
        assert index.scores(question).tolist() == [0] * len(texts)


def test_one_text_can_be_indexed():
    np.testing.assert_allclose(
        LexicalIndex.build(["one text"]).scores("text"), bm25(["one text"], "text"), rtol=1e-5
    )


def test_a_saved_index_gives_the_same_scores(tmp_path, articles):
    texts = [article.text for article in articles]
    built = LexicalIndex.build(texts)
    built.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    for question in ("Who proposed the training?", "Sun Chanthol", "Kratié 1,000", ""):
        np.testing.assert_array_equal(built.scores(question), loaded.scores(question))
    assert loaded.rarity("train") == built.rarity("train")


def test_nothing_on_disk_is_pickled(tmp_path):
    LexicalIndex.build(TEXTS).save(tmp_path)
    for path in tmp_path.iterdir():
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)
        else:
            json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("word", "holding"), [("messag", 1), ("krati", 1), ("zebra", 0), ("the", 0)]
)
def test_rarity_is_the_inverse_document_frequency(word, holding):
    index = LexicalIndex.build(TEXTS)
    assert index.rarity(word) == pytest.approx(math.log(1 + (5 - holding + 0.5) / (holding + 0.5)))


def test_the_more_texts_hold_a_word_the_less_rare_it_is():
    index = LexicalIndex.build(["vote", "vote law", "vote law mayor"])
    assert index.rarity("mayor") > index.rarity("law") > index.rarity("vote") > 0
