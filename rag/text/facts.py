"""The facts of a sentence that can be checked in a source: numbers, dates and names. Pure.

Formats do not matter ("1,000", "one thousand"; "16 July", "July 16"; "Cambodia", "Cambodian"),
values do. A date may follow from the day on which an article was published ("yesterday").
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rag.text.quantities import Value, amounts, meet
from rag.text.stems import STOP_WORDS, fold, names, stems
from rag.text.vocabulary import (
    MONTH_OR_SHORT,
    TENS,
    TWO_TO_TWELVE,
    WEEKDAY,
    month_number,
    weekday_number,
)
from rag.types import Article, Span

_MONTH = rf"{MONTH_OR_SHORT}\b\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?\b"
_YEAR = r"((?:1[5-9]|20)\d\d)"
_DATE = re.compile(
    rf"\b{_YEAR}-(\d\d)-(\d\d)\b"
    rf"|\b{_DAY} (?:of )?({_MONTH})(?:,? {_YEAR}\b)?"
    rf"|\b({_MONTH}) {_DAY}(?!,\d)(?:,? {_YEAR}\b)?"
    rf"|\b({_MONTH}),? (?:of )?{_YEAR}\b"
    r"|\b(?:(?<=[Ii]n )|(?<=[Ss]ince )|(?<=[Uu]ntil )|(?<=[Ll]ast )|(?<=[Tt]his )"
    r"|(?<=[Ee]arly )|(?<=[Ll]ate )"
    rf"|(?<=mid-)|(?<=to )|(?<=[Ff]rom )|(?<=and )|(?<=[Bb]y )|(?<=of ))({_MONTH})"
    rf"|(?<![\d.,$€£])\b{_YEAR}s?\b(?![,.]\d)"
    rf"|\b({WEEKDAY})s?\b"
    r"|\b([Yy]esterday|[Tt]oday|[Tt]omorrow|[Tt]onight"
    r"|(?:[Ll]ast|[Tt]his|[Nn]ext) (?:year|month))\b"
)
_AGO = {"yesterday": 1, "today": 0, "tonight": 0, "tomorrow": -1}
_AHEAD = datetime.timedelta(200)
_TURN = {"last": -1, "this": 0, "next": 1}
_REPORTS = re.compile(r"\b(?:report|article|publish|wrote|writes|according to)", re.IGNORECASE)

_CLOSE = 1e-9
_SPECIAL = frozenset("$ € £ ¥ ₹ ฿ ៛ percent second minute hour day week month year decade".split())
_CURRENCIES = frozenset("$ € £ ¥ ₹ ฿ ៛".split())
_MORE = re.compile(
    r"\b(?:(?:more|greater) than|over|at least|above|exceed\w*|upwards of|minimum\b[\w ]{0,12})"
    r" ?\W?$",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:(?:less|fewer) than|under|at most|below|up to|no more than|maximum\b[\w ]{0,12}) ?\W?$",
    re.IGNORECASE,
)
_PLUS = re.compile(r"\+|(?: \w+)? or (?:more|over|above)\b|-plus\b")
_BOUND_REACH = 24  # Characters before a number in which its bound may be.
_ORDINALS = {"third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
             "ninth": 9, "tenth": 10}  # fmt: skip
_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:(?:hundred|thousand|lakh|million|crore|billion|trillion|dozen|score|third|quarter)s"
    r"|half|quarter|twice|double[ds]?|triple[ds]?)\b",
    re.IGNORECASE,
)
_ONE = re.compile(r"\b(?:one|1|an?|single|sole|only)\b", re.IGNORECASE)

_ENDINGS = frozenset(" a n an ese i is s ns ans e es ish".split(" "))
_SHORTEST = 4  # Letters that a country and its people share.
# Words that are capitalised only because they open a sentence.
_OPENS = frozenset(
    "police officials official authorities authority government governments people messages message"
    " recordings recording leaks leak critics critic observers experts suspects suspect reports"
    " report article articles activists residents victims workers women men children journalists"
    " lawyers lawmakers politicians ministers minister spokesman spokesperson spokeswoman leaders"
    " members soldiers troops students investigators prosecutors judges hackers hacker data"
    " information evidence audio video text texts conversations logs cybercrime crime arrests raids"
    " foreign national local senior top several many numerous various hundreds thousands millions"
    " half last next earlier later recently previously currently today yesterday nearly almost"
    " approximately around less fewer former new according based besides despite since unlike"
    " however meanwhile additionally furthermore moreover therefore thus also still yet then if"
    " whether another others part parts nobody none nothing everyone anyone someone following amid"
    " among within without across per via like given due thanks no yes us-based online internet"
    " although though because while whereas once unless except"
    " companies company firms businesses countries country world nations parliament court courts"
    " law laws civil human anonymous unknown unverified alleged purported dozens".split()
).union(TWO_TO_TWELVE, TENS[:4])


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as far as the words at `span` give it.

    `weekday` is 0 for Monday, `relative` the words that count from the day of writing, as
    "yesterday" or "last year".
    """

    span: Span
    year: int = 0
    month: int = 0
    day: int = 0
    weekday: int = -1
    relative: str = ""

    def fits(self, date: datetime.date) -> bool:
        """Whether it may be that day."""
        return (
            self.year in (0, date.year)
            and self.month in (0, date.month)
            and self.day in (0, date.day)
            and self.weekday in (-1, date.weekday())
            and not self.relative
        )


@dataclass(frozen=True, slots=True)
class Name:
    """A name at `span`, with the stems of its words."""

    span: Span
    stems: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """A text with its facts, each kind found once, when it is first asked for."""

    text: str

    @functools.cached_property
    def numbers(self) -> list[Value]:
        return numbers(self.text)

    @functools.cached_property
    def dates(self) -> list[PartialDate]:
        return partial_dates(self.text)

    @functools.cached_property
    def names(self) -> list[Name]:
        return proper_names(self.text)

    @functools.cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(stems(self.text))


def partial_dates(text: str) -> list[PartialDate]:
    """The dates of a text, whole or in part, in order."""
    return [_partial_date(match) for match in _DATE.finditer(text)]


def numbers(text: str) -> list[Value]:
    """The numbers of a text that are no part of a date."""
    dated = [date.span for date in partial_dates(text)]
    written = amounts(text)
    others = [
        Value(m.span(), "th", _ORDINALS[m.group().lower()], _ORDINALS[m.group().lower()])
        for m in _ORDINAL.finditer(text)
    ]
    others += [
        Value(m.span(), stems(m.group())[0], -1, -1)
        for m in _VAGUE.finditer(text)
        if not any(meet(m.span(), value.span) for value in written)
    ]
    counted = [
        value
        for value in written
        if not any(meet(value.span, span) for span in dated)
        and not text[: value.span[0]][-1:].isalpha()  # "T20" is a name.
    ]
    return [*counted, *others]


def proper_names(text: str) -> list[Name]:
    """The names of a text but for dates; a word that only opens the sentence is none."""
    dated = [date.span for date in partial_dates(text)]
    found = []
    for start, end in names(text):
        first = fold(text[start:end]).split()[0]
        if not text[:start].strip("\"'“‘( ") and _only_opens(first):
            start += len(text[start:end].split()[0]) + 1
        if start < end and not any(meet((start, end), span) for span in dated):
            key = tuple(stems(text[start:end]))
            if key:
                found.append(Name((start, end), key))
    return found


def equal_numbers(number: Value, text: str, source: Facts) -> list[Value]:
    """The numbers of `source` that say what `number` says in `text`."""
    equal = [
        value
        for value in source.numbers
        if _equal(number, value) and _bounds_fit(number, text, value, source.text)
    ]
    if equal or number.low != 1:
        return equal
    return [Value(match.span(), "", 1, 1) for match in _ONE.finditer(source.text)]


def date_occurs(date: PartialDate, text: str, source: Facts, article: Article) -> bool:
    """Whether `source`, a part of `article`, gives the date of `text`, in itself or by the day on
    which the article was published."""
    given = source.dates
    if date.relative:
        return any(one.relative == date.relative for one in given)
    years = {one.year for one in given if one.year}
    published = article.published
    if any(_gives(one, date, years, published) for one in given):
        return True
    if published is None:
        return False
    if any(date.fits(day) for one in given for day in _resolved(one, published)):
        return True
    if any(_in_turn(one, date, published) for one in given):
        return True
    if date.fits(published) and date.day and _REPORTS.search(text):
        return True
    # "In March 2017": the month in which it was written, where no other one is named.
    named_other = any(one.month or one.year or " " in one.relative for one in given)
    return not date.day and date.weekday < 0 and date.fits(published) and not named_other


def name_occurs(name: Name, source: Facts, article: Article) -> bool:
    """Whether `source`, a part of `article`, names whom or what `name` does: in full, in part, by
    its initials, or as its people."""
    own, known = set(name.stems), source.names
    if _in_a_row(stems(source.text), name.stems) or any(own <= set(one.stems) for one in known):
        return True
    initials = "".join(stem[0] for stem in name.stems)
    for one in known:
        if len(one.stems) == 1 and len(name.stems) > 1 and one.stems[0] == initials:
            return True
        short = len(name.stems) == 1 and len(one.stems) > 1
        if short and name.stems[0] == "".join(stem[0] for stem in one.stems):
            return True
        extra = [stem for stem in name.stems if stem not in one.stems]
        if set(one.stems) <= own:
            whole = stems(article.text)
            ends_alike = name.stems[-1] in one.stems
            if _in_a_row(whole, name.stems) or (
                ends_alike and all(stem in whole for stem in extra)
            ):
                return True
    tokens = fold(source.text).replace("’", "'").split()
    return all(
        any(related(stem, token.strip(".,;:!?\"'()“”‘’")) for token in tokens)
        for stem in name.stems
    )


def related(one: str, other: str) -> bool:
    """Whether two words are one, or a country and its people: "pakistan", "pakistani"."""
    if one == other:
        return True
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _SHORTEST and one[shared:] in _ENDINGS and other[shared:] in _ENDINGS


def _only_opens(word: str) -> bool:
    """Whether a word, in lower case, is no name where it opens a sentence."""
    return word in _OPENS or word.endswith(("ing", "ly")) or bool(amounts(word))


def _in_a_row(said: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `said` has the words that are `wanted` in a row."""
    n = len(wanted)
    return any(tuple(said[i : i + n]) == tuple(wanted) for i in range(len(said) - n + 1))


def _equal(a: Value, b: Value) -> bool:
    """Whether two numbers have one value, and units that can be the same."""
    if a.low < 0 or b.low < 0:
        return a.low == b.low and a.unit == b.unit
    units = {a.unit, b.unit}
    special = units & _SPECIAL
    if len(units & _CURRENCIES) == 1 and units - _CURRENCIES - STOP_WORDS - {""}:
        return False
    apart = a.unit != b.unit and (
        len(special) == 2 or (special == {"percent"} and b.unit in special)
    )
    return abs(a.low - b.low) <= _CLOSE * max(1.0, abs(a.low)) and not apart


def _bounds_fit(a: Value, text: str, b: Value, source: str) -> bool:
    """Whether a number has no bound, as "more than", that its source lacks or has the other way."""
    mine, theirs = (
        t[max(0, v.span[0] - _BOUND_REACH) : v.span[0]] for t, v in ((text, a), (source, b))
    )
    for bound in (_MORE, _LESS):
        plus = bound is _MORE and _PLUS.match(source, b.span[1])
        if bound.search(mine) and not (bound.search(theirs) or plus):
            return False
    return True


def _partial_date(match: re.Match[str]) -> PartialDate:
    """The date of a match of `_DATE`."""
    (y1, m1, d1, d2, m2, y2, m3, d3, y3, m4, y4, m5, y5, weekday, relative) = match.groups()
    month = next((month_number(m) for m in (m2, m3, m4, m5) if m), int(m1 or 0))
    return PartialDate(
        match.span(),
        int(y1 or y2 or y3 or y4 or y5 or 0),
        month,
        int(d1 or d2 or d3 or 0),
        weekday_number(weekday) if weekday else -1,
        relative.lower() if relative else "",
    )


def _gives(
    one: PartialDate, wanted: PartialDate, years: Collection[int], published: datetime.date | None
) -> bool:
    """Whether a date gives all that another one says; its year may be given by `years`."""
    year = not wanted.year or one.year == wanted.year
    if not year and not one.year:
        near = years or ({published.year} if published else set())
        year = wanted.year in near and bool(one.month)
    return (
        year
        and wanted.month in (0, one.month)
        and wanted.day in (0, one.day)
        and wanted.weekday in (-1, one.weekday)
    )


def _in_turn(one: PartialDate, wanted: PartialDate, published: datetime.date) -> bool:
    """Whether "last year" or "this month", counted from `published`, is what was wanted."""
    turn, _, unit = one.relative.partition(" ")
    if not unit or wanted.day or wanted.weekday >= 0:
        return False
    if unit == "year":
        return not wanted.month and wanted.year == published.year + _TURN[turn]
    months = 12 * published.year + published.month - 1 + _TURN[turn]
    return wanted.month == months % 12 + 1 and wanted.year in (0, months // 12)


def _resolved(one: PartialDate, published: datetime.date) -> Iterator[datetime.date]:
    """The days that a date may be, counted from the day of publication; none where the calendar has
    no such day, as before its first year."""
    with contextlib.suppress(ValueError, OverflowError):
        if one.relative in _AGO:
            yield published - datetime.timedelta(_AGO[one.relative])
        elif one.weekday >= 0:
            back = (published.weekday() - one.weekday) % 7
            yield published - datetime.timedelta(back)
        elif one.month and one.day:
            day = datetime.date(one.year or published.year, one.month, one.day)
            # In January, "20 December" is that of the year before.
            later = not one.year and day - published > _AHEAD
            yield day.replace(year=day.year - 1) if later else day
