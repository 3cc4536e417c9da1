"""An index kept current: built of what was read, and what that would change.

`rag.Archive` has these as methods. Knows no questions.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rag.errors import InputError
from rag.index import build as building
from rag.index import snapshot
from rag.index.compare import compare
from rag.index.earlier import Earlier
from rag.index.manifest import FILES, READING
from rag.ingest import ArticleReader, Report, known
from rag.models import loaded
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.types import Article, Changes, Progress
from rag.wording import note

_MOST_GONE = 0.1
"""Of the articles of an index, the share that a build may find gone: a disk that is not connected
looks like a folder that lost its files."""


def build(
    articles: Iterable[Article],
    home: Path,
    settings: BuildSettings,
    encoder: TextEncoder | None,
    progress: Progress | None,
    report: Report | None,
    remove_missing: bool,
) -> TextEncoder:
    """Build as `rag.Archive.build` says, and return the encoder that did."""
    snapshot.check_home(home)  # Before the reading, which may take hours.
    kept: dict[str, bytes] = {}
    found = _read(articles, home)
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
    building.build(found, home, encoder, settings, progress, building.Inputs(kept), approve)
    return encoder


def preview(articles: Iterable[Article], home: Path) -> Changes:
    """Return what a build of `articles` would change; the passages are not counted."""
    return compare(Earlier.open(home), building.distinct(_read(articles, home)))


def _read(articles: Iterable[Article], home: Path) -> list[Article]:
    """Read articles; files that are the same as when the index was built are not parsed again."""
    if isinstance(articles, ArticleReader) and not articles.known:
        earlier = Earlier.open(home)
        files = earlier.files() if earlier else None
        if earlier and files:
            articles.known = known.Known(known.parse(files), earlier.store.article)
    return list(articles)
