"""Haystack: its document splitter, its embedders, its store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from haystack import Document as Chunk
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from rag.evaluation.systems.cutting import by_tokens, tokenizer_of
from rag.evaluation.systems.peer import Document, Found, Peer


class _Haystack:
    def __init__(self, encoder: str, tokens: int) -> None:
        self._of_documents = SentenceTransformersDocumentEmbedder(
            model=encoder, normalize_embeddings=True, progress_bar=False
        )
        self._of_question = SentenceTransformersTextEmbedder(
            model=encoder, normalize_embeddings=True, progress_bar=False
        )
        for component in (self._of_documents, self._of_question):
            component.warm_up()
        # It counts words, characters or its own tokens; a function may count the encoder's.
        cut = partial(by_tokens, tokenizer=tokenizer_of(encoder), tokens=tokens)
        self._splitter = (
            DocumentSplitter(split_by="function", splitting_function=cut)
            if tokens
            else DocumentSplitter()
        )
        self._splitter.warm_up()
        self._store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
        self._retriever = InMemoryEmbeddingRetriever(self._store)

    def build(self, documents: Sequence[Document]) -> int:
        whole = [Chunk(content=one.text, meta={"article": one.id}) for one in documents]
        chunks = self._splitter.run(documents=whole)["documents"]
        self._store.write_documents(self._of_documents.run(documents=chunks)["documents"])
        return len(chunks)

    def search(self, question: str, k: int) -> list[Found]:
        embedding = self._of_question.run(text=question)["embedding"]
        found = self._retriever.run(query_embedding=embedding, top_k=k)["documents"]
        return [Found(one.meta["article"], one.content) for one in found]


def make(encoder: str, tokens: int) -> Peer:
    """Its own way: 200 words."""
    return _Haystack(encoder, tokens)
