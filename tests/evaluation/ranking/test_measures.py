"""The measures: by hand, against a plain rewriting, and where cutting must not matter."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Article, Passage
from rag.evaluation.datasets import Fact, Query
from rag.evaluation.ranking.measures import (
    DEPTHS,
    STANDARD,
    articles_of,
    fact_ranks,
    measure,
    paper,
    standard,
)
from rag.evaluation.statistics.averages import mean

TEXT = (
    "Police held 312\n  people in Kratie. Another 27 were held in Pursat. Police held 312 people."
)
ARTICLE = Article(TEXT, id="raids")
OTHER = Article(TEXT, id="copy")
ARTICLES = {"raids": ARTICLE, "copy": OTHER}
FACT = "Police held 312 people in Kratie."
QUERY = Query("q", "How many?", "inference", {"raids": 1}, (Fact(FACT, "raids"),))


def cut(*bounds, article=ARTICLE):
    return [
        Passage(article.id, start, end, article.text[start:end])
        for start, end in itertools.pairwise(bounds)
    ]


def of(name):
    return Passage(name, 0, 1, "x")


def test_ndcg_and_average_precision_by_hand():
    values = standard(Query("q", "", "", {"a": 2, "b": 1}), ["c", "a", "d", "b"])
    best = 2 / math.log2(2) + 1 / math.log2(3)
    assert values["nDCG@10"] == pytest.approx((2 / math.log2(3) + 1 / math.log2(5)) / best)
    assert values["AP"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert values["RR@10"] == pytest.approx(1 / 2)
    assert [values[f"Success@{k}"] for k in (1, 4, 10)] == [0, 1, 1]


def test_recall_and_rank_end_at_their_depth():
    ranked = [f"x{n}" for n in range(100)]
    ranked[10], ranked[49] = "a", "b"
    values = standard(Query("q", "", "", {"a": 1, "b": 1, "c": 1}), ranked)
    assert [values[f"R@{k}"] for k in (5, 10, 20, 50, 100)] == pytest.approx(
        [0, 0, 1 / 3, 2 / 3, 2 / 3]
    )
    assert (values["RR@10"], values["Success@10"], values["nDCG@10"]) == (0, 0, 0)
    assert values["AP"] == pytest.approx((1 / 11 + 2 / 50) / 3)


def test_the_order_counts_and_not_the_names():
    for ranked in (["a", "z"], ["z", "a"]):
        values = standard(Query("q", "", "", {ranked[0]: 1}), ranked)
        assert (values["Success@1"], values["RR@10"]) == (1, 1)


def test_nothing_found_scores_zero_in_every_measure():
    values = measure(QUERY, [], ARTICLES)
    recalls = [f"evidence recall@{k}" for k in DEPTHS]
    papers = ["paper MRR@10", "paper Hits@10", "paper Hits@4", "paper MAP@10"]
    assert list(values) == [*STANDARD, *recalls, *papers]
    assert set(values.values()) == {0.0}


def test_without_facts_there_is_no_evidence_to_recall():
    values = measure(Query("q", "", "", {"raids": 1}), cut(0, len(TEXT)), ARTICLES)
    assert tuple(values) == STANDARD
    assert values["nDCG@10"] == 1


def test_an_article_ranks_where_its_first_passage_does():
    assert articles_of(map(of, "abacb")) == ["a", "b", "c"]
    assert articles_of(of(str(n // 2)) for n in range(500)) == [str(n) for n in range(100)]


@pytest.mark.parametrize("size", [36, 45, 60, len(TEXT)])
def test_evidence_is_recalled_however_the_article_is_cut(size):
    passages = cut(0, *range(size, len(TEXT), size), len(TEXT))
    assert measure(QUERY, passages, ARTICLES)["evidence recall@5"] == 1


@pytest.mark.parametrize("at", [1, 20, 34])
def test_a_fact_that_is_cut_through_is_not_found(at):
    assert fact_ranks(QUERY, cut(0, at, len(TEXT)), ARTICLES) == [None]


def test_the_same_words_of_another_article_are_no_evidence():
    values = measure(QUERY, cut(0, len(TEXT), article=OTHER), ARTICLES)
    assert values["evidence recall@100"] == 0
    assert values["paper Hits@4"] == 1, "the paper's script does not ask which article it is"


def test_any_occurrence_counts_and_recall_is_of_all_facts():
    facts = (Fact("held 312 people", "raids"), Fact("27 were", "raids"), Fact("held in", "copy"))
    query = Query("q", "", "", {"raids": 1}, facts)
    last = TEXT.index("Police", 5)
    passages = [*map(of, "abcd"), *cut(last, len(TEXT)), *map(of, "abcdef"), *cut(0, last)]
    assert fact_ranks(query, passages, ARTICLES) == [5, 12, None]
    values = measure(query, passages, ARTICLES)
    assert [values[f"evidence recall@{k}"] for k in (5, 10, 20)] == pytest.approx(
        [1 / 3, 1 / 3, 2 / 3]
    )


def rewritten(facts, texts):
    """What the paper's script counts, for one question, as plainly as can be."""

    def bare(text):
        return "".join(c for c in text if c not in " \n")

    found, hits, precision = [], [], 0
    for rank in range(1, min(len(texts), 10) + 1):
        inside = [bare(fact) for fact in facts if bare(fact) in bare(texts[rank - 1])]
        if inside:
            hits.append(rank)
        new = 0
        for fact in inside:
            if fact not in found:
                found.append(fact)
                new += 1
        precision += new / rank
    return {
        "paper MRR@10": 1 / hits[0] if hits else 0,
        "paper Hits@10": int(bool(hits)),
        "paper Hits@4": int(any(rank <= 4 for rank in hits)),
        "paper MAP@10": precision / min(len(facts), 10),
    }


@given(
    st.lists(st.text("ab \n", min_size=1, max_size=4), min_size=1, max_size=13),
    st.lists(st.text("ab \n", max_size=8), max_size=14),
)
def test_the_papers_measures(facts, texts):
    assert paper(facts, texts) == pytest.approx(rewritten(facts, texts))


def test_the_papers_measures_by_hand():
    texts = ["-", "x b y a", "a\nb", *"-------", "c"]
    assert paper(["a", "b", "c"], texts) == {
        "paper MRR@10": 1 / 2, "paper Hits@10": 1, "paper Hits@4": 1, "paper MAP@10": 2 / 2 / 3,
    }  # fmt: skip
    assert set(paper(["c"], texts).values()) == {0.0}, "the eleventh text counts for nothing"


def test_averages_of_the_rows_that_have_the_measure():
    rows = [
        {"AP": 1.0, "evidence recall@10": 0.5},
        {"AP": 0.0},
        {"AP": 0.5, "evidence recall@10": 0.0},
    ]
    assert mean(rows) == {"AP": 0.5, "evidence recall@10": 0.25}
    assert mean([]) == {}
