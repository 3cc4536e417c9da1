"""A CrossEncoder made here puts hits in its order; one that does not fit is refused."""

from __future__ import annotations

import numpy as np
import pytest
from sentence_transformers import CrossEncoder
from tiny import cross_encoder

from rag import Archive, AskSettings
from rag.errors import EncoderError
from rag.models.cross_encoder import Reranker

QUESTION = "How many police officers were trained, and who proposed the training?"


@pytest.fixture(scope="module")
def model(tmp_path_factory, models):
    return cross_encoder(tmp_path_factory.mktemp("reranker"))


@pytest.fixture
def reranked(archive, encoder, model):
    """The bundled articles, searched with the reranker."""

    def opened(**settings):
        return Archive.open(
            archive.home, AskSettings(reranker=model, reader="", **settings), encoder
        )

    return opened


def test_scores_are_the_models(model):
    texts = ["The police trained.", "It rained in Kratie, for two days.", ""]
    expected = CrossEncoder(model).predict([(QUESTION, text) for text in texts])
    np.testing.assert_allclose(Reranker(model).scores(QUESTION, texts), expected, atol=1e-6)
    assert len(set(expected.tolist())) == 3
    assert Reranker(model).scores(QUESTION, []).shape == (0,)


def test_hits_come_in_the_order_of_the_reranker(archive, reranked):
    before, after = archive.search(QUESTION, k=12), reranked().search(QUESTION, k=12)
    assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)
    assert [hit.passage for hit in after] != [hit.passage for hit in before]
    by_passage = {hit.passage: hit for hit in archive.search(QUESTION, k=20)}
    for hit in after:
        assert (hit.dense, hit.lexical) == pytest.approx(
            (by_passage[hit.passage].dense, by_passage[hit.passage].lexical), abs=1e-5
        )


def test_only_the_first_passages_are_reranked(archive, reranked):
    before = [hit.passage for hit in archive.search(QUESTION, k=12)]
    found = reranked(rerank_passages=3).search(QUESTION, k=12)
    after = [hit.passage for hit in found]
    assert set(after[:3]) == set(before[:3])
    assert after[3:] == before[3:]
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_a_question_is_answered_with_a_reranker(reranked):
    answer = reranked().ask("Who proposed the training?")
    assert answer.hits
    assert answer.dropped == 0


def test_a_pair_that_would_be_truncated_is_refused(tmp_path):
    short = Reranker(cross_encoder(tmp_path / "short", length=20))
    with pytest.raises(EncoderError, match=r"has \d+ tokens, the reranker .* reads 20\. Ask a sh"):
        short.scores(QUESTION, ["word " * 30])


def test_a_model_that_does_not_rank_is_refused(tmp_path):
    with pytest.raises(EncoderError, match="gives 3 scores a pair"):
        Reranker(cross_encoder(tmp_path / "three", labels=3))


def test_a_folder_without_a_model_is_refused(archive, encoder, tmp_path):
    searched = Archive.open(archive.home, AskSettings(reranker=str(tmp_path)), encoder)
    with pytest.raises(EncoderError, match=r"could not be loaded .* folder of a sentence-trans"):
        searched.search(QUESTION)
