"""Parse a full date that names its month, in many languages and in any order.

The names of months and weekdays are those of Unicode's CLDR, by Babel. A text is a date when,
without a time of day, a weekday and the small words around them, exactly one day, one month and one
year are left.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

from babel import localedata
from babel.dates import get_day_names, get_month_names

_LANGUAGES = (
    "af ar az bg bn ca cs da de el en es et eu fa fi fil fr gl gu he hi hr hu id is it ka kk km kn "
    "lo lt lv mk ml mn mr ms my nb ne nl pa pl pt ro ru si sk sl sq sr sv sw ta te th tr uk ur uz"
).split()
_YEARS = range(1400, 2200)
"""Other numbers are years of other calendars, of which no month is known here."""
# A time of day with its zone: 15:28:56 CET, 18h30, 6:02 PM ET, 10:00 GMT+0200 (Summer Time).
_TIME = re.compile(
    r"(?:\b|(?<=t))(?:\d{1,2}[:h]\d\d(?::\d\d(?:[.,]\d+)?)?|\d{1,2}[.]\d\d(?=\s*(?:uhr|[ap]\.?m))"
    r"|\d{1,2}(?=\s*(?:uhr|[ap]\.?m\b)))\s*(?:uhr\b|[ap]\.?m\b\.?)?"
    r"\s*(?:z\b|(?:[a-z]{2,5}\b)?\s*(?:[+-]\d\d:?\d\d\b)?)\s*(?:\([^()]*\))?"
)
# Words that stand against a number or a name without a space between them.
_JOINED = re.compile("ថ្ងៃ|ទី|ខែ|ឆ្នាំ|วันที่|วัน|เดือน|ค\\.ศ\\.|(?<=\\d)ء")
_TOKEN = re.compile(r"\d+|[^\s\d,.;|/()-]+")
_SMALL = frozenset(
    "a at an av d da das de del den der di do dne du el em et il in kl la le les los of on op the "
    "um à às st nd rd th er re ème º ª ste de'l e y den' års год года г р".split()
)


class _Names(NamedTuple):
    months: dict[str, int]
    weekdays: frozenset[str]


def parse_in_words(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a date such as "9 de mayo de 2023"; None for anything else.

    The day may be no day of that month.
    """
    written = "".join(map(_ascii_digit, text)).casefold()
    if not re.search(r"\d{4}", written):
        return None
    written = _JOINED.sub(" ", _TIME.sub(" ", written, count=1))
    names = _names()
    months: list[int] = []
    numbers: list[str] = []
    for token in _TOKEN.findall(written):
        if token.isdigit():
            numbers.append(token)
        elif month := names.months.get(token):
            months.append(month)
        elif token not in names.weekdays and token not in _SMALL:
            return None
    numbers.sort(key=len)
    if len(numbers) != 2 or len(months) != 1 or len(numbers[0]) > 2 or len(numbers[1]) != 4:
        return None
    year = int(numbers[1])
    return (year, months[0], int(numbers[0])) if year in _YEARS else None


@functools.cache
def _names() -> _Names:
    """Names and abbreviations, of one word each; a month's name that means another month in
    another language (Croatian October is Polish November) is left out."""
    months: dict[str, set[int]] = {}
    weekdays: set[str] = set()
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    months.setdefault(_folded(name), set()).add(number)
                weekdays.update(map(_folded, get_day_names(width, context, language).values()))
    localedata.clear_caches()  # Babel keeps all that it reads, half a megabyte of each language.
    one = {name: numbers.pop() for name, numbers in months.items() if len(numbers) == 1}
    return _Names(
        {name: month for name, month in one.items() if _TOKEN.fullmatch(name)},
        frozenset(part for name in weekdays for part in name.split("-")),
    )


def _folded(name: str) -> str:
    return name.casefold().strip(". ")


def _ascii_digit(character: str) -> str:
    """A decimal digit of any script as 0 to 9, other characters as they are."""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
