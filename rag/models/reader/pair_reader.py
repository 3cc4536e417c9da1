"""A CrossEncoder as a reader of sentences."""

from __future__ import annotations

from collections.abc import Sequence

from rag.models.cross_encoder import Reranker
from rag.protocols import Reading
from rag.types import Span


class PairReader:
    """A CrossEncoder that scores each sentence with the one before it.

    It marks nothing, and its scores are log-odds only as far as it was trained so. Implements
    `rag.protocols.SentenceReader`.
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
