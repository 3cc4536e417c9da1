"""Scores of retrieval and of quoted answers of any system: formats, measures, reports.

The functions are named as the commands of `byline eval`, and take the words of their options.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.evaluation.datasets import load
    from rag.evaluation.face import answers, compare, report, retrieval, score, summary
    from rag.evaluation.trec import read_qrels, read_run, write_qrels, write_run

_HOME = {
    **dict.fromkeys(
        ("answers", "compare", "report", "retrieval", "score", "summary"), "rag.evaluation.face"
    ),
    "load": "rag.evaluation.datasets",
    **dict.fromkeys(("read_qrels", "read_run", "write_qrels", "write_run"), "rag.evaluation.trec"),
}

__all__ = [
    "answers", "compare", "load", "read_qrels", "read_run", "report", "retrieval", "score",
    "summary", "write_qrels", "write_run",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Import a name when it is first used: other libraries' environments have none of it."""
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
