"""The code of a language from its name. Pure."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale, UnknownLocaleError, localedata

_SPOKEN = ("en", "de", "fr", "es", "nl", "it", "pt", "da", "sv", "zh", "ja", "ko", "ru")
"""In which a language may be named; beside these, each by its own name. The first one wins."""


def language_code(name: str) -> str:
    """The ISO 639-1 code of a language that is named ("German", "Englisch"), "" if unknown.

    Of several names, "GERMAN; DEUTSCH", the first that is known counts.
    """
    names = (one.strip() for one in re.split(r"[;,/]", name.casefold()))
    known = (_spoken().get(one) or _own_names().get(one, "") for one in names if one)
    return next(filter(None, known), "")


@cache
def _spoken() -> dict[str, str]:
    codes: dict[str, str] = {}
    for spoken in _SPOKEN:
        for code, name in Locale(spoken).languages.items():
            if len(code) == 2:
                codes.setdefault(name.casefold(), code)
    localedata.clear_caches()  # Babel keeps all that it reads, half a megabyte of each language.
    return codes


@cache
def _own_names() -> dict[str, str]:
    codes: dict[str, str] = {}
    for code in sorted(set(_spoken().values())):
        try:
            codes.setdefault(Locale(code).languages[code].casefold(), code)
        except (UnknownLocaleError, KeyError):
            continue
    localedata.clear_caches()
    return codes
