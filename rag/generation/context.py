"""The context of a fact: do a written and a quoted fact have the same words around them?

"27 in Kratie" does not follow from "312 in Kratie and 27 in Pursat", although the quote has both
27 and Kratie. A segment is what lies between commas, "and"s and the like. Pure.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Set

from rag.text.facts import Facts, Name, related
from rag.text.stems import stems
from rag.types import Span

REPORTING = frozenset(
    stems(
        "said say according report reported article passage source state stated mention mentioned"
        " note noted add added tell told describe described explain explained claim claimed"
    )
)
"""Stems of words that name a source, or that only introduce what it says."""
COUNTED_WEIGHT = 3.0
"""How many words the one that a number counts is worth."""
_CONTEXT_WORDS = 4  # On either side of a fact.
_SHARED = 0.34  # The share of them that another context must have.
_TIMES = frozenset(stems("second minute hour day week month year"))
_BOUNDARY = re.compile(r"[,;:()] | and | while | but |[.!?]\s")


def context_words(text: str, span: Span) -> frozenset[str]:
    """The stems nearest to a span of a sentence, on either side."""
    before, behind = stems(text[: span[0]]), stems(text[span[1] :])
    return frozenset([*before[-_CONTEXT_WORDS:], *behind[:_CONTEXT_WORDS]]) - REPORTING


def shares_context(context: Set[str], said: Set[str]) -> bool:
    """Whether the stems `said` have enough of the context of a fact."""
    return not context or len(context & said) >= _SHARED * len(context)


def segment_spans(text: str) -> list[Span]:
    """The spans of the segments of a sentence."""
    cuts = [0, *(match.start() for match in _BOUNDARY.finditer(text)), len(text)]
    return list(itertools.pairwise(cuts))


def likeness(text: str, span: Span, source: Facts, other: Span) -> float:
    """How alike the contexts of two numbers or dates are, in words.

    The word that is counted counts most, the words of the segment in full, others of the source
    in half.
    """
    mine, theirs = _segment_words(text, span), _segment_words(source.text, other)
    counted = stems(text[span[1] :])[:1]
    same = counted == stems(source.text[other[1] :])[:1] and not _TIMES.issuperset(counted)
    return COUNTED_WEIGHT * same + len(mine & theirs) + 0.5 * len(mine & source.stems - theirs)


def name_likeness(text: str, span: Span, source: str, other: Span) -> tuple[float, float]:
    """How alike the words right beside two names are, and with them those of the segments."""
    pairs = zip(_beside(text, span), _beside(source, other), strict=True)
    beside = sum(COUNTED_WEIGHT / 2 for a, b in pairs if a and a == b)
    shared = _segment_words(text, span) & _segment_words(source, other)
    return beside, beside + 0.5 * len(shared)


def same_bearer(one: Name, other: Name) -> bool:
    """Whether the last word of one name is a word of the other: a shared title does not count."""
    return any(related(one.stems[-1], stem) for stem in other.stems) or any(
        related(other.stems[-1], stem) for stem in one.stems
    )


def _beside(text: str, span: Span) -> tuple[str, str]:
    """The nearest stems on either side, "" for none in the segment."""
    before = stems(_BOUNDARY.split(text[: span[0]])[-1])[-1:]
    behind = stems(_BOUNDARY.split(text[span[1] :])[0])[:1]
    return (before or [""])[0], (behind or [""])[0]


def _segment_words(text: str, span: Span) -> frozenset[str]:
    """The stems of the segment around a span."""
    start = max((m.end() for m in _BOUNDARY.finditer(text, 0, span[0])), default=0)
    boundary = _BOUNDARY.search(text, span[1])
    end = boundary.start() if boundary else len(text)
    return frozenset(stems(text[start : span[0]]) + stems(text[span[1] : end])) - REPORTING
