"""A question to Hits: BM25 and vectors fused, for the whole question and for each of its parts.

Knows nothing of prompts, and knows the index by its Protocols alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from rag.index.opened import OpenedIndex
from rag.index.protocols import Scores, Store
from rag.question.parse import several
from rag.settings import AskSettings
from rag.text.stems import fold
from rag.types import Hit, Question, Rows, Vectors

# A part whose best sentence fits less well than another part's is trusted less, by this power.
_TRUST = 0.3
# What a passage gains that holds a phrase of the question, itself or in its article's title.
_EXACT = 1.0
# Where words are searched elsewhere, so many times the candidates are asked for by BM25 and scored
# here, as the sentences, the source and the date of a passage change their order.
_DEEP = 10
_QUOTES = str.maketrans("‘’“”", "''\"\"")


def retrieve(
    question: Question,
    vectors: Vectors,
    index: OpenedIndex,
    settings: AskSettings,
    k: int,
    allowed: Rows | None = None,
) -> list[Hit]:
    """Return at most `k` hits for `question`, best first.

    `vectors` are the unit rows of the question and of its `several` parts, shape (1 + parts,
    dimension). `allowed` restricts everything to those passage rows.

    The evidence of a passage for a text is the weighted sum of its BM25 score, the BM25 score of
    its best sentence (each as a share of the highest) and its cosine. Its score adds up the
    evidence for the whole question, that for the part it fits best, and what its source and date
    add; passages that hold a quoted phrase come first. A part of the question counts for less
    after each hit that serves it, so that every part gets its turn.
    """
    store, wide = index.store, max(settings.candidates, k)
    texts = [str(question), *(part.text for part in several(question))]
    near, _ = store.search(vectors[0], wide, allowed)
    named, held = _named(question, store), _quoted_phrases(question, index, allowed)
    rows = _looked_at(texts, named, index, wide, allowed, [near, *held.values()])
    named = named[:, rows]
    bm25 = np.array([index.bm25.scores(text, rows=rows) for text in texts])
    sentences = np.array([index.bm25.sentence_scores(text, rows=rows) for text in texts])
    evidence = settings.sentence_weight * _shares(sentences)
    evidence += (1 - settings.dense_weight - settings.sentence_weight) * _shares(bm25)
    trust = _shares(sentences[-len(named) :].max(axis=1, initial=0)) ** _TRUST

    whole, parts = _scored(evidence, named, trust, settings)
    best = rows[_best(whole + parts.max(axis=0), wide)]
    chosen = np.searchsorted(rows, np.unique(np.concatenate([near, best, *held.values()])))
    dense = store.cosines(vectors, rows[chosen])
    evidence = evidence[:, chosen] + settings.dense_weight * dense
    whole, parts = _scored(evidence, named[:, chosen], trust, settings)
    for scores, part in zip(parts, question.parts, strict=False):
        for phrase in part.phrases:
            scores += _EXACT / len(part.phrases) * np.isin(rows[chosen], held[phrase])
    turns = _in_turn(whole, parts, k, settings.diversity if len(parts) > 1 else 0)
    found = zip(store.passages(rows[chosen[[i for i, _ in turns]]]), turns, strict=True)
    return [Hit(p, s, float(dense[0, i]), float(bm25[0, chosen[i]])) for p, (i, s) in found]


def _looked_at(
    texts: Sequence[str],
    named: Scores,
    index: OpenedIndex,
    wide: int,
    allowed: Rows | None,
    besides: Iterable[Rows],
) -> Rows:
    """The rows that are scored by their words, in order: all that are allowed or, where an engine
    finds them by words, the best of each text, of all and of those that are `named`, and
    `besides`."""
    every = np.arange(len(index.store)) if allowed is None else allowed
    deep = _DEEP * wide
    best = index.bm25.candidates(texts, deep, allowed) if len(every) > deep else None
    if best is None:
        return every
    lift = named.max(axis=0)[every]
    lifted = every[lift > 0]
    of_these = index.bm25.candidates(texts, deep, lifted) if len(lifted) > deep else lifted
    # What is named and has no word of the question is found in the order of the rows.
    found = [best, every[_best(lift, wide)], *besides]
    return np.unique(np.concatenate(found if of_these is None else [*found, of_these]))


def _quoted_phrases(
    question: Question, index: OpenedIndex, allowed: Rows | None
) -> dict[str, Rows]:
    """For each phrase in quotation marks the rows that hold it word for word."""
    phrases = {phrase for part in question.parts for phrase in part.phrases}
    return {phrase: _holding(phrase, index, allowed) for phrase in phrases}


def _named(question: Question, store: Store) -> Scores:
    """How much of what each part names, source and time, each passage has, shape (parts, n)."""
    if not question.parts:
        return np.zeros((1, len(store)), np.float32)
    return np.array([store.named(part.sources, part.published) for part in question.parts])


def _scored(
    evidence: Scores, named: Scores, trust: Scores, settings: AskSettings
) -> tuple[Scores, Scores]:
    """Score passages for the whole question, shape (n,), and for each part, shape (parts, n)."""
    whole = (1 - settings.part_weight) * evidence[0] + settings.lift * named.max(axis=0)
    of_parts = evidence[-len(named) :] * (1 + settings.lift * named)
    return whole, settings.part_weight * trust[:, np.newaxis] * of_parts


def _in_turn(whole: Scores, parts: Scores, k: int, diversity: float) -> list[tuple[int, float]]:
    """Choose `k` of the passages one after the other, and return each with its score then.

    A part counts for less after a passage that served it: by `diversity` after its best one, by
    less, with the square of what it serves, after others. So the scores only fall.
    """
    weights = np.ones((len(parts), 1), np.float32)
    reach = np.maximum(parts.max(axis=1, initial=0), np.finfo(np.float32).tiny)
    left = np.ones(len(whole), bool)
    chosen = []
    for _ in range(min(k, len(whole))):
        # Negative scores are not weighted down: towards 0 the total would rise.
        served = np.minimum(parts, weights * parts).max(axis=0)
        scores = np.where(left, whole + served, -np.inf)
        # Ties go to the earlier passage, so that the same question always gives the same list.
        best = int(scores.argmax())
        chosen.append((best, float(scores[best])))
        left[best] = False
        weights[:, 0] *= 1 - diversity * np.clip(parts[:, best] / reach, 0, 1) ** 2
    return chosen


def _holding(phrase: str, index: OpenedIndex, allowed: Rows | None) -> Rows:
    """The rows whose passage, or title, holds a phrase word for word."""
    wanted = re.compile(rf"(?<!\w){re.escape(_folded(phrase))}(?!\w)")
    rows, store = index.bm25.holding(phrase), index.store
    rows = rows if allowed is None else np.intersect1d(rows, allowed)
    return np.array(
        [
            row
            for row, passage in zip(rows, store.passages(rows), strict=True)
            for title in [store.article(passage.article_id).title]
            if wanted.search(_folded(passage.text)) or wanted.search(_folded(title))
        ],
        np.int64,
    )


def _folded(text: str) -> str:
    return " ".join(fold(text).translate(_QUOTES).split()).strip(" .,;:?!")


def _best(scores: Scores, k: int) -> Rows:
    """The places of the `k` highest scores above zero."""
    places = np.flatnonzero(scores > 0)
    return places[np.argsort(-scores[places], kind="stable")[:k]]


def _shares(scores: Scores) -> Scores:
    """Each score as a share of the highest in its row, 0 where there is none."""
    highest = scores.max(axis=-1, keepdims=True, initial=0)
    shares: Scores = scores / np.where(highest > 0, highest, np.float32(1))
    return shares
