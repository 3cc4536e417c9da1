"""Fitting scores and probabilities: on hand-made measures, and on made SQuAD files."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import made
import numpy as np
import pytest
import tiny
from fakes import FakeReader

from eval.train import calibrate, trained
from eval.train.calibrate import Asked, Fit, fit, measure, score, store
from eval.train.examples import sha256_of
from rag import Archive, AskSettings
from rag.answer import calibration
from rag.answer.calibration import Logistic
from rag.answer.extract import ANSWER, MARK, QUOTE, RANK, ByReader
from rag.errors import InputError
from rag.evaluation.answering import trained as reader_training
from rag.evaluation.datasets.choice import half_of, sampled
from rag.evaluation.datasets.squad import read_squad

# Topics of one half and of the other.
ZERO, ONE = "Kratie", "Poipet"

READING = Fit(
    "own",
    Logistic({"reader": 1.0, "span": 0.0, RANK: 0.0}, 0.0),
    Logistic(dict.fromkeys(ANSWER, 0.0) | {"score": 1.0}, 0.0),
    Logistic(dict.fromkeys(QUOTE, 0.0), 0.0),
    Logistic(dict.fromkeys(MARK, 0.0) | {"span": 1.0}, 0.0),
)
"""Only the reading counts: for the order, for the confidence, and that of words for marks."""


def asked(readings, right=(), *, topic=ZERO, answerable=True, spans=0.0, marks=(), articles=None):
    """A question of whose candidates these readings are known, all of one passage."""
    count = len(readings)
    rows = np.column_stack([readings, np.full(count, spans) + np.zeros(count), np.zeros(count)])
    return Asked(
        topic,
        answerable,
        rows,
        np.isin(np.arange(count), right),
        articles or ["a"] * count,
        np.zeros(count),
        np.isin(np.arange(count), marks),
    )


def unanswerable(readings, **known):
    return asked(readings, answerable=False, **known)


def test_the_topics_are_of_two_halves():
    assert [half_of(topic) for topic in (ZERO, ONE)] == [0, 1]


# The scores


def test_a_right_sentence_is_one_that_comes_first_or_among_three():
    found = score(
        [
            asked([3, 1, 2, 0], right=[0]),
            asked([3, 1, 2, 0], right=[1]),
            asked([3, 1, 2, 0], right=[3]),
            asked([3, 1], right=[]),
            unanswerable([9, 1]),
        ],
        READING,
    )
    assert found["first sentence right"] == 1 / 4
    assert found["one of three right"] == 2 / 4


def test_the_confidence_tells_answers_that_are_right_and_questions_that_have_one():
    found = score(
        [
            asked([1, 0], right=[0]),
            asked([3, 0], right=[0]),
            asked([2, 0], right=[1]),
            unanswerable([-1, -2]),
        ],
        READING,
    )
    assert found["AUROC, first right"] == 3 / 4
    assert found["AUROC, answerable"] == 1.0


@pytest.mark.parametrize(
    ("right", "error"),
    [([1, 0], 0.25), ([1, 1], 0.25), ([1, 1, 0, 1], 0.0), ([0], 0.75)],
)
def test_the_calibration_error_is_of_all_questions(right, error):
    """Each with a confidence of three quarters."""
    found = score([asked([math.log(3)], right=[0] * one) for one in right], READING)
    assert found["expected calibration error"] == pytest.approx(error)
    assert found["Brier score"] == pytest.approx(np.mean([(0.75 - one) ** 2 for one in right]))


def test_words_are_marked_when_they_are_sure():
    found = score(
        [
            asked([1, 0], spans=2.0, marks=[0]),
            asked([1, 0], spans=2.0, marks=[1]),
            asked([1, 0], spans=1.0, marks=[0]),
            asked([1, 0], spans=[1.0, 9.0], marks=[0, 1]),
        ],
        READING,
    )
    assert (found["words marked"], found["words marked right"]) == (0.5, 0.5)
    none = score([asked([1, 0], spans=1.0, marks=[0])], READING)
    assert (none["words marked"], none["words marked right"]) == (0.0, 0.0)


# The regressions


def many(topics=(ZERO, ONE)):
    """Questions that readings decide, with words that are right where their reading is high."""
    rng = np.random.default_rng(0)
    for n in range(60):
        right, marked = n % 3, n % 2
        readings = rng.normal(size=3) + 4 * (np.arange(3) == right)
        yield asked(
            readings, [right], topic=topics[n % 2], marks=[right] * marked,
            spans=rng.normal(size=3) + 4 * marked,
        )  # fmt: skip
        yield unanswerable(rng.normal(size=3) - 2, topic=topics[n % 2], spans=rng.normal(size=3))


def test_what_decides_gets_the_weight():
    questions = list(many())
    found = fit(questions, "own")
    assert found.reader == "own"
    assert [*found.sentence.weights] == ["reader", "span", RANK]
    assert found.sentence.weights["reader"] > 3 * abs(found.sentence.weights["span"])
    assert found.sentence.weights[RANK] == 0, "all are of one passage"
    assert [*found.answer.weights] == [*ANSWER]
    assert [*found.quote.weights] == [*QUOTE]
    assert found.quote.weights["score"] > 0 > found.quote.weights["behind"]
    assert [*found.mark.weights] == [*MARK]
    assert found.mark.weights["span"] > 0
    scores = score(questions, found)
    assert scores["first sentence right"] > 0.9
    assert scores["AUROC, answerable"] > 0.9
    assert scores["expected calibration error"] < 0.2
    assert scores["words marked right"] > 0.8


def test_the_order_is_learnt_as_odds():
    """One log-odds ahead is right three times as often: its weight is log 3, nearly."""
    questions = [asked([1, 0], right=[0 if n % 4 else 1]) for n in range(40)]
    assert fit(questions, "own").sentence.weights["reader"] == pytest.approx(math.log(3), abs=0.05)


def test_without_a_reader_vectors_are_weighed_and_no_words_are_marked():
    questions = [replace(a, mark_right=np.zeros(3, bool)) for a in many()]
    found = fit(questions, "")
    assert [*found.sentence.weights] == ["cosine", "covered", RANK]
    assert found.mark.probabilities(MARK, [(12, 1, 12)])[0] < 0.01
    assert score(questions, found)["words marked"] == 0


@pytest.mark.parametrize("others", [1, 4])
def test_a_quarter_is_unanswerable_however_many_there_are(others):
    """By facts that are all alike, the confidence is the share of the answers that are right."""
    questions = [asked([1.0, 0.0], right=[0]) for _ in range(8)]
    questions += [unanswerable([1.0, 0.0]) for _ in range(others)]
    found = fit(questions, "own")
    scores = found.sentence.logits(("reader", "span", RANK), questions[0].sentences)
    facts = (scores[0], scores[0] - scores[1], 6)
    assert found.answer.probabilities(ANSWER, [facts]) == pytest.approx([0.75], abs=0.01)


def test_quotes_are_fitted_on_the_sentences_that_come_first():
    """What comes seventh does not count, however right it is."""
    one = [8.0, 1, 1, 1, 1, 1, 0, 0]
    plain = [asked(one, right=[0]) for _ in range(4)] + [unanswerable(one)]
    late = [replace(a, right=a.right | (np.arange(8) == 7)) for a in plain[:4]] + plain[4:]
    sentence = fit(plain, "own").sentence
    scores = [sentence.logits(("reader", "span", RANK), a.sentences) for a in plain]
    weights = np.ones(len(plain))
    assert calibrate._quotes(plain, scores, weights) == calibrate._quotes(late, scores, weights)


def opposed():
    """Questions on two topics, each of which teaches the opposite of the other."""
    for topic, sign in ((ZERO, 1.0), (ONE, -1.0)):
        for _ in range(10):
            yield asked([sign, -sign], right=[0], topic=topic)
            yield unanswerable([0.0, 0.0], topic=topic)


def test_a_half_is_scored_by_what_the_other_taught():
    assert calibrate.crossed(list(opposed()), "own")["first sentence right"] == 0.0
    # Of one half alone, all would be right.
    half = [a for a in opposed() if a.topic == ZERO]
    assert score(half, fit(half, "own"))["first sentence right"] == 1.0


def test_each_half_is_kept_as_the_other_taught(tmp_path):
    measured = {"own": list(opposed()), "": list(many())}
    target, folds = tmp_path / "out.json", tmp_path / "folds"
    scores = store(measured, {"encoder": "fake"}, target, folds)
    assert set(scores) == {"own", "none"}

    def fitted(path):
        return json.loads(path.read_text("utf-8"))["fits"]

    assert {path.name for path in folds.iterdir()} == {"half-0.json", "half-1.json"}
    for half, other in ((0, ONE), (1, ZERO)):
        taught = {n: [a for a in found if a.topic == other] for n, found in measured.items()}
        expected = [fit(found, name).to_json() for name, found in taught.items()]
        assert fitted(folds / f"half-{half}.json") == expected
    whole = [fit(found, name).to_json() for name, found in measured.items()]
    counts = [calibrate.strengths(found, name) for name, found in measured.items()]
    assert fitted(target) == [
        {**one, "measured": counted} for one, counted in zip(whole, counts, strict=True)
    ]
    assert all(one["right"] <= one["of"] for counted in counts for one in counted.values())


def test_a_strength_is_as_often_right_as_the_other_half_has_it():
    """Each half teaches the other that what is wrong there is right."""
    counted = calibrate.strengths(list(opposed()), "own")
    assert counted
    assert {one["right"] for one in counted.values()} == {0}


@pytest.mark.parametrize("missing", [ZERO, ONE])
def test_a_half_that_teaches_nothing_is_refused(tmp_path, missing):
    questions = [a for a in many() if a.topic != missing or not a.answerable]
    with pytest.raises(InputError, match="more topics"):
        store({"own": questions}, {}, tmp_path / "out.json", tmp_path / "folds")
    assert list(tmp_path.iterdir()) == []


# On a made SQuAD file


@pytest.fixture(scope="module")
def squad(tmp_path_factory):
    return made.squad(tmp_path_factory.mktemp("data") / "squad.json")


@pytest.fixture(scope="module")
def archive(squad, fake_encoder, tmp_path_factory):
    articles, _ = read_squad(squad)
    home = tmp_path_factory.mktemp("index")
    Archive.build(articles, home, encoder=fake_encoder)
    return Archive.open(home, AskSettings(reader=""), fake_encoder)


def measured(archive, squad):
    articles, questions = read_squad(squad)
    return questions, list(measure(archive, articles, iter(questions)))


def test_a_question_is_asked_of_all_of_its_own_paragraph_and_of_other_topics(archive, squad):
    questions, found = measured(archive, squad)
    ways = []
    for number, question in enumerate(questions):
        own, can = {question["article"]}, not question["impossible"]
        ways.append((question["topic"], can, {f"{topic}-0" for topic in made.TOPICS}))
        ways.append((question["topic"], can, own))
        if number % 3 == 0:
            ways.append((question["topic"], False, {f"{t}-0" for t in made.TOPICS} - own))
    assert [(a.topic, a.answerable, set(a.articles)) for a in found] == ways


def test_only_sentences_of_the_paragraph_that_hold_the_answer_are_right(archive, squad):
    """One of three sentences; "Sok Hour" stands in another paragraph too."""
    _, found = measured(archive, squad)
    for a in found:
        assert a.sentences.shape == (len(a.right), 3)
        assert len(a.right) == 3 * len(set(a.articles))
        assert a.right.sum() == a.answerable
        assert np.isfinite(a.sentences).all()
        assert sorted({*a.sentences[:, -1]}, reverse=True) == pytest.approx(
            [-math.log(1 + n) for n in range(len(set(a.articles)))]
        )


def test_without_a_reader_no_words_are_marked(archive, squad):
    for a in measured(archive, squad)[1]:
        assert not a.mark_right.any()
        assert not a.typed.any()


def test_words_are_right_that_overlap_an_answer(archive, squad, monkeypatch):
    """The fake reader marks the first word of a sentence that is not of the question."""
    reading = ByReader(FakeReader(), archive.article)
    monkeypatch.setattr(archive.pipeline, "meaning", lambda vector: reading)
    questions, found = measured(archive, squad)
    names = [q["question"] for q in questions for _ in range(2)]
    alone = dict(zip(names, (a for a in found if len(a.right) != 6), strict=True))
    # "It had employed 400 people, said Hun Manet.": 400, of the answer and of the kind asked for.
    a = alone["How many people had it employed?"]
    assert (a.mark_right.tolist(), a.typed.tolist()) == ([False, True, False], [-1, 1, -1])
    # "The raid took three hours in all.": took, in the right sentence, but not of the answer.
    assert not alone["How long did the raid take?"].mark_right.any()
    # "They came from China, said Sok Hour.": "China" is of the question, "Sok" first that is not.
    assert alone["Who said that they came from China?"].mark_right.tolist() == [False, True, False]
    assert not any(a.mark_right.any() for a in found if not a.answerable)


@pytest.fixture(scope="module")
def fitted(squad, tmp_path_factory, models):
    """What was fitted with a tiny encoder and a tiny reader on two files."""
    folder = tmp_path_factory.mktemp("fitted")
    other = made.squad(
        folder / "other.json",
        {"Kep": "Crabs are sold in Kep. They cost $4.", "Takeo": "Takeo lies low. It has 9 hills."},
        {"Kep": [("What do crabs cost?", "$4")], "Takeo": [("How many hills?", "9 hills")]},
    )
    encoder, reader = tiny.encoder(folder / "encoder"), tiny.reader(folder / "reader")
    target, folds, work = folder / "evidence.json", folder / "folds", folder / "work"
    scores = calibrate.run([squad, other], encoder, reader, work, target, folds)
    return scores, [squad, other], encoder, reader, work, target, folds


def test_what_was_fitted_can_be_asked_with(fitted):
    scores, _, encoder, reader, work, target, _ = fitted
    assert set(scores) == {reader, "none"}
    for name in (reader, ""):
        found = calibration.load(target, name)
        assert found.reader == name
        settings = AskSettings(reader=name, encoder=encoder, evidence=str(target), threshold=0)
        answer = Archive.open(work / "0", settings).ask("How many people did police hold?")
        assert answer.status == "answered"
        assert 0 < answer.confidence < 1


def test_the_file_says_how_it_was_made(fitted):
    scores, files, encoder, _, _, target, _ = fitted
    stored = json.loads(target.read_text("utf-8"))
    assert stored["made_by"] == "python -m eval calibrate"
    assert stored["data"] == {path.name: sha256_of(path) for path in files}
    assert (stored["encoder"], stored["sample"], stored["scores"]) == (encoder, None, scores)


def test_the_halves_are_fitted_apart(fitted):
    _, _, _, reader, _, target, folds = fitted
    found = [calibration.load(folds / f"half-{half}.json", reader) for half in (0, 1)]
    found.append(calibration.load(target, reader))
    assert all(one != other for n, one in enumerate(found) for other in found[:n])


@pytest.fixture
def chosen(fitted, tmp_path, monkeypatch):
    """The questions that are asked of the first file, by its index."""

    def ids(reader, sample=None):
        _, files, encoder, _, work, *_ = fitted
        seen = []
        monkeypatch.setattr(
            calibrate, "measure", lambda archive, articles, some: seen.append(list(some)) or many()
        )
        calibrate.run(files[:1], encoder, reader, work, tmp_path / "out.json", sample=sample)
        assert seen[-1:] * len(seen) == seen
        return [question["id"] for question in seen[0]]

    return ids


def test_a_sample_is_asked(chosen, squad):
    everything = [question["id"] for question in read_squad(squad)[1]]
    assert chosen("") == everything
    assert chosen("", 3) == sampled(everything, 3, str)


def test_bylines_own_reader_is_fitted_on_what_it_was_not_trained_on(
    chosen, squad, tmp_path, monkeypatch
):
    def learnt(*topics):
        facts = json.dumps({"trained_on": topics})
        (tmp_path / "training.json").write_text(facts, "utf-8")

    monkeypatch.setattr(reader_training, "READER", tmp_path)
    learnt("Kratie")
    own = AskSettings().reader
    assert {one.rstrip("0123456789") for one in chosen(own)} == {"Poipet", "Kampot"}
    learnt(*made.TOPICS)
    with pytest.raises(InputError, match="no questions on topics that the reader was not trained"):
        calibrate.run([squad], "none", own, tmp_path / "work", tmp_path / "none.json")
    assert not (tmp_path / "none.json").exists()


def test_a_topic_is_asked_with_the_fold_of_its_half_where_it_was_fitted_on(tmp_path, monkeypatch):
    own = tmp_path / "calibration.json"
    own.write_text(json.dumps({"data": {"squad.json": "ab12"}}), "utf-8")
    monkeypatch.setattr(calibration, "OWN", own)
    assert trained.fold("squad.json", ZERO) == trained.FOLDS / "half-0.json"
    assert trained.fold("squad.json", ONE) == trained.FOLDS / "half-1.json"
    assert trained.fold("other.json", ZERO) is None
