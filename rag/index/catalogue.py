"""The catalogue of a snapshot: its articles, and where their passages are, in SQLite.

Knows nothing of vectors. Passages have the numbers of their rows.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import SnapshotError, first_line
from rag.index import facets, listed, search, versions
from rag.index.boolean import Search
from rag.index.common import Common, by_origin
from rag.index.from_elsewhere import open_database
from rag.index.listed import Tallied
from rag.index.record import Compared, Embedded, Entry, Record
from rag.index.rows import COLUMNS, FIELDS, to_article, to_row
from rag.index.snapshot import damaged
from rag.types import (
    Article,
    Days,
    Facets,
    FieldName,
    Filters,
    Passage,
    Rows,
    Sort,
    Vectors,
    Version,
)

_ARTICLES_KEPT = 512
_MOST_NAMED = 1000
"""Sources, or articles, that stand for rows: more are longer than these."""
_LONGEST = 2**31  # Characters of an article.
_SCHEMA = f"""
CREATE TABLE articles (
    id TEXT PRIMARY KEY, {COLUMNS},
    report TEXT NOT NULL REFERENCES articles (id), added TEXT
);
CREATE TABLE sketches (
    article_id TEXT PRIMARY KEY REFERENCES articles (id), hashes BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE origins (
    article_id TEXT NOT NULL REFERENCES articles (id), origin TEXT NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles (id),
    start INTEGER NOT NULL, stop INTEGER NOT NULL
);
CREATE INDEX articles_by_source ON articles (source, published);
CREATE INDEX articles_by_id ON articles (id, source, published);
CREATE INDEX articles_listed ON articles (published DESC, source, title, id, author, report);
CREATE INDEX articles_by_hash ON articles (content_hash);
CREATE INDEX origins_by_article ON origins (article_id);
CREATE INDEX passages_by_article ON passages (article_id);
{facets.SCHEMA}{versions.SCHEMA}{search.SCHEMA}"""


def write(
    path: Path, articles: Iterable[Article], passages: Iterable[Passage], compared: Compared
) -> int:
    """Write a new database of articles and passages, and return how many passages there are.
    Raises sqlite3.Error where it cannot."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        # What a killed build leaves is thrown away, and what is whole is synced with its snapshot.
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        for number, article in enumerate(articles, start=1):
            report = compared.reports.get(article.id, article.id)
            row = (*to_row(article), report, compared.added.get(article.id))
            database.execute(f"INSERT INTO articles VALUES ({', '.join('?' * 16)})", row)
            search.write(database, number, article.title, article.text)
            database.executemany("INSERT INTO fields VALUES (?, ?, ?, ?)", facets.rows_of(article))
        database.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?)",
            ((row, p.article_id, p.start, p.end) for row, p in enumerate(passages)),
        )
        places = ((id, place) for id, found in compared.origins.items() for place in found)
        database.executemany("INSERT INTO origins VALUES (?, ?)", places)
        versions.write(database, compared.versions)
        database.executemany(
            "INSERT INTO sketches VALUES (?, ?)",
            ((id, one.astype("<u4").tobytes()) for id, one in compared.sketches.items()),
        )
        database.commit()
        count: int = database.execute("SELECT count(*) FROM passages").fetchone()[0]
        return count


class Catalogue:
    """Reads the database that `write` made; it is held open and can be removed meanwhile.

    Safe to share between threads.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        try:
            self._database = open_database(path, _SCHEMA)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise self._unreadable(error) from error
        self._lock, self._searchable = threading.Lock(), False
        # Of every passage: the number of its source in the list, and its day (0 for none).
        self._sources: list[str] = []
        with self._reading():
            self._source_of, self._day_of = self._origins()
        self._articles: dict[str, Article] = {}

    def __len__(self) -> int:
        return len(self._source_of)

    def named(self, sources: Collection[str], times: Iterable[Days]) -> Vectors:
        """Return for every passage, shape (n,), 1 if it is from one of `sources`, and 1 more if
        it was published at one of `times` (first and last day)."""
        wanted = [number for number, name in enumerate(self._sources) if name in sources]
        found = np.isin(self._source_of, wanted)
        dated = np.zeros(len(self), bool)
        for first, last in times:
            dated |= (first.toordinal() <= self._day_of) & (self._day_of <= last.toordinal())
        return found.astype(np.float32) + dated

    def common(self, rows: Rows) -> Common | None:
        """Return what the passages `rows`, each named once, have in common and no others; None
        where that is nothing short."""
        if not len(rows):
            return None
        if found := by_origin(rows, self._sources, self._source_of, self._day_of):
            return found if len(found.sources) <= _MOST_NAMED else None
        articles = sorted(self.articles_of(rows))
        if len(articles) > _MOST_NAMED:
            return None
        ((count,),) = self._query(
            "SELECT count(*) FROM passages WHERE article_id IN (SELECT value FROM json_each(?))",
            json.dumps(articles),
        )
        return Common(articles=tuple(articles)) if count == len(rows) else None

    def passages(self, rows: Iterable[int]) -> list[Passage]:
        """Return the passages of `rows`, in that order."""
        found = []
        with self._reading():
            for row in rows:
                ((article_id, start, stop),) = self._query(
                    "SELECT article_id, start, stop FROM passages WHERE row = ?", int(row)
                )
                text = self.article(article_id).text[start:stop]
                found.append(Passage(article_id, start, stop, text))
        return found

    def article(self, article_id: str) -> Article:
        """As `_article`; those read lately are kept, and go with the catalogue."""
        article = self._articles.get(article_id)
        if article is None:
            article = self._article(article_id)
            if len(self._articles) >= _ARTICLES_KEPT:
                self._articles = {}
            self._articles[article_id] = article
        return article

    def _article(self, article_id: str) -> Article:
        """Return an article whose text matches the hash it was stored with.

        Raises KeyError when there is none with this id.
        """
        rows = self._query(f"SELECT {FIELDS} FROM articles WHERE id = ?", article_id)
        if not rows:
            raise KeyError(article_id)
        with self._reading():
            article = to_article(rows[0])
        if article is None:
            raise damaged(self._folder, f"the text of article {article_id} was altered")
        return article

    def entries(self, rows: Rows | None = None) -> list[Entry]:
        """Return the articles of the passages `rows` (None: all), newest first, undated last."""
        if rows is None:
            return list(self._entries.values())
        held = self.articles_of(rows)
        return [entry for entry in self._entries.values() if entry.id in held]

    def find(
        self,
        wanted: Search | None,
        filters: Filters = Filters(),  # noqa: B008
        sort: Sort = "newest",
        start: int = 0,
        stop: int | None = None,
    ) -> list[Entry]:
        """Return the articles from `start` to before `stop` (None: all) of those that fit a search
        (None: any) and that `filters` leave, in an order; undated ones come last by day."""
        return listed.page(self._query, *self._fitting(wanted, filters), sort, start, stop)

    def tally(self, wanted: Search | None, filters: Filters = Filters()) -> Tallied:  # noqa: B008
        """Count the articles that `find` returns, by source and by month."""
        return listed.tally(self._query, *self._fitting(wanted, filters))

    def _fitting(self, wanted: Search | None, filters: Filters) -> tuple[str, list[str]]:
        """The condition in SQL for what fits a search and what `filters` leave, and its values."""
        conditions = [facets.conditions(filters), facets.days(filters)]
        if wanted:
            try:
                with self._lock:
                    self._searchable = self._searchable or search.prepare(self._database)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                raise self._unreadable(error) from error
            conditions.append(search.condition(wanted))
        return facets.joined(*conditions)

    @functools.cached_property
    def _entries(self) -> dict[int, Entry]:
        """All articles by their rows, newest first, undated last."""
        found = self._query(
            "SELECT rowid, id, title, source, author, coalesce(published, ''), report"
            " FROM articles ORDER BY published DESC, source, title, id"
        )
        return {row: Entry(*fields) for row, *fields in found}

    def articles_of(self, rows: Rows) -> set[str]:
        """Return the ids of the articles of the passages `rows`."""
        chosen = "SELECT DISTINCT article_id FROM passages WHERE row IN"
        values = json.dumps(rows.tolist())
        found = self._query(f"{chosen} (SELECT value FROM json_each(?))", values)
        return {article_id for (article_id,) in found}

    def holds(self, article_id: str) -> bool:
        """Whether there is an article with this id."""
        return bool(self._query("SELECT 1 FROM articles WHERE id = ?", article_id))

    def report(self, article_id: str) -> str:
        """Return the id of the report that an article is a copy of: its own, if of none.

        Articles with one report are copies of one text. Raises KeyError when there is none with
        this id.
        """
        rows = self._query("SELECT report FROM articles WHERE id = ?", article_id)
        if not rows:
            raise KeyError(article_id)
        return str(rows[0][0])

    def hashes(self, like: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the content hash of every article by its id; with `like`, hashes by id as well,
        only of articles that have one of its ids or one of its hashes."""
        if like is None:
            return dict(self._query("SELECT id, content_hash FROM articles"))
        found = self._query(
            "SELECT id, content_hash FROM articles WHERE id IN (SELECT value FROM json_each(?))"
            " OR content_hash IN (SELECT value FROM json_each(?))",
            *(json.dumps(list(values)) for values in (like, like.values())),
        )
        return dict(found)

    def articles(self) -> Iterator[Article]:
        """Yield every article, by id."""
        for (article_id,) in self._query("SELECT id FROM articles ORDER BY id"):
            yield self._article(article_id)

    def origins(self) -> dict[str, tuple[str, ...]]:
        """Return the further origins of the articles, by id, that were read more than once."""
        found: dict[str, tuple[str, ...]] = {}
        for id, origin in self._query("SELECT article_id, origin FROM origins ORDER BY rowid"):
            found[id] = (*found.get(id, ()), origin)
        return found

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """As `rag.index.versions.of_article`."""
        with self._reading():
            return versions.of_article(self._query, article_id)

    def version(self, content_hash: str) -> Version | None:
        """As `rag.index.versions.with_hash`."""
        with self._reading():
            return versions.with_hash(self._query, content_hash)

    def every_version(self) -> list[Version]:
        """As `rag.index.versions.every`."""
        with self._reading():
            return versions.every(self._query)

    def records(self) -> dict[str, Record]:
        """Return by its id what a build takes over of each article."""
        rows = self._query(
            "SELECT id, content_hash, title, source, coalesce(published, ''), report, added,"
            " hashes FROM articles LEFT JOIN sketches ON article_id = id"
        )
        spans = self._query(
            "SELECT article_id, row, start, stop, typeof(start), typeof(stop) FROM passages"
            " ORDER BY row"
        )
        with self._reading():
            found = {
                id: Record(Embedded(*embedded), report, added, np.frombuffer(hashes or b"", "<u4"))
                for id, *embedded, report, added, hashes in rows
            }
            for id, row, start, stop, *kinds in spans:
                if kinds != ["integer", "integer"] or not 0 <= start < stop < _LONGEST:
                    raise ValueError(f"a passage cannot span {start}:{stop}")
                found[id].passages.append((row, start, stop))
            return found

    def years(self) -> list[int]:
        """Return the years in which articles were published."""
        years = self._query("SELECT DISTINCT substr(published, 1, 4) FROM articles")
        with self._reading():
            return sorted(int(year) for (year,) in years if year)

    def sources(self) -> dict[str, int]:
        """Return each source with the number of its articles, by name."""
        return facets.sources(self._query)

    def values(self, field: FieldName) -> dict[str, int]:
        """Return each value of a field with the number of its articles, those of most first."""
        return dict(self._every.of(field))

    def matching(self, filters: Filters) -> tuple[Rows, int]:
        """Return the rows that `filters` leave, and the number of articles that a date filter
        leaves out because they have no date."""
        clauses, values = facets.conditions(filters)
        undated = 0
        days, ends = facets.days(filters)
        if days:
            where = " AND ".join([*clauses, "published IS NULL"])
            undated = self._query(f"SELECT count(*) FROM articles WHERE {where}", *values)[0][0]
            clauses, values = [*clauses, *days], [*values, *ends]
        rows = self._query(
            "SELECT row FROM passages WHERE article_id IN"
            f" (SELECT id FROM articles WHERE {' AND '.join(clauses)})",
            *values,
        )
        return np.sort(np.array([row for (row,) in rows], np.int64)), undated

    def facets(self, filters: Filters) -> Facets:
        """Return how many articles `filters` leave, and how many each other choice would."""
        if filters == Filters():
            return self._every
        with self._reading():
            return facets.facets(self._query, filters, self._every)

    def span(self, filters: Filters) -> tuple[str, str]:
        """Return the first and the last day of what `filters` leave ("2023-10-01"), or ""."""
        return facets.span(self._query, filters)

    @functools.cached_property
    def _every(self) -> Facets:
        """The facets of all articles."""
        with self._reading():
            return facets.all_facets(self._query)

    def _origins(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The source and the day of every passage; those of one article follow each other."""
        found = self._query(
            "SELECT source, published, min(row) AS first, count(*) FROM passages"
            " JOIN articles ON article_id = articles.id GROUP BY article_id ORDER BY first"
        )
        numbers: dict[str, int] = {}
        source_of = [numbers.setdefault(source, len(numbers)) for source, *_ in found]
        self._sources = list(numbers)
        ordinals = {
            day: datetime.date.fromisoformat(day).toordinal() for _, day, *_ in found if day
        }
        day_of = [ordinals.get(day, 0) for _, day, *_ in found]
        first, counts = np.array([row[2:] for row in found], np.int64).reshape(-1, 2).T
        if not np.array_equal(first, np.cumsum(counts) - counts):
            raise ValueError("the passages of an article do not follow each other")
        of_article = np.array([source_of, day_of], np.int32)
        of_passage = np.repeat(of_article, counts, axis=1)
        return of_passage[0], of_passage[1]

    def _query(self, sql: str, *values: object) -> list[Any]:
        try:
            with self._lock:
                return self._database.execute(sql, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Values that are taken from the database, of which a flipped bit makes others."""
        try:
            yield
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> SnapshotError:
        return damaged(self._folder, f"it cannot be read ({first_line(error)})")
