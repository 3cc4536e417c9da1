"""The earlier texts of articles that changed: a table of the database, and what a build adds to it.

Knows nothing of passages: no search finds an earlier text.
"""

from __future__ import annotations

import dataclasses
import datetime
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from rag.index.rows import COLUMNS, FIELDS, to_article, to_row
from rag.types import Article, Changes, Version

SCHEMA = f"""
CREATE TABLE versions (
    current TEXT NOT NULL REFERENCES articles (id), replaced TEXT NOT NULL,
    id TEXT NOT NULL, {COLUMNS}
);
CREATE INDEX versions_by_current ON versions (current);
CREATE INDEX versions_by_id ON versions (id);
CREATE INDEX versions_by_hash ON versions (content_hash);
"""
_MOST = 20
"""Earlier texts that are kept of one article: a live page may change every hour."""
_ALL = f"SELECT current, replaced, {FIELDS} FROM versions"
_NEWEST = "ORDER BY replaced DESC, rowid"
Query = Callable[..., Sequence[Any]]
"""Runs SQL with values, and returns the rows."""


def write(database: sqlite3.Connection, versions: Iterable[Version]) -> None:
    """Write the table."""
    places = ", ".join("?" * (2 + len(FIELDS.split(", "))))
    database.executemany(
        f"INSERT INTO versions VALUES ({places})",
        ((one.current, one.replaced.isoformat(), *to_row(one.article)) for one in versions),
    )


def every(query: Query) -> list[Version]:
    """Return all earlier texts, the last replaced first."""
    return list(_read(query(f"{_ALL} {_NEWEST}")))


def of_article(query: Query, article_id: str) -> tuple[Version, ...]:
    """Return the earlier texts of an article, which may be named by the id of one of them, the
    last replaced first."""
    named = "current = ? OR current IN (SELECT current FROM versions WHERE id = ?)"
    return tuple(_read(query(f"{_ALL} WHERE {named} {_NEWEST}", article_id, article_id)))


def with_hash(query: Query, content_hash: str) -> Version | None:
    """Return an earlier text by its SHA-256, or None."""
    found = _read(query(f"{_ALL} WHERE content_hash = ? {_NEWEST} LIMIT 1", content_hash))
    return next(found, None)


def after(
    before: Sequence[Version],
    changes: Changes,
    article: Callable[[str], Article],
    now: Callable[[str], Article | None],
    today: datetime.date,
) -> list[Version]:
    """Return the earlier texts of the articles that are there now, the last replaced first.

    `before` are those that were kept, `changes` say what became of the articles, and `article`
    gives one that was there, `now` one that is.
    """
    renamed = dict(changes.changed)
    new = [Version(article(old), today, current) for old, current in renamed.items()]
    kept = (dataclasses.replace(v, current=renamed.get(v.current, v.current)) for v in before)
    found: dict[str, dict[tuple[str, str], Version]] = {}
    for one in (*new, *kept):
        current = now(one.current)
        if current is None or _key(current) == _key(one.article):
            continue
        of_this = found.setdefault(one.current, {})
        if len(of_this) < _MOST:
            of_this.setdefault(_key(one.article), one)
    return [one for of_one in found.values() for one in of_one.values()]


def _key(article: Article) -> tuple[str, str]:
    return article.id, article.content_hash


def _read(rows: Iterable[Any]) -> Iterator[Version]:
    for current, replaced, *fields in rows:
        if article := to_article(fields):  # An altered text is no evidence.
            yield Version(article, datetime.date.fromisoformat(replaced), current)
