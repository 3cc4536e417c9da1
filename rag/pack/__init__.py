"""Evidence packs: answers exported with their quotes, which anyone can verify later.

Defines the format "byline-evidence". Knows neither index nor chat: articles, or functions that
look them up, are arguments.
"""

from __future__ import annotations

from rag.pack.absence import Ask
from rag.pack.contents import evidence
from rag.pack.file import bundle, load
from rag.pack.page import evidence_html
from rag.pack.verify import Checked, Proof, verify

__all__ = [
    "Ask",
    "Checked",
    "Proof",
    "bundle",
    "evidence",
    "evidence_html",
    "load",
    "verify",
]
