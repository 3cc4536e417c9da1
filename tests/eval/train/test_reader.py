"""Training a reader on made lists and a made SQuAD file: what it reads, and how a run goes on."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import made
import numpy as np
import pytest
import tiny
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made import ASKED, TOPICS
from safetensors.torch import load_file

from eval.train import reader
from eval.train.examples import Epochs, Example, held_back, read_lists, read_paragraphs
from eval.train.reader import Recipe, targets
from rag.models.reader import load
from rag.types import Reading

LISTS = [
    {"source": "selqa", "question": "who saw the rain ?", "answers": [1],
     "sentences": ["The rain fell .", "Sok Hour saw it from Kep .", "Others slept ."]},
    {"source": "nqg", "question": "what did it cost ?", "answers": [0],
     "sentences": ["It cost $ 3.4 million .", "It did n't cost much .", "Who knows ?"]},
    {"source": "wikiqa", "question": "where is Kep ?", "answers": [],
     "sentences": ["Kampot is a town .", "It lies on a river ."]},
]  # fmt: skip


def write_lists(path, records=LISTS):
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return write_lists(folder / "lists.jsonl.gz"), made.squad(folder / "squad.json")


@pytest.fixture(scope="module")
def examples(data):
    lists, squad = data
    return [*read_lists(lists), *read_paragraphs(squad)]


# What is read


def test_lists_are_read_as_they_were_before_they_were_tokenised(data):
    selqa, nqg, wikiqa = read_lists(data[0])
    assert selqa.sentences[0] == "The rain fell ."
    assert selqa.answers == {1: ((0, len("Sok Hour saw it from Kep .")),)}
    assert nqg.question == "what did it cost?"
    assert nqg.sentences == ("It cost $3.4 million.", "It didn't cost much.", "Who knows?")
    assert not nqg.ordered
    assert (wikiqa.answers, wikiqa.exact, wikiqa.ordered) == ({}, False, True)


def test_blank_sentences_of_a_list_are_left_out(tmp_path):
    kept = {"source": "selqa", "question": "?", "sentences": [" ", "a", "", "b"], "answers": [3]}
    lost = {"source": "selqa", "question": "?", "sentences": ["a", " "], "answers": [1]}
    (found,) = read_lists(write_lists(tmp_path / "lists.gz", [kept, lost]))
    assert (found.sentences, found.answers) == (("a", "b"), {1: ((0, 1),)})


def test_paragraphs_are_read_with_the_words_that_answer(data):
    first, *_, last = read_paragraphs(data[1])
    assert first.topic == "Kratie"
    assert first.answers == {0: ((12, 22),)}
    assert first.sentences[0][12:22] == "312 people"
    assert first.exact
    assert last.answers == {}


def test_an_answer_that_crosses_a_full_stop_counts_up_to_it(tmp_path):
    asked = {"Kratie": [("What happened?", "on Monday. They came")]}
    path = made.squad(tmp_path / "squad.json", {"Kratie": TOPICS["Kratie"]}, asked)
    (found,) = read_paragraphs(path)
    (((start, end),),) = found.answers.values()
    assert found.sentences[0][start:end] == "on Monday."


def test_the_text_of_an_example_has_its_spans():
    example = Example(
        "made", "", "?", ("One two.", "Three.", "Four."), {0: ((4, 7),), 2: ((0, 4),)}
    )
    text, spans = example.text()
    assert text == "One two. Three. Four."
    assert [text[a:b] for a, b in spans] == ["two", "Four"]


@pytest.mark.parametrize(
    ("topics", "kept"),
    [("", ""), ("a", ""), ("ab", "b"), ("aaabbbccc", "b"), ("abcdefgh", "beh"), ("abab", "b")],
)
def test_every_third_topic_is_held_back(topics, kept):
    assert held_back(list(topics)) == list(kept)


# Epochs


@given(st.integers(0, 10**6), st.integers(0, 3))
def test_spans_are_right_in_every_form(examples, seed, number):
    asked = {e.question: e for e in examples}
    drawn = list(Epochs(examples, seed).draw(number))
    assert len(drawn) == len(examples)
    for example, heading in drawn:
        text, spans = example.text()
        original = asked.get(example.question)
        assert "\n" not in heading
        assert example.sentences
        assert len(text.split()) <= 160
        if original is None:  # It asks for another figure or name, which nothing answers.
            assert not spans
            continue
        whole, right = original.text()
        told = {whole[a:b] for a, b in right}
        assert {text[a:b] for a, b in spans} <= told
        if set(example.sentences) <= set(original.sentences):
            # Whatever sentences were kept that answer are known to.
            kept = {
                sentence
                for n, sentence in enumerate(original.sentences)
                if n in original.answers and sentence in example.sentences
            }
            assert {example.sentences[n] for n in example.answers} == kept
        else:
            assert not spans
            assert not any(answer in text for answer in told if original.exact)


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_an_epoch_is_a_function_of_the_seed_and_its_number(examples, seed):
    again = Epochs(examples, seed)
    list(again.draw(0))
    second = list(again.draw(1))
    assert second == list(Epochs(examples, seed).draw(1))
    assert second != list(again.draw(0))
    assert second != list(Epochs(examples, seed + 1).draw(1))


def test_epochs_bring_every_form(examples):
    """Whole, without its answer, of another passage, asked for something else; with a heading."""
    known = {e.question: e for e in examples}
    forms = set()
    for number in range(60):
        for example, heading in Epochs(examples, 0).draw(number):
            original = known.get(example.question)
            forms.add("headed" if heading else "bare")
            if original is None:
                forms.add("altered")
            elif original.answers and not example.answers:
                mine = set(example.sentences) <= set(original.sentences)
                forms.add("without" if mine else "look-alike")
            elif original.answers:
                forms.add("whole")
    assert forms == {"headed", "bare", "altered", "without", "look-alike", "whole"}


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


# Training

RECIPE = Recipe(epochs=2, batch_tokens=96, rate=1e-2, warm_up=1, frozen=1, squad=1, seed=3)


@pytest.fixture(scope="module")
def start(tmp_path_factory, models):
    return tiny.encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def trained(data, start, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained")
    return out, reader.train(*data, start, out, RECIPE)


def test_what_was_trained_can_be_read_with(trained):
    out, facts = trained
    made = load(str(out), "float32")
    text = TOPICS["Kratie"]
    ((one, other),) = made.read("Who?", [""], [text], [[(0, 43), (44, 80)]])
    assert isinstance(one, Reading)
    assert np.isfinite([one.logit, other.logit]).all()
    assert 0 <= one.mark[0] < one.mark[1] <= 43
    assert json.loads((out / "training.json").read_text("utf-8")) == json.loads(json.dumps(facts))
    assert facts["recipe"]["seed"] == RECIPE.seed
    assert set(facts["data"]) == {"lists.jsonl.gz", "squad.json"}


def test_only_the_upper_layers_learn(trained, start):
    out, _ = trained
    before, after = load_file(f"{start}/model.safetensors"), load_file(out / "model.safetensors")
    same = {
        name: torch.equal(weights.half(), after[f"bert.{name}"])
        for name, weights in before.items()
        if f"bert.{name}" in after
    }
    assert all(
        kept for name, kept in same.items() if name.startswith(("embeddings", "encoder.layer.0"))
    )
    assert not any(
        kept for name, kept in same.items() if name == "encoder.layer.1.output.dense.weight"
    )
    assert {weights.dtype for weights in after.values()} == {torch.float16}


def test_held_back_topics_are_not_trained_on(trained, data, start, tmp_path):
    _, facts = trained
    assert facts["held_back"] == ["Poipet"]
    assert facts["trained_on"] == ["Kampot", "Kratie"]
    # Whatever that topic says, the weights come out the same.
    texts = TOPICS | {"Poipet": "Quite another text of 2023, in which nobody lives."}
    asked = ASKED | {"Poipet": [("Who lives there?", "nobody")]}
    other = made.squad(tmp_path / "squad.json", texts, asked)
    again = reader.train(data[0], other, start, tmp_path / "out", RECIPE)
    assert again["sha256"] == facts["sha256"]


def test_another_seed_or_text_makes_another_reader(trained, data, start, tmp_path):
    _, facts = trained
    other = reader.train(*data, start, tmp_path, replace(RECIPE, seed=4))
    assert other["sha256"] != facts["sha256"]


@pytest.mark.parametrize("stopped_after", [1, 3])
def test_a_run_that_was_stopped_goes_on(trained, data, start, tmp_path, monkeypatch, stopped_after):
    _, facts = trained
    steps = []

    def until_stopped(*given):
        if len(steps) == stopped_after:
            raise KeyboardInterrupt
        steps.append(given)
        return loss(*given)

    loss = reader._loss
    monkeypatch.setattr(reader, "_SAVED", 1)
    with monkeypatch.context() as stopping:
        stopping.setattr(reader, "_loss", until_stopped)
        with pytest.raises(KeyboardInterrupt):
            reader.train(*data, start, tmp_path, RECIPE)
    assert not (tmp_path / "training.json").exists()
    assert reader.train(*data, start, tmp_path, RECIPE)["sha256"] == facts["sha256"]


def test_a_run_that_was_complete_is_only_written_again(trained, data, start, monkeypatch):
    out, facts = trained
    monkeypatch.setattr(reader, "_loss", None)
    assert reader.train(*data, start, out, RECIPE) == facts
