"""Byline's own reader: sentences and the words that answer, from one reading of each passage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from openvino import Model

from rag.models.reader.heads import Heads, Matrix
from rag.models.reader.layout import ROWS, TokenRows, best_span, layout, segments_of
from rag.models.runtime.bert import BertConfig, BertGraph
from rag.models.runtime.network import Network
from rag.models.runtime.precision import resolve
from rag.models.runtime.tokens import load_tokenizer
from rag.models.runtime.weights import WeightsFile
from rag.protocols import Reading
from rag.types import Span


class JointReader:
    """A BERT with the heads of `rag.models.reader.heads`, from the files of a folder.

    Implements `rag.protocols.SentenceReader`. Safe to share between threads. Raises KeyError for
    weights of another network, and OSError, ValueError or SafetensorError for files that cannot
    be read.
    """

    def __init__(self, name: str, folder: Path, precision: str) -> None:
        self.name = name
        self._tokenizer = load_tokenizer(folder, split_special=True)
        self._heads = Heads(WeightsFile(folder))
        # Passages may be embedded in int8; the reader is fastest in what comes next.
        chosen = resolve("auto" if precision == "int8" else precision)
        self._network = Network(_graph(folder), chosen)

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
            some = order[first : first + ROWS]
            for row, states in zip(some, self._states(rows, some), strict=True):
                text = rows.text_of[row]
                reading = self._readings(rows, row, states, sentences[text])
                best = zip(found[text], reading, strict=True)
                found[text] = [max(pair, key=lambda r: r.logit) for pair in best]
        return found

    def _states(self, rows: TokenRows, some: Sequence[int]) -> Matrix:
        """The states of the tokens of some rows."""
        longest = int(rows.lengths[some].max())
        (states,) = self._network({k: v[some, :longest] for k, v in rows.inputs.items()}, 0)
        return states

    def _readings(
        self, rows: TokenRows, row: int, states: Matrix, sentences: Sequence[Span]
    ) -> list[Reading]:
        """The readings of the sentences of a row's text; -inf of one that is not in the row."""
        length = rows.lengths[row]
        states, places = states[:length], rows.places[row, :length]
        segments = segments_of(rows.asked[row, :length], places, sentences)
        logits = self._heads.sentences(states, segments, len(sentences))
        starts, ends = self._heads.spans(states)
        return [
            _reading(logit, np.flatnonzero(segments == number), starts, ends, places, span)
            for number, (logit, span) in enumerate(zip(logits, sentences, strict=True), start=1)
        ]


def _graph(folder: Path) -> Model:
    """The graph; the weights' file is closed before it is compiled, which takes memory."""
    graph = BertGraph(BertConfig.read(folder), WeightsFile(folder, "encoder."))
    return graph.model(graph.states)


def _reading(
    logit: np.float32,
    inside: npt.NDArray[np.int64],
    starts: Matrix,
    ends: Matrix,
    places: npt.NDArray[np.int64],
    span: Span,
) -> Reading:
    """The reading of a sentence at `span`, whose tokens are those `inside`."""
    if not len(inside):
        return Reading(-np.inf)
    mark, score = best_span(starts, ends, inside, places)
    return Reading(float(logit), (mark[0] - span[0], mark[1] - span[0]), score)
