"""The gold questions: how answers are scored, and what must hold of the real run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.answers import gold
from eval.datasets.gold import FILES, FOLDER, Gold, load
from rag import Answer, Article, Citation, Hit, Passage
from rag.errors import InputError

TEXT = "Police held 312 people\n  in Kratie. Another 27 were held in Pursat."
ARTICLE = Article(TEXT, title="Raids", id="raids", origin="page.txt#2")
OTHER = Article(TEXT, title="Copy", id="copy", origin="page.txt#3")
GOLD = Gold(
    "g", ("How many?",), True, ("312",),
    ({"file": "page.txt", "title": "Raids", "quote": "held 312 people in Kratie"},),
)  # fmt: skip
UNANSWERABLE = replace(GOLD, answerable=False, answers=(), evidence=())


class Told:
    """An archive that gives the answer it was told to."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def articles(self):
        return iter([ARTICLE, OTHER])

    def article(self, article_id):
        return {"raids": ARTICLE, "copy": OTHER}[article_id]

    def ask(self, question, history=()):
        self.asked.append((question, tuple(history)))
        return self.answer


def citation(start, end, article=ARTICLE, quote=None):
    return Citation(1, article.id, start, end, quote or article.text[start:end])


def answered(*citations, **changes):
    text = " ".join(c.quote for c in citations)
    answer = Answer("How many?", "How many?", text, "answered", citations=citations, confidence=0.9)
    return replace(answer, **changes)


UNANSWERED = Answer("How many?", "How many?", "", "unanswered")


def score(answer, asked=GOLD):
    (row,) = gold.score(Told(answer), [asked])
    return row


def test_a_right_answer():
    row = score(answered(citation(0, 34)))
    assert (row.first, row.said, row.declined, row.broken, row.right) == (
        True,
        True,
        False,
        0,
        True,
    )


def test_an_overlap_of_one_character_is_enough_and_touching_is_not():
    start = TEXT.index("held")
    assert score(answered(citation(0, start + 1))).first is True
    assert score(answered(citation(0, start))).first is False


def test_the_same_words_of_another_article_are_wrong():
    row = score(answered(citation(0, 34, OTHER)))
    assert (row.first, row.said, row.right) == (False, True, False)


def test_only_the_first_citation_counts():
    assert score(answered(citation(36, 60), citation(0, 34))).first is False


def test_an_answerable_question_declined():
    row = score(UNANSWERED)
    assert (row.first, row.said, row.declined, row.right) == (False, False, True, False)


@pytest.mark.parametrize(
    ("answer", "right"), [(UNANSWERED, True), (answered(citation(0, 34)), False)]
)
def test_an_unanswerable_question_is_to_be_declined(answer, right):
    row = score(answer, UNANSWERABLE)
    assert (row.found, row.first, row.said, row.right) == (None, None, None, right)


def test_broken_citations_are_counted_with_the_dropped_ones():
    broken = citation(0, 34, quote="invented")
    assert score(answered(broken, citation(0, 34), dropped=2)).broken == 3


@pytest.mark.parametrize(
    ("start", "end", "found"), [(0, 40, True), (0, 20, False), (12, 40, False)],
    ids=["whole", "cut at its end", "cut at its start"],
)  # fmt: skip
def test_evidence_is_found_when_one_hit_holds_all_of_it(start, end, found):
    hit = Hit(Passage("raids", start, end, TEXT[start:end]), 1.0, 1.0, 1.0)
    assert score(replace(UNANSWERED, hits=(hit,))).found is found
    beyond_the_top = [replace(hit, passage=Passage("raids", 0, 1, "P"))] * gold.TOP
    assert score(replace(UNANSWERED, hits=(*beyond_the_top, hit))).found is False


def test_a_conversation_is_asked_turn_by_turn_with_its_answers():
    told = Told(answered(citation(0, 34)))
    (row,) = gold.score(told, [replace(GOLD, turns=("How many?", "And where?"))])
    assert told.asked == [("How many?", ()), ("And where?", (("How many?", TEXT[:34]),))]
    assert row.conversation


def test_evidence_that_stands_nowhere_is_an_error():
    lost = replace(GOLD, evidence=({**GOLD.evidence[0], "title": "Lost"},))
    with pytest.raises(InputError, match="g: no evidence"):
        score(UNANSWERED, lost)


def test_the_summary_counts_out_of_how_many():
    right, declined = score(answered(citation(0, 34))), score(UNANSWERED)
    talk = replace(right, conversation=True)
    told = gold.summary([right, declined, score(UNANSWERED, UNANSWERABLE), talk])
    assert told["first citation right"] == "1 of 2"
    assert told["answerable declined"] == "1 of 2"
    assert told["unanswerable declined"] == "1 of 1"
    assert told["conversations right"] == "1 of 1"
    assert told["broken citations"] == 0


def test_the_real_run(archive):
    golds = [one for name in FILES for one in load(FOLDER / name)]
    rows = list(gold.score(archive, golds))
    told = gold.summary(rows)
    assert told["broken citations"] == 0
    assert told["evidence in the top 5"] == "22 of 22"
    assert [row.id for row in rows] == [one.id for one in golds]
    assert all(0 <= row.confidence <= 1 for row in rows)
