"""Fit the model that weighs sentences, and the probability that a question is answered.

On SQuAD-format files, each paragraph an article: a sentence is right if it holds an answer in its
paragraph. A question is unanswerable once its paragraph is kept from the search; SQuAD 2.0's own
unanswerable questions are scored too, but not fitted on: their paragraph does speak of the matter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.datasets.squad import read_squad
from rag import Archive, BuildSettings, extract
from rag.extract import FEATURES
from rag.question import understand

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A question with what was measured of its candidates, shape (n, len(FEATURES))."""

    topic: str
    kind: str  # "answerable", "withheld" (its paragraph was kept back) or "impossible".
    features: Matrix
    right: npt.NDArray[np.bool_]


def measure(archive: Archive, questions: Sequence[dict[str, Any]]) -> Iterator[Asked]:
    """Measure the candidates of each question, and of answerable ones without their paragraph."""
    for record in questions:
        own, question = record["article"], understand(record["question"])
        vector = archive.load_encoder().encode_queries([str(question)])[0]
        # More than are read, since those of the paragraph may be withheld.
        found = archive.search(str(question), k=2 * archive.settings.read_passages)
        for withheld in (False,) if record["impossible"] else (False, True):
            hits = [hit for hit in found if not (withheld and hit.passage.article_id == own)]
            candidates = extract.candidates_of(
                hits[: archive.settings.read_passages], archive.article
            )
            features = extract.measure(
                question, vector, candidates, archive.embed_sentences, archive.rarity
            )
            right = [
                c.sentence.article_id == own
                and any(c.sentence.start <= a and b <= c.sentence.end for a, b in record["spans"])
                for c in candidates
            ]
            kind = "impossible" if record["impossible"] else "answerable"
            yield Asked(
                record["topic"], "withheld" if withheld else kind, features, np.array(right, bool)
            )


def fit(asked: Sequence[Asked]) -> tuple[npt.NDArray[np.float64], float]:
    """Weights and bias whose best sentence's logistic is the probability of an answer.

    First the sentences of answerable questions, right against wrong; then, on the best sentence
    of each question, answerable against withheld (Platt's scaling), folded into the weights.
    """
    rows = np.vstack([a.features for a in asked if a.kind == "answerable"])
    right = np.concatenate([a.right for a in asked if a.kind == "answerable"])
    sentence = LogisticRegression(C=10, max_iter=2000).fit(rows, right)
    weights, bias = sentence.coef_[0], sentence.intercept_[0]
    fitted = [a for a in asked if a.kind != "impossible"]
    best = np.array([[np.max(a.features @ weights + bias)] for a in fitted])
    platt = LogisticRegression(C=1e6).fit(best, [a.kind == "answerable" for a in fitted])
    scale, shift = platt.coef_[0][0], platt.intercept_[0]
    return scale * weights, float(scale * bias + shift)


def scores(asked: Sequence[Asked], weights: Matrix, bias: float) -> dict[str, float]:
    """First and top-three sentence right; AUROC and calibration error of the confidence."""
    first, three, confidence, kinds = [], [], [], []
    for a in asked:
        logits = a.features @ weights + bias
        if a.kind == "answerable":
            order = np.argsort(-logits)
            first.append(a.right[order[0]])
            three.append(a.right[order[:3]].any())
        confidence.append(1 / (1 + np.exp(-logits.max())))
        kinds.append(a.kind)
    sure, kind = np.array(confidence), np.array(kinds)
    fitted = kind != "impossible"
    return {
        "first sentence right": float(np.mean(first)),
        "one of three right": float(np.mean(three)),
        "AUROC, paragraph withheld": roc_auc_score(kind[fitted] == "answerable", sure[fitted]),
        "AUROC, SQuAD's unanswerable": roc_auc_score(
            kind[kind != "withheld"] == "answerable", sure[kind != "withheld"]
        ),
        "expected calibration error": _calibration_error(
            kind[fitted] == "answerable", sure[fitted]
        ),
    }


def run(path: Path, encoder: str, archive_folder: Path, target: Path) -> dict[str, float]:
    """Fit on `path` for `encoder`, write the model to `target`, and return two-fold scores.

    Each fold is fitted on half of the topics and scored on the other half.
    """
    from tqdm import tqdm

    articles, questions = read_squad(path)
    archive = Archive.build(articles, archive_folder, BuildSettings(encoder=encoder))
    shown = tqdm(questions, "measuring", disable=None)
    asked = [a for a in measure(archive, shown) if len(a.features)]
    topics = sorted({a.topic for a in asked})
    halves = [[a for a in asked if topics.index(a.topic) % 2 == half] for half in (0, 1)]
    folds = [scores(halves[1 - half], *fit(halves[half])) for half in (0, 1)]
    checked = {name: round(sum(fold[name] for fold in folds) / 2, 4) for name in folds[0]}
    weights, bias = fit(asked)
    model = {
        "made_by": "python -m eval calibrate",
        "data": {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
        "encoder": archive.info()["encoder"]["name"],
        "two_fold_scores": checked,
        "weights": dict(zip(FEATURES, [round(float(w), 3) for w in weights], strict=True)),
        "bias": round(bias, 3),
    }
    target.write_text(json.dumps(model, indent=1) + "\n", "utf-8")
    return checked


def _calibration_error(answered: npt.NDArray[np.bool_], sure: Matrix, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Guo et al. 2017)."""
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [
        np.mean(bin_of == b) * abs(np.mean(answered[bin_of == b]) - np.mean(sure[bin_of == b]))
        for b in range(bins)
        if np.any(bin_of == b)
    ]
    return float(sum(gaps))
