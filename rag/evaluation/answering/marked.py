"""Exact match and F1 of the words that an answer marks, as SQuAD's script computes them.

Rajpurkar et al. 2016, arXiv 1606.05250; the rules are those of its evaluate-v2.0.py.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

_PUNCTUATION = str.maketrans("", "", string.punctuation)


def exact(said: str, answers: Sequence[str]) -> float:
    """1 if `said` is one of the answers but for case, punctuation, articles and white space."""
    return _best(said, answers, lambda a, b: float(a == b))


def f1(said: str, answers: Sequence[str]) -> float:
    """The harmonic mean of precision and recall of words, with the answer that gives the most."""
    return _best(said, answers, _f1)


def normal(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation, without "a", "an" and "the"."""
    return re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(_PUNCTUATION)).split()


def _best(
    said: str, answers: Sequence[str], score: Callable[[list[str], list[str]], float]
) -> float:
    # An answer of which nothing is left counts only where there is no other.
    right = [words for words in map(normal, answers) if words] or [[]]
    return max(score(normal(said), words) for words in right)


def _f1(said: list[str], right: list[str]) -> float:
    if not said or not right:
        return float(said == right)
    same = sum((Counter(said) & Counter(right)).values())
    return 2 * same / (len(said) + len(right))
