"""Hits to the sentences that answer, verbatim, and how probable it is that they do.

Every sentence of the passages is weighed by a few measures of how it fits the question, put
together by the logistic model in evidence.json (`python -m eval calibrate` makes it). Knows
neither Gradio nor model servers.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.kinds import FIGURES, fits
from rag.sentences import sentence_spans
from rag.types import Article, Hit, Question, Span, Vectors
from rag.words import names, words

FEATURES = (
    "cosine",  # of question and sentence
    "covered",  # share of the question's words in the sentence, rare words counting more
    "covered_so_far",  # the same with the sentence before it and the article's heading
    "figure",  # a figure or date was asked for and is there: 1, is not: -1; else 0
    "name",  # the same for a name
    "names_known",  # share of the words of the question's names that the article knows
)

_ROOT = 4  # Letters.
_SAME_ROOT = 0.8
_HEADING_WORDS = 8
_CONTEXT = 0.5  # Weight of words that only the earlier question holds.
_MARKS = ".!?…។៕।॥۔؟。！？"
_QUOTES = "\"'”’»)] "


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was read: where it stands, and the probability that it answers.

    `marks` are the spans of `text` that carry the answer.
    """

    article_id: str
    start: int
    end: int
    text: str
    probability: float = 0.0
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence to weigh, the sentence before it, and the article they stand in."""

    sentence: Sentence
    before: str
    article: Article


def read(
    question: Question,
    vector: Vectors,
    hits: Sequence[Hit],
    article: Callable[[str], Article],
    embed: Callable[[Sequence[str]], Vectors],
    rarity: Callable[[str], float],
) -> list[Sentence]:
    """Weigh the sentences of `hits` as answers to `question`, the most probable first.

    `vector` is the question's unit vector, shape (dimension,); `embed` gives unit rows of texts,
    shape (n, dimension); `rarity` is the weight of a word.
    """
    candidates = candidates_of(hits, article)
    if not candidates:
        return []
    weights, bias = _model()
    logits = measure(question, vector, candidates, embed, rarity) @ weights + bias
    order = np.argsort(-logits, kind="stable")
    return [
        replace(candidates[i].sentence, probability=1 / (1 + math.exp(-logits[i]))) for i in order
    ]


def measure(
    question: Question,
    vector: Vectors,
    candidates: Sequence[Candidate],
    embed: Callable[[Sequence[str]], Vectors],
    rarity: Callable[[str], float],
) -> npt.NDArray[np.float64]:
    """Return what FEATURES names for each candidate, shape (n, len(FEATURES))."""
    weights = {word: _CONTEXT * rarity(word) for word in words(question.context)}
    weights |= {word: rarity(word) for word in words(question.text)}
    named = [words(question.text[start:end]) for start, end in names(question.text)]
    all_named = {word: 1.0 for name in named for word in name}
    cosines = embed([candidate.sentence.text for candidate in candidates]) @ vector
    rows = []
    for candidate, cosine in zip(candidates, cosines, strict=True):
        here = frozenset(words(candidate.sentence.text))
        here |= {w for name in named if name and name[-1] in here for w in name}
        heading = _heading_words(candidate.article)
        so_far = here | heading | frozenset(words(candidate.before))
        fit = fits(question, candidate.sentence.text)
        rows.append(
            (
                float(cosine),
                _covered(weights, here),
                _covered(weights, so_far),
                *((fit, 0.0) if question.expects in FIGURES else (0.0, fit)),
                _covered(all_named, heading | _words_of(candidate.article)),
            )
        )
    return np.array(rows, np.float64)


def candidates_of(hits: Sequence[Hit], article: Callable[[str], Article]) -> list[Candidate]:
    """The sentences of `hits`, each once, in the order of the hits."""
    found: dict[tuple[str, int], Candidate] = {}
    for hit in hits:
        passage = hit.passage
        about = article(passage.article_id)
        before = ""
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            where = (passage.article_id, passage.start + start)
            if _is_sentence(text) and where not in found:
                sentence = Sentence(*where, passage.start + end, text)
                found[where] = Candidate(sentence, before, about)
            before = text
    return list(found.values())


def _covered(weights: Mapping[str, float], found: frozenset[str]) -> float:
    """The share of the weight whose words were found; 1 of no words."""
    total = sum(weights.values()) or 1.0
    missed = sum(weight * (1 - _match(word, found)) for word, weight in weights.items())
    return 1 - missed / total


@functools.lru_cache(maxsize=512)
def _words_of(article: Article) -> frozenset[str]:
    return frozenset(words(article.text))


@functools.lru_cache(maxsize=512)
def _heading_words(article: Article) -> frozenset[str]:
    published = f"{article.published:%B %Y}" if article.published else ""
    return frozenset(words(f"{article.title} {article.source} {published}"))


def _is_sentence(text: str) -> bool:
    """Whether a span says something: a short line without a full stop is a subheading."""
    return len(text.split()) > _HEADING_WORDS or text.rstrip(_QUOTES)[-1:] in _MARKS


def _match(word: str, found: frozenset[str]) -> float:
    """1 for a word that was found, less for one of the same root: "Japan", "Japanese"."""
    if word in found:
        return 1.0
    if len(word) < _ROOT:
        return 0.0
    alike = any(w.startswith(word) or word.startswith(w) for w in found if len(w) >= _ROOT)
    return _SAME_ROOT if alike else 0.0


def fitted_encoder() -> str:
    """The encoder whose cosines the model was fitted on."""
    return str(_stored()["encoder"])


@functools.cache
def _stored() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(
        (resources.files("rag") / "evidence.json").read_text("utf-8")
    )
    return stored


@functools.cache
def _model() -> tuple[npt.NDArray[np.float64], float]:
    """The weights, in the order of FEATURES, and the bias."""
    stored = _stored()
    return np.array([stored["weights"][name] for name in FEATURES]), float(stored["bias"])
