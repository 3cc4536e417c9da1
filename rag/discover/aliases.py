"""Which names are aliases: "Rainsy" of "Sam Rainsy", "Cambodian" of "Cambodia". Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Set

from rag.text.facts import related

_PEOPLE = re.compile(r"[A-Z]\w+(?:[ai]ns?|ese|is?|ish)$")
_TOGETHER = 0.5  # Share of a surname's articles that must have a full name.
_APART = 0.5  # A second full name may occur with it at most so often, of the first.
_STEM = 4  # Letters that a country and its people share.


def full_names(articles: Mapping[str, Set[str]]) -> dict[str, str]:
    """Each name with its full one: itself where it is no alias, "" for a surname that several
    people share. Decided by the ids of the `articles` in which each occurs."""
    bearers, countries = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for name in articles:
        tokens = name.split()
        if len(tokens) == 1 and not _PEOPLE.match(name):
            countries[name[:_STEM]].append(name)
        elif len(tokens) in (2, 3) and not re.search("-[a-z]", name):  # No "Sharma-led India".
            bearers[tokens[-1]].append(name)

    def full(name: str) -> str:
        own = articles[name]
        ranked = sorted(((len(own & articles[one]), one) for one in bearers[name]), reverse=True)
        known = {article for _, one in ranked for article in own & articles[one]}
        if ranked and len(known) >= _TOGETHER * len(own):
            apart = len(ranked) > 1 and ranked[1][0] > _APART * ranked[0][0]
            return "" if apart else ranked[0][1]
        like = [one for one in countries[name[:_STEM]] if related(one.lower(), name.lower())]
        largest = max(like, key=lambda one: (len(articles[one]), one), default=name)
        return largest if _PEOPLE.match(name) else name

    return {name: full(name) for name in articles}
