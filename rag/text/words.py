"""The words of a text as a search finds them, and where they stand. Pure.

Case and accents do not count, nor do the points of an acronym; "US" and "WHO" are other words than
"us" and "who". In scripts that put no space between words each letter is one. What an index holds
and what is marked in an article come from here, so that neither knows a word that the other does
not.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rag.text.characters import plain, spans_of_plain
from rag.text.stems import STOP_WORDS, fold
from rag.types import Span

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u17dc-\u17dd\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
_NAMED = "\ue000"
"""Stands behind a word in capitals that is a small word otherwise; private, so no word has it."""


class Term(NamedTuple):
    """Words that stand one behind the other; with `begins`, the last is only the beginning of
    one."""

    words: tuple[str, ...]
    begins: bool = False


def words(text: str) -> Iterator[str]:
    """Yield the words of a text, in order."""
    known: dict[str, tuple[str, ...]] = {}  # Of this text only: a cache would outlast it.
    for run in _run().findall(_seen(plain(text))):
        if run not in known:
            known[run] = tuple(word for word, _, _ in _tokens(run))
        yield from known[run]


def term(text: str) -> Term:
    """Return what is looked for by a phrase or a word as it is typed: "spring*" begins a word."""
    return Term(tuple(words(text)), text.rstrip().endswith("*"))


def places(text: str, terms: Iterable[Term]) -> list[Span]:
    """Return the spans of `text` that are one of `terms`, in order; none within another."""
    wanted = [one for one in terms if one.words]
    return spans_of_plain(lambda seen: _places(seen, wanted), text) if wanted else []


def _places(text: str, terms: Sequence[Term]) -> list[Span]:
    known: dict[str, list[tuple[str, int, int]]] = {}
    tokens: list[tuple[str, int, int]] = []
    for run in _run().finditer(_seen(text)):
        found, at = run.group(), run.start()
        if found not in known:
            known[found] = list(_tokens(found))
        tokens += [(word, at + start, at + end) for word, start, end in known[found]]
    said = [word for word, _, _ in tokens]
    spans: list[Span] = []
    # A search may have hundreds of terms: each word is looked up once for all.
    begun = tuple(one.words[0] for one in terms if one.begins and len(one.words) == 1)
    by_first: dict[str, list[Term]] = {}
    for one in dict.fromkeys(terms):
        by_first.setdefault(one.words[0], []).append(one)
    for at, word in enumerate(said):
        if word.startswith(begun):
            spans.append(tokens[at][1:])
        for one in by_first.get(word, ()):
            n = len(one.words)
            if _is_at(one, said[at : at + n]):
                spans.append((tokens[at][1], tokens[at + n - 1][2]))
    apart: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def _is_at(wanted: Term, here: Sequence[str]) -> bool:
    *first, last = wanted.words
    if len(here) < len(wanted.words) or list(here[:-1]) != first:
        return False
    return here[-1].startswith(last) if wanted.begins else here[-1] == last


def _tokens(run: str) -> Iterator[tuple[str, int, int]]:
    """The words of a run of letters, each with its start and end in it."""
    if run.isascii():
        yield _folded(run), 0, len(run)
        return
    for match in _letter().finditer(run):
        # One with a fraction in it is several words.
        for word in _run().findall(_folded(match.group())):
            yield word, *match.span()


def _folded(token: str) -> str:
    # Most are plain: `fold` would do the same, at five times the time.
    folded = token.replace(".", "").lower() if token.isascii() else fold(token)
    named = token.isupper() and len(folded) > 1 and folded in STOP_WORDS
    return folded + _NAMED if named else folded


def _seen(text: str) -> str:
    """The text with what joins no letters as white space: every character at its place."""
    return text.replace("_", " ")


@functools.cache
def _run() -> re.Pattern[str]:
    """Acronyms with points, and runs of letters with their marks."""
    # Vowels of many scripts are marks, which `\w` leaves out.
    marks = "".join(
        chr(code) for code in range(0x300, 0xFFFF) if unicodedata.category(chr(code))[0] == "M"
    )
    return re.compile(rf"(?:[^\W\d_]\.){{2,}}|[\w{marks}{_NAMED}]+")


@functools.cache
def _letter() -> re.Pattern[str]:
    """A letter of a script without spaces, with the marks that belong to it, or others in a row."""
    ranges = re.findall(r"(.)-(.)", _UNSPACED)
    codes = (chr(code) for one in ranges for code in range(ord(one[0]), ord(one[1]) + 1))
    marks = "".join(one for one in codes if unicodedata.category(one)[0] == "M")
    # In Khmer the sign behind which a letter is written below.
    return re.compile(rf"[{_UNSPACED}](?:[{marks}]|(?<=\u17d2)[\u1780-\u17b3])*|[^{_UNSPACED}]+")
