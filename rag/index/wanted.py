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
from rag.index.spool import Spool
from rag.types import Article
from rag.wording import note


class Wanted(NamedTuple):
    """The articles, of distinct ids; where those were read that were added to the index; the
    further places of those that came more than once; and what was removed for good."""

    articles: Spool
    added: Mapping[str, str]
    origins: Mapping[str, tuple[str, ...]]
    removed: Removed


def wanted(articles: Iterable[Article], home: Path, earlier: Earlier | None, adds: bool) -> Wanted:
    """Return what an index in `home` is to have, on which `earlier` is in force.

    `adds`: whether `articles` come to those that are there, replacing what they are another text
    of, also if they had been removed. Else they are all but those that were added before. Raises
    InputError when there is none, or two different ones share an id.
    """
    given = Spool.of(articles, home)
    origins: dict[str, Iterable[str]] = {**given.origins}
    gone = removed.read(home)
    if adds:
        gone = gone.without(given)
    elif gone != Removed():
        given.drop([one.id for one in given if gone.bars(one)])
    added: dict[str, str] = {}
    if earlier:
        records, places = earlier.records, earlier.store.origins()
        marks = {id: one.added for id, one in records.items() if one.added is not None}
        stay = set(records if adds else marks)
        if adds:
            replaced = dict(compare(earlier, given).changed)
            added = {
                one.id: one.origin
                for one in given
                if one.id in marks or one.id not in {*records, *replaced.values()}
            } | {new: marks[old] for old, new in replaced.items() if old in marks}
            stay -= replaced.keys()
        for id in sorted(stay - given.ids()):
            given.add(earlier.store.article(id))
            origins[id] = places.get(id, ())
            if id in marks:
                added[id] = marks[id]
    if not any(article.text.strip() for article in given):
        raise InputError(note("nothing_to_index"))
    kept = {id: tuple(found) for id, found in origins.items() if found and id in given.ids()}
    return Wanted(given, added, kept, gone)
