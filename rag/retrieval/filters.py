"""Filters: checked against an index, and resolved to the passages that they allow."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from rag.errors import QuestionError
from rag.index.opened import OpenedIndex
from rag.types import Filters, Note, Rows
from rag.wording import note

Day: TypeAlias = datetime.date | str | None
"""A date, the same as text ("2024-05-31"), or none."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rows of the passages that a search may return (None: all), and notes for the reader."""

    rows: Rows | None = None
    notes: tuple[Note, ...] = ()


def parse_filters(
    index: OpenedIndex,
    sources: Sequence[str] | str | None,
    since: Day,
    until: Day,
    articles: Sequence[str] | str | None,
) -> Filters:
    """Make `Filters` of what a caller gave. Raises QuestionError as `checked` does, and for a date
    that is none."""
    wanted = (sources,) if sources and isinstance(sources, str) else tuple(sources or ())
    listed = (articles,) if isinstance(articles, str) else articles
    ids = None if listed is None else tuple(listed)
    return checked(index, Filters(wanted, _day(since), _day(until), ids))


def checked(index: OpenedIndex, filters: Filters) -> Filters:
    """Return the filters with sources spelt as the index spells them.

    Raises QuestionError for an unknown source or article, and dates in the wrong order.
    """
    first, last = filters.since, filters.until
    if first and last and first > last:
        raise QuestionError(note("dates_backwards", first=str(first), last=str(last)))
    for article_id in filters.articles or ():
        if not index.store.holds(article_id):
            raise QuestionError(note("unknown_article", id=repr(article_id)))
    return replace(filters, sources=_sources(index, filters.sources))


def allowed(index: OpenedIndex, filters: Filters) -> Allowed:
    """Return the passages that `filters` allow."""
    if filters == Filters():
        return Allowed()
    rows, undated = index.store.matching(filters)
    notes = [] if len(rows) else [note("no_article_fits")]
    if undated:
        notes.append(note("undated_left_out", n=undated))
    return Allowed(rows, tuple(notes))


def _sources(index: OpenedIndex, wanted: Sequence[str]) -> tuple[str, ...]:
    if not wanted:
        return ()
    held = index.store.sources()
    known = {source.casefold(): source for source in held} | {source: source for source in held}
    for source in wanted:
        if not {source, source.strip().casefold()} & known.keys():
            known_ones = ", ".join(held) or note("no_sources")
            raise QuestionError(note("unknown_source", source=repr(source), known=known_ones))
    return tuple(known.get(source) or known[source.strip().casefold()] for source in wanted)


def _day(value: Day) -> datetime.date | None:
    if isinstance(value, str):
        try:
            return datetime.datetime.strptime(value.strip(), "%Y-%m-%d").date()
        except ValueError:
            raise QuestionError(note("no_date", text=repr(value))) from None
    return value.date() if isinstance(value, datetime.datetime) else value
