"""Dates as records and pages write them.

Owns the reading of a full date. A partial date is never completed and an ambiguous one never
guessed: both are None. Knows nothing of where the date stands.
"""

from __future__ import annotations

import datetime
import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?,?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:r?s)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s+)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?,?"
_TIME = (
    r"(?:[\s,|T-]*(?:at\s+|@\s*)?(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d+)?\s*(?:[ap]\.?m\.?)?"
    r"|\d{1,2}\s*[ap]\.?m\.?)\s*\(?(?:[a-z]{1,5})?\s*(?:[+-]\d{1,2}(?::?\d\d)?)?\)?)?"
)
_FLAGS = re.IGNORECASE | re.ASCII
_FORMS = tuple(
    re.compile(form + _TIME, _FLAGS)
    for form in (
        r"(?P<year>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<day>\d{1,2})",
        rf"{_WEEKDAY}?{_DAY}\s*(?:of\s+)?[-\s]?{_MONTH}[-\s]*(?P<year>\d{{4}})",
        rf"{_WEEKDAY}?{_MONTH}\s*{_DAY}\s+(?P<year>\d{{4}})",
    )
)
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, _FLAGS)
_PARTIAL = re.compile(
    rf"{_WEEKDAY}?(?:{_DAY}\s*)?{_MONTH}(?:\s*\d{{1,2}}(?:st|nd|rd|th)?|\s*\d{{4}})?{_TIME}", _FLAGS
)
_LONGEST = 80
"""Characters; a longer string is no date, and is not worth a search."""


def parse_date(text: str) -> datetime.date | None:
    """The day that `text` names in full, as written; None where it does not.

    A time and a zone may follow and are not applied: "2023-10-31T23:30+00:00" is 31 October.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    for form in _FORMS:
        if match := form.fullmatch(text):
            named = match.groupdict()
            month = named.get("m") or 1 + _MONTHS.index(named["month"][:3].lower())
            return _day(int(named["year"]), int(month), int(named["day"]))
    if match := _NUMERIC.fullmatch(text):
        first, second, year = (int(match[group]) for group in (1, 3, 4))
        days = {_day(year, second, first), _day(year, first, second)} - {None}
        # 03/04/2017 is two days, 29/07/2025 and 03/03/2017 are one.
        return days.pop() if len(days) == 1 else None
    return None


def looks_like_date(text: str) -> bool:
    """Whether `text` is nothing but a date: a full, a partial or an ambiguous one."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return False
    forms = (*_FORMS, _NUMERIC)
    if any(form.fullmatch(text) for form in forms):
        return True
    # A month alone ("May") is as likely a name or a verb.
    return any(c.isdigit() for c in text) and _PARTIAL.fullmatch(text) is not None


def starts_with_weekday(text: str) -> bool:
    """Whether a date is written as blogs and mastheads write it, weekday first."""
    return re.match(_WEEKDAY, text.strip(), _FLAGS) is not None


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
