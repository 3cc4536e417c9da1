"""A question to Hits: BM25 and vectors fused, within what the filters allow.

Knows nothing of prompts, and calls FAISS and bm25s only through their modules.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rag.lexical import LexicalIndex
from rag.settings import AskSettings
from rag.store import Rows, Store
from rag.types import Hit, Vectors

Scores = npt.NDArray[np.float32]


def retrieve(
    question: str,
    vector: Vectors,
    store: Store,
    lexical: LexicalIndex,
    settings: AskSettings,
    k: int,
    allowed: Rows | None = None,
) -> list[Hit]:
    """Return at most `k` hits for `question`, best first.

    `vector` is the question's unit vector, shape (dimension,). The candidates are the union of
    the best of both searches; each gets both raw scores, which are fused as
    `dense_weight * dense + (1 - dense_weight) * lexical` after min-max scaling within the list.
    `allowed` restricts everything to those passage rows.
    """
    bm25 = lexical.scores(question)
    candidates = max(settings.candidates, k)
    near, _ = store.search(vector, candidates, allowed)
    rows = np.union1d(near, _best(bm25, candidates, allowed))
    dense = store.cosines(vector, rows)
    fused = settings.dense_weight * _scale(dense)
    fused += (1 - settings.dense_weight) * _scale(bm25[rows])
    # Ties go to the earlier passage, so that the same question always gives the same list.
    order = np.argsort(-fused, kind="stable")[:k]
    passages = store.passages(rows[order])
    return [
        Hit(passage, float(fused[i]), float(dense[i]), float(bm25[rows[i]]))
        for passage, i in zip(passages, order, strict=True)
    ]


def _best(scores: Scores, k: int, allowed: Rows | None) -> Rows:
    """The rows of the `k` highest scores above zero."""
    rows = np.arange(len(scores)) if allowed is None else allowed
    rows = rows[scores[rows] > 0]
    return rows[np.argsort(-scores[rows], kind="stable")[:k]]


def _scale(scores: Scores) -> Scores:
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)
