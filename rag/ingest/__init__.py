"""Read files, folders and zips into articles.

Owns which of their files are read, and the list of what could not be read. Knows nothing of
passages, nor of formats.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rag.errors import InputError
from rag.ingest.encoding import decode
from rag.ingest.failure import Failure, Remark, Unreadable
from rag.ingest.folder import FileSource, Folder
from rag.ingest.formats import read
from rag.ingest.limits import UPLOADS, Budget, Limits, in_bytes
from rag.ingest.metadata_csv import NAME as METADATA
from rag.ingest.metadata_csv import Metadata
from rag.ingest.source import Options, Source
from rag.ingest.zip_files import ZipFiles, is_zip
from rag.types import Article, Note
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
    "read_articles",
]

_SHARE = 20
"""A metadata.csv has so much less room than an article file; every row of it may be a failure."""


def read_articles(
    path: str | os.PathLike[str], limits: Limits | None = None, options: Options | None = None
) -> ArticleReader:
    """Return an iterator of the articles of a file, or of a folder and its subfolders by name.

    A file is a text page, an HTML page, a PDF, JSON Lines, CSV or a zip of these, by its content.
    What is over a bound of `limits` is a failure. Raises InputError, before anything is read, for
    a path that does not exist and for a folder without files. That no file could be read is no
    error here: see `ArticleReader.failures`.
    """
    return ArticleReader(Path(path), Budget(limits or Limits()), options or Options())


class ArticleReader(Iterator[Article]):
    """An iterator of articles; `failures` and `remarks` grow with it and are complete at its end.

    A file is read by its content, whatever it is called. One unreadable file, record or field is
    a failure and never stops the rest. `budget` may go on from an earlier reading.
    """

    def __init__(self, path: Path, budget: Budget, options: Options | None = None) -> None:
        if path.is_dir():
            files = Folder(path, budget.limits, METADATA)
            if not files.names and not files.refused:
                raise InputError(note("no_article_files", folder=str(path)))
        elif path.is_file():
            files = Folder(path.parent, budget.limits, METADATA, only=path.name)
        else:
            raise InputError(note("no_path", path=str(path)))
        self.failures = [*files.refused]
        self.remarks: list[Remark] = []
        self._budget = budget
        self._options = options or Options()
        self._articles = self._read(files)

    def __iter__(self) -> ArticleReader:
        return self

    def __next__(self) -> Article:
        return next(self._articles)

    def _read(self, files: FileSource, at: str = "") -> Iterator[Article]:
        """The articles of a source of files; `at` comes before the names of its files."""
        by_folder: dict[str, Metadata | None] = {}
        for number, name in enumerate(files.names):
            if reason := self._budget.spent(left=len(files.names) - number - 1):
                self._fail(at + name, reason)
                break
            self._budget.files += 1
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
        try:
            data = files.read(name)
            if not is_zip(data):
                yield from self._read_articles(file, data)
            elif at:
                raise Unreadable(note("zip_in_zip"))
            else:
                zipped = ZipFiles(data, self._budget, METADATA)
                self.failures += [Failure(f"{file}/{own}", why) for own, why in zipped.refused]
                yield from self._read(zipped, f"{file}/")
        except Unreadable as error:
            self._fail(file, error.reason)
        except OSError as error:
            self._fail(file, note("cannot_be_read", error=str(error.strerror)))

    def _read_articles(self, file: str, data: bytes) -> Iterator[Article]:
        """The articles of a file that is no zip. Raises Unreadable."""
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


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
