"""The headings of a list: "Spotwell" above "Announced on January 23 that it is cutting …". Pure.

The sentence under such a heading seldom names its subject again, so that the heading belongs to it.
The subheads of an article are none: more than a few paragraphs stand under each.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rag.text.stems import stems
from rag.types import Span

_FEWEST = 3
"""Items of a list."""
_WORDS, _CHARACTERS = 6, 60
"""A heading has no more."""
_ITEM_PARAGRAPHS, _ITEM_CHARACTERS = 3, 900
"""What stands under a heading of a list is no longer."""
_NO_HEADING = ".!?…。！？։।।۔؟។៕,;\"'”’»)]"


def with_headings(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return sentences with the heading of each item of a list joined to the first of them, unless
    that names it.

    `spans` are the sentences of `text`, in order, headings among them.
    """
    found = [number for number in range(len(spans) - 1) if _is_heading(text, spans, number)]
    headings: set[int] = set()
    run: list[int] = []
    for number, following in pairwise([*found, len(spans)]):
        if number + 1 == following:  # "December 2023" above the first of its firms.
            continue
        run.append(number)
        if not _is_item(text, spans[number:following]):
            # The last item of a list has no end.
            headings.update(run if len(run) >= _FEWEST else ())
            run = []
    headings.update(run if len(run) >= _FEWEST else ())
    joined: list[Span] = []
    for number, (start, end) in enumerate(spans):
        if number - 1 in headings and not _named(text, spans[number - 1], (start, end)):
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def opens_item(text: str, span: Span) -> bool:
    """Whether a sentence begins with its heading."""
    first, line_break, rest = text[slice(*span)].partition("\n")
    alone = text[max(span[0] - 1, 0) : span[0]] in ("", "\n")
    return bool(line_break) and alone and _is_short(first) and not rest.lstrip()[:1].islower()


def _is_heading(text: str, spans: Sequence[Span], number: int) -> bool:
    """Whether a sentence is a short line by itself that ends as no sentence does."""
    start, end = spans[number]
    before = text[spans[number - 1][1] : start] if number else "\n"
    if "\n" not in before or "\n" not in text[end : spans[number + 1][0]]:
        return False
    return "\n" not in text[start:end] and _is_short(text[start:end])


def _is_short(line: str) -> bool:
    words = line[: _CHARACTERS + 1].split()
    if len(line) > _CHARACTERS or not 0 < len(words) <= _WORDS:
        return False
    named = any(c.isalpha() for c in line) and not line[0].islower()
    return named and line.rstrip()[-1] not in _NO_HEADING


def _named(text: str, heading: Span, sentence: Span) -> bool:
    """Whether a sentence has a word of its heading."""
    return not set(stems(text[slice(*heading)])).isdisjoint(stems(text[slice(*sentence)]))


def _is_item(text: str, spans: Sequence[Span]) -> bool:
    """Whether a heading and the sentences below are so short that they may be of a list."""
    if spans[-1][1] - spans[0][0] > _ITEM_CHARACTERS:
        return False
    # Paragraphs are apart by as many line breaks as the heading is from the first.
    below, *others = [text[a[1] : b[0]].count("\n") for a, b in pairwise(spans)]
    return sum(breaks >= below for breaks in others) < _ITEM_PARAGRAPHS
