"""Looks phrases up in an index: every article that holds them, none estimated.

BM25 narrows the articles down, and each that is left is read. Knows nothing of questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.index.opened import OpenedIndex
from rag.index.record import Entry
from rag.text.phrases import occurrences
from rag.text.stems import lasting_stems
from rag.types import Span


@dataclass(frozen=True, slots=True)
class Found:
    """An article that holds phrases, and where the first of them stands in its text and title."""

    entry: Entry
    in_text: Sequence[Span] = ()
    in_title: Sequence[Span] = ()


def holding(index: OpenedIndex, entries: Sequence[Entry], phrases: Sequence[str]) -> list[Found]:
    """Return those of `entries` that hold each of `phrases` in title or text, in their order."""
    left = [Found(entry) for entry in entries]
    for phrase in reversed(phrases):  # The places of the first are kept.
        likely = _likely(index, phrase)
        read = (_found(index, one.entry, phrase, likely) for one in left)
        left = [one for one in read if one.in_text or one.in_title]
    return left


def _likely(index: OpenedIndex, phrase: str) -> set[str] | None:
    """The ids of the articles whose text may hold a phrase; None when any may."""
    rows = [index.bm25.holding(stem) for stem in lasting_stems(phrase)]
    if not rows:
        return None
    return set.intersection(*map(index.store.articles_of, rows))


def _found(index: OpenedIndex, entry: Entry, phrase: str, likely: set[str] | None) -> Found:
    may = likely is None or entry.id in likely
    in_text = occurrences(index.article(entry.id).text, phrase) if may else ()
    return Found(entry, in_text, occurrences(entry.title, phrase))
