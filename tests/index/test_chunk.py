"""A passage is a slice: within its budget, not blank, and together all of the article."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.chunk import chunk, heading
from rag.text.sentences import sentence_spans
from rag.types import Article

DAY = datetime.date(2017, 3, 2)
any_text = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    st.sampled_from(" \n\u00a0.;,“”។aA5é"), max_size=400
)


def checked(text, count_tokens, budget):
    """Cut `text`, hold every promise against the passages, and return them."""
    article = Article(text)
    passages = chunk(article, count_tokens, budget)
    covered = bytearray(len(text))
    for passage in passages:
        assert passage.article_id == article.id
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text != ""
        covered[passage.start : passage.end] = b"\1" * len(passage.text)
    assert all(covered[i] or c.isspace() for i, c in enumerate(text))
    assert max(count_tokens([passage.text for passage in passages]), default=0) <= budget
    order = [(passage.start, passage.end) for passage in passages]
    assert order == sorted(set(order))
    return passages


@given(text=any_text, budget=st.integers(1, 40))
def test_any_text_is_cut_to_the_promises(fake_encoder, text, budget):
    checked(text, fake_encoder.count_tokens, budget)


@settings(max_examples=30)
@given(text=any_text, budget=st.integers(4, 40))
def test_any_text_is_cut_to_the_promises_as_the_real_tokenizer_counts(encoder, text, budget):
    checked(text, encoder.count_tokens, budget)


@pytest.mark.parametrize("budget", [32, 100, 254])
def test_bundled_articles_are_cut_where_sentences_end(articles, encoder, budget):
    for article in articles:
        passages = checked(article.text, encoder.count_tokens, budget)
        assert len(passages) > 1
        if budget == 254:  # No sentence is longer than that.
            starts, ends = map(set, zip(*sentence_spans(article.text), strict=True))
            assert all(p.start in starts and p.end in ends for p in passages)


def test_passages_are_filled_with_whole_sentences_and_begin_with_the_last_one(fake_encoder):
    text = "One two three. Four five six. Seven eight nine. Ten eleven twelve."
    passages = chunk(Article(text), fake_encoder.count_tokens, 8)
    assert [passage.text for passage in passages] == [
        "One two three. Four five six.",
        "Four five six. Seven eight nine.",
        "Seven eight nine. Ten eleven twelve.",
    ]


def test_a_sentence_is_not_repeated_where_it_would_not_fit(fake_encoder):
    text = "One two three four five six. Seven eight nine ten. Eleven."
    passages = chunk(Article(text), fake_encoder.count_tokens, 8)
    assert [passage.text for passage in passages] == [
        "One two three four five six.",
        "Seven eight nine ten. Eleven.",
    ]


def test_a_long_sentence_is_cut_at_its_clauses(fake_encoder):
    text = "alpha beta gamma, " * 3 + "delta epsilon zeta."
    passages = chunk(Article(text), fake_encoder.count_tokens, 6)
    assert [passage.text for passage in passages] == [
        *["alpha beta gamma,"] * 3,
        "delta epsilon zeta.",
    ]


def test_a_word_that_the_tokenizer_does_not_know_is_bounded_in_characters(encoder):
    assert encoder.count_tokens(["ក" * 10_000]) == [1]
    assert max(len(p.text) for p in checked("ក" * 10_000, encoder.count_tokens, 100)) <= 1_600


@pytest.mark.parametrize("text", ["", " \n\t\u00a0\u2028"], ids=["empty", "white space"])
def test_a_blank_article_has_no_passages(fake_encoder, text):
    assert chunk(Article(text), fake_encoder.count_tokens, 10) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 200_000, id="200 kB without spaces"),
        pytest.param("word and another " * 20_000, id="340 kB of one sentence"),
        pytest.param("\n" * 300_000, id="300k newlines"),
        pytest.param('"' * 100_000, id="100k quotes"),
        pytest.param("“No.” ‘A’; " * 5_000, id="50 kB of quotations"),
        pytest.param("a" + " " * 200_000 + "b", id="200k spaces between two letters"),
        pytest.param("ខ" * 100_000, id="100k Khmer letters"),
    ],
)
def test_huge_texts_are_cut_in_bounded_work(fake_encoder, text):
    checked(text, fake_encoder.count_tokens, 254)


def test_huge_words_are_cut_in_bounded_work_with_the_real_tokenizer(encoder):
    checked("x" * 100_000 + "\n" + '"' * 10_000, encoder.count_tokens, 254)


@pytest.mark.parametrize(
    ("article", "limit", "expected"),
    [
        pytest.param(Article("x"), 48, "", id="nothing known"),
        pytest.param(Article("x", title="Purported leaks"), 48, "Purported leaks", id="title"),
        pytest.param(Article("x", source="The Post"), 48, "The Post", id="source"),
        pytest.param(Article("x", published=DAY), 48, "2 March 2017", id="date"),
        pytest.param(
            Article("x", title="Leaks", source="The Post", published=DAY),
            48,
            "Leaks. The Post, 2 March 2017",
            id="all",
        ),
        pytest.param(
            Article("x", title="One two three four", source="Post"), 4, "One two. Post", id="cut"
        ),
        pytest.param(Article("x", title="One two", source="Post"), 1, "Post", id="no room"),
        pytest.param(Article("x", title="One", source="The Post"), 1, "", id="source too long"),
        pytest.param(Article("x", title="One", source="Post"), 0, "", id="none wanted"),
    ],
)
def test_heading(fake_encoder, article, limit, expected):
    assert heading(article, fake_encoder.count_tokens, limit) == expected


@settings(max_examples=30)
@given(title=any_text, source=st.text(max_size=20), limit=st.integers(0, 60))
def test_a_heading_keeps_to_its_limit(encoder, title, source, limit):
    head = heading(
        Article("x", title=title, source=source, published=DAY), encoder.count_tokens, limit
    )
    assert encoder.count_tokens([head])[0] <= limit
