"""Byline's own reader: sentences and the words that answer, from one reading of each passage."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.models.reader.layout import ROWS, TokenRows, best_span, layout, segments_of
from rag.protocols import Reading
from rag.types import Span


class JointReader:
    """The network of `rag.models.reader.network`, with the weights and tokenizer of a folder.

    Implements `rag.protocols.SentenceReader`. Safe to share between threads.
    """

    def __init__(self, name: str, folder: Path, precision: str) -> None:
        import torch
        from transformers import AutoTokenizer

        from rag.models.reader.network import load_network

        self.name = name
        self._tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, split_special_tokens=True
        )
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network = load_network(folder, precision).to(self._device)
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

        The logits of sentences of different texts can be compared.
        """
        found: list[list[Reading]] = [[Reading(-np.inf)] * len(spans) for spans in sentences]
        if not texts:
            return found
        with self._lock:
            rows = layout(self._tokenizer, [question] * len(texts), headings, texts)
        # Rows of about the same length together: none is padded to the longest of all.
        lengths = rows.inputs["attention_mask"].sum(1).tolist()
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
        for first in range(0, len(order), ROWS):
            some = order[first : first + ROWS]
            for row, reading in zip(some, self._read(rows, some, sentences), strict=True):
                text = rows.text_of[row]
                best = zip(found[text], reading, strict=True)
                found[text] = [max(pair, key=lambda r: r.logit) for pair in best]
        return found

    def _read(
        self, rows: TokenRows, some: Sequence[int], sentences: Sequence[Sequence[Span]]
    ) -> list[list[Reading]]:
        """The readings of the sentences of some rows' texts; -inf of one that is not in its row."""
        import torch

        longest = int(rows.inputs["attention_mask"][some].sum(1).max())
        inputs = {k: v[some, :longest].to(self._device) for k, v in rows.inputs.items()}
        asked, places = rows.asked[some, :longest], rows.places[some, :longest]
        spans = [sentences[rows.text_of[row]] for row in some]
        segments = np.stack(list(map(segments_of, asked, places, spans)))
        with torch.inference_mode():
            scores, words = self._network(inputs, torch.from_numpy(segments).to(self._device))
        logits = scores.numpy(force=True)
        starts, ends = np.moveaxis(words.numpy(force=True), 2, 0)
        return [
            [
                _reading(logits[i], number, segments[i], starts[i], ends[i], places[i], span)
                for number, span in enumerate(spans[i])
            ]
            for i in range(len(some))
        ]


def _reading(
    logits: npt.NDArray[np.float32],
    number: int,
    segments: npt.NDArray[np.int64],
    starts: npt.NDArray[np.float32],
    ends: npt.NDArray[np.float32],
    places: npt.NDArray[np.int64],
    span: Span,
) -> Reading:
    inside = np.flatnonzero(segments == number + 1)
    if not len(inside):
        return Reading(-np.inf)
    mark, score = best_span(starts, ends, inside, places)
    return Reading(float(logits[number]), (mark[0] - span[0], mark[1] - span[0]), float(score))
