"""Filters: checked against an index, and resolved to the passages that they allow."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from typing_extensions import TypedDict, Unpack  # Before Python 3.11 `typing` has no `Unpack`.

from rag.errors import QuestionError
from rag.index.opened import OpenedIndex
from rag.text.fields import key_of, language_of
from rag.types import FIELDS, FieldName, Filters, Note, Rows
from rag.wording import note

Day: TypeAlias = datetime.date | str | None
"""A date, the same as text ("2024-05-31"), or none."""
Names: TypeAlias = Sequence[str] | str | None
"""One name, several or none."""
_NAMED = 12
"""Values that an error names."""
_UNKNOWN: dict[FieldName, str] = {
    "authors": "unknown_author",
    "sections": "unknown_section",
    "languages": "unknown_language",
    "formats": "unknown_format",
}


class Fields(TypedDict, total=False):
    """The arguments for the fields of `rag.types.FIELDS`: only articles with one of the values."""

    authors: Names
    sections: Names
    languages: Names
    formats: Names


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rows of the passages that a search may return (None: all), notes for the reader, and the
    filters that leave them."""

    rows: Rows | None = None
    notes: tuple[Note, ...] = ()
    filters: Filters = Filters()  # noqa: RUF009 (it is frozen)


def parse_filters(
    index: OpenedIndex,
    sources: Names,
    since: Day,
    until: Day,
    articles: Names,
    **fields: Unpack[Fields],
) -> Filters:
    """Make `Filters` of what a caller gave. Raises QuestionError as `checked` does, and for a date
    that is none."""
    listed = (articles,) if isinstance(articles, str) else articles
    ids = None if listed is None else tuple(listed)
    named = {name: _listed(fields.get(name)) for name in FIELDS}
    return checked(index, Filters(_listed(sources), _day(since), _day(until), ids, **named))


def checked(index: OpenedIndex, filters: Filters) -> Filters:
    """Return the filters with sources and other values spelt as the index spells them.

    Raises QuestionError for an unknown source, value or article, and dates in the wrong order.
    """
    first, last = filters.since, filters.until
    if first and last and first > last:
        raise QuestionError(note("dates_backwards", first=str(first), last=str(last)))
    for article_id in filters.articles or ():
        if not index.store.holds(article_id):
            raise QuestionError(note("unknown_article", id=repr(article_id)))
    fields = {field: _values(index, field, filters.of(field)) for field in FIELDS}
    return Filters(_sources(index, filters.sources), first, last, filters.articles, **fields)


def allowed(index: OpenedIndex, filters: Filters) -> Allowed:
    """Return the passages that `filters` allow."""
    if filters == Filters():
        return Allowed()
    rows, undated = index.store.matching(filters)
    notes = [] if len(rows) else [note("no_article_fits")]
    if undated:
        notes.append(note("undated_left_out", n=undated))
    return Allowed(rows, tuple(notes), filters)


def _sources(index: OpenedIndex, wanted: Sequence[str]) -> tuple[str, ...]:
    if not wanted:
        return ()
    held = index.store.sources()
    known = {source.casefold(): source for source in held} | {source: source for source in held}
    for source in wanted:
        if not {source, source.strip().casefold()} & known.keys():
            raise _unknown("unknown_source", source, held)
    return tuple(known.get(source) or known[source.strip().casefold()] for source in wanted)


def _values(index: OpenedIndex, field: FieldName, wanted: Sequence[str]) -> tuple[str, ...]:
    """The values of a field that are asked for, each once."""
    if not wanted:
        return ()
    held = index.store.values(field)
    known = {key_of(value): value for value in held}
    keys = [key_of(language_of(one) if field == "languages" else one) for one in wanted]
    for value, key in zip(wanted, keys, strict=True):
        if key not in known:
            raise _unknown(_UNKNOWN[field], value, held)
    return tuple(dict.fromkeys(known[key] for key in keys))


def _unknown(key: str, wanted: str, held: Mapping[str, int]) -> QuestionError:
    """The error for a value that no article has: it names those that there are, or are like it."""
    most = sorted(held, key=lambda value: -held[value])
    if len(most) > _NAMED:
        words = set(key_of(wanted).split())
        alike = [value for value in most if words & set(key_of(value).split())]
        alike += difflib.get_close_matches(wanted, most, _NAMED)
        most = list(dict.fromkeys([*alike, *most]))[:_NAMED]
    named = ", ".join(sorted(most)) or note("no_sources")
    if len(most) < len(held):
        named = note("named_and_more", named=named, n=len(held) - len(most))
    asked = {key.removeprefix("unknown_"): repr(wanted)}
    return QuestionError(note(key, known=named, **asked))


def _listed(names: Names) -> tuple[str, ...]:
    return (names,) if names and isinstance(names, str) else tuple(names or ())


def _day(value: Day) -> datetime.date | None:
    if isinstance(value, str):
        try:
            return datetime.datetime.strptime(value.strip(), "%Y-%m-%d").date()
        except ValueError:
            raise QuestionError(note("no_date", text=repr(value))) from None
    return value.date() if isinstance(value, datetime.datetime) else value
