"""The sentences of rows: which tokens each has, what stands in them, and what is read of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.models.reader.layout import FIRST, QUESTION, TokenRows
from rag.protocols import Reading
from rag.types import Span

Scores = npt.NDArray[np.float32]

_MARKED_TOKENS = 24


@dataclass(frozen=True, slots=True)
class SentenceTokens:
    """The tokens of the sentences of rows, one sentence of one row after the other.

    `tokens` are their places in the rows laid end to end; sentence k has those from
    `firsts[k]` on, `counts[k]` of them, and is segment `segments[k]` of row `rows[k]`.
    """

    tokens: npt.NDArray[np.int64]
    firsts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    segments: npt.NDArray[np.int64]

    @classmethod
    def of(cls, segments: npt.NDArray[np.int64]) -> SentenceTokens:
        """The sentences that rows with these segments have, shape (rows, tokens)."""
        width = int(segments.max(initial=QUESTION)) + 1
        own = np.arange(len(segments))[:, np.newaxis] * width + segments
        tokens = np.flatnonzero(segments > QUESTION)
        keys = own.ravel()[tokens]
        order = np.argsort(keys, kind="stable")
        found, firsts, counts = np.unique(keys[order], return_index=True, return_counts=True)
        return cls(tokens[order], firsts, counts, found // width, found % width)

    def reduce(self, by: np.ufunc, values: Scores) -> Scores:
        """The values of each sentence's tokens as one, shape (sentences, size); `values` has
        those of all tokens, shape (rows, tokens, size)."""
        rows, tokens, size = values.shape
        found: Scores = by.reduceat(values.reshape(rows * tokens, size)[self.tokens], self.firsts)
        return found


def best_spans(
    starts: Scores, ends: Scores, sentences: SentenceTokens
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Scores]:
    """The likeliest answer in each sentence: the places of its first and last token in the rows
    laid end to end, and the mean of the scores of its start and end. `starts` and `ends` have
    the shape (rows, tokens)."""
    start, end = starts.ravel()[sentences.tokens], ends.ravel()[sentences.tokens]
    sentence = np.repeat(np.arange(len(sentences.firsts)), sentences.counts)
    best, length = start + end, np.zeros(len(start), np.int64)
    for more in range(1, min(_MARKED_TOKENS, int(sentences.counts.max(initial=0)))):
        pair = np.where(sentence[more:] == sentence[:-more], start[:-more] + end[more:], -np.inf)
        better = np.flatnonzero(pair > best[:-more])
        best[better], length[better] = pair[better], more
    # Of the starts, best first in each sentence, the first one.
    order = np.lexsort((-best, sentence))
    first = order[sentences.firsts]
    tokens, scores = sentences.tokens, (best[first] / 2).astype(np.float32)
    return tokens[first], tokens[first + length[first]], scores


def keep_better(
    found: Sequence[list[Reading]],
    rows: TokenRows,
    spans: Sequence[Sequence[Span]],
    sentences: SentenceTokens,
    logits: Scores,
    starts: Scores,
    ends: Scores,
) -> None:
    """Put the readings of the sentences of `rows` in the place of those in `found`, of the
    sentences at `spans` of each text, that are worse: a sentence may stand in two rows.

    `logits` are those of the sentences, `starts` and `ends` those of tokens at either end of what
    answers.
    """
    firsts, lasts, scores = best_spans(starts, ends, sentences)
    begins, stops = (rows.places[..., side].ravel() for side in (0, 1))
    for n, (row, segment) in enumerate(zip(sentences.rows, sentences.segments, strict=True)):
        text, number = rows.text_of[row], int(segment) - FIRST
        if logits[n] > found[text][number].logit:
            shift = spans[text][number][0]
            mark = int(begins[firsts[n]]) - shift, int(stops[lasts[n]]) - shift
            found[text][number] = Reading(float(logits[n]), mark, float(scores[n]))
