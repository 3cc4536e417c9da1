"""Copies of a text are one report, however cut and reworded; other texts are not."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import random
import re
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index import near_duplicates
from rag.index.near_duplicates import Sketch, sketch
from rag.text.sentences import sentence_spans
from rag.types import Article

MARCH = [datetime.date(2017, 3, day) for day in range(1, 32)]


def numbered(first: int, count: int) -> str:
    """A text of `count` words that no other numbers share."""
    return " ".join(f"word{number}" for number in range(first, first + count))


def shortened(text: str, share: float, words: int, seed: int = 0) -> str:
    """The first sentences of `text`, up to `share` of it, `words` words replaced in each."""
    chance = random.Random(seed)
    kept = []
    for start, end in sentence_spans(text):
        if end > share * len(text):
            break
        sentence = text[start:end].split()
        for _ in range(words):
            sentence[chance.randrange(len(sentence))] = f"instead{chance.random()}"
        kept.append(" ".join(sentence))
    return " ".join(kept)


def sketched(articles: Iterable[Article]) -> dict[str, Sketch]:
    return {article.id: sketch(article.text) for article in articles}


def text_in(articles):
    return {article.id: article.text for article in articles}.__getitem__


def reports(articles: Sequence[Article]) -> dict[str, str]:
    return near_duplicates.reports(articles, text_in(articles), sketched(articles), {})


def groups(articles: list[Article]) -> set[frozenset[str]]:
    found = reports(articles)
    return {
        frozenset(one for one in found if found[one] == report) for report in set(found.values())
    }


def test_the_bundled_articles_are_reports_of_their_own(articles):
    assert reports(articles) == {article.id: article.id for article in articles}


@pytest.mark.parametrize("share", [0.4, 0.6, 1])
@pytest.mark.parametrize("words", [0, 1, 2])
def test_copies_are_found_cut_and_reworded_with_a_paragraph_put_in(articles, share, words):
    foreign = articles[4].text[-300:]
    for article in (articles[number] for number in (0, 1, 2, 6)):  # The ones of 500 words or more.
        text = f"{foreign}\n\n{shortened(article.text, share, words)}"
        copy = Article(text, title="Another headline", source="Another", id="~copy")
        expected = {**{one.id: one.id for one in articles}, copy.id: article.id}
        assert reports([copy, *articles]) == expected


def test_case_accents_and_punctuation_do_not_count(articles):
    text = articles[0].text
    other = re.sub(r"[^\w\s.]", " ", text.replace("a", "á")).upper()
    assert len(groups([Article(text), Article(other)])) == 1


@pytest.mark.parametrize(("words", "together"), [(31, False), (32, True)])
def test_short_texts_are_not_joined(words, together):
    text = numbered(0, words)  # 29 and 30 runs of 3 words.
    assert len(groups([Article(text, id="a"), Article(text, id="b")])) == 2 - together


@pytest.mark.parametrize(("words", "together"), [(51, False), (52, True)])
def test_half_of_the_shorter_text_makes_a_copy(words, together):
    # 100 shingles, of which 49 and 50 stand in the longer one.
    shorter = f"{numbered(0, words)} {numbered(1000, 102 - words)}"
    longer = f"{numbered(0, words)} {numbered(2000, 150)}"
    assert len(groups([Article(shorter), Article(longer)])) == 2 - together


@pytest.mark.parametrize("text", ["", " \n", "One.", "Subscribe to read on. " * 100], ids=repr)
def test_texts_of_few_words_are_reports_of_their_own(text):
    articles = [Article(text, id=name) for name in "abc"]
    assert reports(articles) == {"a": "a", "b": "b", "c": "c"}


def test_of_no_articles_there_are_no_reports():
    assert reports([]) == {}


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        pytest.param([MARCH[2], MARCH[0], MARCH[1]], "b", id="by date"),
        pytest.param([None, MARCH[2], MARCH[1]], "c", id="undated last"),
        pytest.param([None, None, None], "a", id="then by id"),
        pytest.param([MARCH[1], MARCH[0], MARCH[0]], "b", id="by id on a day"),
    ],
)
def test_the_report_is_the_first_article_in_whatever_order_they_come(articles, dates, first):
    copies = [
        dataclasses.replace(articles[0], id=name, published=date)
        for name, date in zip("abc", dates, strict=True)
    ]
    for order in itertools.permutations(copies):
        assert reports(order) == {"a": first, "b": first, "c": first}


def test_two_halves_are_one_report_through_the_whole():
    start, end = numbered(0, 200), numbered(200, 200)
    halves = [Article(start, id="a"), Article(end, id="b")]
    assert len(groups(halves)) == 2
    assert reports([*halves, Article(f"{start} {end}", id="c")]) == {"a": "a", "b": "a", "c": "a"}


def test_the_work_can_be_ended(articles):
    compared = itertools.count(1)

    def between():
        if next(compared) == 3:
            raise InterruptedError

    copies = [dataclasses.replace(articles[0], id=name) for name in "abc"]
    with pytest.raises(InterruptedError):
        near_duplicates.reports(copies, text_in(copies), sketched(copies), {}, between)
    assert next(compared) == 4


def by_brute_force(texts: dict[str, str]) -> set[frozenset[str]]:
    """The groups of texts of which one shares half its shingles with a longer one."""
    shingles = {
        name: set(zip(words, words[1:], words[2:], strict=False))
        for name, words in ((name, text.split()) for name, text in texts.items())
    }
    joined = {name: {name} for name in texts}
    for one, other in itertools.combinations(texts, 2):
        fewest = min(len(shingles[one]), len(shingles[other]))
        if len(shingles[one] & shingles[other]) * 2 >= fewest:
            whole = joined[one] | joined[other]
            joined.update(dict.fromkeys(whole, whole))
    return {frozenset(group) for group in joined.values()}


@given(
    st.lists(st.lists(st.integers(0, 15), min_size=3, max_size=6), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_groups_are_those_of_brute_force_in_any_order(paragraphs, chance):
    texts = {
        f"{number}": " ".join(numbered(100 * one, 20) for one in few)
        for number, few in enumerate(paragraphs)
        if len(set(few)) > 2  # Paragraphs that come again make few shingles.
    }
    articles = [Article(text, id=name) for name, text in texts.items()]
    assert groups(articles) == by_brute_force(texts)
    shuffled = chance.sample(articles, len(articles))
    assert reports(shuffled) == reports(articles)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=6), min_size=2, max_size=8),
    st.data(),
)
def test_what_was_compared_before_gives_the_same_reports(paragraphs, data):
    """Articles go, come and change between two comparisons; the second looks up the first."""
    articles = [
        Article(" ".join(numbered(100 * one, 20) for one in few), id=f"{number}")
        for number, few in enumerate(paragraphs)
    ]
    before = data.draw(st.lists(st.sampled_from(articles), unique_by=lambda one: one.id))
    after = data.draw(st.lists(st.sampled_from(articles), unique_by=lambda one: one.id))
    changed = data.draw(st.sets(st.sampled_from([article.id for article in articles])))
    known = {id: report for id, report in reports(before).items() if id not in changed}
    now = [
        dataclasses.replace(one, text=f"{numbered(5000, 40)} {one.text}")
        if one.id in changed
        else one
        for one in after
    ]
    assert near_duplicates.reports(now, text_in(now), sketched(now), known) == reports(now)
