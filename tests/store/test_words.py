"""Passages found by their words in the engine: as Byline's own BM25 finds them."""

from __future__ import annotations

import numpy as np
import pytest
from store.test_same import QUESTIONS

from rag import Archive, Article, AskSettings
from rag.errors import SettingsError
from rag.index.milvus.address import ENGINE, SPARSE, WORDS
from rag.retrieval import hybrid
from rag.text.stems import stems

STORIES = [
    Article("Police held 312 people in Kratie. The river rose.", "Raid", "raid", "The Post"),
    Article("A flood came to Takeo on Friday.", "Flood", "flood"),
    Article("The of and.", id="wordless"),
]
STORM = Article("A storm hit Kampot at noon.", "Storm", "storm")


def found(archive: Archive, question: str) -> list[str]:
    """The articles of what the engine finds."""
    rows = archive.index.bm25.candidates([question], 1)
    return [passage.article_id for passage in archive.index.store.passages(rows)]


@pytest.fixture(scope="module")
def bm25(stored):
    """The words of an archive whose engine finds passages by them."""
    if (stored.index.manifest.vectors or {}).get("words") != SPARSE:
        pytest.skip("nothing finds words here but Byline")
    return stored.index.bm25


@pytest.mark.parametrize("k", [1, 7, 40])
@pytest.mark.parametrize("step", [None, 1, 3])
def test_the_best_by_words_are_those_of_bm25(bm25, k, step):
    allowed = None if step is None else np.arange(0, len(bm25), step)
    for question in QUESTIONS:
        rows = bm25.candidates([question], k, allowed)
        scores = bm25.scores(question)[slice(None, None, step)]
        expected = np.sort(scores[scores > 0])[::-1][:k]
        assert np.allclose(np.sort(bm25.scores(question)[rows])[::-1][: len(expected)], expected)
        assert set(rows) <= set(range(0, len(bm25), step or 1))


def test_the_scores_of_the_engine_are_those_of_bm25(bm25, stored):
    place, name = stored.index.place, stored.index.manifest.vectors["collection"]
    words = {word: number + 1 for word, number in bm25._passages.vocabulary.items()}
    for word in ("police", "kratie", "cambodia"):
        (word,) = stems(word)
        asked = {words[word]: bm25.idf(word)}
        (hits,) = place._engine.search(name, "sparse", [asked], 50, "", metric_type="IP")
        scores = bm25.scores(word)
        hits = [(row, score) for row, score in hits if score > 0]
        assert len(hits) == min(50, np.count_nonzero(scores))
        assert np.allclose(scores[[row for row, _ in hits]], [score for _, score in hits])


def test_hits_are_the_same_where_the_engine_finds_the_words(bm25, stored, archive, monkeypatch):
    """Of few passages all are scored; here the engine is to find the words of fewer."""
    asked = []
    finder = bm25._finder
    monkeypatch.setattr(hybrid, "_DEEP", 1)
    monkeypatch.setattr(bm25, "_finder", lambda *given: asked.append(given) or finder(*given))
    settings, models = AskSettings(candidates=8), archive.pipeline.models
    for question in QUESTIONS:
        mine, theirs = (
            Archive(one.index, models, settings).search(question, 5) for one in (stored, archive)
        )
        assert [hit.passage for hit in mine] == [hit.passage for hit in theirs]
    assert len(asked) >= len(QUESTIONS)


def test_the_engine_s_own_bm25_finds_words_where_it_has_one(kind, address, fake_encoder):
    where = address()
    if kind == "folder":
        pytest.skip("a folder has no engine")
    if kind == "server":
        for words in WORDS:
            with pytest.raises(SettingsError, match=f".words={words} is there from 2"):
                Archive.build(STORIES, f"{where}?words={words}", encoder=fake_encoder)
        return
    built = Archive.build(STORIES, f"{where}?words=engine", encoder=fake_encoder)
    assert found(built, "a flood in Takeo") == ["flood"]
    assert found(built, "312 people in Kratie") == ["raid"]
    assert len(built.index.bm25.candidates(["the of and", ""], 3)) == 0
    assert built.check() == []
    added = Archive.open(where, encoder=fake_encoder).add([STORM])
    assert added.index.manifest.vectors["words"] == ENGINE  # As it was asked for once.
    assert found(added, "a storm in Kampot") == ["storm"]


def test_milvus_lite_is_asked_for_words_only_where_the_address_says_so(kind, address, fake_encoder):
    if kind != "lite":
        pytest.skip("another store")
    built = Archive.build(STORIES, address(), encoder=fake_encoder)
    assert built.index.bm25.candidates(["a flood"], 1) is None
