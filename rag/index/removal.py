"""Articles removed from an index for good: from the snapshot in force and the one before it.

Both are written anew without them, and take their places in one step. Needs no encoder.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from rag.errors import InputError, SnapshotError
from rag.index import journal, removed, snapshot, store
from rag.index.bm25 import BM25Index
from rag.index.build import facts_of, facts_of_passages
from rag.index.earlier import Earlier
from rag.index.manifest import CHANGES, LEXICAL, READING, REMOVED
from rag.index.near_duplicates import reports
from rag.index.place import Home, Place, at
from rag.index.pointer import Pointer
from rag.index.record import Compared
from rag.index.removed import Removed
from rag.index.vectors import Chosen
from rag.index.words import TokenWriter
from rag.settings import AUTO
from rag.text.outside import json_value
from rag.types import Article, Passage, Progress
from rag.wording import note

_BLOCK = 4096
"""Passages whose words are taken over at a time."""
Retold: TypeAlias = Callable[[bytes, Sequence[Article], Sequence[Article]], bytes]
"""Makes of the report of a reading one that says nothing of articles: its bytes, these articles,
and those that are left."""


def remove(
    home: Home,
    ids: Collection[str],
    retold: Retold,
    forget: Callable[[Sequence[Article]], object],
    progress: Progress | None = None,
) -> None:
    """Remove the articles with these ids, or with earlier texts of these ids, from both snapshots.

    `forget` takes the articles and their earlier texts out of what is kept beside the index. Those
    that were removed before may be named again. Raises InputError for any other id, and when
    no article would be left, SnapshotError when the index cannot be read or written.
    """
    place = at(home)
    with snapshot.locked(place):
        now = Earlier.in_force(place)
        before = _kept(place)
        gone = removed.read(place.home)
        both = [one for one in (now, before) if one]
        named = {one: _named(one, ids) for one in both}
        known = {id for found in named.values() for id in found}
        unknown = sorted(set(ids) - known - gone.ids)
        if unknown:
            raise InputError(note("unknown_ids", ids=", ".join(unknown)))
        targets = {target for found in named.values() for target in found.values()}
        if not targets:
            return
        texts = [text for one in both for text in _texts(one, targets)]
        gone = gone.also(texts)
        pointers = []
        for number, one in enumerate(both):
            pointers.append(_without(one, place, gone, retold, last=one is now))
            if progress:
                progress("removing", number + 1, len(both))
        forget(texts)
        first, *rest = pointers
        assert first
        snapshot.put_in_force(place, first, rest[0] if rest else None)
        journal.remove(place.home)


def _kept(place: Place) -> Earlier | None:
    """The snapshot that is kept for a rollback; None, so that it goes, where it is damaged."""
    with contextlib.suppress(SnapshotError):
        if found := snapshot.earlier(place.home):
            return Earlier.checked(place, *found)
    return None


def _named(index: Earlier, ids: Collection[str]) -> Mapping[str, str]:
    """Those of `ids` that name an article of an index, each with the id that it has now."""
    found = {id: id for id in ids if id in index.records}
    for id in set(ids) - found.keys():
        for version in index.store.versions(id):
            if version.article.id == id:
                found[id] = version.current
    return found


def _texts(index: Earlier, ids: Collection[str]) -> list[Article]:
    """The articles of an index with these ids, and all their earlier texts."""
    found = [index.store.article(id) for id in ids if id in index.records]
    return found + [version.article for id in ids for version in index.store.versions(id)]


def _without(
    index: Earlier, place: Place, gone: Removed, retold: Retold, last: bool
) -> Pointer | None:
    """Write a snapshot without what is gone; None when nothing is left of it.

    `last`: whether it is the one in force, of which something has to be left.
    """
    every = list(index.store.articles())
    articles = [one for one in every if not gone.bars(one)]
    if not articles:
        if last:
            raise InputError(note("nothing_left"))
        return None
    if not all(index.records[one.id].fits(one) for one in articles):
        raise snapshot.damaged(index.folder, "its passages are of other texts")
    draft = snapshot.Draft(place)
    passages, rows = list[Passage](), list[int]()
    for article in articles:
        passages += index.records[article.id].passages_of(article)
        rows += index.records[article.id].rows
    chosen = np.array(rows, np.int64)
    with TokenWriter(draft.path / LEXICAL) as words:
        for block in np.split(chosen, range(_BLOCK, len(chosen), _BLOCK)):
            words.take(index.tokens, block)
    BM25Index.write(draft.path / LEXICAL)
    rows_left = Chosen([index.store], chosen)
    kind = place.kind_of(index.manifest.settings.get("vectors", AUTO))
    facts = store.write(draft.path, articles, passages, rows_left, _compared(index, articles), kind)
    told = {REMOVED: gone.to_bytes(), CHANGES: _changes(index, articles)}
    if READING in index.manifest.files:
        went = [one for one in every if gone.bars(one)]
        with snapshot.reading(index.folder, READING):
            told[READING] = retold((index.folder / READING).read_bytes(), went, articles)
    draft.write(told)
    made = facts_of(articles, index.manifest.encoder, index.manifest.settings)
    return draft.seal({**made, **facts_of_passages(len(passages), facts)}, rows_left)


def _changes(index: Earlier, articles: Sequence[Article]) -> bytes:
    """What the build changed of the articles that are left."""
    left = {article.id for article in articles}
    with snapshot.reading(index.folder, CHANGES):
        told = json_value((index.folder / CHANGES).read_bytes())
        told["came"] = [id for id in told["came"] if id in left]
        told["changed"] = [pair for pair in told["changed"] if pair[1] in left]
        return json.dumps(told).encode()


def _compared(index: Earlier, articles: Sequence[Article]) -> Compared:
    records = {article.id: index.records[article.id] for article in articles}
    sketches = {id: record.sketch for id, record in records.items()}
    before = {id: record.report for id, record in records.items()}
    texts = {article.id: article.text for article in articles}
    return Compared(
        reports(articles, texts.__getitem__, sketches, before),
        sketches,
        {id: one.added for id, one in records.items() if one.added is not None},
        {id: found for id, found in index.store.origins().items() if id in records},
        [version for version in index.store.every_version() if version.current in records],
    )
