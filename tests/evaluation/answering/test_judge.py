"""One answer against the gold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lists import listed

from rag import Answer, Article, Citation, Hit, Passage
from rag.evaluation.answering import judge
from rag.evaluation.datasets import Fact, Query
from rag.types import Claim, Listing

TEXT = "Police held 312 people in Kratie. Another 27 were held in Pursat."
FIRST, SECOND = (0, 33), (34, 65)
ARTICLES = {"raids": Article(TEXT, "Raids", "raids"), "copy": Article(TEXT, "Copy", "copy")}
ASKED = Query(
    "q", "How many in Pursat?", "", {"raids": 1},
    about="raids", topic="Raids", words=((42, 44),), answers=("27",),
)  # fmt: skip
FACTUAL = Query(
    "q", "How many?", "inference", {"raids": 1, "copy": 1},
    (Fact(TEXT[slice(*FIRST)], "raids"), Fact(TEXT[slice(*SECOND)], "copy")), answers=("KRATIE",),
)  # fmt: skip


def citation(span, article="raids", label=1):
    return Citation(label, article, *span, TEXT[slice(*span)])


def passage(span, article="raids"):
    return Hit(Passage(article, *span, TEXT[slice(*span)]), 1.0, 1.0, 1.0)


def answered(*citations, **changes):
    answer = Answer("", "", "", "answered", citations=citations, confidence=0.75)
    return replace(answer, **changes)


def row_of(answer, query=ASKED):
    return judge.judge(query, answer, ARTICLES, 1.5)


def test_a_right_sentence_holds_the_words_in_their_article():
    row = row_of(answered(citation(SECOND)))
    assert row.measures == {
        "first right": 1, "any right": 1, "evidence read": 0, "right article first": 0,
        "EM": 0, "F1": 0,
    }  # fmt: skip
    assert (row.kind, row.missed, row.answer.failure) == ("Raids", [], "")
    assert row.passages == [
        {"article": "raids", "start": 34, "end": 65, "label": 1, "right": True,
         "quote": "Another 27 were held in Pursat."}
    ]  # fmt: skip
    late = row_of(answered(citation(FIRST, label=1), citation(SECOND, label=2)))
    assert (late.measures["first right"], late.measures["any right"]) == (0, 1)
    for wrong in (citation(SECOND, "copy"), citation((34, 43)), citation(FIRST)):
        row = row_of(answered(wrong))
        assert row.measures["any right"] == 0
        assert row.missed == ["27"]


def test_the_words_that_the_best_sentence_marks():
    claims = (
        Claim("Police held 312 people.", (1,), marks=((12, 15),)),
        Claim("Another 27 were held in Pursat.", (2,), marks=((8, 10), (24, 30))),
    )
    row = row_of(answered(citation(SECOND, label=2), citation(FIRST, label=1), claims=claims))
    assert (row.answer.marked, row.answer.mark_right) == ("27 Pursat", True)
    assert (row.measures["EM"], row.measures["F1"]) == (0, pytest.approx(2 / 3))


def marking(query, quote, *marks):
    claims = (Claim(quote.quote, (quote.label,), marks=marks),)
    return row_of(answered(quote, claims=claims), query).answer.mark_right


def test_a_mark_is_right_if_the_first_overlaps_the_answer():
    assert marking(ASKED, citation(SECOND), (8, 10)) is True
    assert marking(ASKED, citation(SECOND), (0, 9), (20, 22)) is True
    assert marking(ASKED, citation(SECOND), (24, 30), (8, 10)) is False, "the second one is"
    assert marking(ASKED, citation(SECOND, "copy"), (8, 10)) is False, "of another article"
    assert marking(ASKED, citation(SECOND)) is None
    assert marking(FACTUAL, citation(FIRST), (26, 32)) is True
    assert marking(FACTUAL, citation(FIRST), (12, 15)) is False
    assert marking(FACTUAL, citation((20, 65)), (6, 12)) is False, "its quote is not right"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (answered(citation(FIRST), hits=(passage(FIRST),)), judge.NOT_READ),
        (answered(citation(FIRST), hits=(passage((0, 65)),)), judge.OTHER_SENTENCE),
        (answered(citation(FIRST), citation(SECOND), hits=()), judge.LATER),
        (answered(citation(FIRST, "copy"), hits=(passage((0, 65)),)), judge.OTHER_ARTICLE),
        (answered(hits=(passage(SECOND),), status="unanswered"), judge.NOTHING_SHOWN),
        (answered(citation(SECOND), hits=()), ""),
    ],
    ids=["not read", "other sentence", "later", "other article", "nothing", "right"],
)
def test_where_it_went_wrong(answer, failure):
    assert row_of(answer).answer.failure == failure
    assert row_of(answer, replace(ASKED, relevant={}, words=(), answers=())).answer.failure == ""


def test_a_fact_is_shown_by_half_of_the_shorter():
    row = row_of(
        answered(citation((0, 16)), citation((0, 17)), citation((40, 65), "copy")), FACTUAL
    )
    # 16 and 17 characters lie inside the fact whole: the shorter is the sentence itself.
    assert [at["right"] for at in row.passages] == [True, True, True]
    assert (row.answer.found, row.answer.facts, row.missed) == (2, 2, [])
    row = row_of(answered(citation((20, 60)), citation((16, 60))), FACTUAL)
    assert [at["right"] for at in row.passages] == [False, True], "13 and 17 of 33 characters"
    assert row.missed == [TEXT[slice(*SECOND)]], "it stands in the other article"


def test_an_answer_string_is_shown_as_whole_words():
    assert row_of(answered(citation(FIRST)), FACTUAL).measures["answer string shown"] == 1
    assert row_of(answered(citation((0, 31))), FACTUAL).measures["answer string shown"] == 0


def test_what_is_stated_is_right_if_it_says_an_answer():
    stated = answered(citation(FIRST), claims=(Claim("By Ann Lee.", (1,), "field", ((3, 10),)),))
    for author, right in (("Ann Lee", 1), ("Bo Ek", 0)):
        row = row_of(stated, replace(FACTUAL, facts=(), answers=(author,)))
        assert row.measures["first right"] == right


def test_a_count_or_a_list_is_right_if_it_says_an_answer_or_lists_a_title():
    """A count of the articles has no sentence of theirs as evidence."""

    def counted(n):
        claims = (Claim("Rain.", (), "count"), Claim(f"{n} articles mention Kratie.", (), "count"))
        text = " ".join(claim.text for claim in claims)
        listing = Listing("articles", ("copy",), 20, 1, ("Kratie",))
        return answered(citation(FIRST), claims=claims, text=text, listing=listing)

    for n, answer, right in ((15, "15", 1), (151, "15", 0), (1, "Copy", 1), (1, "Raids", 0)):
        row = row_of(counted(n), replace(FACTUAL, answers=(answer,)))
        assert row.measures["first right"] == right
        sentence = f"Rain. {n} articles mention Kratie."
        assert row.passages == [{"right": bool(right), "quote": "", "sentence": sentence}]
        assert row.answer.broken == 0


def test_a_list_of_articles_is_one_sentence():
    """Right by the number that it says, or by a title or source of what it lists."""
    answer, articles = listed(12)

    def right(*answers):
        query = Query("q", "Which?", "archive", {"a0": 1}, answers=answers)
        (shown,) = judge.judge(query, answer, articles, 1).passages
        assert shown["sentence"] == " ".join(claim.text for claim in answer.claims)
        return shown["right"]

    assert right("12")
    assert right("Day <3>")
    assert right("Courier")
    assert not right("Day")
    assert not right("13")


def test_the_evidence_read_and_the_article_found_first():
    row = row_of(answered(citation(FIRST), hits=(passage(FIRST, "copy"), passage(SECOND))))
    assert (row.measures["evidence read"], row.measures["right article first"]) == (1, 0)
    row = row_of(answered(citation(FIRST), hits=(passage(FIRST), passage(SECOND, "copy"))))
    assert (row.measures["evidence read"], row.measures["right article first"]) == (0, 1)


def test_a_row_tells_what_was_expected_and_what_it_is_drawn_with():
    assert row_of(answered(citation(FIRST))).unit == "raids"
    grouped = replace(FACTUAL, group="story")
    assert (row_of(answered(), grouped).unit, row_of(answered(), FACTUAL).unit) == ("story", "q")
    assert row_of(answered(), grouped).answer.expected == ["KRATIE"]
    nothing = replace(grouped, relevant={}, facts=(), answers=(), note="It is never told.")
    assert row_of(answered(), nothing).answer.expected == ["It is never told."]


def test_broken_citations_are_counted():
    broken = replace(citation(FIRST), quote="Police held 313 people in Kratie.")
    lost = replace(citation(FIRST), article_id="lost")
    assert row_of(answered(broken, citation(SECOND), lost, dropped=1)).answer.broken == 3
