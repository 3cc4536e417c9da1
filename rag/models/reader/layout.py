"""The layout of what a reader reads: question, heading and text as rows of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from rag.models.runtime.network import rounded
from rag.models.runtime.tokens import STEP, Inputs, padded
from rag.types import Span

ROWS = 4
"""Rows that a network takes at once."""
OUTSIDE, QUESTION, FIRST = -1, 0, 1
"""Segments of tokens that belong to no sentence, of the question's, and of the first sentence's;
the others follow."""

_QUESTION_TOKENS = 128
_ROW_TOKENS = 512
_STRIDE = 96  # Tokens that two rows of one text share.


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

    def part(self, rows: Sequence[int]) -> TokenRows:
        """Some of the rows, as long as the longest of them or a little more: a multiple of
        `STEP`."""
        length = rounded(int(self.lengths[rows].max()), STEP)
        return TokenRows(
            {name: values[rows, :length] for name, values in self.inputs.items()},
            [self.text_of[row] for row in rows],
            self.places[rows, :length],
            self.asked[rows, :length],
        )

    def segments(self, sentences: Sequence[Sequence[Span]]) -> npt.NDArray[np.int64]:
        """The segment of each token, shape (rows, tokens), where `sentences` are those of each
        text."""
        found = np.where(self.asked, QUESTION, OUTSIDE)
        for segments, places, text in zip(found, self.places, self.text_of, strict=True):
            for number, (start, end) in enumerate(sentences[text], start=FIRST):
                segments[(places[:, 0] >= start) & (places[:, 1] <= end)] = number
        return found


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
    asked = [_cut(tokenizer, question) for question in questions]
    told = tokenizer.encode_batch(
        [heading + text for heading, text in zip(opened, texts, strict=True)],
        add_special_tokens=False,
    )
    room = _ROW_TOKENS - tokenizer.num_special_tokens_to_add(True)
    rows, text_of = [], []
    for number, (question, text) in enumerate(zip(asked, told, strict=True)):
        text.truncate(room - len(question), _STRIDE)
        laid = tokenizer.post_process(question, text)
        rows += [laid, *laid.overflowing]
        text_of += [number] * (1 + len(laid.overflowing))
    inputs = padded(rows, _ROW_TOKENS, pad)
    places = np.full((*inputs["input_ids"].shape, 2), -1)
    asked_at = np.zeros(places.shape[:2], np.bool_)
    for row, (laid, number) in enumerate(zip(rows, text_of, strict=True)):
        # The question was cut into tokens by itself: its sequence is not told.
        of_text = np.array([sequence == 1 for sequence in laid.sequence_ids])
        special = np.array(laid.special_tokens_mask, np.bool_)
        spans = np.array(laid.offsets) - len(opened[number])
        spans[~of_text | (spans[:, 0] < 0)] = -1
        places[row, : len(laid)], asked_at[row, : len(laid)] = spans, ~of_text & ~special
    return TokenRows(inputs, text_of, places, asked_at)


def _cut(tokenizer: Tokenizer, question: str) -> Encoding:
    """The tokens of a question, as far as there is room. (An encoding that is truncated itself
    would be read in several parts, as a text is.)"""
    encoding: Encoding = tokenizer.encode(question, add_special_tokens=False)
    if len(encoding) > _QUESTION_TOKENS:
        end = encoding.offsets[_QUESTION_TOKENS - 1][1]
        encoding = tokenizer.encode(question[:end], add_special_tokens=False)
    return encoding
