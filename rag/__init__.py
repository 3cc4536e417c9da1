"""Byline: questions to a news archive, answered in the articles' own words.

from rag import Archive, Article, read_articles
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.errors import BylineError
    from rag.ingest import read_articles
    from rag.settings import AskSettings, BuildSettings
    from rag.types import Answer, Article, Citation, Claim, Hit, Passage

_HOME = {
    "Answer": "rag.types",
    "Archive": "rag.archive",
    "Article": "rag.types",
    "AskSettings": "rag.settings",
    "BuildSettings": "rag.settings",
    "BylineError": "rag.errors",
    "Citation": "rag.types",
    "Claim": "rag.types",
    "Hit": "rag.types",
    "Passage": "rag.types",
    "read_articles": "rag.ingest",
}

__all__ = [
    "Answer",
    "Archive",
    "Article",
    "AskSettings",
    "BuildSettings",
    "BylineError",
    "Citation",
    "Claim",
    "Hit",
    "Passage",
    "read_articles",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `byline --help` need not wait for FAISS."""
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
