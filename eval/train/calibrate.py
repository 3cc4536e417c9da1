"""Fits the regressions of `rag.answer.calibration`, on questions in SQuAD's format.

A sentence is right if it holds an answer in its paragraph. Every question is asked over all
articles and of its own alone; and once more, for a share, with its topic kept back, when nothing
answers. Each half of the topics is scored by what the other half teaches.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.train.examples import sha256_of
from rag import Archive, Article, AskSettings, BuildSettings
from rag.answer import extract
from rag.answer.calibration import Logistic, sigmoid
from rag.answer.candidates import candidates_of
from rag.answer.extract import ANSWER, MARK, QUOTE, RANK
from rag.errors import InputError
from rag.evaluation.answering.trained import training
from rag.evaluation.datasets.choice import half_of, sampled
from rag.evaluation.datasets.squad import read_squad
from rag.evaluation.statistics import abstention
from rag.question.rewrite import understand
from rag.types import FAIR, STRONG

Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

UNANSWERABLE = 0.25
"""Share of the questions, by weight, that nothing answers."""
_ABSENT = 3  # Every so many questions are asked with their topic kept back too.
_QUOTED = 6  # Sentences of a question, the best ones, that `quote` is fitted on.
_NEVER = -10.0  # Log-odds.
_PENALTY = 0.01  # On the squares of the weights of sentences, of measures of variance 1.


@dataclass(frozen=True)
class Asked:
    """A question with what was measured of its n candidates.

    `sentences`, shape (n, measures), the rank last; `right`, which answer; `articles`, the ids of
    theirs; `typed`, whether the words marked are of the kind asked for; `mark_right`, whether they
    answer.
    """

    topic: str
    answerable: bool
    sentences: Matrix
    right: Flags
    articles: Sequence[str]
    typed: Matrix
    mark_right: Flags


@dataclass(frozen=True)
class Fit:
    """The regressions, fitted with a reader."""

    reader: str
    sentence: Logistic
    answer: Logistic
    quote: Logistic
    mark: Logistic

    def to_json(self) -> dict[str, Any]:
        models = {"sentence": self.sentence, "answer": self.answer, "quote": self.quote}
        models["mark"] = self.mark
        return {"reader": self.reader, **{name: _rounded(m) for name, m in models.items()}}


def run(
    files: Sequence[Path],
    encoder: str,
    reader: str,
    work: Path,
    target: Path,
    folds: Path | None = None,
    sample: int | None = None,
) -> dict[str, dict[str, float]]:
    """Fit on `files`, with `reader` and without any, and write the models to `target`.

    Of SQuAD's topics only those that Byline's own reader was not trained on are asked; of each
    file, `sample` questions at random. Indexes are built in `work`. Returns, for each reader, the
    scores of either half by the models fitted on the other, which are written to `folds`.
    """
    learnt = training()["trained_on"] if reader == AskSettings().reader else ()
    measured: dict[str, list[Asked]] = {}
    for name in dict.fromkeys((reader, "")):
        measured[name] = []
        for number, path in enumerate(files):
            home = work / str(number)
            archive, articles, questions = _opened(path, encoder, name, learnt, home)
            chosen = questions if sample is None else sampled(questions, sample, _id)
            measured[name] += measure(archive, articles, _shown(chosen, name))
    facts = {
        "made_by": "python -m eval calibrate",
        "data": {path.name: sha256_of(path) for path in files},
        "sample": sample,
        "encoder": encoder,
    }
    return store(measured, facts, target, folds)


def _opened(
    path: Path, encoder: str, reader: str, learnt: Collection[str], home: Path
) -> tuple[Archive, list[Article], list[dict[str, Any]]]:
    articles, questions = read_squad(path)
    questions = [question for question in questions if question["topic"] not in learnt]
    if not questions:
        raise InputError(f"{path} has no questions on topics that the reader was not trained on.")
    if not home.exists():
        Archive.build(articles, home, BuildSettings(encoder=encoder))
    return Archive.open(home, AskSettings(reader=reader, encoder=encoder)), articles, questions


def store(
    measured: Mapping[str, Sequence[Asked]],
    facts: Mapping[str, Any],
    target: Path,
    folds: Path | None,
) -> dict[str, dict[str, float]]:
    """Fit what was `measured` with each reader, write the models, and return the scores."""
    for asked in measured.values():
        if not all(any(a.right.any() for a in _half(asked, half)) for half in (0, 1)):
            raise InputError("A half of the topics has no answer to learn from: give more topics.")
    found = {name or "none": crossed(asked, name) for name, asked in measured.items()}
    _write(target, {**facts, "scores": found}, measured, counted=True)
    for half in (0, 1) if folds is not None else ():
        assert folds is not None
        folds.mkdir(parents=True, exist_ok=True)
        others = {name: _half(asked, 1 - half) for name, asked in measured.items()}
        _write(folds / f"half-{half}.json", facts, others)
    return found


def measure(
    archive: Archive, articles: Sequence[Article], questions: Iterator[dict[str, Any]]
) -> Iterator[Asked]:
    """Measure each question over all articles, of its own, and of those of other topics."""
    topics: dict[str, set[str]] = {}
    for article in articles:
        topics.setdefault(article.title, set()).add(article.id)
    everything = {article.id for article in articles}
    for number, record in enumerate(questions):
        yield from _measured(archive, record, None)
        yield from _measured(archive, record, {record["article"]})
        if number % _ABSENT == 0:
            yield from _measured(archive, record, everything - topics[record["topic"]])


def _measured(archive: Archive, record: dict[str, Any], within: set[str] | None) -> Iterator[Asked]:
    question, own = understand(record["question"]), record["article"]
    hits = archive.search(
        str(question), archive.settings.read_passages,
        articles=None if within is None else sorted(within),
    )  # fmt: skip
    candidates = candidates_of(hits, archive.article)
    if not candidates:
        return
    (vector,) = archive.load_encoder().encode_queries([str(question)])
    measures, marks = archive.pipeline.meaning(vector).measure(str(question), hits, candidates)
    spans = [] if record["impossible"] else record["spans"]
    right, typed, mark_right = [], [], []
    for candidate, mark in zip(candidates, marks, strict=True):
        sentence = candidate.sentence
        held = [
            (a - sentence.start, b - sentence.start)
            for a, b in spans
            if sentence.article_id == own and sentence.start <= a < sentence.end
        ]
        words, of_kind = extract.marked(question, sentence.text, mark)
        right.append(bool(held))
        typed.append(of_kind)
        mark_right.append(any(a < d and c < b for a, b in words for c, d in held))
    yield Asked(
        record["topic"],
        bool(spans) and (within is None or own in within),
        np.column_stack([measures, extract.ranks(candidates)]),
        np.array(right, bool),
        [candidate.article.id for candidate in candidates],
        np.array(typed, float),
        np.array(mark_right, bool),
    )


def crossed(asked: Sequence[Asked], reader: str) -> dict[str, float]:
    """The scores of each half by the models fitted on the other, over all questions."""
    found = [score(_half(asked, h), fit(_half(asked, 1 - h), reader)) for h in (0, 1)]
    sizes = [len(_half(asked, h)) for h in (0, 1)]
    return {
        name: round(float(np.average([scores[name] for scores in found], weights=sizes)), 4)
        for name in found[0]
    }


def strengths(asked: Sequence[Asked], reader: str) -> dict[str, dict[str, int]]:
    """How many answers of each strength are right, of how many, on each half by the models fitted
    on the other: what a reader is told beside an answer. A best sentence that is declined is none.
    """
    threshold = AskSettings().threshold
    counted: dict[str, list[bool]] = {"strong": [], "fair": [], "weak": []}
    for half in (0, 1):
        fitted = fit(_half(asked, 1 - half), reader)
        for one in _half(asked, half):
            scores = _scores(one, fitted.sentence)
            sure = float(sigmoid(fitted.answer.logits(ANSWER, [_facts(one, scores)])[0]))
            if sure >= threshold:
                name = "strong" if sure >= STRONG else "fair" if sure >= FAIR else "weak"
                counted[name].append(bool(one.right[scores.argmax()]))
    return {
        name: {"right": sum(right), "of": len(right)} for name, right in counted.items() if right
    }


def fit(asked: Sequence[Asked], reader: str) -> Fit:
    """Fit the sentences of each search against each other, and then what their scores tell."""
    measures = (*(("reader", "span") if reader else ("cosine", "covered")), RANK)
    sentence = _sentences([a for a in asked if a.right.any()], measures)
    weights = _weights(asked)
    scores = [_scores(a, sentence) for a in asked]
    best = [int(s.argmax()) for s in scores]
    facts = np.array([_facts(a, s) for a, s in zip(asked, scores, strict=True)])
    right = np.array([a.right[i] for a, i in zip(asked, best, strict=True)])
    answer = _logistic(ANSWER, facts, right, weights)
    words = np.column_stack([_words(asked, best), answer.logits(ANSWER, facts)])
    marked = np.array([a.mark_right[i] for a, i in zip(asked, best, strict=True)])
    return Fit(
        reader, sentence, answer, _quotes(asked, scores, weights),
        _logistic(MARK, words, marked, weights),
    )  # fmt: skip


def _quotes(asked: Sequence[Asked], scores: Sequence[Matrix], weights: Matrix) -> Logistic:
    """Fit the sentences that come first in each search, right against wrong."""
    rows, right, weight = [], [], []
    for one, own, times in zip(asked, scores, weights, strict=True):
        first = np.argsort(-own, kind="stable")[:_QUOTED]
        rows.append(np.column_stack([own[first], own.max() - own[first]]))
        right.append(one.right[first])
        weight.append(np.full(len(first), times))
    return _logistic(QUOTE, np.vstack(rows), np.concatenate(right), np.concatenate(weight))


def _words(asked: Sequence[Asked], best: Sequence[int]) -> Matrix:
    """What is measured of the words marked in the best sentences, besides the confidence."""
    return np.array([(a.sentences[i, -2], a.typed[i]) for a, i in zip(asked, best, strict=True)])


def _logistic(names: Sequence[str], rows: Matrix, right: Flags, weights: Matrix) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    if right.all() or not right.any():  # There is nothing to learn: no words without a reader.
        return Logistic(dict.fromkeys(names, 0.0), _NEVER)
    model = LogisticRegression(C=1, max_iter=2000).fit(rows, right, weights)
    learnt = dict(zip(names, map(float, model.coef_[0]), strict=True))
    return Logistic(learnt, float(model.intercept_[0]))


def _sentences(asked: Sequence[Asked], measures: Sequence[str]) -> Logistic:
    """The weights by which a right sentence comes first: a conditional logit over the sentences
    of each search (McFadden 1974), with a small penalty."""
    from scipy.optimize import minimize

    rows = np.vstack([a.sentences for a in asked])
    right = np.concatenate([a.right for a in asked])
    firsts = np.cumsum([0, *(len(a.right) for a in asked[:-1])])
    of = np.repeat(np.arange(len(asked)), [len(a.right) for a in asked])
    spread = rows.std(axis=0)
    spread[spread < 1e-9] = np.inf  # What is always the same has no weight.
    rows = rows / spread

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        scores = rows @ weights
        scores = np.exp(scores - np.maximum.reduceat(scores, firsts)[of])
        every, true = (np.add.reduceat(s, firsts) for s in (scores, scores * right))
        slope = (scores / every[of] - scores * right / true[of]) @ rows / len(asked)
        value = float(np.log(every / true).mean() + _PENALTY * weights @ weights)
        return value, slope + 2 * _PENALTY * weights

    found = minimize(loss, np.ones(len(spread)), jac=True).x / spread
    return Logistic(dict(zip(measures, map(float, found), strict=True)), 0.0)


def score(asked: Sequence[Asked], fitted: Fit) -> dict[str, float]:
    """First and top-three sentence right; how well confidence and marks are known."""
    first, three, right, sure, marks, marked = [], [], [], [], [], []
    for a in asked:
        scores = _scores(a, fitted.sentence)
        order = np.argsort(-scores, kind="stable")
        logit = float(fitted.answer.logits(ANSWER, [_facts(a, scores)])[0])
        if a.answerable:
            first.append(a.right[order[0]])
            three.append(a.right[order[:3]].any())
        right.append(a.right[order[0]])
        sure.append(float(sigmoid(logit)))
        facts = (a.sentences[order[0], -2], a.typed[order[0]], logit)
        marks.append(fitted.mark.probabilities(MARK, [facts])[0])
        marked.append(a.mark_right[order[0]])
    confidence, true = np.array(sure), np.array(right, bool)
    shown = np.array(marks) >= extract.MARKED
    return {
        "first sentence right": float(np.mean(first)),
        "one of three right": float(np.mean(three)),
        "AUROC, first right": abstention.auroc(true, confidence) or 0.0,
        "AUROC, answerable": abstention.auroc(
            np.array([a.answerable for a in asked]), confidence
        ) or 0.0,
        "expected calibration error": abstention.calibration_error(true, confidence),
        "Brier score": float(np.mean((confidence - true) ** 2)),
        "words marked": float(shown.mean()),
        "words marked right": float(np.array(marked)[shown].mean()) if shown.any() else 0.0,
    }  # fmt: skip


def _scores(asked: Asked, sentence: Logistic) -> Matrix:
    return sentence.logits(tuple(sentence.weights), asked.sentences)


def _facts(asked: Asked, scores: Matrix) -> tuple[float, ...]:
    return extract.measure_answer(scores, asked.articles)


def _weights(asked: Sequence[Asked]) -> Matrix:
    """So that the unanswerable questions have their share."""
    answerable = np.array([a.answerable for a in asked])
    others = max(1, int((~answerable).sum()))
    share = UNANSWERABLE / (1 - UNANSWERABLE) * answerable.sum() / others
    return np.where(answerable, 1.0, share)


def _half(asked: Sequence[Asked], half: int) -> list[Asked]:
    return [a for a in asked if half_of(a.topic) == half]


def _rounded(model: Logistic) -> dict[str, Any]:
    return {
        "weights": {name: round(weight, 4) for name, weight in model.weights.items()},
        "bias": round(model.bias, 4),
    }


def _write(
    target: Path,
    facts: Mapping[str, Any],
    measured: Mapping[str, Sequence[Asked]],
    counted: bool = False,
) -> None:
    """Write the models fitted on all that was measured; `counted`, with how often each strength was
    right by those of the other half."""
    fits = [
        {**fit(asked, name).to_json(), **({"measured": strengths(asked, name)} if counted else {})}
        for name, asked in measured.items()
    ]
    target.write_text(json.dumps({**facts, "fits": fits}, indent=1) + "\n", "utf-8")


def _id(question: dict[str, Any]) -> str:
    return str(question["id"])


def _shown(questions: Sequence[dict[str, Any]], reader: str) -> Iterator[dict[str, Any]]:
    from tqdm import tqdm

    yield from tqdm(questions, f"measuring, reader {reader or 'none'}", disable=None)
