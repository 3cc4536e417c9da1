"""Training a reader on made passages and a made SQuAD file: its loss, and how a run goes on."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import made
import numpy as np
import pytest
import tiny
import torch
from made import ASKED, TOPICS
from safetensors.torch import load_file

from eval.train import reader
from eval.train.examples import Passage, Search, Searches, read_paragraphs, sha256_of
from eval.train.network import load_network, new_network
from eval.train.reader import Recipe, batches, loss_of, targets
from rag.errors import InputError
from rag.models.reader.joint_reader import JointReader
from rag.models.runtime.tokens import load_tokenizer
from rag.text.sentences import sentence_spans


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Passages, questions, a SQuAD file."""
    folder = tmp_path_factory.mktemp("data")
    return *made.searches(folder), made.squad(folder / "squad.json")


# What a token is to learn

PLACES = np.array([[-1, -1], [-1, -1], [0, 3], [4, 7], [7, 8], [9, 12], [-1, -1]])


@pytest.mark.parametrize(
    ("spans", "exact", "starts", "ends"),
    [
        pytest.param([(4, 8)], True, [3], [4], id="words"),
        pytest.param([(4, 8)], False, [3, 4], [3, 4], id="sentence"),
        pytest.param([(5, 6)], True, [3], [3], id="part of a token"),
        pytest.param([(0, 3), (9, 12)], True, [2, 5], [2, 5], id="two"),
        pytest.param([], True, [0], [0], id="none"),
        pytest.param([(20, 30)], True, [0], [0], id="in another row"),
        pytest.param([(3, 4)], True, [0], [0], id="between tokens"),
        pytest.param([(0, 12)], True, [2], [5], id="all"),
    ],
)
def test_targets(spans, exact, starts, ends):
    found = targets(PLACES, spans, exact)
    assert found.shape == (2, len(PLACES))
    assert [np.flatnonzero(row).tolist() for row in found] == [starts, ends]


# The loss

SCORES = torch.tensor([[2.0, 1.0], [0.5, -math.inf], [3.0, -1.0]])


def test_the_sentences_of_a_search_compete_with_each_other_and_with_none():
    right = torch.tensor([[False, True], [False, False], [False, False]])
    # The first search has two passages, the second has one, where nothing answers.
    every = math.exp(2) + math.exp(1) + math.exp(0.5) + 1
    first = math.log(every / math.exp(1))
    second = math.log(math.exp(3) + math.exp(-1) + 1)
    assert reader._of_searches(SCORES, right, [2, 1]).item() == pytest.approx((first + second) / 2)


def test_of_several_right_sentences_any_will_do():
    right = torch.tensor([[True, False], [True, False], [False, False]])
    every = math.exp(2) + math.exp(1) + math.exp(0.5) + 1
    expected = math.log(every / (math.exp(2) + math.exp(0.5)))
    assert reader._of_searches(SCORES[:2], right[:2], [2]).item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answers", "exact", "right"),
    [([(4, 8)], True, ([3], [4])), ([(4, 8)], False, ([3, 4], [3, 4])), ([], True, ([0], [0]))],
    ids=["words", "sentence", "none"],
)
def test_starts_and_ends_compete_with_the_other_tokens_of_the_text(answers, exact, right):
    spans = torch.arange(14.0).reshape(1, 7, 2) / 7
    text = [0, 2, 3, 4, 5]  # The first token, and those of the text.
    expected = 0.0
    for side in (0, 1):
        weights = {n: math.exp(spans[0, n, side]) for n in text}
        share = sum(weights[n] for n in right[side]) / sum(weights.values())
        expected -= math.log(share) / 2
    passage = Passage("", (), {}, exact)
    found = reader._of_spans(spans, PLACES[np.newaxis], [passage], [answers])
    assert found.item() == pytest.approx(expected)


@pytest.fixture(scope="module")
def start(tmp_path_factory, models):
    return tiny.encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def tokenizer(start):
    return load_tokenizer(Path(start), split_special=True)


SEARCH = Search(
    "How many people did police hold in Kratie?",
    (
        Passage(
            "Raid", ("Police held 312 people in Kratie.", "They left."), {0: ((12, 22),)}, True
        ),
        Passage("Rain", ("Rain fell.", "It was wet.", "Nobody was held."), {}),
    ),
)


def test_the_loss_is_that_of_the_scores_that_a_reader_gives(tokenizer, tmp_path):
    """What is trained is what `JointReader` reads: the same rows, the same segments."""
    network, folder = tiny.untrained_reader(tmp_path)
    reading = JointReader("new", folder, "float32")
    texts = [p.text() for p in SEARCH.passages]
    read = reading.read(
        SEARCH.question, ["Raid", "Rain"], [t[0] for t in texts], [t[1] for t in texts]
    )
    scores = [[r.logit for r in of_text] for of_text in read]
    every = sum(math.exp(logit) for of_text in scores for logit in of_text) + 1
    sentences = math.log(every) - scores[0][0]
    with torch.inference_mode():
        whole = loss_of(network, tokenizer, [SEARCH]).item()
        # Twice the same search is no other loss.
        assert loss_of(network, tokenizer, [SEARCH] * 2).item() == pytest.approx(whole, rel=1e-4)
        network.spans.weight.zero_()
        network.spans.bias.zero_()
        bare = loss_of(network, tokenizer, [SEARCH]).item()
    # All tokens of the text and the first one are alike now.
    counts = [1 + len(tokenizer.encode(t[0], add_special_tokens=False)) for t in texts]
    headings = [len(tokenizer.encode(h, add_special_tokens=False)) for h in ("Raid", "Rain")]
    assert headings == [1, 1], "which are no tokens of the text"
    spans = np.mean([math.log(count) for count in counts])
    assert bare == pytest.approx(sentences + reader._SPANS * spans, rel=1e-3)


# Batches


def test_a_batch_has_no_more_than_its_tokens_and_goes_on_where_it_was(data):
    searches = Searches(read_paragraphs(data[2]), 0, 0.7)
    every = list(itertools.islice(batches(searches, 200), 500))
    for batch in every:
        rows = sum(len(search.passages) for search in batch)
        longest = max(map(reader._longest, batch))
        assert len(batch) == 1 or rows * longest <= 200 * reader._CHARACTERS
    assert any(len(batch) > 1 for batch in every)
    assert list(itertools.islice(batches(searches, 200, 490), 10)) == every[490:]


# Training

RECIPE = Recipe(steps=4, batch_tokens=256, rate=1e-2, warm_up=1, frozen=1, seed=3)


@pytest.fixture(scope="module")
def trained(data, start, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained")
    return out, reader.train(*data, start, out, RECIPE)


def weights_of(folder):
    return load_file(folder / "model.safetensors")


def test_what_was_trained_can_be_read_with(trained, data):
    out, facts = trained
    own = JointReader("made", out, "float32")
    text = TOPICS["Kratie"]
    spans = sentence_spans(text)
    (readings,) = own.read("Who?", [""], [text], [spans])
    assert np.isfinite([r.logit for r in readings]).all()
    assert all(
        0 <= r.mark[0] < r.mark[1] <= b - a for r, (a, b) in zip(readings, spans, strict=True)
    )
    assert json.loads((out / "training.json").read_text("utf-8")) == json.loads(json.dumps(facts))
    assert facts["recipe"]["seed"] == RECIPE.seed
    assert facts["data"] == {path.name: sha256_of(path) for path in data}
    assert facts["sha256"] == sha256_of(out / "model.safetensors")
    assert facts["start"] is None


def test_training_makes_the_loss_less(data, start, tokenizer, tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "_AVERAGED", 0.5)  # The average of few steps.
    recipe = replace(RECIPE, steps=40)
    reader.train(*data, start, tmp_path, recipe)
    networks = [new_network(start).eval(), load_network(tmp_path, "float32")]
    batch = list(Searches(read_paragraphs(data[2])[:3], 0, 0.7).draw(0, 30))
    with torch.inference_mode():
        before, after = (loss_of(network, tokenizer, batch).item() for network in networks)
    assert after < before - 0.2


def test_only_the_upper_layers_learn(trained, start):
    out, _ = trained
    before, after = load_file(f"{start}/model.safetensors"), weights_of(out)
    same = {
        name: torch.equal(weights.half(), after[f"encoder.{name}"])
        for name, weights in before.items()
        if f"encoder.{name}" in after
    }
    assert all(
        kept for name, kept in same.items() if name.startswith(("embeddings", "encoder.layer.0"))
    )
    assert not same["encoder.layer.1.output.dense.weight"]
    assert {weights.dtype for weights in after.values()} == {torch.float16}


def test_held_back_topics_are_not_trained_on(trained, data, start, tmp_path):
    _, facts = trained
    assert facts["held_back"] == ["Poipet"]
    assert {"Kampot", "Kratie"} <= set(facts["trained_on"])
    # Whatever that topic says, the weights come out the same.
    texts = TOPICS | {"Poipet": "Quite another text of 2023, in which nobody lives."}
    asked = ASKED | {"Poipet": [("Who lives there?", "nobody")]}
    other = made.squad(tmp_path / "squad.json", texts, asked)
    again = reader.train(*data[:2], other, start, tmp_path / "out", RECIPE)
    assert again["sha256"] == facts["sha256"]


def test_another_seed_makes_another_reader(trained, data, start, tmp_path):
    _, facts = trained
    other = reader.train(*data, start, tmp_path, replace(RECIPE, seed=4))
    assert other["sha256"] != facts["sha256"]


def test_training_starts_from_the_weights_that_are_given(trained, data, start, tmp_path):
    """At a rate of almost nothing, they stay what they were."""
    out, _ = trained
    given = out / "model.safetensors"
    still = replace(RECIPE, steps=1, rate=1e-9)
    facts = reader.train(*data, start, tmp_path, still, given)
    assert facts["start"] == sha256_of(given)
    found = weights_of(tmp_path)
    assert all(torch.equal(w, found[name]) for name, w in weights_of(out).items())


@pytest.mark.parametrize("stopped_after", [1, 3])
def test_a_run_that_was_stopped_goes_on(trained, data, start, tmp_path, monkeypatch, stopped_after):
    _, facts = trained
    steps = []

    def until_stopped(*given):
        if len(steps) == stopped_after:
            raise KeyboardInterrupt
        steps.append(given)
        return loss(*given)

    loss = reader.loss_of
    monkeypatch.setattr(reader, "_SAVED", 1)
    with monkeypatch.context() as stopping:
        stopping.setattr(reader, "loss_of", until_stopped)
        with pytest.raises(KeyboardInterrupt):
            reader.train(*data, start, tmp_path, RECIPE)
    assert not (tmp_path / "training.json").exists()
    assert reader.train(*data, start, tmp_path, RECIPE)["sha256"] == facts["sha256"]


def test_a_run_that_was_complete_is_only_written_again(trained, data, start, monkeypatch):
    out, facts = trained
    monkeypatch.setattr(reader, "loss_of", None)
    assert reader.train(*data, start, out, RECIPE) == facts


def test_a_run_does_not_go_on_by_another_recipe(trained, data, start):
    out, _ = trained
    with pytest.raises(InputError, match=r"another recipe\. Remove it, or choose another --out"):
        reader.train(*data, start, out, replace(RECIPE, rate=1e-3))


def test_a_run_may_be_made_longer(trained, data, start, tmp_path, monkeypatch):
    _, facts = trained
    first = replace(RECIPE, steps=2)
    reader.train(*data, start, tmp_path, first)
    taken = []
    loss = reader.loss_of
    monkeypatch.setattr(reader, "loss_of", lambda *some: taken.append(some) or loss(*some))
    assert reader.train(*data, start, tmp_path, RECIPE)["recipe"] == facts["recipe"]
    assert len(taken) == 2
