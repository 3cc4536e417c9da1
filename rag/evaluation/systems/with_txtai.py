"""txtai: its embeddings database."""

from __future__ import annotations

from collections.abc import Sequence

from txtai import Embeddings

from rag.evaluation.systems.cutting import by_tokens, tokenizer_of
from rag.evaluation.systems.peer import Document, Found, Peer


class _Txtai:
    def __init__(self, encoder: str, tokens: int) -> None:
        self._tokens = tokens
        self._tokenizer = tokenizer_of(encoder)
        self._embeddings = Embeddings(path=encoder)
        self._passages: list[Found] = []

    def build(self, documents: Sequence[Document]) -> int:
        for one in documents:
            cut = by_tokens(one.text, self._tokenizer, self._tokens) if self._tokens else [one.text]
            self._passages += [Found(one.id, text) for text in cut]
        self._embeddings.index([passage.text for passage in self._passages])
        return len(self._passages)

    def search(self, question: str, k: int) -> list[Found]:
        return [self._passages[number] for number, _ in self._embeddings.search(question, k)]


def make(encoder: str, tokens: int) -> Peer:
    """Its own way: a document as it is, of which the encoder reads the first tokens."""
    return _Txtai(encoder, tokens)
