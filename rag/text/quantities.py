"""Parse the quantities and dates of a clause into ranges, widened by rounding and bounds. Pure.

"About $3.4 million" is a range of dollars, "two and a half hours" one of seconds, and "May 2023"
its days. A part ("another 20", "20 of them"), a range and a date are no figure of the whole.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.text.dates import dates_in
from rag.text.vocabulary import CURRENCIES, POWERS, SMALL_NUMBERS, SPELT_NUMBER, TENS, either
from rag.types import Span

_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_NUMERALS: dict[str, float] = {"a": 1, "an": 1, "half a": 0.5, "half an": 0.5}
_BARE = frozenset(_NUMERALS)  # No numbers without a power.
_NUMERALS |= {word: number for number, word in enumerate(SMALL_NUMBERS)}
for _number, _ten in enumerate(TENS, 2):
    _NUMERALS[_ten] = 10 * _number
    _NUMERALS |= {f"{_ten}-{SMALL_NUMBERS[one]}": 10 * _number + one for one in range(1, 10)}
_POWERS = POWERS | {"dozen": 12, "k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9}
_FIGURE = re.compile(
    r"(?<![\d.,])(?:(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)|\b(?P<word>"
    + "|".join(sorted(_NUMERALS, key=len, reverse=True))
    + r")\b)(?P<half> and a half)?(?:[\s-]?(?P<power>"
    + "|".join(_POWERS)
    + r")s?\b)?",
    re.IGNORECASE,
)
_UNITS = CURRENCIES | {"r": "₹", "%": "percent", "per": "percent"}
# Units of one measure, as multiples of one of them.
_SECONDS = {
    "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "night": 86_400, "week": 604_800,
    "month": 2_629_800, "year": 31_557_600, "decade": 315_576_000, "century": 3_155_760_000,
    "centurie": 3_155_760_000,
}  # fmt: skip
_METRES = {
    "mm": 1e-3, "cm": 0.01, "centimetre": 0.01, "centimeter": 0.01, "m": 1, "metre": 1, "meter": 1,
    "km": 1e3, "kilometre": 1e3, "kilometer": 1e3, "inch": 0.0254, "inche": 0.0254, "ft": 0.3048,
    "foot": 0.3048, "feet": 0.3048, "mile": 1609.344,
}  # fmt: skip
_KILOGRAMS = {"g": 1e-3, "gram": 1e-3, "kg": 1, "kilogram": 1, "ton": 1e3, "tonne": 1e3}
_HECTARES = {"ha": 1, "hectare": 1, "acre": 0.404686}
_MEASURES = {
    unit: (name, size)
    for name, sizes in (("m", _METRES), ("kg", _KILOGRAMS), ("ha", _HECTARES))
    for unit, size in sizes.items()
}
_UNIT_BEFORE = re.compile(r"(?:[a-z]{0,2}[$€£¥₹฿៛]|\brs\.?)\s?$", re.IGNORECASE)
_UNIT_BEHIND = re.compile(r"\+?[\s-]?([^\W\d_]+|%)")

_NEARLY = "about|around|roughly|nearly|almost|approximately|some"
_ABOUT = re.compile(rf"\b(?:{_NEARLY}|estimated) ?$", re.IGNORECASE)
_AT_LEAST = re.compile(r"\b(?:more than|over|at least|minimum\b.{0,12}) ?$", re.IGNORECASE)
_AT_MOST = re.compile(
    r"\b(?:at most|up to|as (?:many|much) as|(?:fewer|less) than|under) ?$", re.IGNORECASE
)
_CONVERTED = re.compile(rf"(?:or|{_NEARLY}|\W)*", re.IGNORECASE)
# A figure beside these is a part, a step, or an end of a range.
_PART_BEFORE = re.compile(
    r"\b(?:another|other|includ\w+|additional|extra|further|remaining|first|last|past|next|every"
    r"|each|per|by|between|from|of the|off)(?: (?:the|an?))? ?$"
    rf"|(?:\d|\b{SPELT_NUMBER}|{either(*POWERS)})(?: (?:to|and) |\s?[-–—]\s?)$",
    re.IGNORECASE,
)
_PART_BEHIND = re.compile(
    r"\s?(?:(?:more|others?|additional|off)\b|of (?:the|its|his|her|their|them|those|which)\b"
    r"|(?:to|and|[-–—]) ?[$€£]?\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """A quantity at `span`, from `low` to `high` in `unit`; a name has neither unit nor size."""

    span: Span
    unit: str = ""
    low: float = 0.0
    high: float = 0.0


def amounts(text: str) -> list[Value]:
    """Return every number of `text`, exact, with its unit: "percent", a currency, or the word that
    follows. "A" and "an" are no numbers."""
    found = []
    for match in _FIGURE.finditer(text):
        if (match["word"] or "").lower() in _BARE and not match["power"]:
            continue
        power = (match["power"] or "").lower()
        digits = (match["digits"] or "").replace(",", "")
        number = float(digits) if digits else float(_NUMERALS[match["word"].lower()])
        number = (number + (0.5 if match["half"] else 0.0)) * _POWERS.get(power, 1.0)
        found.append(Value(match.span(), _unit(text, match, "money"), number, number))
    return found


def dates(text: str, years: Collection[int]) -> list[Value]:
    """The dates of a clause, each with all the days that it may mean in one of `years`."""
    dated = list(dates_in(text, years))
    for match in _YEAR.finditer(text):
        if not any(meet(match.span(), span) for span, _ in dated):
            year = int(match.group())
            days = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
            dated.append((match.span(), [days]))
    return [
        Value(span, "day", first.toordinal(), last.toordinal())
        for span, times in dated
        for first, last in times
    ]


def figures(text: str, shown: Sequence[Span], kind: str) -> list[Value]:
    """Return the quantities of a clause within the spans `shown`, without parts and dates."""
    if not shown:
        return []
    dated = [span for span, _ in dates_in(text, {2000})]
    found = []
    for match in _FIGURE.finditer(text):
        sign = next((span for span in shown if meet(span, match.span())), None)
        is_date = _YEAR.fullmatch(match.group()) or any(meet(match.span(), d) for d in dated)
        if sign is None or is_date:
            continue
        span = min(sign[0], match.start()), max(sign[1], match.end())
        if not (_PART_BEFORE.search(text[: span[0]]) or _PART_BEHIND.match(text, span[1])):
            found.append(_figure(text, match, span, kind))
    return found


def are_one(values: Sequence[Value], text: str) -> bool:
    """Whether all are one value: readings of the same words, or conversions side by side."""
    return all(
        a.span == b.span or (a.unit != b.unit and _CONVERTED.fullmatch(text, a.span[1], b.span[0]))
        for a, b in itertools.pairwise(values)
    )


def alike(a: Sequence[Value], b: Sequence[Value]) -> bool:
    """Whether a value of one account fits one of the other, in the same unit."""
    return any(v.unit == w.unit and v.low <= w.high and w.low <= v.high for v in a for w in b)


def apart(a: Sequence[Value], b: Sequence[Value]) -> bool:
    """Whether two accounts can be compared, and no value of one fits one of the other."""
    like = [(v, w) for v in a for w in b if v.unit == w.unit]
    return bool(like) and all(v.high < w.low or w.high < v.low for v, w in like)


def meet(a: Span, b: Span) -> bool:
    """Whether two spans share a character."""
    return a[0] < b[1] and b[0] < a[1]


def _figure(text: str, match: re.Match[str], span: Span, kind: str) -> Value:
    """The range of the figure that matched, with rounding, "about" and "more than"."""
    unit, power = _unit(text, match, kind), (match["power"] or "").lower()
    if kind == "size" and power == "m":  # Metres.
        unit, power = power, ""
    digits, before = match["digits"] or "", text[: span[0]]
    number = float(digits.replace(",", "")) if digits else float(_NUMERALS[match["word"].lower()])
    number += 0.5 if match["half"] else 0.0
    places = len(digits.partition(".")[2])
    rounded = 0.5 * 10**-places if places or power else 0.0
    slack = max(rounded, _rounding(number) if number >= 100 else 0.0)
    if _ABOUT.search(before):
        slack = max(slack, 0.1 * number)
    low = 0.0 if _AT_MOST.search(before) else number - slack
    at_least = _AT_LEAST.search(before) or text.startswith("+", span[1])
    high = float("inf") if at_least else number + slack
    scale = _POWERS.get(power, 1.0)
    if kind == "duration":
        scale, unit = scale * _SECONDS.get(unit, 1), ""
    elif unit in _MEASURES:
        unit, size = _MEASURES[unit]
        scale *= size
    return Value(span, unit, low * scale, high * scale)


def _rounding(number: float) -> float:
    """Half a unit of the last digit that is not zero, but at most a twentieth; 0 without zeros."""
    zeros = len(f"{number:.0f}") - len(f"{number:.0f}".rstrip("0"))
    return min(0.05 * number, 0.5 * 10**zeros) if zeros else 0.0


def _unit(text: str, match: re.Match[str], kind: str) -> str:
    """The unit of a figure; an age needs none."""
    if kind == "age":
        return ""
    before = _UNIT_BEFORE.search(text[: match.start()]) if kind == "money" else None
    behind = _UNIT_BEHIND.match(text, match.end())
    unit = before.group() if before else behind[1] if behind else ""
    unit = unit.strip(" .").lower().removesuffix("s")
    return _UNITS.get(unit, unit)
