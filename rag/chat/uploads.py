"""`Collection`: a visitor's own documents, to be asked beside an archive or alone, and then gone.

Owns a temporary folder, what is in it, and how much of it there may be. What an upload holds is
for `ingest`, what is asked for `Archive`. Nothing of a document outlasts `close`, or the process.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rag.archive import Archive
from rag.errors import InputError
from rag.index.build import build
from rag.ingest import METADATA, UPLOADS, ArticleReader, Budget, Failure, Limits
from rag.types import Article, Note, Progress
from rag.wording import note, note_with


class Duplicate(NamedTuple):
    """An article that was there already: its headline, and what it repeats, in a sentence."""

    headline: str
    reason: Note


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an upload: the articles that were added, what could not be read, and which
    articles repeat another. Of these the same text is not added twice; the others are."""

    articles: tuple[Article, ...] = ()
    failures: tuple[Failure, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()


class Collection:
    """One visit's own documents, in a temporary folder of its own, gone with `close`.

    Encoder, models and settings are those of the archive `known`, loaded once for both. `limits`
    hold for the whole visit; only their seconds start anew with each `add`. Safe to share between
    threads.
    """

    def __init__(self, known: Archive, limits: Limits = UPLOADS) -> None:
        self._known = known
        self._adding = threading.Lock()
        self._closed = threading.Event()
        # It also removes itself when the interpreter ends.
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._archive: Archive | None = None
        self._joining = threading.Lock()
        self._joint: Archive | None = None
        self._articles: tuple[Article, ...] = ()
        self._budget = Budget(limits)

    @property
    def archive(self) -> Archive | None:
        """The documents as they stand, None while there are none. A later `add` makes another."""
        return self._archive

    @property
    def joint(self) -> Archive | None:
        """The documents and the archive read as one; None while there are no documents."""
        with self._joining:
            if self._joint is None and self._archive is not None:
                self._joint = self._known.beside(self._archive)
            return self._joint

    def _replace(self, archive: Archive | None) -> None:
        with self._joining:
            self._archive, self._joint = archive, None

    def add(self, paths: Sequence[Path], progress: Progress | None = None) -> Added:
        """Read files and put their articles among the documents.

        What was there is asked as before until the new index is complete, and stays if the call
        fails. Raises InputError after `close`, whenever it comes.
        """
        with self._adding:
            self._check()
            budget = replace(self._budget)  # Its seconds start anew.
            found, failures = self._read(paths, budget)
            new, repeated = self._sifted(found)
            if new:
                articles = (*self._articles, *new)
                self._replace(self._index(articles, progress))
                self._articles = articles
                repeated += self._alike(new)
            self._budget = replace(
                budget,
                articles=len(self._articles),
                characters=sum(len(article.text) for article in self._articles),
            )
            return Added(tuple(new), tuple(failures), tuple(repeated))

    def close(self) -> None:
        """Remove everything from the disk; an `add` at work ends early. May be called again."""
        self._closed.set()
        with self._adding:
            self._replace(None)
            self._articles = ()
            if self._folder:
                self._folder.cleanup()
                self._folder = None

    def _check(self) -> None:
        if self._closed.is_set():
            raise InputError(note("documents_removed"))

    def _read(self, paths: Sequence[Path], budget: Budget) -> tuple[list[Article], list[Failure]]:
        """The articles of the files, each with an id of its own making: one that a file gives
        could be another article's."""
        found: list[Article] = []
        failures: list[Failure] = []
        for path in paths:
            if path.name == METADATA:
                failures.append(Failure(path.name, note("metadata_alone", file=METADATA)))
                continue
            try:
                reader = ArticleReader(path, budget)
            except InputError as error:
                failures.append(Failure(path.name, note_with(error.message, str(path), path.name)))
                continue
            for article in reader:
                self._check()
                found.append(replace(article, id=""))
            failures += reader.failures
        return found, failures

    def _sifted(self, found: Sequence[Article]) -> tuple[list[Article], list[Duplicate]]:
        """The articles to add, and what of `found` repeats a text of these or of the archive."""
        own = {article.content_hash: article for article in self._articles}
        new: list[Article] = []
        repeated: list[Duplicate] = []
        for article in found:
            first = own.setdefault(article.content_hash, article)
            if first is not article:
                repeated.append(_repeats(article, "same_text", first))
                continue
            new.append(article)
            if known := self._known.by_hash(article.content_hash):
                repeated.append(_repeats(article, "known_text", known))
        return new, repeated

    def _alike(self, new: Sequence[Article]) -> list[Duplicate]:
        """Those of `new` that are copies, as the index has found, of one that came before."""
        assert self._archive
        firsts: dict[str, Article] = {}
        for article in self._articles:
            firsts.setdefault(self._archive.report(article.id), article)
        pairs = [(article, firsts[self._archive.report(article.id)]) for article in new]
        return [
            _repeats(one, "nearly_same_text", first) for one, first in pairs if one is not first
        ]

    def _index(self, articles: Sequence[Article], progress: Progress | None) -> Archive:
        def on_the_way(stage: str, done: int, total: int) -> None:
            self._check()
            if progress:
                progress(stage, done, total)

        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="byline-", ignore_cleanup_errors=True)
        home = Path(self._folder.name)
        settings = self._known.index.manifest.build_settings
        build(articles, home, self._known.load_encoder(), settings, on_the_way)
        return self._known.open_alike(home)


def _repeats(article: Article, key: str, other: Article) -> Duplicate:
    return Duplicate(article.headline, note(key, title=other.headline))
