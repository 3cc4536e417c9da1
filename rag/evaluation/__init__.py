"""Scores of retrieval and of quoted answers of any system: formats, measures, reports.

from rag.evaluation import load, read_qrels, read_run, score, write_qrels, write_run
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.evaluation.datasets import load
    from rag.evaluation.retrieval.score import score
    from rag.evaluation.trec import read_qrels, read_run, write_qrels, write_run

_HOME = {
    "load": "rag.evaluation.datasets",
    "read_qrels": "rag.evaluation.trec",
    "read_run": "rag.evaluation.trec",
    "score": "rag.evaluation.retrieval.score",
    "write_qrels": "rag.evaluation.trec",
    "write_run": "rag.evaluation.trec",
}

__all__ = ["load", "read_qrels", "read_run", "score", "write_qrels", "write_run"]


def __getattr__(name: str) -> object:
    """Import a name when it is first used: other libraries' environments have none of it."""
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
