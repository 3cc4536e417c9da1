"""A CrossEncoder made here says what entails what; one without that label is refused."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
from sentence_transformers import CrossEncoder

from rag import Archive, AskSettings
from rag.errors import EncoderError
from rag.generation.verify import Verifier
from rag.models.cross_encoder import Entailment
from rag.types import Shown

PAIRS = [("Police held 312 people.", "People were held."), ("It rained.", "Nobody was held.")]


@pytest.fixture(scope="module")
def model(tmp_path_factory, models):
    return tiny.entailment(tmp_path_factory.mktemp("entailment"))


def test_probabilities_are_those_of_the_label(model):
    rows = CrossEncoder(model).predict(PAIRS, apply_softmax=True)
    found = Entailment(model).probabilities(PAIRS)
    np.testing.assert_allclose(found, rows[:, 1], atol=1e-6)
    assert all(0 < probability < 1 for probability in found)


def test_a_model_without_the_label_is_refused(tmp_path):
    with pytest.raises(EncoderError, match="no label 'entailment'"):
        Entailment(tiny.cross_encoder(tmp_path / "ranks", labels=3))


def test_a_model_that_is_missing_is_named(tmp_path):
    with pytest.raises(EncoderError, match=r"entailment model .* could not be loaded"):
        Entailment(str(tmp_path / "nothing"))


@pytest.mark.parametrize(("probability", "kind"), [(0.9, ""), (0.1, "unsupported")])
def test_the_verifier_asks_it_last(archive, articles, encoder, probability, kind):
    asked = []

    def entails(pairs):
        asked.extend(pairs)
        return [probability for _ in pairs]

    article = next(a for a in articles if "arrested 312 people" in a.text)
    shown = {1: Shown(1, article, 0, len(article.text))}
    settings = AskSettings(entailment="named")
    verifier = Verifier(archive.pipeline.embed_sentences, settings, entails)
    assert verifier.verify("Police in Kratie arrested 312 people.", [1], shown).kind == kind
    ((quote, sentence),) = asked
    assert "arrested 312 people" in quote
    assert sentence == "Police in Kratie arrested 312 people."
    asked.clear()
    assert verifier.verify("Police in Kratie arrested 313 people.", [1], shown).kind == "number"
    assert asked == []


def test_an_archive_loads_the_one_that_its_settings_name(archive, encoder, model):
    opened = Archive.open(archive.home, AskSettings(entailment=model), encoder)
    assert opened.pipeline._entails(PAIRS) == Entailment(model).probabilities(PAIRS)
