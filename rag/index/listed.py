"""Lists of articles, put in order, cut into pages and counted by SQLite, which reads an index for
that, and no text.

Of the table `articles` of `rag.index.catalogue` it knows the columns that this index has.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rag.index.facets import Query
from rag.index.record import Entry
from rag.types import Sort

_COLUMNS = "articles.id, title, source, author, coalesce(published, ''), report"
_NEWEST = "published DESC, source, title, articles.id"
# What a title may begin with that does not count.
_MARKS = string.whitespace + string.punctuation + "“”‘’«»‹›„¿¡…–—•·"
_ORDERS: Mapping[Sort, str] = {
    "newest": _NEWEST,
    "oldest": "published, source DESC, title DESC, articles.id DESC",
    "source": f"source = '', lower(source), {_NEWEST}",
    "title": f"title = '', ltrim(lower(title), ?), {_NEWEST}",
}
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # As SQLite's.


class Tallied(NamedTuple):
    """How many articles of a list are from each source and of each month ("2017-03"); "" of those
    without."""

    sources: dict[str, int]
    months: dict[str, int]

    @property
    def articles(self) -> int:
        return sum(self.sources.values())


def page(
    query: Query, where: str, values: Sequence[str], sort: Sort, start: int, stop: int | None
) -> list[Entry]:
    """Return the articles from `start` to before `stop` (None: all) of those that a condition
    leaves, in an order."""
    if sort != "oldest":
        return _page(query, where, values, sort, start, stop)
    # The undated ones follow, in a query of their own: so SQLite reads its index backwards.
    dated = f"published IS NOT NULL AND {where}"
    found = _page(query, dated, values, sort, start, stop)
    if stop is not None and len(found) == stop - start:
        return found
    ((n,),) = query(f"SELECT count(*) FROM articles WHERE {dated}", *values)
    last = None if stop is None else max(stop - n, 0)
    undated = f"published IS NULL AND {where}"
    return found + _page(query, undated, values, sort, max(start - n, 0), last)


def _page(
    query: Query, where: str, values: Sequence[str], sort: Sort, start: int, stop: int | None
) -> list[Entry]:
    marks = (_MARKS,) if sort == "title" else ()
    limit = -1 if stop is None else max(stop - start, 0)
    sql = f"SELECT {_COLUMNS} FROM articles WHERE {where} ORDER BY {_ORDERS[sort]} LIMIT ? OFFSET ?"
    return [Entry(*fields) for fields in query(sql, *values, *marks, limit, start)]


def tally(query: Query, where: str, values: Sequence[str]) -> Tallied:
    """Count the articles that a condition leaves, by source and by month."""
    month = "coalesce(substr(published, 1, 7), '')"
    sql = f"SELECT source, {month}, count(*) FROM articles WHERE {where} GROUP BY 1, 2"
    found = Tallied({}, {})
    for source, month, n in query(sql, *values):
        found.sources[source] = found.sources.get(source, 0) + n
        found.months[month] = found.months.get(month, 0) + n
    return found


def in_order(entries: Iterable[Entry], sort: Sort = "newest") -> list[Entry]:
    """Return articles of several lists in the order of one, as SQLite has it."""
    found = sorted(entries, key=lambda one: (one.source, one.title, one.id))
    found.sort(key=lambda one: one.published, reverse=True)
    if sort == "oldest":
        dated = sum(bool(one.published) for one in found)
        return [*found[:dated][::-1], *found[dated:][::-1]]
    if sort == "source":
        found.sort(key=lambda one: (not one.source, one.source.translate(_LOWER)))
    if sort == "title":
        found.sort(key=lambda one: (not one.title, one.title.translate(_LOWER).lstrip(_MARKS)))
    return found
