"""An index kept current: built of what was read, and what that would change.

`rag.Archive` has these as methods. Knows no questions.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterable, Sequence

from rag.archive import cluster
from rag.archive.judgements import forget
from rag.errors import InputError, SnapshotError
from rag.index import build as building
from rag.index import removal, snapshot
from rag.index.compare import compare
from rag.index.earlier import Earlier
from rag.index.from_elsewhere import check_beside
from rag.index.manifest import FILES, READING
from rag.index.opened import OpenedIndex
from rag.index.place import Place
from rag.index.spool import Spool
from rag.index.wanted import wanted
from rag.ingest import ArticleReader, Report, known
from rag.models import loaded
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.text.outside import json_value
from rag.types import Article, Changes, Progress
from rag.wording import note

_MOST_GONE = 0.1
"""Of the articles of an index, the share that a build may find gone: a disk that is not connected
looks like a folder that lost its files."""


def build(
    articles: Iterable[Article],
    place: Place,
    settings: BuildSettings,
    encoder: TextEncoder | None,
    progress: Progress | None,
    report: Report | None,
    remove_missing: bool,
    ray: str,
) -> TextEncoder:
    """Build as `rag.Archive.build` says, and return the encoder that did."""
    with contextlib.suppress(SnapshotError):  # There may be none yet, or none that can be read.
        place.fetch()  # Before the reading, which may take hours.
    snapshot.check_home(place.home)
    check_beside(place.home)
    kept: dict[str, bytes] = {}
    if ray:
        encoder = encoder or loaded.load_encoder(settings.encoder, settings.precision)
        earlier = _recall(articles, place)
        with cluster.embedded(
            articles, place.home, earlier, encoder, settings, ray, progress
        ) as there:
            found = Spool.of(there, place.home)
    else:
        found = _read(articles, place)
    if isinstance(articles, ArticleReader):
        report = articles.report
        kept[FILES] = known.to_bytes(articles.files)
    if report:
        kept[READING] = report.to_bytes()
    if not found:  # No encoder need be loaded to say so.
        raise InputError(note("nothing_to_index"))

    def approve(changes: Changes, there: int) -> None:
        gone = len(changes.went)
        if gone > max(1, there * _MOST_GONE) and not remove_missing:
            raise InputError(note("many_missing", n=gone, all=there))

    encoder = encoder or loaded.load_encoder(settings.encoder, settings.precision)
    building.build(found, place, encoder, settings, progress, building.Inputs(kept), approve)
    return encoder


def preview(articles: Iterable[Article], place: Place) -> Changes:
    """Return what a build of `articles` would change; the passages are not counted."""
    with contextlib.suppress(SnapshotError):
        place.fetch()
    index = Earlier.open(place)
    asked = wanted(_read(articles, place), place.home, index, adds=False)
    return compare(index, asked.articles)


def add(
    index: OpenedIndex,
    articles: Iterable[Article],
    encoder: TextEncoder,
    progress: Progress | None,
    report: Report | None,
) -> None:
    """Add as `rag.Archive.add` says."""
    found = Spool.of(articles, index.home)
    report = articles.report if isinstance(articles, ArticleReader) else report
    if not any(article.text.strip() for article in found):
        raise InputError(note("nothing_to_index"))
    kept = {}
    if before := index.reading(Report.parse):
        report = before.and_of(report) if report else before
    if report:
        kept[READING] = report.to_bytes()
    earlier = Earlier.open(index.place)
    if files := earlier and earlier.files():
        ids = found.ids()  # Files that have them may have another text.
        same = {d: one for d, one in known.parse(files).items() if ids.isdisjoint(one.articles)}
        kept[FILES] = known.to_bytes(same)
    settings = index.manifest.build_settings
    inputs = building.Inputs(kept, adds=True)
    building.build(found, index.place, encoder, settings, progress, inputs)


def remove(place: Place, ids: Collection[str], progress: Progress | None) -> None:
    """Remove as `rag.Archive.remove` says."""

    def retold(data: bytes, gone: Sequence[Article], left: Sequence[Article]) -> bytes:
        return Report.parse(json_value(data)).without(gone, left).to_bytes()

    removal.remove(place, ids, retold, functools.partial(forget, place.home), progress)


def _read(articles: Iterable[Article], place: Place) -> Spool:
    """Read articles; files that are the same as when the index was built are not parsed again."""
    if isinstance(articles, ArticleReader):
        _recall(articles, place)
    return Spool.of(articles, place.home)


def _recall(articles: Iterable[Article], place: Place) -> Earlier | None:
    """Tell a reader of files which of them an index knows, and return what is in force there."""
    earlier = Earlier.open(place)
    if isinstance(articles, ArticleReader) and not articles.known:
        files = earlier.files() if earlier else None
        if earlier and files:
            articles.known = known.Known(known.parse(files), earlier.store.article)
    return earlier
