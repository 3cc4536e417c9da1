"""Which articles an index is to have: those that are given, those that stay, and none removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from rag.errors import InputError
from rag.index import removed
from rag.index.compare import compare
from rag.index.earlier import Earlier
from rag.index.removed import Removed
from rag.types import Article
from rag.wording import note


class Wanted(NamedTuple):
    """The articles, of distinct ids; where those were read that were added to the index; the
    further places of those that came more than once; and what was removed for good."""

    articles: list[Article]
    added: Mapping[str, str]
    origins: Mapping[str, tuple[str, ...]]
    removed: Removed


def wanted(articles: Iterable[Article], home: Path, earlier: Earlier | None, adds: bool) -> Wanted:
    """Return what an index in `home` is to have, on which `earlier` is in force.

    `adds`: whether `articles` come to those that are there, replacing what they are another text
    of, also if they had been removed. Else they are all but those that were added before. Raises
    InputError when there is none, or two different ones share an id.
    """
    given, origins = _distinct(articles)
    gone = removed.read(home)
    if adds:
        gone = gone.without(given.values())
    else:
        given = {id: one for id, one in given.items() if not gone.bars(one)}
    added: dict[str, str] = {}
    if earlier:
        records, places = earlier.records, earlier.store.origins()
        marks = {id: one.added for id, one in records.items() if one.added is not None}
        stay = set(records if adds else marks)
        if adds:
            replaced = dict(compare(earlier, list(given.values())).changed)
            added = {
                id: one.origin
                for id, one in given.items()
                if id in marks or id not in {*records, *replaced.values()}
            } | {new: marks[old] for old, new in replaced.items() if old in marks}
            stay -= replaced.keys()
        for id in sorted(stay - given.keys()):
            given[id] = earlier.store.article(id)
            origins[id] = places.get(id, ())
            if id in marks:
                added[id] = marks[id]
    if not any(article.text.strip() for article in given.values()):
        raise InputError(note("nothing_to_index"))
    kept = {id: tuple(found) for id, found in origins.items() if found and id in given}
    return Wanted(list(given.values()), added, kept, gone)


def _distinct(articles: Iterable[Article]) -> tuple[dict[str, Article], dict[str, Iterable[str]]]:
    """The articles by their ids, each once, and the further origins of those that come again."""
    by_id: dict[str, Article] = {}
    origins: dict[str, dict[str, None]] = {}
    for article in articles:
        known = by_id.setdefault(article.id, article)
        if known.content_hash != article.content_hash:
            raise InputError(
                note(
                    "same_id",
                    id=repr(article.id),
                    file=known.origin or note("no_file"),
                    other=article.origin or note("no_file"),
                )
            )
        if article.origin not in ("", known.origin):
            origins.setdefault(article.id, {})[article.origin] = None
    return by_id, dict(origins)
