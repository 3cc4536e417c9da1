"""An extractive question-answering model, and the layout of the texts that it reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.models.weights import no_progress_bar
from rag.types import Reading, Span

if TYPE_CHECKING:
    import torch

_QUESTION_TOKENS = 128
_ROW_TOKENS = 512
_STRIDE = 96  # Tokens that two rows of one text share.
_ROWS = 16  # Rows that the network takes at once.
_MARKED_TOKENS = 24


@dataclass(frozen=True)
class TokenRows:
    """Input of the network: row i reads text `text_of[i]`, or a part of it.

    `places[i, j]` is the span of token j of row i in its text, (-1, -1) for a token that is not
    of the text: shape (rows, tokens, 2).
    """

    inputs: dict[str, torch.Tensor]
    text_of: list[int]
    places: npt.NDArray[np.int64]


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
    of_text = np.array([[s == 1 for s in laid.sequence_ids(i)] for i in range(len(text_of))])
    places[~of_text | (places[..., 0] < 0)] = -1
    return TokenRows(dict(laid), text_of, places)


class SpanReader:
    """An extractive question-answering model (Devlin et al. 2019).

    It scores for each token how likely an answer starts and ends there, its first token standing
    for "no answer". Implements `rag.protocols.SentenceReader`.
    """

    def __init__(self, name: str, folder: str | Path, precision: str) -> None:
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.name = name
        local = Path(folder).is_dir()
        self._tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=local, split_special_tokens=True
        )
        with no_progress_bar():
            self._model = AutoModelForQuestionAnswering.from_pretrained(
                folder, local_files_only=local, dtype=getattr(torch, precision)
            ).eval()
        # Without its files, a tokenizer of special tokens alone is made.
        if 2 * len(self._tokenizer) < self._model.config.vocab_size:
            raise ValueError("its tokenizer is missing")
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model.to(self._device)
        # A tokenizer keeps how it pads and truncates between calls, of whichever thread.
        self._lock = threading.Lock()

    def read(
        self,
        question: str,
        headings: Sequence[str],
        texts: Sequence[str],
        sentences: Sequence[Sequence[Span]],
    ) -> list[list[Reading]]:
        """Return a reading of each sentence (a span of its text) of each text.

        A sentence's logit is the log-odds of an answer that starts in it against no answer, and
        of one that ends in it, averaged.
        """
        found: list[list[Reading]] = [[Reading(-np.inf)] * len(spans) for spans in sentences]
        if not texts:
            return found
        with self._lock:
            rows = layout(self._tokenizer, [question] * len(texts), headings, texts)
        starts, ends = self._logits(rows.inputs)
        for row, text in enumerate(rows.text_of):
            for number, span in enumerate(sentences[text]):
                reading = _reading(starts[row], ends[row], rows.places[row], span)
                found[text][number] = max(found[text][number], reading, key=lambda r: r.logit)
        return found

    def _logits(self, inputs: dict[str, torch.Tensor]) -> npt.NDArray[np.float32]:
        """Scores of starts and ends, shape (2, rows, tokens)."""
        import torch

        parts = []
        with torch.inference_mode():
            for first in range(0, len(inputs["input_ids"]), _ROWS):
                batch = {
                    name: values[first : first + _ROWS].to(self._device)
                    for name, values in inputs.items()
                }
                out = self._model(**batch)
                parts.append(torch.stack((out.start_logits, out.end_logits)).float())
        logits: npt.NDArray[np.float32] = torch.cat(parts, 1).numpy(force=True)
        return logits


def _reading(
    starts: npt.NDArray[np.float32],
    ends: npt.NDArray[np.float32],
    places: npt.NDArray[np.int64],
    span: Span,
) -> Reading:
    """The reading of the sentence at `span`, from a row's scores and the places of its tokens."""
    inside = np.flatnonzero((places[:, 0] >= span[0]) & (places[:, 1] <= span[1]))
    if not len(inside):
        return Reading(-np.inf)
    first, last = starts[inside], ends[inside]
    odds = (np.logaddexp.reduce(first) - starts[0], np.logaddexp.reduce(last) - ends[0])
    pairs = first[:, np.newaxis] + last
    distance = np.arange(len(inside)) - np.arange(len(inside))[:, np.newaxis]
    pairs[(distance < 0) | (distance >= _MARKED_TOKENS)] = -np.inf
    start, end = np.unravel_index(pairs.argmax(), pairs.shape)
    mark = (int(places[inside[start], 0]) - span[0], int(places[inside[end], 1]) - span[0])
    return Reading(float(np.mean(odds)), mark)
