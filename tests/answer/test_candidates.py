"""The sentences that may be quoted: verbatim, each once, with what stands before them."""

from __future__ import annotations

import pytest

from rag import Article, Hit, Passage
from rag.answer.candidates import candidates_of

ARTICLE = Article(
    "Police held 312 people in Kratie. They came from China.\n\nGen. Khieu praised the raid.",
    id="raid",
)


def hit(article, start=0, end=None):
    end = len(article.text) if end is None else end
    return Hit(Passage(article.id, start, end, article.text[start:end]), 1.0, 0.5, 2.0)


def found_in(*hits, articles=(ARTICLE,)):
    by_id = {article.id: article for article in articles}
    return candidates_of(hits, by_id.__getitem__)


def test_every_sentence_is_a_slice_of_its_article():
    found = [c.sentence for c in found_in(hit(ARTICLE))]
    assert [s.text for s in found] == [
        "Police held 312 people in Kratie.",
        "They came from China.",
        "Gen. Khieu praised the raid.",
    ]
    assert all(ARTICLE.text[s.start : s.end] == s.text for s in found)
    assert {s.article_id for s in found} == {"raid"}


def test_a_sentence_in_two_overlapping_passages_is_one_of_the_first():
    found = found_in(hit(ARTICLE, end=55), hit(ARTICLE, start=34))
    places = [(c.hit, c.number, c.sentence.start, c.sentence.end) for c in found]
    assert places == [(0, 0, 0, 33), (0, 1, 34, 55), (1, 1, 57, 85)]


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("The raid", False),
        ("The raid in Kratie and what came after", False),
        ("The raid in Kratie and what came after it", True),
        ("Police came.", True),
        ("“Police came.”", True),
        ("ប៉ូលិសមកដល់។", True),
    ],
    ids=["short", "eight words", "nine words", "full stop", "in quotes", "Khmer"],
)
def test_a_short_line_without_a_full_stop_is_none(line, is_one):
    article = Article(f"{line}\n\nThey left.", id="raid")
    found = found_in(hit(article), articles=[article])
    assert [c.sentence.text for c in found] == [line] * is_one + ["They left."]


def test_a_subheading_stands_before_a_sentence():
    article = Article("The raid\n\nPolice came. They left.", id="raid")
    found = found_in(hit(article), articles=[article])
    assert [(c.sentence.text, c.before, c.number) for c in found] == [
        ("Police came.", "The raid", 1),
        ("They left.", "Police came.", 2),
    ]
    assert {c.article for c in found} == {article}


def test_without_hits_there_are_none():
    assert found_in() == []
