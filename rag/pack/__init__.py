"""The evidence pack: what a reader takes away of answers, and how anyone verifies it later.

Owns the format "byline-evidence". Knows nothing of how answers are found, of the chat, or of
where articles are kept: they are handed in, or looked up by functions that are.
"""

from __future__ import annotations

from rag.pack.contents import evidence
from rag.pack.file import bundle, load
from rag.pack.page import evidence_html
from rag.pack.verify import Checked, Proof, verify

__all__ = [
    "Checked",
    "Proof",
    "bundle",
    "evidence",
    "evidence_html",
    "load",
    "verify",
]
