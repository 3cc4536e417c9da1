"""The layout of what a reader reads: question, heading and text as rows of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.types import Span

if TYPE_CHECKING:
    import torch

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

    inputs: dict[str, torch.Tensor]
    text_of: list[int]
    places: npt.NDArray[np.int64]
    asked: npt.NDArray[np.bool_]


def layout(
    tokenizer: Any, questions: Sequence[str], headings: Sequence[str], texts: Sequence[str]
) -> TokenRows:
    """Lay out question i before heading i and text i; a text that is too long takes more rows."""
    asked = tokenizer(list(questions), add_special_tokens=False, return_offsets_mapping=True)
    cut = [
        question[: places[:_QUESTION_TOKENS][-1][1]] if places else question
        for question, places in zip(questions, asked["offset_mapping"], strict=True)
    ]
    opened = [f"{heading}\n" if heading else "" for heading in headings]
    laid = tokenizer(
        cut, [heading + text for heading, text in zip(opened, texts, strict=True)],
        truncation="only_second", max_length=_ROW_TOKENS, stride=_STRIDE, padding=True,
        return_overflowing_tokens=True, return_offsets_mapping=True, return_tensors="pt",
    )  # fmt: skip
    text_of = laid.pop("overflow_to_sample_mapping").tolist()
    shifts = np.array([len(opened[i]) for i in text_of])[:, np.newaxis, np.newaxis]
    places = laid.pop("offset_mapping").numpy() - shifts
    part = np.array(
        [[-1 if s is None else s for s in laid.sequence_ids(i)] for i in range(len(text_of))]
    )
    places[(part != 1) | (places[..., 0] < 0)] = -1
    return TokenRows(dict(laid), text_of, places, part == 0)


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
