"""The layout of what a reader reads: question, heading and text as rows of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from rag.models.runtime.tokens import Inputs, padded
from rag.types import Span

ROWS = 16
"""Rows that a network takes at once."""
OUTSIDE, QUESTION = -1, 0
"""Segments of tokens that belong to no sentence, and of the question's; sentence k has k + 1."""

_QUESTION_TOKENS = 128
_ROW_TOKENS = 512
_STRIDE = 96  # Tokens that two rows of one text share.
_MARKED_TOKENS = 24


@dataclass(frozen=True)
class TokenRows:
    """Input of the network: row i reads text `text_of[i]`, or a part of it.

    `places[i, j]` is the span of token j of row i in its text, (-1, -1) for a token that is not
    of the text: shape (rows, tokens, 2). `asked[i, j]` says whether it is of the question.
    """

    inputs: Inputs
    text_of: list[int]
    places: npt.NDArray[np.int64]
    asked: npt.NDArray[np.bool_]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each row, shape (rows,)."""
        counts: npt.NDArray[np.int64] = self.inputs["attention_mask"].sum(1)
        return counts


def layout(
    tokenizer: Tokenizer,
    questions: Sequence[str],
    headings: Sequence[str],
    texts: Sequence[str],
    pad: int = 0,
) -> TokenRows:
    """Lay out question i before heading i and text i; a text that is too long takes more rows.

    `tokenizer` neither pads nor truncates; `pad` is the token that fills up rows.
    """
    opened = [f"{heading}\n" if heading else "" for heading in headings]
    asked = tokenizer.encode_batch(list(questions), add_special_tokens=False)
    told = tokenizer.encode_batch(
        [heading + text for heading, text in zip(opened, texts, strict=True)],
        add_special_tokens=False,
    )
    room = _ROW_TOKENS - tokenizer.num_special_tokens_to_add(True)
    rows, text_of = [], []
    for number, (question, text) in enumerate(zip(asked, told, strict=True)):
        question.truncate(_QUESTION_TOKENS)
        text.truncate(room - len(question), _STRIDE)
        laid = tokenizer.post_process(question, text)
        rows += [laid, *laid.overflowing]
        text_of += [number] * (1 + len(laid.overflowing))
    inputs = padded(rows, pad)
    places = np.full((*inputs["input_ids"].shape, 2), -1)
    asked_at = np.zeros(places.shape[:2], np.bool_)
    for row, (laid, number) in enumerate(zip(rows, text_of, strict=True)):
        # Of a question that was cut into tokens with others, the sequence is not told.
        of_text = np.array([sequence == 1 for sequence in laid.sequence_ids])
        special = np.array(laid.special_tokens_mask, np.bool_)
        spans = np.array(laid.offsets) - len(opened[number])
        spans[~of_text | (spans[:, 0] < 0)] = -1
        places[row, : len(laid)], asked_at[row, : len(laid)] = spans, ~of_text & ~special
    return TokenRows(inputs, text_of, places, asked_at)


def segments_of(
    asked: npt.NDArray[np.bool_], places: npt.NDArray[np.int64], sentences: Sequence[Span]
) -> npt.NDArray[np.int64]:
    """The segment of each token of a row."""
    segments = np.where(asked, QUESTION, OUTSIDE)
    for number, (start, end) in enumerate(sentences, start=1):
        segments[(places[:, 0] >= start) & (places[:, 1] <= end)] = number
    return segments


def best_span(
    starts: npt.NDArray[np.float32],
    ends: npt.NDArray[np.float32],
    inside: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
) -> tuple[Span, float]:
    """Return the likeliest answer among the tokens `inside` of a row, a span of the row's text,
    and the mean of the scores of its start and end."""
    pairs = starts[inside][:, np.newaxis] + ends[inside]
    distance = np.arange(len(inside)) - np.arange(len(inside))[:, np.newaxis]
    pairs[(distance < 0) | (distance >= _MARKED_TOKENS)] = -np.inf
    start, end = np.unravel_index(pairs.argmax(), pairs.shape)
    span = (int(places[inside[start], 0]), int(places[inside[end], 1]))
    return span, float(pairs[start, end] / 2)
