"""An extractive question-answering model as a reader of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.reader.layout import ROWS, best_span, layout
from rag.models.runtime.tokens import Inputs, bare
from rag.models.weights import no_progress_bar
from rag.protocols import Reading
from rag.types import Span


class SpanReader:
    """An extractive question-answering model (Devlin et al. 2019).

    It scores for each token how likely an answer starts and ends there, its first token standing
    for "no answer". Implements `rag.protocols.SentenceReader`.
    """

    def __init__(self, name: str, precision: str) -> None:
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.name = name
        local = Path(name).is_dir()
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=local)
        with no_progress_bar():
            self._model = AutoModelForQuestionAnswering.from_pretrained(
                name,
                local_files_only=local,
                dtype=torch.bfloat16 if precision == "bfloat16" else torch.float32,
            ).eval()
        # Without its files, a tokenizer of special tokens alone is made.
        if 2 * len(tokenizer) < self._model.config.vocab_size:
            raise ValueError("its tokenizer is missing")
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model.to(self._device)
        self._inputs: list[str] = tokenizer.model_input_names
        self._pad: int = tokenizer.pad_token_id or 0
        self._tokenizer = bare(tokenizer.backend_tokenizer, split_special=True)

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
        rows = layout(self._tokenizer, [question] * len(texts), headings, texts, self._pad)
        starts, ends = self._logits(rows.inputs)
        for row, text in enumerate(rows.text_of):
            for number, span in enumerate(sentences[text]):
                reading = _reading(starts[row], ends[row], rows.places[row], span)
                found[text][number] = max(found[text][number], reading, key=lambda r: r.logit)
        return found

    def _logits(self, inputs: Inputs) -> npt.NDArray[np.float32]:
        """Scores of starts and ends, shape (2, rows, tokens)."""
        import torch

        parts = []
        with torch.inference_mode():
            for first in range(0, len(inputs["input_ids"]), ROWS):
                batch = {
                    name: torch.from_numpy(inputs[name][first : first + ROWS]).to(self._device)
                    for name in self._inputs
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
    odds = (
        np.logaddexp.reduce(starts[inside]) - starts[0],
        np.logaddexp.reduce(ends[inside]) - ends[0],
    )
    mark, score = best_span(starts, ends, inside, places)
    none = float(starts[0] + ends[0]) / 2
    return Reading(float(np.mean(odds)), (mark[0] - span[0], mark[1] - span[0]), score - none)
