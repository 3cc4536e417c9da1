"""Extraction: hits to the sentences that answer, verbatim, each with its probability.

Every sentence of the passages gets a few features of how it fits the question; the regressions of
`rag.answer.calibration` turn them into probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.answer.calibration import Calibration
from rag.index.opened import OpenedIndex
from rag.protocols import SentenceReader
from rag.question.answer_type import FIGURES, answer_spans, answer_type, fits
from rag.text.sentences import clause_spans, sentence_spans
from rag.text.stems import names, stems
from rag.types import Article, Hit, Question, Reading, Span, Vectors

Matrix = npt.NDArray[np.float64]

LEXICAL = (
    "covered",  # share of the question's words in the sentence, rare words counting more
    "covered_so_far",  # the same with the sentence before it and the article's heading
    "figure",  # a figure or date was asked for and is there: 1, is not: -1; else 0
    "name",  # the same for a name
    "names_known",  # share of the words of the question's names that the article knows
)
"""What is measured of a sentence besides its meaning (see `Meaning`)."""
ANSWER = (
    "sentence",  # log-odds of the best sentence
    "cosine",  # of the question and the nearest passage
    "passage",  # share of the question's words in the passage that holds most of them
    "names_met",  # share of the words of the question's names there
)
"""What is measured of a question and its hits."""

_ROOT = 4  # Letters.
_SAME_ROOT = 0.8
_SUBHEADING_WORDS = 8
_CONTEXT = 0.5  # Weight of words that only the earlier question holds.
_SPEAKS = 0.35  # Share of a part's words that a sentence, in its context, must have.
_OF_SOURCE = 2.0  # Log-odds that a sentence gains in an article of the source that is named.
_CLEARER = 0.2  # Share of the question's words that a clause must have more than another.
_LOGIT = 12.0  # Beyond, a reader's log-odds say no more.
_SENTENCE_ENDS = ".!?…។៕।॥۔؟。！？"
_QUOTES = "\"'”’»)] "


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was read: its place, and the probability that it answers.

    `marks` are the spans of `text` that carry the answer. `parts` are, for each part of a
    question that has several, the log-odds that it answers that; -inf when it does not speak of
    it.
    """

    article_id: str
    start: int
    end: int
    text: str
    probability: float = 0.0
    marks: tuple[Span, ...] = ()
    parts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence to score, the sentence before it, and its place: sentence `number` of
    the passage of `hit`, in `article`."""

    sentence: Sentence
    before: str
    article: Article
    hit: int
    number: int


class Meaning(Protocol):
    """How near a sentence comes to answering in meaning: by a reader, or by vectors alone."""

    @property
    def name(self) -> str: ...

    def readings(
        self, question: Question, hits: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> list[Reading]:
        """A reading of each candidate, a sentence of one of `hits`."""
        ...


@dataclass(frozen=True)
class ByReader:
    """The log-odds of a reader."""

    reader: SentenceReader
    article: Callable[[str], Article]
    name: str = "reader"

    def readings(
        self, question: Question, hits: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> list[Reading]:
        texts = [hit.passage.text for hit in hits]
        headings = [self.article(hit.passage.article_id).title for hit in hits]
        read = self.reader.read(str(question), headings, texts, list(map(sentence_spans, texts)))
        return [read[c.hit][c.number] for c in candidates]


@dataclass(frozen=True)
class ByVectors:
    """The cosine of question and sentence; `embed` gives unit rows of texts."""

    vector: Vectors
    embed: Callable[[Sequence[str]], Vectors]
    name: str = "cosine"

    def readings(
        self, question: Question, hits: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> list[Reading]:
        cosines = self.embed([c.sentence.text for c in candidates]) @ self.vector
        return [Reading(float(cosine)) for cosine in cosines]


def read(
    question: Question,
    hits: Sequence[Hit],
    index: OpenedIndex,
    meaning: Meaning,
    calibration: Calibration,
) -> tuple[list[Sentence], float]:
    """Weigh the sentences of `hits` as answers to `question`.

    Returns them, the most probable first, and the probability that the archive answers.
    """
    candidates = candidates_of(hits, index.article)
    if not candidates:
        return [], 0.0
    readings = meaning.readings(question, hits, candidates)
    measured = measure(question, candidates, readings, index)
    logits = calibration.sentence.logits((meaning.name, *LEXICAL), measured)
    facts = measure_answer(question, hits, float(logits.max()), index)
    confidence = _probability(calibration.answer.logits(ANSWER, [facts])[0])
    parts = _parts(question, candidates, logits, index, calibration)
    weights = _weights(question, index)
    order = np.argsort(-logits, kind="stable")
    return [
        replace(
            candidates[i].sentence,
            probability=_probability(logits[i]),
            marks=_marks(question, candidates[i].sentence.text, readings[i].mark, weights),
            parts=tuple(map(float, parts[:, i])),
        )
        for i in order
    ], confidence


def measure(
    question: Question,
    candidates: Sequence[Candidate],
    readings: Sequence[Reading],
    index: OpenedIndex,
) -> Matrix:
    """The reading of each candidate and what LEXICAL names, shape (n, 1 + len(LEXICAL))."""
    weights = _weights(question, index)
    named = _named(question)
    all_named = {word: 1.0 for name in named for word in name}
    rows, remembered = [], index.memo
    for candidate, reading in zip(candidates, readings, strict=True):
        here = remembered(_words_of, candidate.sentence.text)
        here |= {w for name in named if name and name[-1] in here for w in name}
        heading = remembered(_heading_words, candidate.article)
        so_far = here | heading | remembered(_words_of, candidate.before)
        fit = fits(question, candidate.sentence.text)
        rows.append(
            (
                float(np.clip(reading.logit, -_LOGIT, _LOGIT)),
                _covered(weights, here),
                _covered(weights, so_far),
                *((fit, 0.0) if question.expects in FIGURES else (0.0, fit)),
                _covered(all_named, heading | remembered(_words_in, candidate.article)),
            )
        )
    return np.array(rows, np.float64)


def _parts(
    question: Question,
    candidates: Sequence[Candidate],
    logits: Matrix,
    index: OpenedIndex,
    calibration: Calibration,
) -> Matrix:
    """How well each sentence serves each part of a question that has several, shape (parts, n).

    By its words, in an article of the source that the part names, and as an answer to the whole.
    """
    several = question.parts if len(question.parts) > 1 else ()
    rows = np.empty((len(several), len(candidates)))
    for number, part in enumerate(several):
        asked = Question(part.text, expects=answer_type(part.text))
        found = measure(asked, candidates, [Reading(0.0)] * len(candidates), index)
        by_words = calibration.sentence.logits(LEXICAL, found[:, 1:])
        ours = np.array([c.article.source in part.sources for c in candidates])
        speaks = found[:, 1 + LEXICAL.index("covered_so_far")] >= _SPEAKS
        rows[number] = np.where(speaks, logits + by_words + _OF_SOURCE * ours, -np.inf)
    return rows


def measure_answer(
    question: Question,
    hits: Sequence[Hit],
    best: float,
    index: OpenedIndex,
) -> Matrix:
    """What ANSWER names, shape (len(ANSWER),); `best` are the log-odds of the best sentence."""
    weights = _weights(question, index)
    named = {word: 1.0 for name in _named(question) for word in name}
    held = [
        index.memo(_heading_words, index.article(hit.passage.article_id))
        | index.memo(_words_of, hit.passage.text)
        for hit in hits
    ]
    return np.array(
        [
            best,
            max(hit.dense for hit in hits),
            max(_covered(weights, found) for found in held),
            max(_covered(named, found) for found in held),
        ]
    )


def candidates_of(hits: Sequence[Hit], article: Callable[[str], Article]) -> list[Candidate]:
    """The sentences of `hits`, each once, in the order of the hits."""
    found: dict[tuple[str, int], Candidate] = {}
    for rank, hit in enumerate(hits):
        passage = hit.passage
        about = article(passage.article_id)
        before = ""
        for number, (start, end) in enumerate(sentence_spans(passage.text)):
            text = passage.text[start:end]
            where = (passage.article_id, passage.start + start)
            if _is_sentence(text) and where not in found:
                sentence = Sentence(*where, passage.start + end, text)
                found[where] = Candidate(sentence, before, about, rank, number)
            before = text
    return list(found.values())


def _marks(
    question: Question, text: str, mark: Span | None, weights: Mapping[str, float]
) -> tuple[Span, ...]:
    """The words that carry the answer: what the reader marked, made whole where it lies in a name
    or figure of the kind asked for; but the figure of another clause where that alone speaks of
    the matter. Without a reader, all words of that kind in the clause that fits best."""

    def covered(clause: Span) -> float:
        return _covered(weights, frozenset(stems(text[slice(*clause)])))

    asked = answer_spans(question, text)
    clauses = clause_spans(text)
    best = max(clauses, key=covered)
    within = [(a, b) for a, b in asked if best[0] <= a and b <= best[1]]
    if mark is None:
        return tuple(within)
    if question.expects in FIGURES and asked:
        touched = [(a, b) for a, b in asked if a < mark[1] and mark[0] < b]
        own = next(clause for clause in clauses if mark[0] < clause[1])
        if not touched or (within and covered(best) - covered(own) > _CLEARER):
            return tuple(within[:1] or asked[:1])
        return tuple(touched[:1])
    whole = [(a, b) for a, b in asked if a <= mark[0] and mark[1] <= b]
    new = set(stems(text[slice(*mark)])).difference(stems(str(question)))
    return tuple(whole[:1]) or ((mark,) if new else ())


def _weights(question: Question, index: OpenedIndex) -> dict[str, float]:
    weights = {word: _CONTEXT * index.idf(word) for word in stems(question.context)}
    return weights | {word: index.idf(word) for word in stems(question.text)}


def _named(question: Question) -> list[list[str]]:
    return [stems(question.text[start:end]) for start, end in names(question.text)]


def _probability(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _covered(weights: Mapping[str, float], found: frozenset[str]) -> float:
    """The share of the weight whose words were found; 1 of no words."""
    total = sum(weights.values()) or 1.0
    missed = sum(weight * (1 - _match(word, found)) for word, weight in weights.items())
    return 1 - missed / total


def _words_of(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def _words_in(article: Article) -> frozenset[str]:
    return frozenset(stems(article.text))


def _heading_words(article: Article) -> frozenset[str]:
    published = f"{article.published:%B %Y}" if article.published else ""
    return frozenset(stems(f"{article.title} {article.source} {published}"))


def _is_sentence(text: str) -> bool:
    """Whether a span says something: a short line without a full stop is a subheading."""
    return len(text.split()) > _SUBHEADING_WORDS or text.rstrip(_QUOTES)[-1:] in _SENTENCE_ENDS


def _match(word: str, found: frozenset[str]) -> float:
    """1 for a word that was found, less for one of the same root: "Japan", "Japanese"."""
    if word in found:
        return 1.0
    if len(word) < _ROOT:
        return 0.0
    alike = any(w.startswith(word) or word.startswith(w) for w in found if len(w) >= _ROOT)
    return _SAME_ROOT if alike else 0.0
