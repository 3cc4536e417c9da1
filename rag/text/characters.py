"""Characters that readers do not see: soft hyphens, ligatures, zero-width marks. Pure.

What is searched for and what is searched are compared in plain characters; the text itself keeps
those that it has, and places found in plain characters are told as places in it.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from rag.types import Span

_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u052f"
# A zero-width space is a space in scripts that write none, as Khmer, and nothing within a word of
# others. A line break behind a hyphen is nothing, either.
_ODD = re.compile(
    "[\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+"
    f"|(?<=[{_LETTER}])\u200b+(?=[{_LETTER}])"
    r"|(?<=[^\W\d_]-)\n[ \t]*(?=[^\W\d_])"
    "|[\ufb00-\ufb06\ufb13-\ufb17\ufb50-\ufbff\ufc00-\ufdf9\ufe70-\ufefc]"
    "|[A-Za-z\u00c0-\u052f][\u0300-\u036f]+"
)

# Punctuation too, of which nothing is ordered: there it makes no difference.
_MARKS = re.compile(r"[^\w\s]{30}")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def normalized(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """Return the Unicode normal form of a text, in time that grows as the text does.

    Marks are put in order within their run, which takes quadratic time. Where more than 30 stand in
    a row, as in no language, each 30 are ordered by themselves (as in Unicode's Stream-Safe Text
    Format, UAX #15).
    """
    if text.isascii():
        return text
    ends = [match.end() for match in _MARKS.finditer(text)]
    if not ends:
        return unicodedata.normalize(form, text)
    pieces = (text[a:b] for a, b in itertools.pairwise((0, *ends, len(text))))
    return "".join(unicodedata.normalize(form, piece) for piece in pieces)


def fit_for_xml(text: str) -> str:
    """Return a text with U+FFFD for each character that no XML may hold."""
    return _NO_XML.sub("\ufffd", text)


def plain(text: str) -> str:
    """Return a text without characters that are not seen, ligatures spelt out and accents one
    character with their letter."""
    return _ODD.sub(_plain_of, text) if _ODD.search(text) else text


def spans_of_plain(find: Callable[[str], list[Span]], text: str) -> list[Span]:
    """Return the spans of `text` that `find` finds in its plain characters."""
    if not _ODD.search(text):
        return find(text)
    pieces: list[str] = []
    places: list[int] = []  # Of each plain character in the text.
    at = 0
    for odd in _ODD.finditer(text):
        put = _plain_of(odd)
        pieces += text[at : odd.start()], put
        places += *range(at, odd.start()), *([odd.start()] * len(put))
        at = odd.end()
    pieces.append(text[at:])
    places.extend(range(at, len(text) + 1))
    ends = {odd.start(): odd.end() for odd in _ODD.finditer(text)}
    found = find("".join(pieces))
    return [(places[a], _end(places, ends, b)) for a, b in found]


def _end(places: list[int], ends: dict[int, int], end: int) -> int:
    """Where in the text the plain characters before `end` do."""
    last = places[end - 1] if end else 0
    return ends.get(last, last + 1) if end else 0


def _plain_of(odd: re.Match[str]) -> str:
    found = odd.group()
    if found[0].isalpha():
        return normalized("NFC" if len(found) > 1 else "NFKC", found)
    return ""
