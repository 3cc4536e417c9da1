"""Parse dates as records, pages and questions write them. Pure.

A partial date is never completed and an ambiguous one never guessed: both are None. In a question,
a month is all of its days, and a day without its year is that day of every year that is asked for.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Collection, Iterator
from typing import Literal, TypeAlias

from rag.text.dates_in_words import parse_in_words
from rag.text.vocabulary import MONTH_OR_SHORT, WEEKDAY_OR_SHORT, month_number
from rag.types import Days, Span

DateOrder: TypeAlias = Literal["", "dmy", "mdy"]
"""What comes first in a date of numbers: unknown, the day, or the month."""

_EPOCH = datetime.date(1970, 1, 1)
_MONTH = rf"(?P<month>{MONTH_OR_SHORT})\b\.?,?"
_WEEKDAY = rf"(?:{WEEKDAY_OR_SHORT}\b\.?,?\s+)"
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
_COMPACT = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:[T ]?\d{4}(?:\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", _FLAGS
)
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일].{0,20}")
# Seconds or milliseconds since 1970, of years that have ten digits of seconds: 2001 to 2100.
_UNIX = re.compile(r"([1-4]\d{9})(?:\d{3})?(?:\.\d+)?", re.ASCII)
_LAST_SECOND = 4_102_444_800
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, _FLAGS)
_PARTIAL = re.compile(
    rf"{_WEEKDAY}?(?:{_DAY}\s*)?{_MONTH}(?:\s*\d{{1,2}}(?:st|nd|rd|th)?|\s*\d{{4}})?{_TIME}", _FLAGS
)
_IN_QUESTION = re.compile(
    r"\b(?:(?P<iso>\d{4}-\d\d-\d\d)(?:T[\d:.]+)?"
    rf"|{_DAY}\s+(?:of\s+)?{_MONTH}(?:\s*(?P<year>\d{{4}}))?"
    rf"|{_MONTH.replace('<month>', '<month2>')}\s+"
    rf"(?:{_DAY.replace('<day>', '<day2>')}(?:\s*(?P<year2>\d{{4}}))?|(?P<year3>\d{{4}})))"
    r"(?!:?\w)",
    _FLAGS,
)
_TO = re.compile(r"\W*(?:and|to|until|till|through|[-–—])\W*", re.IGNORECASE)
_FROM = re.compile(r"\b(?:between|from)\W*$", re.IGNORECASE)
_OPEN = re.compile(r"\b(before|until|till|by|after|since)\s+$", re.IGNORECASE)
_FROM_DAY = re.compile(rf"\b(?:between|from)\s+(\d{{1,2}}){_TO.pattern}$", re.IGNORECASE)
_LONGEST = 80
"""Characters; a longer string is no date, and is not worth a search."""


def parse_date(text: str, order: DateOrder = "") -> datetime.date | None:
    """Return the day that `text` gives in full, None where it does not.

    A time and a zone may follow and are not applied: "2023-10-31T23:30+00:00" is 31 October.
    `order` says which comes first in "03/04/2017": "dmy" or "mdy"; without, that is None. Seconds
    and milliseconds since 1970 give the day in UTC.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if match := _UNIX.fullmatch(text):
        seconds = int(match[1])
        return _EPOCH + datetime.timedelta(seconds=seconds) if seconds < _LAST_SECOND else None
    if match := _COMPACT.fullmatch(text) or _EAST_ASIAN.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    for form in _FORMS:
        if match := form.fullmatch(text):
            named = match.groupdict()
            month = named.get("m") or month_number(named["month"])
            return _day(int(named["year"]), int(month), int(named["day"]))
    if match := _NUMERIC.fullmatch(text):
        first, second, year = (int(match[group]) for group in (1, 3, 4))
        days = {"dmy": _day(year, second, first), "mdy": _day(year, first, second)}
        possible = set(days.values()) - {None}
        # 03/04/2017 is two days, 29/07/2025 and 03/03/2017 are one.
        return days.get(order) if len(possible) > 1 else next(iter(possible), None)
    named_month = parse_in_words(text)
    return _day(*named_month) if named_month else None


def month_days(month: str) -> Days:
    """Return the first and the last day of a month ("2017-03")."""
    first = datetime.date.fromisoformat(f"{month}-01")
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def is_ambiguous_date(text: str) -> bool:
    """Whether `text` is a date in full that could be two days, as "03/04/2017"."""
    return parse_date(text) is None and parse_date(text, "dmy") is not None


def looks_like_date(text: str) -> bool:
    """Whether `text` is nothing but a date: a full, a partial or an ambiguous one."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return False
    if any(form.fullmatch(text) for form in (*_FORMS, _NUMERIC)) or parse_in_words(text):
        return True
    # A month alone ("May") is as likely a name or a verb.
    return any(c.isdigit() for c in text) and _PARTIAL.fullmatch(text) is not None


def starts_with_weekday(text: str) -> bool:
    """Whether a date is written with its weekday first, as on blogs and mastheads."""
    return re.match(_WEEKDAY, text.strip(), _FLAGS) is not None


def dates_in(question: str, years: Collection[int]) -> Iterator[tuple[Span, list[Days]]]:
    """Yield the span of each date in a question, and the days that it may mean.

    "28 July" is that day of each of `years`, "between 1 and 5 May 2024" those five, "since
    1 May 2024" that day and all after it. A year alone is no date: "the 2018 election" was written
    about for years.
    """
    last: re.Match[str] | None = None
    for match in _IN_QUESTION.finditer(question):
        times = _times(match, years)
        before = _before(question, match)
        if last and _is_range(question, last, match):
            times = [_reaching(last, end) for _, end in times]
        elif first := _FROM_DAY.search(before):
            day = int(first[1])
            times = [(b.replace(day=day) if 0 < day < b.day else a, b) for a, b in times]
        elif first := _OPEN.search(before):
            early = first[1].lower() in ("before", "until", "till", "by")
            times = [(datetime.date.min, b) if early else (a, datetime.date.max) for a, b in times]
        if times:
            yield match.span(), times
        last = match


def _is_range(question: str, first: re.Match[str], second: re.Match[str]) -> bool:
    between = question[first.end() : second.start()]
    return bool(_TO.fullmatch(between) and _FROM.search(_before(question, first)))


def _before(question: str, date: re.Match[str]) -> str:
    """The words before a date, as far as they may say what it begins or ends."""
    return question[max(0, date.start() - _LONGEST) : date.start()]


def _reaching(first: re.Match[str], end: datetime.date) -> Days:
    """The days from the first date of a range to its `end`: in its year or the one before."""
    starts = [start for start, _ in _times(first, {end.year - 1, end.year}) if start <= end]
    return max(starts, default=end), end


def _times(match: re.Match[str], years: Collection[int]) -> list[Days]:
    """The days that a date in a question may mean, one time a year; none for no real date."""
    named = match.groupdict()
    if named["iso"]:
        date = parse_date(named["iso"])
        return [(date, date)] if date else []
    year = named["year"] or named["year2"] or named["year3"]
    name = named["month"] or named["month2"]
    month = month_number(name)
    if not year and name.islower():
        return []  # "Who may 20 people have seen?"
    wanted = [int(year)] if year else sorted(years)
    number = named["day"] or named["day2"]
    if number:
        days = [_day(one, month, int(number)) for one in wanted]
        return [(day, day) for day in days if day]
    firsts = [first for one in wanted if (first := _day(one, month, 1))]
    return [(day, day.replace(day=calendar.monthrange(day.year, month)[1])) for day in firsts]


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
