"""`Collection`: a visitor's own documents, indexed in a temporary folder for the visit.

They are searched alone or together with an archive. `rag.ingest.apart` reads the files, `Archive`
answers questions. Nothing of a document is kept after `close`, or after the process.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rag.archive import Archive
from rag.chat.private import PrivateFolder
from rag.errors import InputError
from rag.index.build import build
from rag.ingest import METADATA, UPLOADS, Budget, Failure, Limits, Remark
from rag.ingest.apart import read_apart
from rag.types import Article, Note, Progress
from rag.wording import note


class Duplicate(NamedTuple):
    """A duplicate article: its headline, and the message that names the article it repeats."""

    headline: str
    reason: Note


@dataclass(frozen=True, slots=True)
class Added:
    """The result of an upload: articles added, files that could not be read, duplicates, and
    remarks on what was read.

    A text that is in the collection already is not added again; other duplicates are.
    """

    articles: tuple[Article, ...] = ()
    failures: tuple[Failure, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    remarks: tuple[Remark, ...] = ()


class Collection:
    """The documents of one visit, in a temporary folder that `close` removes.

    Shares encoder, models and settings with the archive `known`. `limits` apply to the whole visit,
    but their seconds to each `add`. Safe to share between threads.
    """

    def __init__(self, known: Archive, limits: Limits = UPLOADS) -> None:
        self._known = known
        self._adding = threading.Lock()
        self._closed = threading.Event()
        self._folder: PrivateFolder | None = None
        self._archive: Archive | None = None
        self._joining = threading.Lock()
        self._joint: Archive | None = None
        self._articles: tuple[Article, ...] = ()
        self._budget = Budget(limits)

    @property
    def archive(self) -> Archive | None:
        """The current archive of the documents, None without any; `add` replaces it."""
        return self._archive

    @property
    def joint(self) -> Archive | None:
        """The documents and the archive joined into one; None without documents."""
        with self._joining:
            if self._joint is None and self._archive is not None:
                self._joint = self._known.beside(self._archive)
            return self._joint

    @property
    def characters(self) -> int:
        """The characters of all documents."""
        return self._budget.characters

    def follow(self, known: Archive) -> None:
        """Stand beside another archive from now on: that of a newer snapshot."""
        with self._joining:
            self._known, self._joint = known, None

    def _replace(self, archive: Archive | None) -> None:
        with self._joining:
            self._archive, self._joint = archive, None

    def add(self, paths: Sequence[Path], progress: Progress | None = None) -> Added:
        """Read files and add their articles to the index.

        The present index is in use until the new one is complete, and stays if the call fails.
        Raises InputError after `close`, also while this runs.
        """
        with self._adding:
            self._check()
            budget = replace(self._budget)  # Its seconds start anew.
            found, failures, remarks = self._read(paths, budget)
            new, repeated = self._deduplicated(found)
            if new:
                articles = (*self._articles, *new)
                self._replace(self._index(articles, progress))
                self._articles = articles
                repeated += self._near_duplicates(new)
            self._budget = replace(
                budget,
                articles=len(self._articles),
                characters=sum(len(article.text) for article in self._articles),
            )
            return Added(tuple(new), tuple(failures), tuple(repeated), tuple(remarks))

    def close(self) -> None:
        """Delete the folder; an `add` under way is cancelled. May be called again."""
        self._closed.set()
        with self._adding:
            self._replace(None)
            self._articles = ()
            if self._folder:
                self._folder.close()
                self._folder = None

    def _check(self) -> None:
        if self._closed.is_set():
            raise InputError(note("documents_removed"))

    def _read(
        self, paths: Sequence[Path], budget: Budget
    ) -> tuple[list[Article], list[Failure], list[Remark]]:
        """Read the articles of the files. An id that a file gives is replaced: it could be that of
        another article."""
        found: list[Article] = []
        failures: list[Failure] = []
        remarks: list[Remark] = []
        alone = [path for path in paths if path.name == METADATA]
        read = [path for path in paths if path.name != METADATA]
        for one in read_apart(read, budget, self._closed.is_set):
            if isinstance(one, Article):
                found.append(replace(one, id=""))
            elif isinstance(one, Failure):
                failures.append(one)
            else:
                remarks.append(one)
        self._check()
        failures += [Failure(path.name, note("metadata_alone", file=METADATA)) for path in alone]
        return found, failures, remarks

    def _deduplicated(self, found: Sequence[Article]) -> tuple[list[Article], list[Duplicate]]:
        """Split `found` into articles to add, and duplicates of these or of the archive."""
        own = {article.content_hash: article for article in self._articles}
        new: list[Article] = []
        repeated: list[Duplicate] = []
        for article in found:
            first = own.setdefault(article.content_hash, article)
            if first is not article:
                repeated.append(_duplicate(article, "same_text", first))
                continue
            new.append(article)
            if known := self._known.by_hash(article.content_hash):
                repeated.append(_duplicate(article, "known_text", known))
        return new, repeated

    def _near_duplicates(self, new: Sequence[Article]) -> list[Duplicate]:
        """The articles of `new` that the index has as near duplicates of an earlier one."""
        assert self._archive
        firsts: dict[str, Article] = {}
        for article in self._articles:
            firsts.setdefault(self._archive.report(article.id), article)
        pairs = [(article, firsts[self._archive.report(article.id)]) for article in new]
        return [
            _duplicate(one, "nearly_same_text", first) for one, first in pairs if one is not first
        ]

    def _index(self, articles: Sequence[Article], progress: Progress | None) -> Archive:
        def tell(stage: str, done: int, total: int) -> None:
            self._check()
            if progress:
                progress(stage, done, total)

        self._folder = self._folder or PrivateFolder()
        home = self._folder.path
        settings = self._known.index.manifest.build_settings
        build(articles, home, self._known.load_encoder(), settings, tell)
        return self._known.open_alike(home)


def _duplicate(article: Article, key: str, other: Article) -> Duplicate:
    return Duplicate(article.headline, note(key, title=other.headline))
