"""LangChain as its tutorials have it: a recursive splitter, its embeddings, its FAISS store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document as Chunk
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from rag.evaluation.systems.cutting import tokenizer_of
from rag.evaluation.systems.peer import Document, Found, Peer


class _LangChain:
    def __init__(self, encoder: str, tokens: int) -> None:
        self._embeddings = HuggingFaceEmbeddings(
            model_name=encoder, encode_kwargs={"normalize_embeddings": True}
        )
        self._splitter = (
            RecursiveCharacterTextSplitter.from_huggingface_tokenizer(
                tokenizer_of(encoder), chunk_size=tokens, chunk_overlap=0
            )
            if tokens
            else RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        )
        self._store: Any = None

    def build(self, documents: Sequence[Document]) -> int:
        whole = [Chunk(page_content=one.text, metadata={"id": one.id}) for one in documents]
        chunks = self._splitter.split_documents(whole)
        self._store = FAISS.from_documents(chunks, self._embeddings)
        return len(chunks)

    def search(self, question: str, k: int) -> list[Found]:
        near = self._store.similarity_search(question, k)
        return [Found(one.metadata["id"], one.page_content) for one in near]


def make(encoder: str, tokens: int) -> Peer:
    """Its own way: 1,000 characters with 200 shared, as in its tutorials."""
    return _LangChain(encoder, tokens)
