"""Parse metadata.csv, which fills and corrects the fields of saved pages.

Owns its columns and what a row changes of an article. Knows nothing of pages. A row that cannot be
used is a failure; the others are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.ingest.failure import Failure
from rag.ingest.fields import read_fields
from rag.ingest.tables.csv_file import Dialect, dialect_of, rows
from rag.text.outside import whole_number
from rag.types import Article, Note
from rag.wording import note

NAME = "metadata.csv"
COLUMNS = (
    "file", "ordinal", "title", "source", "author", "published", "url", "language", "section",
)  # fmt: skip


class Row(NamedTuple):
    """One row: the article that it is about, by ordinal, and the fields that it gives."""

    line: int
    file: str
    ordinal: int | None
    fields: dict[str, object]


class Metadata:
    """The rows of one metadata.csv, called `name`; `files` maps each file named to its line."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.failures: list[Failure] = []
        self._rows: dict[str, list[Row]] = {}
        for row in self._read(text):
            rows = self._rows.setdefault(row.file, [])
            if any((row.ordinal or 1) == (other.ordinal or 1) for other in rows):
                self._fail(row.line, note("second_row", file=row.file))
            else:
                rows.append(row)
        self.files = {file: rows[0].line for file, rows in self._rows.items()}

    def rows(self, file: str) -> Sequence[Row]:
        """The rows for a file."""
        return self._rows.get(file, ())

    def apply(self, file: str, articles: list[Article]) -> tuple[list[Article], list[Failure]]:
        """`articles` of one file, with what the rows say, and the rows that fit none of them."""
        failures: list[Failure] = []
        by_ordinal = {_ordinal(article, file, n + 1): n for n, article in enumerate(articles)}
        articles = list(articles)
        for row in self.rows(file):
            n = by_ordinal.get(row.ordinal or 1)
            count = note("articles_in_file", file=file, n=len(articles))
            if row.ordinal is None and len(articles) > 1:
                failures.append(self._failure(row.line, note("ordinal_missing", count=count)))
            elif n is None:
                ordinal = str(row.ordinal or 1)
                unknown = note("ordinal_unknown", count=count, ordinal=ordinal)
                failures.append(self._failure(row.line, unknown))
            else:
                articles[n] = _corrected(articles[n], row.fields)
        return articles, failures

    def reject(self, file: str, reason: Note) -> Failure:
        """The failure of the rows for a file that does not exist."""
        return self._failure(self.files[file], reason)

    def _read(self, text: str) -> Iterator[Row]:
        names: list[str] = []
        for line, found in rows(text, dialect_of(text, _known) or Dialect(",")):
            if isinstance(found, Note):
                self._fail(line, found)
                continue
            cells = [cell.strip() for cell in found]
            if not any(cells):
                continue
            if not names:
                names = [cell.lower() for cell in cells]
                self._check_header(line, names)
            elif len(cells) > len(names):
                counts = {"cells": str(len(cells)), "columns": str(len(names))}
                self._fail(line, note("over_columns", **counts))
            elif row := self._row(line, dict(zip(names, cells, strict=False))):
                yield row

    def _check_header(self, line: int, names: list[str]) -> None:
        known = note("known_columns", columns=", ".join(COLUMNS))
        for name in names:
            if name not in COLUMNS:
                self._fail(line, note("unknown_column", column=ascii(name), known=known))
        if "file" not in names:
            self._fail(line, note("no_file_column", known=known))

    def _row(self, line: int, cells: dict[str, str]) -> Row | None:
        file, ordinal = cells.get("file", ""), cells.get("ordinal", "")
        if not file:
            if "file" in cells:
                self._fail(line, note("no_file_named"))
            return None
        number = whole_number(ordinal)
        if ordinal and not number:
            self._fail(line, note("ordinal_unfit", ordinal=ascii(ordinal[:40])))
            return None
        fields, problems = read_fields({name: cells.get(name) for name in COLUMNS[2:]})
        for problem in problems:
            self._fail(line, problem)
        return Row(line, file, number, fields)

    def _fail(self, line: int, reason: Note) -> None:
        self.failures.append(self._failure(line, reason))

    def _failure(self, line: int, reason: Note) -> Failure:
        return Failure(self.name, note("at_line", line=str(line), problem=reason))


def _known(header: Sequence[str]) -> int:
    """How many columns of a header there may be; 0 without the one that every row needs."""
    names = {cell.strip().lower() for cell in header}
    return len(names.intersection(COLUMNS)) if "file" in names else 0


def _ordinal(article: Article, file: str, place: int) -> int:
    """The ordinal in an article's origin, else its place among those of the file, whose own name
    may end like an ordinal."""
    _, marked, ordinal = article.origin.rpartition("#")
    number = whole_number(ordinal) if marked and not article.origin.endswith(file) else None
    return place if number is None else number


def _corrected(article: Article, fields: dict[str, object]) -> Article:
    derived = replace(article, id="").id == article.id
    # An id that was derived from the fields has to follow them.
    return replace(article, **{**fields, **({"id": ""} if derived else {})})  # type: ignore[arg-type]
