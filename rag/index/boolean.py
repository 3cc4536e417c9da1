"""What a search asks for: words and exact phrases joined by AND, OR and NOT. Pure.

    "climate summit" (glasgow OR dubai) NOT oil flood*

Words beside each other must all be there. AND, OR and NOT count in capitals only; a minus before a
word is NOT. A quotation mark or a bracket that is left open ends with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rag.errors import QuestionError
from rag.text.words import Term, term
from rag.wording import note

LONGEST = 1_000
"""Characters that a search may have."""
_BRACKETS = 20
_TOKEN = re.compile(
    r"\s*(?:(?P<not>-(?=[\"“„«\w(])|NOT\b)|(?P<and>AND\b)|(?P<or>OR\b)|(?P<open>\()|(?P<close>\))"
    r"|(?P<phrase>[\"“„«][^\"”“»]*[\"”“»]?\*?)|(?P<word>[^\s()\"“”„«»]+))"
)


@dataclass(frozen=True, slots=True)
class Joined:
    """What must all be there ("AND"), or any of it ("OR"); or the first and not the second."""

    how: Literal["AND", "OR", "NOT"]
    parts: tuple[Search, ...]


Search: TypeAlias = Term | Joined
"""A word or phrase, or several that are joined."""


@dataclass(frozen=True, slots=True)
class _Unwanted:
    """What must not be there, as long as nothing is known that must."""

    search: Search


def parse(text: str) -> Search | None:
    """Return what `text` asks for; None where it has no word.

    Raises QuestionError for one that is too long, has too many brackets, or only says what is not
    wanted.
    """
    _check_length(text)
    if text.count("(") > _BRACKETS:
        raise QuestionError(note("search_brackets", most=_BRACKETS))
    found = _Parser(text).any_of()
    if isinstance(found, _Unwanted):
        raise QuestionError(note("search_only_not"))
    return found


def phrase(text: str) -> Search | None:
    """Return what asks for the very words of `text`, one behind the other; None without a word.

    Raises QuestionError for one that is too long.
    """
    _check_length(text)
    looked_for = term(text.rstrip("* "))
    return looked_for if looked_for.words else None


def wanted(search: Search) -> Iterator[Term]:
    """Yield the words and phrases that an article which fits may have."""
    if isinstance(search, Term):
        yield search
        return
    for part in search.parts[:1] if search.how == "NOT" else search.parts:
        yield from wanted(part)


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise QuestionError(note("search_long", n=len(text), most=LONGEST))


class _Parser:
    """Reads a search from the left; each method takes what it returns off the front."""

    def __init__(self, text: str) -> None:
        found = ((match.lastgroup or "", match.group().strip()) for match in _TOKEN.finditer(text))
        self._left = list(found)[::-1]

    def any_of(self, within: bool = False) -> Search | _Unwanted | None:
        """Parts between which OR stands; of what stands in brackets, `within`, up to the end."""
        found = [self._all_of(within)]
        while self._take("or"):
            found.append(self._all_of(within))
        parts = [one for one in found if one]
        if any(isinstance(one, _Unwanted) for one in parts):
            if len(parts) > 1:
                raise QuestionError(note("search_only_not"))
            return parts[0]
        return _joined("OR", [one for one in parts if not isinstance(one, _Unwanted)])

    def _all_of(self, within: bool) -> Search | _Unwanted | None:
        """Parts that stand beside each other, or between which AND stands."""
        kept: list[Search] = []
        refused: list[Search] = []
        while self._left and self._left[-1][0] not in ("or", "close" if within else ""):
            if self._take("and") or self._take("close"):
                continue
            negative = bool(self._take("not"))
            while self._take("not"):  # NOT -word: said twice, meant once.
                pass
            one = self._one()
            if isinstance(one, _Unwanted):
                one, negative = one.search, not negative
            if one:
                (refused if negative else kept).append(one)
        least, most = _joined("AND", kept), _joined("OR", refused)
        if not most:
            return least
        return Joined("NOT", (least, most)) if least else _Unwanted(most)

    def _one(self) -> Search | _Unwanted | None:
        """A word, a phrase, or what stands in brackets; None where it is none of these."""
        if self._take("open"):
            found = self.any_of(within=True)
            self._take("close")
            return found
        typed = self._take("word") or self._take("phrase")
        looked_for = term(typed)
        return looked_for if looked_for.words else None

    def _take(self, kind: str) -> str:
        """Take the next token off if it is of a kind, and return it; else ""."""
        if self._left and self._left[-1][0] == kind:
            return self._left.pop()[1]
        return ""


def _joined(how: Literal["AND", "OR"], parts: list[Search]) -> Search | None:
    return Joined(how, tuple(parts)) if len(parts) > 1 else parts[0] if parts else None
