"""Find the sentence of a text that is most like another one: what it says now. Pure."""

from __future__ import annotations

import re

from rag.text.sentences import sentence_spans
from rag.text.stems import fold
from rag.types import Span

_WORD = re.compile(r"\w+")
_LEAST = 0.5
"""The share of the words that two sentences have to have in common (Jaccard)."""


def nearest(text: str, quote: str) -> Span | None:
    """Return the sentence of `text` that is most like `quote`, the first of equal ones; None where
    none has half of the words in common with it."""
    words = _words(quote)
    found: Span | None = None
    best = 0.0
    for start, end in sentence_spans(text):
        other = _words(text[start:end])
        alike = len(words & other) / max(len(words | other), 1)
        if alike >= _LEAST and alike > best:
            found, best = (start, end), alike
    return found


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(text)))
