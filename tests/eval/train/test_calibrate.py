"""Fitting what evidence is worth: by hand-made measures, and on a made SQuAD file."""

from __future__ import annotations

import json
import math

import made
import numpy as np
import pytest
import tiny

from eval.datasets.squad import read_squad
from eval.train import calibrate
from eval.train.calibrate import Asked, Fit, fit, measure, score
from rag import Archive, AskSettings
from rag.answer import calibration
from rag.answer.calibration import Logistic
from rag.answer.extract import ANSWER, LEXICAL
from rag.errors import InputError

READING = Fit(
    "own",
    Logistic({"reader": 1.0} | dict.fromkeys(LEXICAL, 0.0), 0.0),
    Logistic(dict.fromkeys(ANSWER, 0.0) | {"sentence": 1.0}, 0.0),
)
"""Only the reading counts."""


def asked(kind, readings, right=(), topic="Kratie", **columns):
    """A question of whose candidates nothing but these columns is known."""
    rows = np.zeros((len(readings), 1 + len(LEXICAL)))
    rows[:, 0] = readings
    for name, values in columns.items():
        rows[:, 1 + LEXICAL.index(name)] = values
    right = np.array([n in right for n in range(len(readings))])
    return Asked(topic, kind, rows, np.zeros(len(ANSWER) - 1), right)


def scored(questions, fitted):
    """The scores by one model for all topics."""
    return score(questions, dict.fromkeys({a.topic for a in questions}, fitted))


# By hand


def test_a_right_sentence_is_one_that_comes_first_or_among_three():
    found = scored(
        [
            asked("answerable", [3, 1, 2, 0], right=[0]),
            asked("answerable", [3, 1, 2, 0], right=[1]),
            asked("answerable", [3, 1, 2, 0], right=[3]),
            asked("answerable", [3, 1], right=[]),
            asked("impossible", [9, 1]),
        ],
        READING,
    )
    assert found["first sentence right"] == 1 / 4
    assert found["one of three right"] == 2 / 4


def test_questions_without_an_answer_are_told_by_their_confidence():
    found = scored(
        [
            asked("answerable", [1, 0], right=[0]),
            asked("answerable", [3, 0], right=[0]),
            asked("impossible", [2, 0]),
            asked("absent", [-1, -2]),
        ],
        READING,
    )
    assert found["AUROC, SQuAD's unanswerable"] == 0.5
    assert found["AUROC, topic absent"] == 1.0


@pytest.mark.parametrize(
    ("kinds", "error"),
    [
        (("answerable", "impossible"), 0.25),
        (("answerable", "answerable"), 0.25),
        (("answerable", "answerable", "impossible", "answerable"), 0.0),
        (("answerable", "absent"), 0.25),
    ],
)
def test_the_calibration_error_is_of_squads_own_questions(kinds, error):
    found = scored([asked(kind, [math.log(3)], right=[0]) for kind in kinds], READING)
    assert found["expected calibration error, SQuAD"] == pytest.approx(error)


def _many():
    """Questions that readings decide, with words that say nothing."""
    rng = np.random.default_rng(0)
    for n in range(40):
        right = n % 3
        readings = rng.normal(size=3) + 4 * (np.arange(3) == right)
        yield asked("answerable", readings, [right], topic="ab"[n % 2], covered=rng.random(3))
        kind = "impossible" if n % 4 else "absent"
        yield asked(kind, rng.normal(size=3) - 2, topic="ab"[n % 2], covered=rng.random(3))


@pytest.mark.parametrize(("reader", "first"), [("own", "reader"), ("", "cosine")])
def test_what_decides_gets_the_weight(reader, first):
    questions = list(_many())
    found = fit(questions, reader)
    assert found.reader == reader
    assert set(found.sentence.weights) == {first, *LEXICAL}
    assert set(found.answer.weights) == set(ANSWER)
    assert found.sentence.weights[first] > 2 * abs(found.sentence.weights["covered"])
    assert found.answer.weights["sentence"] > 0
    # What was never measured is worth nothing.
    assert found.sentence.weights["name"] == pytest.approx(0, abs=1e-6)
    scores = scored(questions, found)
    assert scores["first sentence right"] > 0.9
    assert scores["AUROC, SQuAD's unanswerable"] > 0.9
    assert scores["expected calibration error, SQuAD"] < 0.2


def test_a_topic_is_scored_by_what_the_others_taught():
    """Where each topic teaches the opposite of the other, all is wrong."""
    opposed = [
        asked("answerable", [sign, -sign], right=[0], topic=topic)
        for topic, sign in (("a", 1.0), ("b", -1.0))
        for _ in range(10)
    ]
    opposed += [asked("impossible", [0.0], topic=topic) for topic in "ab" for _ in range(10)]
    assert calibrate.crossed(opposed, "own")["first sentence right"] == 0.0
    # Of one topic alone, it would be right.
    half = [a for a in opposed if a.topic == "a"]
    assert scored(half, fit(half, "own"))["first sentence right"] == 1.0


def test_a_measure_that_is_left_out_is_missed():
    found = calibrate.ablation(list(_many()), "own")
    assert len(found) == 1 + len(LEXICAL) + len(ANSWER)
    without = found["own, without reader"]["first sentence right"]
    assert without < 0.7 < found["own, without name"]["first sentence right"]


# On a made SQuAD file


@pytest.fixture(scope="module")
def squad(tmp_path_factory):
    return made.squad(tmp_path_factory.mktemp("data") / "squad.json")


@pytest.fixture(scope="module")
def measured(squad, fake_encoder, tmp_path_factory):
    articles, questions = read_squad(squad)
    home = tmp_path_factory.mktemp("index")
    Archive.build(articles, home, encoder=fake_encoder)
    archive = Archive.open(home, AskSettings(reader=""), fake_encoder)
    return questions, list(measure(archive, articles, questions))


def test_each_answerable_question_is_asked_without_its_topic_too(measured):
    questions, found = measured
    kinds = [(a.topic, a.kind) for a in found]
    assert kinds == [
        (question["topic"], kind)
        for question in questions
        for kind in (["impossible"] if question["impossible"] else ["answerable", "absent"])
    ]


def test_only_sentences_of_the_paragraph_that_hold_the_answer_are_right(measured):
    _, found = measured
    for a in found:
        assert a.sentences.shape == (len(a.right), 1 + len(LEXICAL))
        assert a.facts.shape == (len(ANSWER) - 1,)
        # Three sentences a paragraph.
        assert len(a.right) == (6 if a.kind == "absent" else 9)
        assert a.right.sum() == (1 if a.kind == "answerable" else 0)
        assert np.isfinite(a.sentences).all()


@pytest.fixture(scope="module")
def fitted(squad, tmp_path_factory, models):
    """What was fitted with a tiny encoder and a tiny reader: scores, file, folds, index."""
    folder = tmp_path_factory.mktemp("fitted")
    encoder, reader = tiny.encoder(folder / "encoder"), tiny.reader(folder / "reader")
    target, folds, index = folder / "evidence.json", folder / "folds", folder / "index"
    scores = calibrate.run(squad, encoder, reader, (), index, target, folds)
    return scores, target, folds, index, reader


def test_what_was_fitted_can_be_asked_with(fitted):
    scores, target, _, index, reader = fitted
    assert set(scores) == {reader, "none"}
    for name in (reader, ""):
        found = calibration.load(target, name)
        assert found.reader == name
        assert set(found.sentence.weights) == {"reader" if name else "cosine", *LEXICAL}
        assert set(found.answer.weights) == set(ANSWER)
        settings = AskSettings(reader=name, evidence=str(target), threshold=0)
        answer = Archive.open(index, settings).ask("How many people did police hold in Kratie?")
        assert answer.status == "answered"


def test_the_file_says_how_it_was_made(fitted, squad):
    scores, target, *_ = fitted
    stored = json.loads(target.read_text("utf-8"))
    assert stored["made_by"] == "python -m eval calibrate"
    assert stored["data"]["file"] == squad.name
    assert stored["topics"] == ["Kampot", "Kratie", "Poipet"]
    assert stored["scores"] == scores


def test_a_fold_is_fitted_without_its_topic(fitted):
    _, target, folds, _, reader = fitted
    assert {path.name for path in folds.iterdir()} == {f"{topic}.json" for topic in made.TOPICS}
    for topic in made.TOPICS:
        stored = json.loads((folds / f"{topic}.json").read_text("utf-8"))
        assert stored["topics"] == sorted(set(made.TOPICS) - {topic})
        assert calibration.load(folds / f"{topic}.json", reader) != calibration.load(target, reader)


@pytest.mark.parametrize(
    ("topics", "remedy"),
    [
        (["Kratie", "Kep", "Takeo"], "no questions on Kep, Takeo"),
        (["Kratie"], "Name two topics or more"),
    ],
)
def test_topics_that_cannot_be_fitted_on(squad, tmp_path, topics, remedy):
    with pytest.raises(InputError, match=remedy):
        calibrate.run(squad, "none", "", topics, tmp_path, tmp_path / "out.json")
    assert list(tmp_path.iterdir()) == []


def test_bylines_own_reader_is_fitted_on_what_it_was_not_trained_on(squad, tmp_path, monkeypatch):
    own, index = tmp_path / "own", tmp_path / "index"
    own.mkdir()
    (own / "training.json").write_text(json.dumps({"held_back": ["Kep"]}), "utf-8")
    monkeypatch.setattr("eval.train.trained.READER", own)
    with pytest.raises(InputError, match="no questions on Kep"):
        calibrate.run(squad, "none", AskSettings().reader, (), index, tmp_path / "out.json")
