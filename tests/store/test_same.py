"""What is asked of an archive is answered alike wherever it is kept: the conformance suite."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from rag.errors import QuestionError
from rag.export import serialize
from rag.index.milvus.client import Engine
from rag.types import Filters

QUESTIONS = [
    "How many people did police in Kratie arrest?",
    "Who won the football World Cup in 2022?",
    "What did Hun Manet say about scams?",
    "How many articles mention Hun Manet?",
    "What happened in Pursat and in Kratie?",
    'Who spoke of "cyber slavery"?',
    "asdf qwer",
    "What did the New Straits Times report in 2024?",
]
FILTERS = [
    {},
    {"sources": "AP"},
    {"sources": ["New Straits Times", "VOA Khmer"]},
    {"since": "2017-01-01", "until": "2019-12-31"},
    {"since": "2024-01-01"},
]


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    return np.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_are_the_same(question, stored, archive):
    mine, theirs = stored.ask(question), archive.ask(question)
    assert (mine.status, mine.text) == (theirs.status, theirs.text)
    assert serialize.to_json(mine)["citations"] == serialize.to_json(theirs)["citations"]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_hits_are_the_same(filters, stored, archive):
    for question in QUESTIONS:
        mine, theirs = (one.search(question, 20, **filters) for one in (stored, archive))
        assert [hit.passage for hit in mine] == [hit.passage for hit in theirs]
        numbers = [[(h.score, h.dense, h.lexical) for h in hits] for hits in (mine, theirs)]
        assert alike(*map(np.array, numbers))


def test_the_nearest_vectors_are_the_same(stored, archive):
    encoder, count = archive.load_encoder(), len(archive.index.store)
    for query in encoder.encode_queries(QUESTIONS):
        for allowed in (None, np.arange(0, count, 2), np.arange(3, 9), np.empty(0, np.int64)):
            for k in (1, 5, count + 10):
                rows, cosines = stored.index.store.search(query, k, allowed)
                expected, theirs = archive.index.store.search(query, k, allowed)
                assert alike(cosines, theirs)
                assert alike(*(one.index.store.cosines(query[None], rows)[0]
                               for one in (stored, archive)))  # fmt: skip
                assert set(rows) == set(expected) or k < count


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (Filters(("AP",)), ["source in"]),
        (Filters(since=datetime.date(2017, 1, 1)), ["day >="]),
        (Filters(("New Straits Times", "VOA Khmer")), ["source in"]),
    ],
    ids=str,
)
def test_filters_are_told_the_engine_by_its_fields(
    filters, words, kind, stored, archive, monkeypatch
):
    asked, search = [], Engine.search

    def watched(self, collection, field, queries, k, where, **options):
        asked.append(where)
        return search(self, collection, field, queries, k, where, **options)

    monkeypatch.setattr(Engine, "search", watched)
    (query,) = archive.load_encoder().encode_queries(QUESTIONS[:1])
    rows, _ = stored.index.store.matching(filters)
    for one in (stored, archive):
        assert sorted(one.index.store.search(query, len(rows) + 5, rows)[0]) == rows.tolist()
    assert len(rows)
    for where in asked:
        assert "row" not in where
        assert all(word in where for word in words)
    assert len(asked) == (kind != "folder")


def test_cosines_are_of_the_rows_in_their_order(stored, archive):
    queries = archive.load_encoder().encode_queries(QUESTIONS[:3])
    for rows in (np.array([7, 1, 4]), np.array([2, 2]), np.empty(0, np.int64)):
        found = stored.index.store.cosines(queries, rows)
        assert found.shape == (3, len(rows))
        assert alike(found, archive.index.store.cosines(queries, rows))


def test_all_vectors_are_the_same(stored, archive):
    every = np.arange(len(archive.index.store))
    mine, theirs = (one.index.store.take(every) for one in (stored, archive))
    assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_facets_and_lists_are_the_same(filters, stored, archive):
    assert stored.facets(**filters) == archive.facets(**filters)
    assert stored.find("police", **filters) == archive.find("police", **filters)


def test_articles_are_the_same(stored, archive):
    assert list(stored.articles()) == list(archive.articles())
    filters = Filters(since=datetime.date(2017, 1, 1))
    mine, theirs = (one.index.store.matching(filters) for one in (stored, archive))
    assert np.array_equal(mine[0], theirs[0])
    assert mine[1] == theirs[1]


@pytest.mark.parametrize(
    "asked", [{"sources": "Nobody"}, {"since": "yesterday"}, {"articles": "x"}], ids=str
)
def test_refusals_are_the_same(asked, stored, archive):
    said = []
    for one in (stored, archive):
        with pytest.raises(QuestionError) as caught:
            one.ask(QUESTIONS[0], **asked)
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_every_byte_is_as_it_was_written(stored):
    assert stored.check() == []


def test_it_is_read_together_with_another_archive(stored, archive, tmp_path):
    from rag import Archive, Article

    encoder = archive.load_encoder()
    note = Article("The mayor of Kep bought a blue lorry on Monday.", "Lorry", "lorry")
    other = Archive.build([note], tmp_path, encoder=encoder)
    question = "Who bought a blue lorry?"
    mine, theirs = (one.beside(other).ask(question) for one in (stored, archive))
    assert mine.text == theirs.text
    assert mine.citations[0].article_id == "lorry"
