"""What the chat says, in the reader's language: every string of it stands in a JSON file here.

Owns the catalogues (`en.json` is the reference, keyed by name), plural forms and dates. Knows
nothing of pages or of what is said about which answer. What the library itself says, in English,
is translated by its template, as gettext does: the `notes` of a catalogue.
"""

from __future__ import annotations

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
_RIGHT_TO_LEFT = frozenset({"ur"})
_PLACE = re.compile(r"\{\w*\}")


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
        shown = {k: self.number(v) if isinstance(v, int) else v for k, v in values.items()}
        return str(text).format(**shown)

    def note(self, text: str) -> str:
        """A remark of the library's, which is in English, in this language where it is known."""
        for pattern, translated in _translations(self.language):
            if found := pattern.fullmatch(text):
                return translated.format(*found.groups())
        return text

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

    @property
    def direction(self) -> str:
        """ "rtl" or "ltr", as HTML has it."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    @property
    def _locale(self) -> babel.Locale:
        return babel.Locale.parse(_LOCALES.get(self.language, self.language))


@functools.cache
def wording(language: str) -> Wording:
    """The words of a language tag ("fr", "ur-PK"); English where there is none of it."""
    known = language.lower().partition("-")[0]
    known = known if known in LANGUAGES else "en"
    return Wording(known, _catalogue(known))


@functools.cache
def _catalogue(language: str) -> Mapping[str, Any]:
    file = Path(__file__).parent / f"{language}.json"
    catalogue: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    return catalogue


@functools.cache
def _translations(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Each note's English template as a pattern, and the translation that takes its groups."""
    return [
        (re.compile("(.+)".join(map(re.escape, _PLACE.split(template))), re.DOTALL), translated)
        for template, translated in _catalogue(language)["notes"].items()
    ]


ENGLISH = wording("en")
