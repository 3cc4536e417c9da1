"""txtai: its embeddings database."""

from __future__ import annotations

from collections.abc import Sequence

from txtai import Embeddings

from eval.speed.cutting import by_tokens, tokenizer_of
from eval.speed.peer import Document, Peer


class _Txtai:
    def __init__(self, encoder: str, tokens: int) -> None:
        self._tokens = tokens
        self._tokenizer = tokenizer_of(encoder)
        self._embeddings = Embeddings(path=encoder)
        self._documents: list[str] = []

    def build(self, documents: Sequence[Document]) -> int:
        texts: list[str] = []
        for one in documents:
            cut = by_tokens(one.text, self._tokenizer, self._tokens) if self._tokens else [one.text]
            texts += cut
            self._documents += [one.id] * len(cut)
        self._embeddings.index(texts)
        return len(texts)

    def search(self, question: str, passages: int) -> list[str]:
        return [
            self._documents[number] for number, _ in self._embeddings.search(question, passages)
        ]


def make(encoder: str, tokens: int) -> Peer:
    """Its own way: a document as it is, of which the encoder reads the first tokens."""
    return _Txtai(encoder, tokens)
