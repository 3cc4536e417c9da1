"""What was removed from an index for good: ids and hashes of texts, and no text.

Each snapshot holds the list, so that neither a rollback nor a build brings an article back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from rag.index import snapshot
from rag.index.manifest import REMOVED
from rag.types import Article


@dataclass(frozen=True, slots=True)
class Removed:
    """Articles that are not to come back: `ids` and SHA-256 of texts."""

    ids: frozenset[str] = frozenset()
    hashes: frozenset[str] = frozenset()

    def bars(self, article: Article) -> bool:
        """Whether an article was removed, by its id or its text."""
        return article.id in self.ids or article.content_hash in self.hashes

    def also(self, articles: Iterable[Article]) -> Removed:
        """Return these and `articles`."""
        found = list(articles)
        ids = self.ids.union(article.id for article in found)
        return Removed(ids, self.hashes.union(article.content_hash for article in found))

    def without(self, articles: Iterable[Article]) -> Removed:
        """Return these but for `articles`."""
        found = list(articles)
        ids = self.ids.difference(article.id for article in found)
        return Removed(ids, self.hashes.difference(article.content_hash for article in found))

    def to_bytes(self) -> bytes:
        """Return the file of a snapshot that holds them."""
        values = {"ids": sorted(self.ids), "hashes": sorted(self.hashes)}
        return (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode()


_REMOVED = TypeAdapter(Removed)


def read(home: Path) -> Removed:
    """Return what was removed from the index in `home`, also from a damaged one or one of another
    format, as far as it can be read."""
    for folder in snapshot.folders(home):
        try:
            return _REMOVED.validate_json((folder / REMOVED).read_bytes())
        except (OSError, ValueError):
            continue
    return Removed()
