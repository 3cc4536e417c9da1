"""Articles to a snapshot: compare, cut and embed what is new, index, commit.

Knows nothing of questions.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import itertools
import json
import operator
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from rag.errors import InputError, SettingsError
from rag.index import journal, snapshot, store, versions
from rag.index.bm25 import BM25Index
from rag.index.compare import compare
from rag.index.cut import Cut
from rag.index.earlier import Earlier
from rag.index.manifest import CHANGES, LEXICAL, REMOVED, EncoderFacts
from rag.index.near_duplicates import Sketch, reports, sketch
from rag.index.place import Home, at
from rag.index.protocols import VectorRows
from rag.index.record import Compared
from rag.index.spool import Spool
from rag.index.vectors import Chosen
from rag.index.vectors.facts import VectorFacts
from rag.index.wanted import wanted
from rag.index.words import TokenWriter
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.types import Article, Changes, Progress, Version

_BEGINNING = 64
"""Characters of an article that its place in the order of all is told by, as a rule."""


class Inputs(NamedTuple):
    """How articles come to an index: with files to keep beside them, of those in
    `rag.index.manifest.KEPT`, and to those that are there (`adds`) or in their place."""

    kept: Mapping[str, bytes] = MappingProxyType({})
    adds: bool = False


def build(
    articles: Iterable[Article],
    home: Home,
    encoder: TextEncoder,
    settings: BuildSettings,
    progress: Progress | None = None,
    inputs: Inputs | None = None,
    approve: Callable[[Changes, int], object] = lambda changes, articles: None,
) -> Changes:
    """Build a snapshot of `articles` in `home`, put it in force, and say what it changes.

    What the snapshot in force has of articles that did not change is taken over; with nothing to
    change, it stays. An article that comes twice is taken once; one that was removed for good is
    not taken, unless it is added. `approve` is told what would change, and how many articles there
    are; it may raise. Raises InputError when there is no article to index or two different ones
    share an id, SettingsError when the encoder cannot read such passages, SnapshotError when no
    index may be written in `home`.
    """
    place = at(home)
    snapshot.check_home(place.home)  # Before the work; `draft` checks again.
    _check_lengths(encoder, settings)
    inputs, facts = inputs or Inputs(), EncoderFacts.of(encoder)
    with snapshot.draft(place) as draft:
        # To a damaged snapshot nothing is added: what it holds would be lost.
        before = Earlier.in_force(place) if inputs.adds else Earlier.open(place)
        asked = wanted(articles, place.home, before, inputs.adds)
        changes = compare(before, asked.articles)
        approve(changes, len(before.records) if before else 0)
        earlier = before if before and before.fits(settings, facts) else None
        made = facts_of(asked.articles, facts, dataclasses.asdict(settings))
        gone = {REMOVED: asked.removed.to_bytes()}
        kept = {**inputs.kept, **gone}
        told = gone if inputs.adds else kept  # What was added before is told of already.
        if not (earlier and earlier.is_made_of(made, told, asked.added, asked.origins)):
            cut = _cut(asked.articles, earlier, encoder, settings, progress)
            rows, compared = _indexed(asked.articles, cut, earlier, encoder, draft, progress)
            history = _versions(before, changes, asked.articles)
            compared = compared.with_places(asked.added, asked.origins, history)
            kind, passages = place.kind_of(settings.vectors), cut.passages(asked.articles)
            lie = store.write(draft.path, asked.articles, passages, rows, compared, kind)
            changes = dataclasses.replace(changes, embedded=cut.new, reused=len(cut) - cut.new)
            draft.write({**kept, CHANGES: json.dumps(dataclasses.asdict(changes)).encode()})
            draft.commit({**made, **facts_of_passages(len(cut), lie)}, rows)
        journal.remove(place.home)
    return changes


def facts_of(
    articles: Collection[Article], encoder: EncoderFacts, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a manifest says of the articles and how they are indexed."""
    return {
        "articles": len(articles),
        "articles_sha256": articles_hash(articles),
        "encoder": dataclasses.asdict(encoder),
        "settings": dict(settings),
    }


def facts_of_passages(count: int, lie: VectorFacts) -> dict[str, Any]:
    """Return what a manifest says of the passages and their vectors."""
    return {"passages": count, "vector_index": dataclasses.asdict(lie)}


def _versions(before: Earlier | None, changes: Changes, articles: Spool) -> list[Version]:
    """The earlier texts of the articles that changed, now or before."""
    if before is None:
        return []
    kept = before.store.every_version()
    return versions.after(kept, changes, before.store.article, articles.get, datetime.date.today())


def _indexed(
    articles: Spool,
    cut: Cut,
    earlier: Earlier | None,
    encoder: TextEncoder,
    draft: snapshot.Draft,
    progress: Progress | None,
) -> tuple[VectorRows, Compared]:
    """Embed the new passages while another thread compares the articles and indexes the words.

    Where one fails, the other is stopped.
    """
    stopped = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        words = beside.submit(_words, articles, cut, earlier, draft.path, stopped)

        def watched(stage: str, done: int, total: int) -> None:
            if words.done():
                words.result()  # Raises what it failed with, so that no hours go by first.
            if progress:
                progress(stage, done, total)

        try:
            texts = cut.texts(articles)
            embedded = journal.embed(draft.home, texts, cut.new, encoder, watched)
            parts: list[VectorRows] = [earlier.store, embedded] if earlier else [embedded]
            return Chosen(parts, cut.rows), words.result()
        finally:
            stopped.set()


def _words(
    articles: Spool,
    cut: Cut,
    earlier: Earlier | None,
    folder: Path,
    stopped: threading.Event,
) -> Compared:
    """Write the BM25 index of the passages, and return what comparing the articles gave."""

    def go_on() -> None:
        if stopped.is_set():
            raise _Stopped

    sketches: dict[str, Sketch] = {}
    tokens = earlier.tokens if earlier else None
    with TokenWriter(folder / LEXICAL) as words:
        for article, texts, sentences in cut.words(articles):
            known = cut.known.get(article.id)
            sketches[article.id] = known.sketch if known else sketch(article.text)
            if known and tokens:
                words.take(tokens, np.array(known.rows, np.int64))
            else:
                words.add(texts, sentences)
            go_on()
    before = {id: record.report for id, record in cut.known.items()}
    found = reports(articles, articles.text, sketches, before, go_on)
    BM25Index.write(folder / LEXICAL, go_on)
    return Compared(found, sketches)


class _Stopped(Exception):
    """Ends work that nobody waits for any more."""


def _check_lengths(encoder: TextEncoder, settings: BuildSettings) -> None:
    """Raise SettingsError unless the encoder can read passages of the length that is set."""
    if settings.passage_tokens > encoder.max_tokens:
        raise SettingsError(
            f"Passages of {settings.passage_tokens} tokens do not fit the encoder "
            f"{encoder.name!r}, which reads {encoder.max_tokens}. Lower passage_tokens."
        )
    used = settings.heading_tokens + encoder.overhead
    if settings.passage_tokens <= used:
        raise SettingsError(
            f"Passages of {settings.passage_tokens} tokens have no room for text: the heading and "
            f"what {encoder.name!r} adds may take {used}. Raise passage_tokens."
        )


def is_current(home: Home, articles: Iterable[Article], settings: BuildSettings) -> bool:
    """Whether the snapshot in force holds just what a build of these articles would make of them
    with these settings."""
    try:
        place = at(home)
        index = Earlier.open(place)
        asked = wanted(articles, place.home, index, adds=False)
    except InputError:
        return False
    facts = (settings, articles_hash(asked.articles))
    there = index.manifest if index else None
    return there is not None and facts == (there.build_settings, there.articles_sha256)


def articles_hash(articles: Iterable[Article]) -> str:
    """SHA-256 of everything that is indexed, in whatever order the articles come."""
    there = Spool.of(articles)
    # Put in order by how their lines begin: all of these together would be all texts.
    begun = sorted((_line(article)[:_BEGINNING], article.id) for article in there)
    digest, between = hashlib.sha256(), b""
    for _, alike in itertools.groupby(begun, operator.itemgetter(0)):
        found = filter(None, (there.get(id) for _, id in alike))
        for line in sorted({_line(article) for article in found}):
            digest.update(between + line.encode())
            between = b"\n"
    return digest.hexdigest()


def _line(article: Article) -> str:
    return json.dumps([dataclasses.astuple(article)], default=str, ensure_ascii=False)


def _cut(
    articles: Spool,
    earlier: Earlier | None,
    encoder: TextEncoder,
    settings: BuildSettings,
    progress: Progress | None,
) -> Cut:
    """Cut the articles into passages, but for those of which there were the same."""
    known = earlier.unchanged(articles) if earlier else {}
    cut = Cut(known, len(earlier.store) if earlier else 0)
    room = settings.passage_tokens - encoder.overhead
    for number, article in enumerate(articles, start=1):
        cut.add(article, encoder.count_tokens, room, settings.heading_tokens)
        if progress:
            progress("cutting", number, len(articles))
    return cut
