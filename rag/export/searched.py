"""Says what was looked through for a question that nothing answers, in words. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator

from rag.export.reference import value_of
from rag.types import FIELDS, Absence, Filters
from rag.wording import ENGLISH, Wording


def searched(absence: Absence, say: Wording = ENGLISH) -> Iterator[str]:
    """Yield what was looked through, in how many articles each word stands, and what of it is near
    the question, also beyond the filters."""
    yield say("searched", facts=" · ".join(_facts(absence, say)))
    if absence.words:
        counted = (f"{say('quoted', words=w.word)} {say.number(w.articles)}" for w in absence.words)
        yield say("words_held", words=" · ".join(counted))
    if not absence.near:
        yield say("nothing_near")
    if absence.outside:
        yield say("outside", n=absence.outside, filters=in_words(absence.filters, say))


def _facts(absence: Absence, say: Wording) -> Iterator[str]:
    n, total = absence.searched, absence.total
    yield say("articles", n=n) if n == total else say("of_articles", n=n, total=total)
    if absence.filters != Filters():
        yield in_words(absence.filters, say)
    if absence.sources:
        yield say("from_sources", n=absence.sources)
    if absence.first and absence.last:
        first, last = say.day(absence.first), say.day(absence.last)
        yield first if first == last else say("span", first=first, last=last)
    if absence.undated:
        yield say("undated_articles", n=absence.undated)


def in_words(filters: Filters, say: Wording = ENGLISH) -> str:
    """Return filters in words, as "Reuters, October 2023"; "" for none."""
    named = [*filters.sources]
    named += (value_of(field, one, say) for field in FIELDS for one in filters.of(field))
    return ", ".join([*named, *_days(filters, say), *[say("one_article")] * bool(filters.article)])


def _days(filters: Filters, say: Wording) -> Iterator[str]:
    """The time that filters leave: a month by its name."""
    first, last = filters.since, filters.until
    ends = calendar.monthrange(first.year, first.month)[1] if first else 0
    if first and first.day == 1 and last == first.replace(day=ends):
        yield say.month(first)
    elif first or last:
        begins, ends_on = (say.day(day) if day else "…" for day in (first, last))
        yield say("span", first=begins, last=ends_on)
