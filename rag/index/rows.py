"""An article as a row of the database, whole."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Sequence
from typing import Any

from rag.text.outside import json_value
from rag.types import Article, Page

COLUMNS = """text TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL,
    author TEXT NOT NULL, published TEXT, url TEXT NOT NULL, language TEXT NOT NULL,
    section TEXT NOT NULL, format TEXT NOT NULL, pages TEXT NOT NULL, partial INTEGER NOT NULL,
    origin TEXT NOT NULL, content_hash TEXT NOT NULL"""
"""The columns of a table of articles after `id`."""
FIELDS = (
    "id, text, title, source, author, published, url, language, section, format, pages, partial, "
    "origin, content_hash"
)
"""All of them, in the order of `to_row`."""
_TEXTS = frozenset(FIELDS.split(", ")) - {"published", "partial"}


def to_row(article: Article) -> tuple[object, ...]:
    """Return the values of `FIELDS`."""
    published = article.published.isoformat() if article.published else None
    return (
        article.id, article.text, article.title, article.source, article.author, published,
        article.url, article.language, article.section, article.format,
        json.dumps([dataclasses.astuple(page) for page in article.pages]), article.partial,
        article.origin, article.content_hash,
    )  # fmt: skip


def to_article(row: Sequence[Any]) -> Article | None:
    """Return the article of a row of `FIELDS`; None where its text is not the one of its hash.

    Raises ValueError or TypeError for values that no article has.
    """
    values = dict(zip(FIELDS.split(", "), row, strict=True))
    if not all(isinstance(values[name], str) for name in _TEXTS):
        raise TypeError("a text is none")  # SQLite keeps bytes in a column of texts, too.
    content_hash = values.pop("content_hash")
    values["published"] = values["published"] and datetime.date.fromisoformat(values["published"])
    values["pages"] = tuple(Page(*page) for page in json_value(values["pages"]))
    values["partial"] = bool(values["partial"])
    article = Article(**values)
    return article if article.content_hash == content_hash else None
