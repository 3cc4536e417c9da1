"""The words of all articles as an index of SQLite's (FTS5): which articles fit a search.

It keeps where each word stands, so that phrases are exact, and no text. The words are those of
`rag.text.words`, between blanks, so FTS5 itself has nothing to decide. Of the table `articles`
of `rag.index.catalogue` it knows the row, title and text of each.
"""

from __future__ import annotations

import sqlite3

from rag.index.boolean import Search
from rag.index.facets import Conditions
from rag.text.words import Term, words

_TABLE = (
    "CREATE VIRTUAL TABLE {}search USING fts5(title, text, content='', columnsize=0,"
    " tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'\")"
)
SCHEMA = _TABLE.format("") + ";"
_INSERT = "INSERT INTO {}search (rowid, title, text) VALUES (?, ?, ?)"


def write(database: sqlite3.Connection, row: int, title: str, text: str, into: str = "") -> None:
    """Add the words of the article in row `row` of its table."""
    values = (row, " ".join(words(title)), " ".join(words(text)))
    database.execute(_INSERT.format(into), values)


def prepare(database: sqlite3.Connection) -> bool:
    """See that there is an index of words. A snapshot of an older Byline has none: it gets one
    in memory, which takes a while. Returns True, as it is there then."""
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'search'").fetchone():
        return True
    database.execute("ATTACH ':memory:' AS made")
    database.execute(_TABLE.format("made."))
    for row, title, text in database.execute("SELECT rowid, title, text FROM articles"):
        write(database, row, title, text, "made.")
    return True


def condition(search: Search) -> Conditions:
    """Return the condition in SQL for the articles that fit, and its value. (By the "+" SQLite goes
    through its list of articles, and not from each that fits to its text.)"""
    chosen = "+articles.rowid IN (SELECT rowid FROM search WHERE search MATCH ?)"
    return [chosen], [_match(search)]


def _match(search: Search) -> str:
    """A search in the language of FTS5. Every word is in quotation marks, and none has one."""
    if isinstance(search, Term):
        return f'"{" ".join(search.words)}"' + " *" * search.begins
    return "(" + f" {search.how} ".join(map(_match, search.parts)) + ")"
