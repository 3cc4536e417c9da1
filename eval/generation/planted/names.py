"""Replaces a name by another of the same type that the evidence does not contain. Pure.

The type of a name is inferred from the words around it, in all articles together.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rag.text.facts import related
from rag.text.stems import names, stems
from rag.text.vocabulary import MONTHS, WEEKDAYS
from rag.types import Article, Span

_ROLES = (
    "mr|mrs|ms|dr|sir|minister|president|general|secretary|ambassador|of state|chief|leader"
    "|spokesman|spokeswoman|director|son|tycoon|engineer|viewer|showrunner|king|queen|emperor|pope"
    "|bishop|duke|count|lord|lady|captain|colonel|professor|actor|author|governor"
)
_ROLE = re.compile(rf"\b(?:{_ROLES})\.? $", re.IGNORECASE)
_TITLES = re.compile(
    r"(?:(?:[A-Z]\w+(?:ese|ian|ish|can)|Thai|French|German|Dutch|Greek|US|U\.S\."
    rf"|[A-Z]\w+(?= Minister)|(?i:prime|deputy|acting|former|{_ROLES})\.?) )+"
)
_SAYS = re.compile(r" (?:said|told|wrote|asked|says|noted|argued|was born|died)\b")
_IN = re.compile(r"\b(?:in|near|across|throughout|outside|capital|province of|city of) $", re.I)
_ORGANISATION = re.compile(
    r"\b(?:Ministry|Party|International|Office|Institute|Department|Council|University|Company"
    r"|Church|Army|House|Movement|Nations|Service|Agency|Association|Union|Court)\b"
)
# A town is never exchanged for a country: it may lie in it.
_COUNTRIES = frozenset(
    "Afghanistan Australia Austria Bangladesh Belgium Brazil Burma Cambodia Canada China Cyprus"
    " Denmark Egypt England Ethiopia Finland France Germany Greece Hungary Iceland India Indonesia"
    " Iran Iraq Ireland Israel Italy Japan Kenya Laos Malaysia Mexico Myanmar Nigeria Norway"
    " Pakistan Philippines Poland Portugal Russia Scotland Singapore Spain Sweden Switzerland Syria"
    " Taiwan Thailand Turkey Ukraine Vietnam Wales".split()
)
# Several names, a number or initials, or a part of the world that holds most of the others.
_NOT_ONE = re.compile(r"^[a-z]|['’]s | the | of |\b[A-Z]+$|(?:Europe|Asia|Africa|America)$")
_TELLING = 0.25
"""The share of a name's occurrences that has to tell what it names."""


class NameBook:
    """The names of articles by what they name: "person", "place", "country", "organisation"."""

    def __init__(self, articles: Iterable[Article]) -> None:
        votes: dict[str, Counter[str]] = {}
        self._of: dict[str, list[str]] = {}
        for article in articles:
            for start, end in _cores(article.text):
                core = article.text[start:end]
                self._of.setdefault(article.id, []).append(core)
                votes.setdefault(core, Counter())[_named(article.text, start, end)] += 1
        known = {
            core: kind
            for core, counted in votes.items()
            for kind, many in counted.most_common(2)
            if kind and many >= _TELLING * counted.total()
        }
        surnames = {core.split()[-1] for core, kind in known.items() if kind == "person"}
        self.kinds = dict.fromkeys(surnames & set(votes), "person") | known

    def find(self, text: str) -> list[tuple[Span, str]]:
        """The names in a text that the book knows, each with what it names."""
        return [
            (span, kind) for span in _cores(text) if (kind := self.kinds.get(text[slice(*span)]))
        ]

    def changes(
        self, text: str, said: str, own: Sequence[str], chance: random.Random
    ) -> list[tuple[Span, str]]:
        """One change of each name: to one of the articles with the ids `own`, or of others.

        Never to a name that `said`, the evidence, has: with that the sentence may be true.
        """
        here = [name for id in own for name in self._of.get(id, ())]
        away = [name for id, some in self._of.items() if id not in own for name in some]
        taken = {*stems(text), *stems(said)}
        changes = []
        found = [
            (span, kind) for span, kind in self.find(text) if text.count(text[slice(*span)]) == 1
        ]
        for span, kind in chance.sample(found, len(found)):
            core = text[slice(*span)]
            for side in chance.sample([here, away], 2):
                if fitting := self._fitting(core, kind, side, taken):
                    new = chance.choice(fitting)
                    if kind == "person" and chance.random() < 0.5:  # Only the surname.
                        new = " ".join([*core.split()[:-1], new.split()[-1]])
                    changes.append((span, new))
                    break
        return changes

    def _fitting(self, core: str, kind: str, side: Iterable[str], taken: set[str]) -> list[str]:
        """Names of the same kind and, of persons, form; none shares a word with `taken`."""
        found = {name for name in side if self.kinds.get(name) == kind}
        if kind == "person":
            full = {name for name in found if " " in name}
            found = full if " " in core else {name.split()[-1] for name in found}
        return sorted(
            name
            for name in found
            if (last := stems(name.split()[-1]))
            and not any(related(word, other) for word in last for other in taken)
        )


def _cores(text: str) -> Iterator[Span]:
    """The names of a text without the titles before them; no pieces of longer names."""
    for start, end in names(text):
        titles = _TITLES.match(text, start, end)
        core = titles.end() if titles else start
        name = text[core:end]
        piece = (
            _NOT_ONE.search(name)
            or re.match(" (?:and )?[A-Z]", text[end:])
            or re.search(r"\w [A-Z]\w* $", text[:start])
        )
        if not (piece or name in (*MONTHS, *WEEKDAYS) or _TITLES.fullmatch(f"{name} ")):
            yield core, end


def _named(text: str, start: int, end: int) -> str:
    """The type of the name at a place, by its context; "" if unknown."""
    core, before = text[start:end], text[:start]
    if _ORGANISATION.search(core):
        return "organisation"
    if core in _COUNTRIES:
        return "country"
    if _IN.search(before):
        return "place"
    if _ROLE.search(before) or (" " in core and _SAYS.match(text, end)):
        return "person"
    return ""
