"""Byline's own reader: sentences and the words that answer, from one reading of each passage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.models.reader.heads import Heads
from rag.models.reader.layout import ROWS, layout
from rag.models.reader.sentence_tokens import SentenceTokens, keep_better
from rag.models.runtime.bert import Bert, BertConfig, BertGraph
from rag.models.runtime.precision import resolve
from rag.models.runtime.quantise import load_largest
from rag.models.runtime.tokens import load_tokenizer
from rag.models.runtime.weights import WeightsFile
from rag.protocols import Reading
from rag.types import Span

_LARGEST = "largest_inputs.npz"  # Made by: python -m eval quantise --reader


class JointReader:
    """A BERT with the heads of `rag.models.reader.heads`, from the files of a folder.

    `precision` is as for an encoder, but "auto" is bfloat16 where the processor has it, though int8
    may be faster by a fifth: its scores are seven times as far from those in float32.
    Implements `rag.protocols.SentenceReader`. Safe to share between threads. Raises KeyError for
    weights of another network, and OSError, ValueError or SafetensorError for files that cannot
    be read.
    """

    def __init__(self, name: str, folder: Path, precision: str) -> None:
        self.name = name
        self._tokenizer = load_tokenizer(folder, split_special=True)
        self._heads = Heads(WeightsFile(folder))
        largest = load_largest(folder / _LARGEST)
        self.precision = resolve(precision, largest is not None, prefer_bfloat16=True)
        largest = largest if self.precision == "int8" else None
        graph = BertGraph(BertConfig.read(folder), WeightsFile(folder, "encoder."), largest)
        self._bert = Bert(graph, (graph.states,), self.precision)

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
        rows = layout(self._tokenizer, [question] * len(texts), headings, texts)
        # Rows of about the same length together: none is padded to the longest of all.
        order = np.argsort(rows.lengths, kind="stable").tolist()
        for first in range(0, len(order), ROWS):
            some = rows.part(order[first : first + ROWS])
            (states,) = self._bert(some.inputs, 0)
            segments = some.segments(sentences)
            of = SentenceTokens.of(segments)
            keep_better(found, some, sentences, of, *self._heads.read(states, segments, of))
        return found
