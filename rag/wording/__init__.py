"""What the chat says, in the reader's language: every string of it stands in a JSON file here.

Owns the catalogues (`en.json` is the reference, keyed by name), plural forms and dates. Knows
nothing of pages or of what is said about which answer. What the library itself says, in English,
is translated by its template, as gettext does: the `notes` of a catalogue, and `parts` for what
may stand in a template's places.
"""

from __future__ import annotations

import base64
import datetime
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import babel
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

LANGUAGES = {"en": "English", "km": "ភាសាខ្មែរ", "fr": "Français", "ur": "اردو"}
"""The languages of the chat, each by its own name."""
_LOCALES = {"en": "en_GB"}
FONTS = {
    "Byline Khmer": ("NotoSansKhmer.woff2", "U+1780-17FF, U+19E0-19FF"),
    "Byline Urdu": ("NotoNaskhArabic.woff2", "U+0600-06FF, U+200C-200F"),
}
"""The fonts that come along, each with its file and the letters that it is for."""
_RIGHT_TO_LEFT = frozenset({"ur"})
_PLACE = re.compile(r"\{\w*\}")
_LONGEST = 1000
"""Characters of a note that is translated; a browser may have brought it."""
_DEEP = 3
"""Remarks within remarks that are translated."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The chat's words in one language: `say("asked", name="…")`, plain text, not escaped."""

    language: str
    catalogue: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """The text under `key` with `values` put in; of several forms, that for the number `n`."""
        text = self.catalogue[key]
        if isinstance(text, Mapping):
            form = self._locale.plural_form(values["n"])  # type: ignore[arg-type]
            text = text.get(form, text["other"])
        return str(text).format(**{name: self._shown(value) for name, value in values.items()})

    def note(self, text: str) -> str:
        """A remark of the library's, which is in English, in this language where it is known.

        What stands in its places may be known in turn: "line 3: no text".
        """
        return self._translated(text, ("notes",))

    def day(self, date: datetime.date) -> str:
        """A date in words, as this language writes it."""
        return str(format_date(date, "long", locale=self._locale))

    def month(self, date: datetime.date) -> str:
        """The month and year of a date, as this language writes them."""
        return str(format_skeleton("yMMMM", date, locale=self._locale))

    def month_in_short(self, date: datetime.date) -> str:
        """The month and year of a date, where there is little room."""
        return str(format_skeleton("yMMM", date, locale=self._locale))

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self._locale))

    def _translated(self, text: str, kinds: tuple[str, ...], deep: int = _DEEP) -> str:
        if len(text) > _LONGEST or not deep:
            return text
        for pattern, translated in _translations(self.language, kinds):
            if found := pattern.fullmatch(text):
                within = (self._translated(w, ("parts", "notes"), deep - 1) for w in found.groups())
                return translated.format(*map(self._shown, within))
        return text

    def _shown(self, value: object) -> object:
        """A value as it stands in a sentence."""
        if isinstance(value, int):
            return self.number(value)
        # Else the marks at the ends of an English name or question go to the wrong side.
        apart = self.direction == "rtl" and isinstance(value, str) and value != ""
        return f"\u2068{value}\u2069" if apart else value

    @property
    def direction(self) -> str:
        """ "rtl" or "ltr", as HTML has it."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    @property
    def _locale(self) -> babel.Locale:
        return babel.Locale.parse(_LOCALES.get(self.language, self.language))


def wording(language: str) -> Wording:
    """The words of a language tag ("fr", "ur-PK"); English where there is none of it."""
    known = language[:20].lower().partition("-")[0]
    known = known if known in LANGUAGES else "en"
    return Wording(known, _catalogue(known))


def font_faces() -> str:
    """CSS for the letters that not every system has; the fonts are in it, so none is fetched."""
    faces = []
    for name, (file, letters) in FONTS.items():
        font = base64.b64encode((Path(__file__).parent / "fonts" / file).read_bytes()).decode()
        source = f"url(data:font/woff2;base64,{font})"
        faces.append(
            f'@font-face {{ font-family: "{name}"; unicode-range: {letters}; src: {source}; }}\n'
        )
    return "".join(faces)


@functools.cache
def _catalogue(language: str) -> Mapping[str, Any]:
    file = Path(__file__).parent / f"{language}.json"
    catalogue: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    return catalogue


@functools.cache
def _translations(language: str, kinds: tuple[str, ...]) -> list[tuple[re.Pattern[str], str]]:
    """Each English template as a pattern, and the translation that takes its groups.

    Those come first that begin with words, and of them those with most: "line {}: not JSON ({})",
    "line {}: {}", "{} {}; left empty".
    """
    catalogue = _catalogue(language)
    known = {key: said for kind in kinds for key, said in catalogue.get(kind, {}).items()}
    ranked = sorted(known, key=lambda key: (bool(_PLACE.match(key)), -len(_PLACE.sub("", key))))
    return [(_pattern(template), known[template]) for template in ranked]


def _pattern(template: str) -> re.Pattern[str]:
    """What matches a template with something in each of its places, the shortest that will do.

    Each place but the last is settled once it is found, so that no text takes long to refuse.
    """
    first, *others = map(re.escape, _PLACE.split(template))
    settled = "".join(
        f"(?=(?P<at{n}>.+?){piece})(?P=at{n}){piece}" for n, piece in enumerate(others[:-1])
    )
    last = f"(.+){others[-1]}" if others else ""
    return re.compile(first + settled + last, re.DOTALL)


ENGLISH = wording("en")
