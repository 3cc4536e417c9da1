"""Finds the part of a text that fits some words best, to be shown where there is room for a part
only. Pure."""

from __future__ import annotations

from collections.abc import Callable

from rag.text.sentences import sentence_spans
from rag.text.stems import stems
from rag.types import Span


def excerpt(text: str, words: str, weight: Callable[[str], float], room: int) -> Span:
    """Return the run of whole sentences, of at most `room` characters, that holds most of `words`
    by the `weight` of their stems, each counted once; the first of equal ones.

    One sentence that is longer is returned alone, and the beginning where no word is held.
    """
    wanted = {stem: weight(stem) for stem in stems(words)}
    spans = sentence_spans(text) or [(0, len(text))]
    held = [wanted.keys() & set(stems(text[slice(*span)])) for span in spans]
    best, found = -1.0, spans[0]
    for first, (start, _) in enumerate(spans):
        here: set[str] = set()
        for number, (_, end) in enumerate(spans[first:], start=first):
            if end - start > room and number > first:
                break
            here |= held[number]
            # Of two runs that hold the same words the longer says more of what is around them.
            worth = sum(wanted[stem] for stem in here)
            if worth > best or (worth == best and start == found[0]):
                best, found = worth, (start, end)
    return found
