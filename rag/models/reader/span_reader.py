"""An extractive question-answering model as a reader of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.reader.layout import ROWS, layout
from rag.models.reader.sentence_tokens import SentenceTokens, keep_better
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
        of = SentenceTokens.of(rows.segments(sentences))
        odds = [
            of.reduce(np.logaddexp, scores[..., np.newaxis])[:, 0] - scores[of.rows, 0]
            for scores in (starts, ends)
        ]
        none = starts[:, :1], ends[:, :1]
        keep_better(found, rows, sentences, of, np.mean(odds, 0), starts - none[0], ends - none[1])
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
