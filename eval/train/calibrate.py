"""Fits the models of `rag.answer.calibration`: sentence weights, and the confidence of an answer.

On SQuAD-format files, each paragraph an article: a sentence is right if it holds an answer in its
paragraph. A question has no answer when SQuAD says so, or once its whole topic is withheld.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.datasets.squad import read_squad
from eval.statistics import abstention
from eval.train.examples import sha256_of
from eval.train.trained import training
from rag import Archive, Article, AskSettings, BuildSettings
from rag.answer import extract
from rag.answer.calibration import Logistic
from rag.answer.extract import ANSWER, LEXICAL
from rag.errors import InputError
from rag.question.rewrite import understand

Matrix = npt.NDArray[np.float64]

# SQuAD's own unanswerable questions are the harder ones, and as many as the answerable ones.
_ABSENT = 0.2


@dataclass(frozen=True)
class Asked:
    """A question with what was measured: of its candidates, shape (n, 1 + len(LEXICAL)), and of
    itself, what ANSWER names but for the first."""

    topic: str
    kind: str  # "answerable", "impossible", or "absent": its topic was kept back.
    sentences: Matrix
    facts: Matrix
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fit:
    """Both models, fitted with a reader."""

    reader: str
    sentence: Logistic
    answer: Logistic

    def to_json(self) -> dict[str, Any]:
        return {
            "reader": self.reader,
            "sentence": _rounded(self.sentence),
            "answer": _rounded(self.answer),
        }


def run(
    path: Path,
    encoder: str,
    reader: str,
    topics: Collection[str],
    archive_folder: Path,
    target: Path,
    folds: Path | None = None,
    ablate: bool = False,
) -> dict[str, dict[str, float]]:
    """Fit on `topics` of `path`, with `reader` and without any, and write the models to `target`.

    Returns, for each, the scores of the topics by the models fitted without them, which are
    written to `folds`; with `ablate`, also the scores without each measure. No `topics` are those
    that Byline's own reader was not trained on, or all.
    """
    articles, questions = read_squad(path)
    known = {question["topic"] for question in questions}
    own = reader == AskSettings().reader
    wanted = set(topics or (training()["held_back"] if own else known))
    if not wanted <= known:
        raise InputError(f"{path} has no questions on {', '.join(sorted(wanted - known))}.")
    if len(wanted) < 2:
        raise InputError("Name two topics or more: each is scored by what the others teach.")
    Archive.build(articles, archive_folder, BuildSettings(encoder=encoder))
    chosen = [question for question in questions if question["topic"] in wanted]
    measured = {}
    for name in dict.fromkeys((reader, "")):
        archive = Archive.open(archive_folder, AskSettings(reader=name))
        measured[name] = list(measure(archive, articles, _shown(chosen, name)))
    facts = {
        "made_by": "python -m eval calibrate",
        "data": {"file": path.name, "sha256": sha256_of(path)},
        "encoder": encoder,
    }
    return store(measured, facts, target, folds, ablate)


def store(
    measured: Mapping[str, Sequence[Asked]],
    facts: Mapping[str, Any],
    target: Path,
    folds: Path | None,
    ablate: bool,
) -> dict[str, dict[str, float]]:
    """Fit what was `measured` with each reader, write the models, and return the scores."""
    found: dict[str, dict[str, float]] = {}
    topics = sorted({a.topic for asked in measured.values() for a in asked})
    for name, asked in measured.items():
        found[name or "none"] = crossed(asked, name)
        if ablate:
            found |= ablation(asked, name)
    _write(target, {**facts, "topics": topics, "scores": found}, measured)
    if folds is not None:
        folds.mkdir(parents=True, exist_ok=True)
        for topic in topics:
            known = [other for other in topics if other != topic]
            less = {name: _without(topic, asked) for name, asked in measured.items()}
            _write(folds / f"{topic}.json", {**facts, "topics": known}, less)
    return found


def measure(
    archive: Archive, articles: Iterable[Article], questions: Iterable[dict[str, Any]]
) -> Iterator[Asked]:
    """Measure the candidates of each question, and of answerable ones without their topic."""
    titles = {article.id: article.title for article in articles}
    most = archive.settings.read_passages
    for record in questions:
        own, question = record["article"], understand(record["question"])
        (vector,) = archive.load_encoder().encode_queries([str(question)])
        meaning = archive.pipeline.meaning(vector)
        others = [i for i, title in titles.items() if title != record["topic"]]
        for absent in (False,) if record["impossible"] else (False, True):
            hits = archive.search(str(question), most, articles=others if absent else None)
            candidates = extract.candidates_of(hits, archive.article)
            if not candidates:
                continue
            readings = meaning.readings(question, hits, candidates)
            right = [
                c.sentence.article_id == own
                and any(c.sentence.start <= a and b <= c.sentence.end for a, b in record["spans"])
                for c in candidates
            ]
            yield Asked(
                record["topic"],
                "impossible" if record["impossible"] else "absent" if absent else "answerable",
                extract.measure(question, candidates, readings, archive.index),
                extract.measure_answer(question, hits, 0.0, archive.index)[1:],
                np.array(right, bool),
            )


def crossed(asked: Sequence[Asked], reader: str) -> dict[str, float]:
    """The scores of each topic by the models fitted on the others, over all questions."""
    fits = {topic: fit(_without(topic, asked), reader) for topic in {a.topic for a in asked}}
    return {name: round(value, 4) for name, value in score(asked, fits).items()}


def ablation(asked: Sequence[Asked], reader: str) -> dict[str, dict[str, float]]:
    """The crossed scores without each measure, and of the reading alone."""
    alone = [replace(a, sentences=_blanked(a.sentences, slice(1, None))) for a in asked]
    found = {f"{reader or 'none'}, {_measures(reader)[0]} alone": crossed(alone, reader)}
    for column, name in enumerate(_measures(reader)):
        less = [replace(a, sentences=_blanked(a.sentences, column)) for a in asked]
        found[f"{reader or 'none'}, without {name}"] = crossed(less, reader)
    for column, name in enumerate(ANSWER[1:]):
        less = [replace(a, facts=_blanked(a.facts, column)) for a in asked]
        found[f"{reader or 'none'}, answer without {name}"] = crossed(less, reader)
    return found


def fit(asked: Sequence[Asked], reader: str) -> Fit:
    """Fit the sentences of answerable questions, right against wrong; then, with the best of
    each, answerable questions against the others."""
    from sklearn.linear_model import LogisticRegression

    rows = np.vstack([a.sentences for a in asked if a.kind == "answerable"])
    right = np.concatenate([a.right for a in asked if a.kind == "answerable"])
    sentence = _logistic(
        _measures(reader), LogisticRegression(C=10, max_iter=2000).fit(rows, right)
    )
    facts = np.array([_facts(a, sentence) for a in asked])
    weights = [_ABSENT if a.kind == "absent" else 1.0 for a in asked]
    answer = LogisticRegression(C=1, max_iter=2000).fit(
        facts, [a.kind == "answerable" for a in asked], weights
    )
    return Fit(reader, sentence, _logistic(ANSWER, answer))


def score(asked: Sequence[Asked], fits: Mapping[str, Fit]) -> dict[str, float]:
    """First and top-three sentence right; AUROC and calibration error of the confidence.

    `fits` has the models to use for each topic.
    """
    first, three, sure = [], [], []
    for a in asked:
        fitted = fits[a.topic]
        order = np.argsort(-_logits(a, fitted.sentence), kind="stable")
        if a.kind == "answerable":
            first.append(a.right[order[0]])
            three.append(a.right[order[:3]].any())
        logit = fitted.answer.logits(ANSWER, [_facts(a, fitted.sentence)])[0]
        sure.append(1 / (1 + np.exp(-logit)))
    kind, confidence = np.array([a.kind for a in asked]), np.array(sure)
    squad, known = kind != "absent", kind != "impossible"
    return {
        "first sentence right": float(np.mean(first)),
        "one of three right": float(np.mean(three)),
        "AUROC, SQuAD's unanswerable": abstention.auroc(
            kind[squad] == "answerable", confidence[squad]
        ) or 0.0,
        "AUROC, topic absent": abstention.auroc(
            kind[known] == "answerable", confidence[known]
        ) or 0.0,
        "expected calibration error, SQuAD": abstention.calibration_error(
            kind[squad] == "answerable", confidence[squad]
        ),
    }  # fmt: skip


def _logits(asked: Asked, sentence: Logistic) -> Matrix:
    return sentence.logits(tuple(sentence.weights), asked.sentences)


def _facts(asked: Asked, sentence: Logistic) -> Matrix:
    return np.array([_logits(asked, sentence).max(), *asked.facts])


def _logistic(names: Sequence[str], fitted: Any) -> Logistic:
    weights = dict(zip(names, map(float, fitted.coef_[0]), strict=True))
    return Logistic(weights, float(fitted.intercept_[0]))


def _rounded(model: Logistic) -> dict[str, Any]:
    return {
        "weights": {name: round(weight, 3) for name, weight in model.weights.items()},
        "bias": round(model.bias, 3),
    }


def _measures(reader: str) -> tuple[str, ...]:
    return ("reader" if reader else "cosine", *LEXICAL)


def _blanked(values: Matrix, column: int | slice) -> Matrix:
    """The values with nothing in a column or more, so that no weight comes of it."""
    left: Matrix = values.copy()
    left[..., column] = 0
    return left


def _without(topic: str, asked: Sequence[Asked]) -> list[Asked]:
    return [a for a in asked if a.topic != topic]


def _write(target: Path, facts: Mapping[str, Any], measured: Mapping[str, Sequence[Asked]]) -> None:
    fits = [fit(asked, name).to_json() for name, asked in measured.items()]
    stored = {**facts, "fits": fits}
    target.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def _shown(questions: Sequence[dict[str, Any]], reader: str) -> Iterable[dict[str, Any]]:
    from tqdm import tqdm

    bar: Iterable[dict[str, Any]] = tqdm(
        questions, f"measuring, reader {reader or 'none'}", disable=None
    )
    return bar
