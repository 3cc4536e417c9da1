"""The first hits put in the order of a cross-encoder's scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.index.opened import OpenedIndex
from rag.models.cross_encoder import Reranker
from rag.types import Hit

_TITLE_WORDS = 30


def rerank(
    question: str, hits: Sequence[Hit], first: int, reranker: Reranker, index: OpenedIndex
) -> list[Hit]:
    """Return `hits` with the `first` of them reordered; their scores become the reranker's."""
    scores = reranker.scores(question, [_headed(hit, index) for hit in hits[:first]])
    order = np.argsort(-scores, kind="stable")
    ranked = [replace(hits[i], score=float(scores[i])) for i in order]
    # The others stay behind, as far from each other as they were.
    shift = float(min(scores, default=0)) - max((hit.score for hit in hits[first:]), default=0)
    return [*ranked, *(replace(hit, score=hit.score + shift) for hit in hits[first:])]


def _headed(hit: Hit, index: OpenedIndex) -> str:
    """The passage with title, source and day of its article before it."""
    article = index.article(hit.passage.article_id)
    title = " ".join(article.title.split()[:_TITLE_WORDS])
    about = ". ".join(filter(None, (title, article.source, article.day)))
    return f"{about}\n{hit.passage.text}"
