"""Find a phrase in a text as a reader would: whole words, whatever their case. Pure.

White space of any length and every kind of apostrophe, quotation mark and hyphen are alike, and
soft hyphens, ligatures and zero-width marks hide no word. No
regular expression is made of a phrase: it would outlast the text in the cache of `re`.
"""

from __future__ import annotations

from rag.text.characters import plain, spans_of_plain
from rag.text.stems import STOP_WORDS
from rag.types import Span

_ALIKE = {"'": "‘’ʼ", '"': "“”„", "-": "‐‑–", " ": "\u00a0\u2007\u2009\u202f\u3000\t\n\r"}


def occurrences(text: str, phrase: str) -> list[Span]:
    """Return the spans of `text` that are `phrase`, in order; none for an empty phrase.

    What is a small word otherwise has to be in capitals too, if it is in `phrase`: "US", "WHO".
    """
    wanted = plain(phrase)
    return spans_of_plain(lambda seen: _occurrences(seen, wanted), text)


def _occurrences(text: str, phrase: str) -> list[Span]:
    fold = _alike if phrase.isupper() and phrase.lower() in STOP_WORDS else _folded
    whole, words = fold(text), fold(phrase).split()
    found: list[Span] = []
    at = whole.find(words[0]) if words else -1
    while at >= 0:
        end = _end(whole, at, words)
        if end and _is_apart(whole, at, end):
            found.append((at, end))
        at = whole.find(words[0], max(at + 1, end))
    return found


def _end(whole: str, at: int, words: list[str]) -> int:
    """Where the words end that begin at a place of a text; 0 if others stand there."""
    end = at + len(words[0])
    for word in words[1:]:
        start = end
        while whole[start : start + 1] == " ":
            start += 1
        if start == end or not whole.startswith(word, start):
            return 0
        end = start + len(word)
    return end


def _is_apart(whole: str, start: int, end: int) -> bool:
    """Whether neither end of a span is inside a word or a number: not "1" of "1,000"."""
    return not (_joined(whole[start : start + 1], whole[max(start - 2, 0) : start][::-1])) and not (
        _joined(whole[end - 1 : end], whole[end : end + 2])
    )


def _joined(edge: str, beyond: str) -> bool:
    """Whether the character at an edge and those beyond it, from there on, are of one word."""
    if _is_letter(beyond[:1]):
        return _is_letter(edge)
    return edge.isdigit() and beyond[:1] in (".", ",", ":") and beyond[1:].isdigit()


def _is_letter(character: str) -> bool:
    # An accent by itself, on whatever letter, is of its word, as it is to stems.
    return character.isalnum() or character == "_" or "\u0300" <= character <= "\u036f"


def _alike(text: str) -> str:
    """The text with one kind of each mark: every character at its place."""
    for one, others in _ALIKE.items():  # Much faster than `translate`.
        for other in others:
            text = text.replace(other, one)
    return text


def _folded(text: str) -> str:
    """The same in lower case."""
    folded = _alike(text)
    lower = folded.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)
