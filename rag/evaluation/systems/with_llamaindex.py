"""LlamaIndex: its sentence splitter, its embeddings, its vector index in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core import Document as Whole
from llama_index.core import VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

from rag.evaluation.systems.cutting import tokenizer_of
from rag.evaluation.systems.peer import Document, Found, Peer


class _LlamaIndex:
    def __init__(self, encoder: str, tokens: int) -> None:
        self._embedding = HuggingFaceEmbedding(model_name=encoder)
        # Its own tokenizer is fetched from the net; the encoder's counts what the encoder reads.
        self._splitter = SentenceSplitter(
            tokenizer=tokenizer_of(encoder).tokenize,
            **({"chunk_size": tokens, "chunk_overlap": 0} if tokens else {}),
        )
        self._index: Any = None

    def build(self, documents: Sequence[Document]) -> int:
        whole = [Whole(text=one.text, doc_id=one.id) for one in documents]
        nodes = self._splitter.get_nodes_from_documents(whole)
        self._index = VectorStoreIndex(nodes, embed_model=self._embedding)
        return len(nodes)

    def search(self, question: str, k: int) -> list[Found]:
        retriever = self._index.as_retriever(similarity_top_k=k)
        near = [found.node for found in retriever.retrieve(question)]
        return [Found(node.ref_doc_id, node.get_content()) for node in near]


def make(encoder: str, tokens: int) -> Peer:
    """Its own way: 1,024 tokens with 200 shared, of which the encoder reads what it can."""
    return _LlamaIndex(encoder, tokens)
