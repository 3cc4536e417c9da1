"""Read files, folders and zips into articles.

Owns which of their files are read, and the report of what became of them. Knows nothing of
passages, nor of formats.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from rag.errors import InputError
from rag.ingest.encoding import decode
from rag.ingest.failure import Failure, Remark, Unreadable
from rag.ingest.folder import FileSource, Folder
from rag.ingest.formats import read
from rag.ingest.limits import UPLOADS, Budget, Limits, in_bytes
from rag.ingest.metadata_csv import NAME as METADATA
from rag.ingest.metadata_csv import Metadata
from rag.ingest.report import Counting, Report
from rag.ingest.source import Options, Source
from rag.ingest.zip_files import ZipFiles, is_zip
from rag.types import Article, Note, Progress
from rag.wording import note

__all__ = [
    "METADATA",
    "UPLOADS",
    "ArticleReader",
    "Budget",
    "Failure",
    "Limits",
    "Options",
    "Remark",
    "Report",
    "read_articles",
]

_SHARE = 20
"""A metadata.csv has so much less room than an article file; every row of it may be a failure."""


Paths: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A file or folder, or several."""


def read_articles(
    path: Paths,
    limits: Limits | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> ArticleReader:
    """Return an iterator of the articles of a file, or of a folder and its subfolders by name, or
    of several such.

    A file is read by its content, whatever it is called; docs/formats.md lists what is read. What
    is over a bound of `limits` is a failure. Raises InputError, before anything is read, for
    a path that does not exist and for a folder without files. That no file could be read is no
    error here: see `ArticleReader.failures`.
    """
    return ArticleReader(path, Budget(limits or Limits()), options, progress)


class ArticleReader(Iterator[Article]):
    """An iterator of articles; `failures`, `remarks` and `report` grow with it and are complete at
    its end.

    A file is read by its content, whatever it is called. One unreadable file, record or field is
    a failure and never stops the rest. One file at a time is in memory. `budget` may go on from an
    earlier reading. `progress` is told of the files ("reading files") and of the articles, whose
    total nobody knows ("reading articles").
    """

    def __init__(
        self,
        path: Paths,
        budget: Budget,
        options: Options | None = None,
        progress: Progress | None = None,
    ) -> None:
        paths = [path] if isinstance(path, (str, os.PathLike)) else path
        places = [_files_of(Path(one), budget.limits) for one in paths]
        self.failures = [failure for files in places for failure in files.refused]
        self.remarks: list[Remark] = []
        self._budget = budget
        self._options = options or Options()
        self._progress = progress
        self._counting = Counting(unread=len(self.failures))
        self._file = ""
        self._files = sum(len(files.names) for files in places)
        self._articles = (article for files in places for article in self._read(files))

    @property
    def report(self) -> Report:
        """What became of the files that were read so far."""
        return self._counting.report(self.failures, self.remarks)

    def __iter__(self) -> ArticleReader:
        return self

    def __next__(self) -> Article:
        article = next(self._articles)
        self._counting.add(article, self._file)
        if self._progress:
            self._progress("reading articles", self._counting.articles.total(), 0)
        return article

    def _read(self, files: FileSource, at: str = "") -> Iterator[Article]:
        """The articles of a source of files; `at` comes before the names of its files."""
        by_folder: dict[str, Metadata | None] = {}
        for number, name in enumerate(files.names):
            left = len(files.names) - number
            if reason := self._budget.spent(left=left - 1):
                self._fail(at + name, reason)
                self._counting.unread += left
                break
            self._budget.files += 1
            self._file = at + name
            folder, _, own = name.rpartition("/")
            if folder not in by_folder:
                by_folder[folder] = self._metadata_in(files, folder, at)
            metadata = by_folder[folder]
            articles: Iterator[Article] = self._read_file(files, name, at)
            if metadata and own in metadata.files:
                corrected, failures = metadata.apply(own, list(articles))
                self.failures += failures
                articles = iter(corrected)
            yield from articles
        for folder, metadata in by_folder.items():
            for own in metadata.files if metadata else ():
                if metadata and not files.holds(_path(folder, own)):
                    self.failures.append(metadata.reject(own, note("no_file_beside", file=own)))

    def _read_file(self, files: FileSource, name: str, at: str) -> Iterator[Article]:
        file = at + name
        articles = 0
        try:
            data = files.read(name)
            if is_zip(data) and not at:
                zipped = self._unzip(file, data)
                yield from self._read(zipped, f"{file}/")
                return
            for article in self._read_articles(file, data):
                articles += 1
                yield article
        except Unreadable as error:
            self._fail(file, error.reason)
        except OSError as error:
            self._fail(file, note("cannot_be_read", error=str(error.strerror)))
        self._done(articles)

    def _unzip(self, file: str, data: bytes) -> ZipFiles:
        """The files of a zip, which count instead of it. Raises Unreadable."""
        zipped = ZipFiles(data, self._budget, METADATA)
        self.failures += [Failure(f"{file}/{own}", why) for own, why in zipped.refused]
        self._counting.unread += len(zipped.refused)
        self._files += len(zipped.names) - 1
        return zipped

    def _done(self, articles: int) -> None:
        """Count a file that was read, with so many articles."""
        self._counting.add_file(articles)
        if self._progress:
            done = min(self._counting.read + self._counting.unread, self._files)
            self._progress("reading files", done, self._files)

    def _read_articles(self, file: str, data: bytes) -> Iterator[Article]:
        """The articles of a file that is no zip. Raises Unreadable."""
        if is_zip(data):
            raise Unreadable(note("zip_in_zip"))
        any_read, failed = False, 0
        for found in read(Source(file, data, self._budget, self._options)):
            if isinstance(found, Remark):
                self.remarks.append(found)
                continue
            any_read = True
            if isinstance(found, Article):
                self._budget.take_article(len(found.text))
                yield found
                continue
            self.failures.append(found)
            failed += 1
            if failed >= self._budget.limits.failures:
                raise Unreadable(note("over_failures", n=failed))
        if not any_read:
            raise Unreadable(note("no_records"))

    def _metadata_in(self, files: FileSource, folder: str, at: str) -> Metadata | None:
        """The metadata.csv of a folder, None without one."""
        name = _path(folder, METADATA)
        if not files.holds(name):
            return None
        limits = self._budget.limits
        bound = limits.file_bytes // _SHARE
        try:
            data = files.read(name)
            if len(data) > bound:
                raise Unreadable(note("over_size_of", size=in_bytes(bound), file=METADATA))
            metadata = Metadata(at + name, decode(data))
        except Unreadable as error:
            self._fail(at + name, error.reason)
            return None
        except OSError as error:  # What else it says names the folder.
            self._fail(at + name, note("cannot_be_read", error=str(error.strerror)))
            return None
        self.failures += metadata.failures[: limits.failures]
        return metadata

    def _fail(self, file: str, reason: Note) -> None:
        self.failures.append(Failure(file, reason))


def _files_of(path: Path, limits: Limits) -> Folder:
    """The files of a path. Raises InputError."""
    if path.is_dir():
        files = Folder(path, limits, METADATA)
        if not files.names and not files.refused:
            raise InputError(note("no_article_files", folder=str(path)))
        return files
    if path.is_file():
        return Folder(path.parent, limits, METADATA, only=path.name)
    raise InputError(note("no_path", path=str(path)))


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
