"""Which names are forms of one: "Rainsy" and "Sam Rainsy", "Cambodian" and "Cambodia". Pure.

Works from where names stand, not from what they mean: a surname stands for the full name with
which it shares its articles, and one that several people share stands for nobody.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from rag.text.facts import related
from rag.text.stems import stems

Key = tuple[str, ...]
"""A name as `rag.text.stems.stems` gives it."""

DEMONYM = re.compile(r"[A-Z]\w+(?:ian|ians|ean|eans|ese|ish|ican|icans)$")
_COMPOUND = re.compile(r"-[a-z]")  # "Sharma-led India" is more than a name.
# Share of a short form's articles that must hold the full one: its end, or its beginning.
_TOGETHER, _SURE = 0.5, 0.75
_APART = 0.5  # A second full form may be so often with it, of the first.
_LONGEST = 3  # Words of a full name.
_STEM = 4  # Letters that a country and its people share.
_COMMON = 4  # A form is common if at most so many times rarer than the commonest.


class Variants:
    """Names by key: their `forms` as written, counted, and the `places` (ids) where they stand."""

    def __init__(self, forms: Mapping[Key, Counter[str]], places: Mapping[Key, set[str]]) -> None:
        self._places = places
        self.shown = {key: _shown(counted) for key, counted in forms.items()}
        self._ending: dict[Key, list[Key]] = defaultdict(list)
        self._beginning: dict[Key, list[Key]] = defaultdict(list)
        self._like: dict[str, list[Key]] = defaultdict(list)
        self._single = set[Key]()
        for key, form in self.shown.items():
            self._enter(key, form)

    def _enter(self, key: Key, form: str) -> None:
        tokens = form.split()
        if len(tokens) == 1:
            self._single.add(key)
            self._like[key[0][:_STEM]].append(key)
        elif len(tokens) <= _LONGEST and not _COMPOUND.search(form):
            self._ending[_key(tokens[-1])].append(key)
            self._beginning[_key(tokens[0])].append(key)

    def full(self, key: Key) -> Key:
        """The fullest form that the name stands for: itself, where none is plain."""
        seen = {key}
        while (longer := self._longer(key)) and longer not in seen:
            key = longer
            seen.add(key)
        return key

    def shared(self, key: Key) -> bool:
        """Whether it is a surname that stands for several people, none of them plainly."""
        bearers = self._ending.get(key, ())
        if key not in self._single or len(bearers) < 2:
            return False
        places = self._places[key]
        known = set[str]().union(*(self._places[bearer] for bearer in bearers))
        return len(places & known) >= _TOGETHER * len(places)

    def _longer(self, key: Key) -> Key | None:
        if key in self._single:
            return (
                self._with(key, self._ending.get(key, ()), _TOGETHER)
                or self._with(key, self._beginning.get(key, ()), _SURE)
                or self._country(key)
            )
        # A title that is not known: "Samdech Techo Hun Sen".
        rest = key[1:]
        known = len(self._places.get(rest, ())) if len(rest) > 1 else 0
        return rest if known >= 2 * len(self._places[key]) else None

    def _with(self, key: Key, longer: Iterable[Key], least: float) -> Key | None:
        """The one of `longer` that stands where the short one does."""
        places = self._places[key]
        ranked = sorted(((len(places & self._places[one]), one) for one in longer), reverse=True)
        if not ranked or ranked[0][0] < least * len(places):
            return None
        second = ranked[1][0] if len(ranked) > 1 else 0
        return ranked[0][1] if second <= _APART * ranked[0][0] else None

    def _country(self, key: Key) -> Key | None:
        """The country of a people: "Cambodia" for "Cambodian"."""
        people = self.shown[key]
        if not DEMONYM.match(people):
            return None
        named = [
            one
            for one in self._like[key[0][:_STEM]]
            if not DEMONYM.match(self.shown[one])
            and related(self.shown[one].lower(), people.lower())
        ]
        return max(named, key=lambda one: (len(self._places[one]), one), default=None)


@functools.lru_cache(maxsize=65_536)
def _key(token: str) -> Key:
    return tuple(stems(token))


def _shown(forms: Counter[str]) -> str:
    """The form to show: of the common ones, the fullest."""
    if all(form.isupper() and " " in form for form in forms):
        return max(forms, key=lambda form: (forms[form], form)).title()  # "PHNOM PENH".
    # "United States", though "American" stands more often.
    places = {form: n for form, n in forms.items() if not DEMONYM.match(form)} or forms
    most = max(places.values())
    common = [form for form, n in places.items() if n * _COMMON >= most]
    return max(
        common,
        key=lambda form: (
            not (form.isupper() and len(form) > 5),
            len(form.split()),
            forms[form],
            form,
        ),
    )
