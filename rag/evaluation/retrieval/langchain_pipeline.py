"""The tutorial's retrieval: LangChain's splitter, its embeddings and its FAISS store, as they come.

The same encoder and the same tokens a chunk as Byline's, but chunks without title, source or date,
no BM25 and no reading of the question.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag import Archive
from rag.evaluation.extra import require
from rag.models.encoder import locate
from rag.types import Article, Passage, Vectors

Found = list[tuple[Passage, float]]


def open_pipeline(archive: Archive) -> tuple[Callable[[str, int], Found], int]:
    """The search over the archive's articles, and the number of its chunks.

    Embeds the chunks, or reads their vectors where an earlier call kept them, beside the index.
    """
    facts = archive.info()
    model = str(locate(facts["encoder"]["name"]))
    tokens = facts["settings"]["passage_tokens"] - archive.load_encoder().overhead
    # As in rag.models.sentence_transformer: the bar of a second's loading would appear among ours.
    require("transformers.utils.logging").disable_progress_bar()
    passages = _chunks(list(archive.articles()), model, tokens)
    embeddings = require("langchain_huggingface").HuggingFaceEmbeddings(
        model_name=model,
        encode_kwargs={"normalize_embeddings": True},
        show_progress=sys.stderr.isatty(),
    )
    vectors = _vectors(passages, embeddings, archive.home, facts["encoder"]["name"])
    embeddings.show_progress = False
    store = require("langchain_community.vectorstores").FAISS.from_embeddings(
        [(p.text, row) for p, row in zip(passages, vectors.tolist(), strict=True)],
        embeddings,
        metadatas=[{"passage": number} for number in range(len(passages))],
    )

    def search(text: str, k: int) -> Found:
        near = store.similarity_search_with_score(text, k)
        # Of unit vectors, half the squared distance is 1 less the cosine.
        return [(passages[doc.metadata["passage"]], 1 - float(far) / 2) for doc, far in near]

    return search, len(passages)


def _chunks(articles: Sequence[Article], model: str, tokens: int) -> list[Passage]:
    """The articles cut by LangChain, each chunk located in its article."""
    tokenizer = require("transformers").AutoTokenizer.from_pretrained(model)
    # Its warning of texts longer than the model reads is about what is to be cut.
    tokenizer.model_max_length = sys.maxsize
    splitters: Any = require("langchain_text_splitters")
    splitter = splitters.RecursiveCharacterTextSplitter.from_huggingface_tokenizer(
        tokenizer, chunk_size=tokens, chunk_overlap=0
    )
    passages = []
    for article in articles:
        end = 0
        for text in splitter.split_text(article.text):
            start = article.text.find(text, end)
            if start < 0:
                raise AssertionError(f"a chunk of {article.id} does not occur in it: {text[:60]!r}")
            end = start + len(text)
            passages.append(Passage(article.id, start, end, text))
    return passages


def _vectors(passages: Sequence[Passage], embeddings: Any, home: Path, encoder: str) -> Vectors:
    """Unit rows of the passages, shape (n, dimension); kept in `home` by what they are of."""
    made_of = json.dumps([encoder, [passage.text for passage in passages]])
    path = home / f"langchain-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.npy"
    if not path.exists():
        rows = embeddings.embed_documents([passage.text for passage in passages])
        draft = path.with_suffix(".new.npy")
        np.save(draft, np.array(rows, np.float32), allow_pickle=False)
        draft.replace(path)
    vectors: Vectors = np.load(path, allow_pickle=False)
    return vectors
