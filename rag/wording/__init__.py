"""Message catalogues: every text that a reader sees, keyed by name, in each language of the chat.

Owns the catalogues (`en.json` is the reference), plural forms, and how numbers and dates are
written. `notes` holds what the library says, made by `note`; the rest are texts of the page. Knows
nothing of pages or of which message belongs to which answer.
"""

from __future__ import annotations

import base64
import datetime
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import babel
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from rag.types import Note
from rag.wording.visible import isolated

LANGUAGES = {"en": "English", "km": "ភាសាខ្មែរ", "fr": "Français", "ur": "اردو"}
"""The languages of the chat, each by its own name."""
_LOCALES = {"en": "en_GB"}
FONTS = {
    "Byline Khmer": ("NotoSansKhmer.woff2", "U+1780-17FF, U+19E0-19FF"),
    "Byline Urdu": ("NotoNaskhArabic.woff2", "U+0600-06FF, U+200C-200F"),
}
"""The fonts that come along, each with its file and the letters that it is for."""
_RIGHT_TO_LEFT = frozenset({"ur"})
_DEPTH = 3
"""How deep notes within notes may be."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The chat's words in one language: `say("asked", name="…")`, plain text, not escaped."""

    language: str
    catalogue: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """The text under `key` with `values` put in; of several forms, that for the number `n`."""
        return self._filled(self.catalogue[key], values)

    def note(self, message: str) -> str:
        """A message in this language; one without a key stays as it is."""
        if not isinstance(message, Note) or not message.key:
            return str(message)
        values = {
            name: self.note(value) if isinstance(value, str) else value
            for name, value in message.values
        }
        return self._filled(self.catalogue["notes"][message.key], values)

    def day(self, date: datetime.date) -> str:
        """A date in words, as this language writes it."""
        return str(format_date(date, "long", locale=self._locale))

    def month(self, date: datetime.date) -> str:
        """The month and year of a date, as this language writes them."""
        return str(format_skeleton("yMMMM", date, locale=self._locale))

    def month_in_short(self, date: datetime.date) -> str:
        """The month and year of a date, where there is little room."""
        return str(format_skeleton("yMMM", date, locale=self._locale))

    def language_name(self, code: str) -> str:
        """The name of a language ("en") in this one; `code` itself where it has none."""
        return str(self._locale.languages.get(code, code))

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self._locale))

    def _filled(self, text: str | Mapping[str, str], values: Mapping[str, object]) -> str:
        if isinstance(text, Mapping):
            form = self._locale.plural_form(values["n"])  # type: ignore[arg-type]
            text = text.get(form, text["other"])
        return text.format(**{name: self._shown(value) for name, value in values.items()})

    def _shown(self, value: object) -> object:
        """A value as it stands in a sentence."""
        if isinstance(value, int):
            return self.number(value)
        # Else the marks at the ends of an English name or question go to the wrong side.
        return isolated(value, self.direction) if isinstance(value, str) else value

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


ENGLISH = wording("en")


def note(key: str, **values: str | int) -> Note:
    """The message under `key` of a catalogue's `notes`, with `values` put in."""
    plain = Note(key=key, values=tuple(values.items()))
    return Note(ENGLISH.note(plain), key, plain.values)


def in_percent(certainty: float) -> str:
    """How sure a text recognition is, as one says it: nothing that was recognised is certain."""
    return str(min(99, int(100 * certainty)))


def note_of(key: str, values: Mapping[str, str | int]) -> Note:
    """As `note`, for a key and values that nobody vouches for: an empty one where they fit no
    template."""
    texts = ENGLISH.catalogue["notes"].get(key, "")
    forms = texts.values() if isinstance(texts, Mapping) else (texts,)
    places = {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}
    counts = isinstance(texts, Mapping) and not isinstance(values.get("n"), int)
    return note(key, **values) if texts and places == values.keys() and not counts else Note()


def note_to_json(message: str) -> Any:
    """A message as a JSON value: its key and values, or a plain text; `note_of_json` reads it."""
    if not isinstance(message, Note) or not message.key:
        return str(message)
    values = {
        name: note_to_json(value) if isinstance(value, str) else value
        for name, value in message.values
    }
    return {"key": message.key, "values": values}


def note_of_json(found: Any, depth: int = _DEPTH) -> Note:
    """A message from a JSON value that nobody vouches for: a text, or a key and its values, which
    may be messages in turn. Raises ValueError for anything else, and where they are nested deep.
    """
    if isinstance(found, str):
        return Note(found)
    if not depth or not isinstance(found, dict) or found.keys() != {"key", "values"}:
        raise ValueError("no note, or one that is nested too deep")
    key, values = found["key"], found["values"]
    if not isinstance(key, str) or not isinstance(values, dict):
        raise ValueError("a note has a key and values")
    inner = {
        name: value if isinstance(value, int) else note_of_json(value, depth - 1)
        for name, value in values.items()
    }
    return note_of(key, inner)


def note_with(message: str, old: str, new: str) -> Note:
    """The message with `new` in place of `old` in all of its values."""
    if not isinstance(message, Note) or not message.key:
        return Note(message.replace(old, new))
    values = {
        name: note_with(value, old, new) if isinstance(value, str) else value
        for name, value in message.values
    }
    return note(message.key, **values)
