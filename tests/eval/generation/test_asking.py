"""The row of a written answer."""

from __future__ import annotations

from dataclasses import replace

from eval.generation.asking import judged
from rag import Answer, Article, Citation
from rag.evaluation.answering import judge
from rag.evaluation.datasets import Fact, Query
from rag.types import Claim

TEXT = "Police held 312 people in Kratie. Another 27 were held in Pursat."
FIRST, SECOND = (0, 33), (34, 65)
ARTICLES = {"raids": Article(TEXT, "Raids", "raids")}
ASKED = Query(
    "q", "How many?", "", {"raids": 1},
    (Fact(TEXT[slice(*SECOND)], "raids"), Fact(TEXT[slice(*FIRST)], "raids")), answers=("27",),
)  # fmt: skip


def citation(label, span, **changes):
    return replace(Citation(label, "raids", *span, TEXT[slice(*span)]), **changes)


def written(*claims, citations, **changes):
    answer = Answer(
        "", "", "", "answered", "generated", tuple(citations), confidence=0.75,
        claims=tuple(Claim(text, labels, "supported") for text, labels in claims),
    )  # fmt: skip
    return replace(answer, **changes)


def test_a_written_sentence_is_right_by_one_of_its_quotes():
    answer = written(
        ("There were raids.", (1,)), ("In Pursat they held 27.", (1, 2)),
        citations=[citation(1, (12, 15)), citation(2, SECOND)],
    )  # fmt: skip
    query = replace(ASKED, facts=ASKED.facts[:1])
    row = judged(query, answer, ARTICLES, 0.5)
    assert [(at["sentence"], at["label"], at["right"]) for at in row.passages] == [
        ("There were raids.", 1, False), ("In Pursat they held 27.", 2, True),
    ]  # fmt: skip
    assert row.measures == {
        "first right": 0, "any right": 1, "evidence read": 0, "right article first": 0,
        "answer string shown": 1, "sentences right": 0.5, "facts cited": 1,
    }  # fmt: skip
    assert (row.milliseconds, row.answer.found, row.answer.broken) == (500, 1, 0)


def test_the_answer_string_must_be_in_what_was_written():
    answer = written(("Some were held there.", (1,)), citations=[citation(1, SECOND)])
    measures = judged(ASKED, answer, ARTICLES, 0).measures
    assert (measures["answer string shown"], measures["facts cited"]) == (0, 0.5)
    quoted = replace(answer, mode="extractive")
    assert judged(ASKED, quoted, ARTICLES, 0).measures["answer string shown"] == 1


def test_what_is_broken_in_a_written_answer():
    answer = written(
        ("Police held 27.", (1, 3)), ("They held people.", (2,)),
        citations=[citation(1, FIRST, quote="Police held 313 people in Kratie."),
                   citation(2, SECOND)], dropped=1,
    )  # fmt: skip
    row = judge.judge(ASKED, answer, ARTICLES, 0)
    assert row.answer.broken == 3, "one dropped, one that misquotes, one label without a citation"


def test_an_unanswerable_question_has_no_shares():
    query = replace(ASKED, relevant={}, facts=(), answers=())
    assert judged(query, written(citations=()), ARTICLES, 0).measures == {}
