"""Extraction: hits to the sentences that answer, verbatim, each with its probability.

A reader scores every sentence of the passages. Its scores and the rank of the passage become
probabilities by the regressions of `rag.answer.calibration`; nothing else that was tried, words
shared with the question, its names or the kind of figure asked for, added to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.answer.calibration import Calibration, sigmoid
from rag.answer.candidates import Candidate, Sentence, candidates_of, headings_of
from rag.protocols import SentenceReader
from rag.question.answer_type import FIGURES, answer_spans
from rag.question.parse import several
from rag.text.characters import plain
from rag.text.memo import Memo
from rag.text.stems import stems
from rag.types import Article, Hit, Question, Span, Vectors

Matrix = npt.NDArray[np.float64]

RANK = "rank"
"""What is measured of a sentence besides its meaning: -log(1 + number of its hit)."""
ANSWER = (
    "score",  # of the best sentence
    "odds",  # log-odds of the best among all sentences and none, by a softmax of their scores
    "lead",  # how far its score is ahead of the best one of another article, or of none
)
"""What is measured of a question for the probability that its best sentence answers."""
QUOTE = (
    "score",  # of the sentence
    "behind",  # how far it is behind the best one
)
"""What is measured of a sentence for the probability that it answers, whichever is best."""
MARK = (
    "span",  # log-odds of the words, by the reader
    "typed",  # 1 if they are words of the kind asked for, -1 if not; 0 where no kind is
    "confidence",  # log-odds that the best sentence answers
)
"""What is measured of marked words for the probability that they are right."""
MARKED = 0.8
"""Words are marked in an answer when they are right with this probability."""

_OF_SOURCE = 2.0  # Score that a sentence gains in an article of the source that a part names,
_OF_HEADING = 2.0  # and under a heading of a list that it names: elsewhere there it loses as much.
_LOGIT = 12.0  # Beyond, a reader's log-odds say no more.
_LEAD = 6.0


class Meaning(Protocol):
    """How near a sentence comes to answering in meaning: by a reader, or by vectors alone."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the columns of `measure`."""
        ...

    def measure(
        self, question: str, hits: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> tuple[Matrix, list[Span | None]]:
        """Measure each candidate, a sentence of one of `hits`: shape (n, len(measures)); and the
        words of each that answer, where they are known."""
        ...


@dataclass(frozen=True)
class ByReader:
    """The log-odds of a reader: of the sentence, and of the words in it."""

    reader: SentenceReader
    article: Callable[[str], Article]
    measures: tuple[str, ...] = ("reader", "span")

    def measure(
        self, question: str, hits: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> tuple[Matrix, list[Span | None]]:
        texts = [hit.passage.text for hit in hits]
        headings = [self.article(hit.passage.article_id).title for hit in hits]
        spans = {c.hit: c.spans for c in candidates}
        of_each = [spans.get(hit, []) for hit in range(len(hits))]
        read = self.reader.read(question, headings, texts, of_each)
        found = [read[c.hit][c.number] for c in candidates]
        logits = np.array([(one.logit, one.mark_logit) for one in found])
        return np.clip(logits, -_LOGIT, _LOGIT), [one.mark for one in found]


@dataclass(frozen=True)
class ByVectors:
    """The cosine of question and sentence, and the share of the question's words, rare ones
    counting more, in the sentence, the one before it and the heading.

    `embed` gives unit rows of texts, `idf` weighs a stem.
    """

    vector: Vectors
    embed: Callable[[Sequence[str]], Vectors]
    idf: Callable[[str], float]
    measures: tuple[str, ...] = ("cosine", "covered")

    def measure(
        self, question: str, hits: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> tuple[Matrix, list[Span | None]]:
        cosines = self.embed([c.sentence.text for c in candidates]) @ self.vector
        weights = {word: self.idf(word) for word in stems(question)}
        total = sum(weights.values()) or 1.0
        covered = [
            sum(weights[word] for word in weights.keys() & set(stems(_in_context(c)))) / total
            for c in candidates
        ]
        return np.column_stack([cosines, covered]), [None] * len(candidates)


def read(
    question: Question,
    hits: Sequence[Hit],
    article: Callable[[str], Article],
    meaning: Meaning,
    calibration: Calibration,
    memo: Memo | None = None,
) -> tuple[list[Sentence], float]:
    """Weigh the sentences of `hits` as answers to `question`.

    Returns them, best first, and the probability that the best one answers. Each part of a
    question that has several is read for by itself. `memo` is as for `candidates_of`.
    """
    candidates = candidates_of(hits, article, memo)
    if not candidates:
        return [], 0.0
    parts = several(question)
    asked = [(part.text, part.sources) for part in parts] or [(str(question), frozenset())]
    scored = [_scored(*one, hits, candidates, meaning, calibration) for one in asked]
    articles = [candidate.article.id for candidate in candidates]
    facts = [measure_answer(one.scores, articles) for one in scored]
    sure = calibration.answer.logits(ANSWER, facts).max()
    table = np.array([one.scores for one in scored])
    best, serves = table.max(axis=0), [scored[i] for i in table.argmax(axis=0)]
    probable = calibration.quote.probabilities(QUOTE, np.column_stack([best, best.max() - best]))
    found = [
        marked(question, candidate.sentence.text, one.marks[n])
        for n, (candidate, one) in enumerate(zip(candidates, serves, strict=True))
    ]
    right = calibration.mark.probabilities(
        MARK, [(one.words[n], found[n][1], sure) for n, one in enumerate(serves)]
    )
    return [
        replace(
            candidates[i].sentence,
            probability=float(probable[i]),
            marks=found[i][0],
            mark_probability=float(right[i]),
            parts=tuple(map(float, table[:, i])) if parts else (),
        )
        for i in np.argsort(-best, kind="stable")
    ], float(sigmoid(sure))


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of all candidates for a text, and the log-odds of the words in each that answer,
    shape (n,); and those words."""

    scores: Matrix
    words: Matrix
    marks: Sequence[Span | None]


def _scored(
    text: str,
    sources: frozenset[str],
    hits: Sequence[Hit],
    candidates: Sequence[Candidate],
    meaning: Meaning,
    calibration: Calibration,
) -> _Scored:
    measured, marks = meaning.measure(text, hits, candidates)
    rows = np.column_stack([measured, ranks(candidates)])
    scores = calibration.sentence.logits((*meaning.measures, RANK), rows)
    named = np.array([candidate.article.source in sources for candidate in candidates])
    gained = _OF_SOURCE * named + _OF_HEADING * _headed(text, candidates)
    return _Scored(scores + gained, measured[:, -1], marks)


def _headed(question: str, candidates: Sequence[Candidate]) -> Matrix:
    """Of each candidate whether it stands under a heading of a list that the question names: 1, or
    -1 for others of the article that do not name it either; 0 where the question names none."""
    asked = set(stems(question))
    headings = [frozenset(stems(one)) for one in headings_of(candidates)]
    named: dict[str, set[frozenset[str]]] = {}
    for candidate, heading in zip(candidates, headings, strict=True):
        if heading and heading <= asked:
            named.setdefault(candidate.article.id, set()).add(heading)
    found = np.zeros(len(candidates))
    for n, (candidate, heading) in enumerate(zip(candidates, headings, strict=True)):
        here = named.get(candidate.article.id, set())
        said = set(stems(candidate.sentence.text)) if here else set()
        if here:
            found[n] = 1 if heading in here else -1 * all(not one <= said for one in here)
    return found


def in_order(hits: Sequence[Hit], sentences: Sequence[Sentence]) -> list[Hit]:
    """The hits in the order of the best of the `sentences`, given best first, in each."""

    def first(hit: Hit) -> int:
        at = hit.passage
        inside = (
            n
            for n, one in enumerate(sentences)
            if one.article_id == at.article_id and at.start <= one.start and one.end <= at.end
        )
        return next(inside, len(sentences))

    return sorted(hits, key=first)


def ranks(candidates: Sequence[Candidate]) -> Matrix:
    """What RANK names, shape (n,)."""
    return -np.log1p([candidate.hit for candidate in candidates])


def measure_answer(scores: Matrix, articles: Sequence[str]) -> tuple[float, ...]:
    """What ANSWER names, of the scores of all candidates and the ids of their articles.

    "None of them" competes with a score of 0, so that the best of few is not sure for that alone.
    """
    best = int(scores.argmax())
    ahead = scores[best] - np.append(np.delete(scores, best), 0.0)
    odds = -np.log(np.exp(-ahead).sum())
    elsewhere = [s for s, at in zip(scores, articles, strict=True) if at != articles[best]]
    lead = scores[best] - max([*elsewhere, 0.0])
    return float(scores[best]), float(min(odds, _LOGIT)), float(min(lead, _LEAD))


def marked(question: Question, text: str, mark: Span | None) -> tuple[tuple[Span, ...], float]:
    """The words that a reader marked, made whole where they lie in words of the kind asked for,
    and whether they are of that kind: 1, -1, or 0 where none is asked for."""
    if mark is None:
        return (), 0.0
    start, end = mark
    while start > 0 and _in_word(text[start - 1]) and _in_word(text[start]):
        start -= 1
    while end < len(text) and _in_word(text[end - 1]) and _in_word(text[end]):
        end += 1
    if question.expects in ("", "reason"):
        return ((start, end),), 0.0
    asked = [(a, b) for a, b in answer_spans(question, text) if a < end and start < b]
    if not asked:
        return ((start, end),), -1.0
    if question.expects in FIGURES:
        return (asked[0],), 1.0
    return ((asked[0][0], asked[-1][1]),), 1.0


def _in_word(character: str) -> bool:
    return character.isalnum() or not plain(character)


def _in_context(candidate: Candidate) -> str:
    about = candidate.article
    return f"{about.title} {about.source} {candidate.before} {candidate.sentence.text}"
