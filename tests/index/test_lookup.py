"""Phrases looked up in an index: the same as by reading every article."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from rag import Archive, Article
from rag.index.lookup import holding
from rag.text.phrases import occurrences

DAY = datetime.date(2023, 5, 1)
LONG = "The harbour board of Orlet met again, and nothing was decided. " * 40
ARTICLES = (
    Article("Mara Dolin opened the fish market.", "Market", "a", "Courier", published=DAY),
    Article(LONG + "Mara Dolin left.", "Board", "b", "Daily", published=DAY.replace(day=3)),
    Article("He did not name her.", "MARA DOLIN denies it", "c", "Courier"),
    Article("The United States of America told us.", "Abroad", "d", "Daily", published=DAY),
    Article("The mayor, Karl Hast, is well.", "Mayor", "e", "Courier", "Ann Lee", published=DAY),
    Article("Whom the dolphins mar.", "Sea", "f", "Daily", published=DAY.replace(day=9)),
)  # fmt: skip
PHRASES = (
    "Mara Dolin", "mara dolin", "Dolin", "United States", "States", "America", "the", "us", "US",
    "Orlet", "nothing was decided", "the mayor, Karl Hast", "Courier", "nobody", "Hast",
)  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory, fake_encoder):
    return Archive.build(ARTICLES, tmp_path_factory.mktemp("town"), encoder=fake_encoder).index


def held(index, *phrases, rows=None):
    return {one.entry.id for one in holding(index, index.store.entries(rows), phrases)}


def read(phrase):
    """The articles that hold a phrase, by reading all of them."""
    return {a.id for a in ARTICLES for text in (a.text, a.title) if occurrences(text, phrase)}


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_article_is_missed_and_none_too_many(index, phrase):
    assert held(index, phrase) == read(phrase)


def test_all_phrases_have_to_stand_there(index):
    assert held(index, "Mara Dolin", "Orlet") == {"b"}
    assert held(index, "Mara Dolin", "Karl Hast") == set()
    assert held(index) == {article.id for article in ARTICLES}


def test_the_places_of_the_first_phrase_are_kept(index):
    (one,) = holding(index, index.store.entries(), ("fish market", "Mara Dolin"))
    assert [ARTICLES[0].text[start:end] for start, end in one.in_text] == ["fish market"]
    assert one.in_title == []


def test_entries_are_newest_first_and_the_undated_last(index):
    assert [one.id for one in index.store.entries()] == ["f", "b", "a", "e", "d", "c"]
    assert index.store.entries()[3].author == "Ann Lee"


def test_only_the_articles_of_the_rows_are_entries(index):
    rows = index.bm25.holding("Dolin")
    assert [one.id for one in index.store.entries(rows)] == ["b", "a", "c"]
    assert index.store.articles_of(rows) == {"a", "b", "c"}
    assert held(index, "Mara Dolin", rows=rows[:1]) == {"a"}
    assert index.store.entries(rows[:0]) == []


def test_two_indexes_are_looked_up_as_one(tmp_path_factory, fake_encoder, opened):
    homes = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    twin = replace(ARTICLES[0], id="z")  # The same text under another id: the first's is kept.
    Archive.build(ARTICLES[:3], homes[0], encoder=fake_encoder)
    Archive.build((*ARTICLES[3:], twin), homes[1], encoder=fake_encoder)
    first, second = map(opened, homes)
    both = first.beside(second).index
    for phrase in PHRASES:
        assert held(both, phrase) == read(phrase)
    assert [one.id for one in both.store.entries()] == ["f", "b", "a", "e", "d", "c"]
    rows = both.bm25.holding("Dolin")
    assert [one.id for one in both.store.entries(rows)] == ["b", "a", "c"]
