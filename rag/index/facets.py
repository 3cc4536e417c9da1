"""Filters as SQL, and articles counted by what they can be filtered by.

Knows the tables `articles` and `fields` of `rag.index.catalogue`, and nothing of passages.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeAlias

from rag.text.fields import key_of, values_of
from rag.types import FIELDS, Article, Facets, FieldName, Filters

SCHEMA = """
CREATE TABLE fields (
    field TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    article_id TEXT NOT NULL REFERENCES articles (id),
    PRIMARY KEY (field, key, article_id)
) WITHOUT ROWID;
"""

Query: TypeAlias = Callable[..., list[Any]]
"""Runs SQL with its values: `query(sql, *values)`."""
Conditions: TypeAlias = tuple[list[str], list[str]]
"""SQL conditions for articles, all of which have to hold, and their values."""


def rows_of(article: Article) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of an article in the table `fields`."""
    for field in FIELDS:
        for value in values_of(article, field):
            yield field, key_of(value), value, article.id


def conditions(filters: Filters, but: FieldName | Literal["sources", ""] = "") -> Conditions:
    """Return the conditions for what `filters` leave whatever the day, without that for `but`."""
    clauses, values = ["1"], list[str]()
    sources = None if but == "sources" else filters.sources or None
    for column, wanted in (("source", sources), ("articles.id", filters.articles)):
        if wanted is not None:
            clauses.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(wanted)))
    for field in FIELDS:
        if field != but and filters.of(field):
            clauses.append(
                "articles.id IN (SELECT article_id FROM fields WHERE field = ?"
                " AND key IN (SELECT value FROM json_each(?)))"
            )
            values += [field, json.dumps([key_of(value) for value in filters.of(field)])]
    return clauses, values


def days(filters: Filters) -> Conditions:
    """Return the condition for the days of publication; none without such days."""
    first, last = filters.since, filters.until
    if not (first or last):
        return [], []
    ends = [str(first or datetime.date.min), str(last or datetime.date.max)]
    return ["published BETWEEN ? AND ?"], ends


def sources(query: Query) -> dict[str, int]:
    """Return each source with the number of its articles, by name."""
    sql = "SELECT source, count(*) FROM articles WHERE source <> '' GROUP BY 1 ORDER BY 1"
    return dict(query(sql))


def all_facets(query: Query) -> Facets:
    """Return the facets of all articles."""
    by_month = _counted(query, "substr(published, 1, 7)", conditions(Filters()))
    return Facets(
        sum(by_month.values()),
        sources(query),
        {month: by_month.get(month, 0) for month in months(by_month)},
        by_month.get(None, 0),
        **{field: _values(query, field) for field in FIELDS},
    )


def facets(query: Query, filters: Filters, every: Facets) -> Facets:
    """Return how many articles `filters` leave, and how many each other choice would; `every` are
    the facets of all articles."""
    within = days(filters)
    by_month = _counted(query, "substr(published, 1, 7)", conditions(filters))
    by_source = _counted(query, "source", conditions(filters, "sources"), within)
    left = _counted(query, "1", conditions(filters), within)
    return Facets(
        sum(left.values()),
        {name: by_source.get(name, 0) for name in every.sources},
        {month: by_month.get(month, 0) for month in every.months},
        by_month.get(None, 0),
        **{field: _field(query, field, filters, every.of(field)) for field in FIELDS},
    )


def span(query: Query, filters: Filters) -> tuple[str, str]:
    """Return the first and the last day of publication of what `filters` leave, in ISO format; ""
    where no article has one."""
    clauses, values = joined(conditions(filters), days(filters))
    sql = "SELECT coalesce(min(published), ''), coalesce(max(published), '') FROM articles"
    first, last = query(f"{sql} WHERE {clauses}", *values)[0]
    return first, last


def months(dated: Iterable[str | None]) -> Iterator[str]:
    """Every month from the first of those given to the last, as "2017-03"."""
    known = sorted(month for month in dated if month)
    if known:
        first, last = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (known[0], known[-1]))
        yield from (f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1))


def _values(query: Query, field: FieldName) -> dict[str, int]:
    """Each value of a field with the number of its articles, those of most first.

    One that is spelt in several ways is spelt as most articles have it, in doubt in mixed case.
    """
    spelt = query("SELECT key, value, count(*) FROM fields WHERE field = ? GROUP BY 1, 2", field)
    counted: Counter[str] = Counter()
    best: dict[str, tuple[int, bool, str]] = {}
    for key, value, n in spelt:
        counted[key] += n
        mixed = value[:1].isupper() and not value.isupper()
        best[key] = max(best.get(key, (0, False, "")), (n, mixed, value))
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return {best[key][2]: n for key, n in ranked}


def _field(
    query: Query, field: FieldName, filters: Filters, known: Iterable[str]
) -> dict[str, int]:
    """The `known` values of a field, each with its articles under the filters but those of the
    field."""
    clauses, wanted = joined(conditions(filters, field), days(filters))
    found = query(
        "SELECT key, count(*) FROM fields WHERE field = ? AND article_id IN"
        f" (SELECT id FROM articles WHERE {clauses}) GROUP BY key",
        field,
        *wanted,
    )
    counted = dict(found)
    return {value: counted.get(key_of(value), 0) for value in known}


def _counted(query: Query, column: str, *wanted: Conditions) -> dict[str | None, int]:
    """The number of articles that fit the conditions, by the value of `column`."""
    clauses, ends = joined(*wanted)
    sql = f"SELECT {column}, count(*) FROM articles WHERE {clauses} GROUP BY {column}"
    return dict(query(sql, *ends))


def joined(*wanted: Conditions) -> tuple[str, list[str]]:
    """Return several conditions as one, and their values."""
    clauses = [clause for one, _ in wanted for clause in one]
    return " AND ".join(clauses), [value for _, ends in wanted for value in ends]
