"""Passages to the sentences that answer, with a model that reads question and passage together.

Owns the models and the layout of what they read. Knows neither how passages were found nor what
becomes of its verdicts.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.errors import EncoderError, first_line
from rag.models.cross_encoder import Reranker
from rag.protocols import SentenceReader
from rag.types import Reading, Span

if TYPE_CHECKING:
    import torch

# Byline's own comes with the package: what it was trained on is told by its README.md.
_OWN = "byline"
_FOLDER = Path(__file__).parent
_SHA256 = "550d5b362f0584e345c75ee7e21c6c588cdda1f962cb0305397ea9856b76b504"

_QUESTION_TOKENS = 128
_ROW_TOKENS = 512
_STRIDE = 96  # Tokens that two rows of one text share.
_ROWS = 16  # Rows that the network takes at once.
_MARKED_TOKENS = 24


@dataclass(frozen=True)
class Rows:
    """Input of the network: row i reads text `text_of[i]`, or a part of it.

    `places[i, j]` is where token j of row i stands in its text, (-1, -1) for a token that is not
    of the text: shape (rows, tokens, 2).
    """

    inputs: dict[str, torch.Tensor]
    text_of: list[int]
    places: npt.NDArray[np.int64]


def layout(
    tokenizer: Any, questions: Sequence[str], headings: Sequence[str], texts: Sequence[str]
) -> Rows:
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
    return Rows(dict(laid), text_of, places)


def load(name: str, precision: str) -> SentenceReader:
    """Byline's own reader ("byline"), or by name or path an extractive question-answering model
    or a CrossEncoder.

    `precision` is "float32" or "bfloat16". Raises EncoderError when it cannot be loaded.
    """
    from transformers import AutoConfig

    folder = _own() if name == _OWN else name
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=Path(folder).is_dir())
        kinds = getattr(config, "architectures", None) or [""]
        if kinds[0].endswith("ForQuestionAnswering"):
            return SpanReader(name, folder, precision)
        return PairReader(str(folder))
    except Exception as error:
        raise EncoderError(
            f"The reader {name!r} could not be loaded ({first_line(error)}). Give the folder of a "
            "question-answering model or a CrossEncoder, or a model's name and a connection."
        ) from error


class SpanReader:
    """An extractive question-answering model (Devlin et al. 2019).

    It scores for each token how likely an answer starts and ends there, its first token standing
    for "no answer". Implements `rag.types.SentenceReader`.
    """

    def __init__(self, name: str, folder: str | Path, precision: str) -> None:
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer
        from transformers.utils import logging

        self.name = name
        local = Path(folder).is_dir()
        self._tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=local, split_special_tokens=True
        )
        # Loading takes a second; its bar would stand between the user's question and the answer.
        logging.disable_progress_bar()
        self._model = AutoModelForQuestionAnswering.from_pretrained(
            folder, local_files_only=local, dtype=getattr(torch, precision)
        ).eval()
        logging.enable_progress_bar()
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


class PairReader:
    """A CrossEncoder that scores each sentence with the one before it.

    It marks nothing, and its scores are log-odds only as far as it was trained so. Implements
    `rag.types.SentenceReader`.
    """

    def __init__(self, name: str) -> None:
        self._model = Reranker(name)
        self.name = name

    def read(
        self,
        question: str,
        headings: Sequence[str],
        texts: Sequence[str],
        sentences: Sequence[Sequence[Span]],
    ) -> list[list[Reading]]:
        """Return a reading of each sentence (a span of its text) of each text."""
        from torch.nn import Identity

        pairs = [
            text[spans[max(0, number - 1)][0] : end]
            for text, spans in zip(texts, sentences, strict=True)
            for number, (_, end) in enumerate(spans)
        ]
        scores = iter(self._model.scores(question, pairs, Identity()))
        return [[Reading(float(next(scores))) for _ in spans] for spans in sentences]


def _reading(
    starts: npt.NDArray[np.float32],
    ends: npt.NDArray[np.float32],
    places: npt.NDArray[np.int64],
    span: Span,
) -> Reading:
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


def _own() -> Path:
    """The folder of Byline's own reader, its weights checked."""
    weights = _FOLDER / "model.safetensors"
    found = hashlib.sha256(weights.read_bytes() if weights.is_file() else b"").hexdigest()
    if found != _SHA256:
        raise EncoderError(
            f"The weights of Byline's reader are not the published ones (SHA-256 {found[:12]}…, "
            f"expected {_SHA256[:12]}…). Install Byline again, or ask without a reader."
        )
    return _FOLDER
