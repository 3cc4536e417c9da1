"""Hits to the sentences that answer, verbatim, and how probable it is that they do.

Every sentence of the passages is weighed by a few measures of how it fits the question, put
together by the logistic model in evidence.json (`python -m eval calibrate` makes it). Knows
neither Gradio nor model servers.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import resources

import numpy as np
import numpy.typing as npt

from rag.sentences import sentence_spans
from rag.types import Article, Hit, Question, TextEncoder, Vectors
from rag.words import fold, names, words

FEATURES = (
    "cosine",  # of question and sentence
    "covered",  # share of the question's words in the sentence, rare words counting more
    "covered_around",  # the same with the sentences beside it and the article's heading
    "expected",  # the kind of words asked for is there: 1, is not: -1, no kind is known: 0
)

_MONTHS = (
    "january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\.? \d"
)
_DAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|yesterday|tomorrow|tonight|midnight|noon"
_UNITS = "(?:second|minute|hour|day|night|week|month|year|decade|century|centurie)s?"
_COUNT = (
    r"(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|half"
    r"|hundreds?|thousands?|millions?|billions?|several|an?)"
)
# Looked for in folded text: lower case, no accents.
_SIGNS = {
    "age": r"\d[- ]years?[- ]old|\baged? \d|, \d\d,",
    "duration": rf"\b{_COUNT}[- ](?:and a half )?{_UNITS}\b|\bsince (?:\d{{4}}|{_MONTHS})",
    "money": r"[$€£¥₹฿៛]\s?\d|\d[\d,.]* ?(?:dollars|euros|pounds|yen|yuan|rupees|riel|baht|usd"
    r"|btc|cents|percent|%)|\b(?:rs|us|rm|hk)\.? ?\$?\d",
    "number": rf"\b{_COUNT}\b|\d",
    "date": rf"\b(?:1\d|20)\d\d\b|\b(?:{_MONTHS}|{_DAYS})\b|\b\d+ {_UNITS} ago|\blast {_UNITS}",
    "reason": r"\b(?:because|due to|since|so that|to|for|after|over|amid|as|caus|reason|result"
    r"|owing)",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was read: where it stands, and the probability that it answers."""

    article_id: str
    start: int
    end: int
    text: str
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence to weigh; `around` holds the sentences beside it and the article's heading."""

    sentence: Sentence
    around: str


def read(
    question: Question,
    vector: Vectors,
    hits: Sequence[Hit],
    article: Callable[[str], Article],
    encoder: TextEncoder,
    rarity: Callable[[str], float],
) -> list[Sentence]:
    """Weigh the sentences of `hits` as answers to `question`, the most probable first.

    `vector` is the question's unit vector, shape (dimension,); `rarity` weighs a word.
    """
    candidates = candidates_of(hits, article)
    if not candidates:
        return []
    weights, bias = _model()
    logits = measure(question, vector, candidates, encoder, rarity) @ weights + bias
    order = np.argsort(-logits, kind="stable")
    return [
        replace(candidates[i].sentence, probability=1 / (1 + math.exp(-logits[i]))) for i in order
    ]


def measure(
    question: Question,
    vector: Vectors,
    candidates: Sequence[Candidate],
    encoder: TextEncoder,
    rarity: Callable[[str], float],
) -> npt.NDArray[np.float64]:
    """Return what FEATURES names for each candidate, shape (n, len(FEATURES))."""
    asked = set(words(str(question)))
    weight = {word: rarity(word) for word in asked}
    total = sum(weight.values()) or 1.0

    def covered(text: str) -> float:
        return sum(weight[word] for word in asked.intersection(words(text))) / total

    cosines = encoder.encode_queries([c.sentence.text for c in candidates]) @ vector
    rows = [
        (
            float(cosine),
            covered(candidate.sentence.text),
            covered(f"{candidate.sentence.text} {candidate.around}"),
            _expected(question.expects, candidate.sentence.text, asked),
        )
        for candidate, cosine in zip(candidates, cosines, strict=True)
    ]
    return np.array(rows, np.float64)


def candidates_of(hits: Sequence[Hit], article: Callable[[str], Article]) -> list[Candidate]:
    """The sentences of `hits`, each once, in the order of the hits."""
    found: dict[tuple[str, int], Candidate] = {}
    for hit in hits:
        passage = hit.passage
        about = article(passage.article_id)
        texts = [passage.text[start:end] for start, end in sentence_spans(passage.text)]
        for i, (start, end) in enumerate(sentence_spans(passage.text)):
            sentence = Sentence(
                passage.article_id, passage.start + start, passage.start + end, texts[i]
            )
            beside = [*texts[max(0, i - 1) : i], *texts[i + 1 : i + 2]]
            around = " ".join([about.title, about.source, *beside])
            found.setdefault((passage.article_id, sentence.start), Candidate(sentence, around))
    return list(found.values())


def _expected(kind: str, text: str, asked: set[str]) -> float:
    """Whether words of the kind asked for stand in `text` that do not stand in the question."""
    if not kind:
        return 0.0
    if kind in _SIGNS:
        found = [match.group() for match in re.finditer(_SIGNS[kind], fold(text))]
    else:
        found = [text[start:end] for start, end in names(text)]
    new = any(not words(sign) or not asked.issuperset(words(sign)) for sign in found)
    return 1.0 if new else -1.0


@functools.cache
def _model() -> tuple[npt.NDArray[np.float64], float]:
    """The weights, in the order of FEATURES, and the bias."""
    stored = json.loads((resources.files("rag") / "evidence.json").read_text("utf-8"))
    return np.array([stored["weights"][name] for name in FEATURES]), float(stored["bias"])
