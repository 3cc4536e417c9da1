"""Read files, folders and zips into articles.

Owns the report of what became of them. Knows nothing of passages, nor of formats.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from rag.errors import InputError
from rag.ingest.failure import Counted, Failure, Found, Remark
from rag.ingest.files import Elsewhere, read_files
from rag.ingest.folder import Folder
from rag.ingest.known import Known, KnownFile, Memory
from rag.ingest.limits import UPLOADS, Budget, Limits
from rag.ingest.metadata_csv import NAME as METADATA
from rag.ingest.portions import Portion, cut
from rag.ingest.report import Counting, Report
from rag.ingest.source import Options, Source
from rag.text.outside import is_there
from rag.types import Article, Progress
from rag.wording import note

__all__ = [
    "METADATA",
    "UPLOADS",
    "ArticleReader",
    "Budget",
    "Failure",
    "Known",
    "Limits",
    "Options",
    "Remark",
    "Report",
    "read_articles",
]

Paths: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A file or folder, or several."""


def read_articles(
    path: Paths,
    limits: Limits | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
    known: Known | None = None,
) -> ArticleReader:
    """Return an iterator of the articles of a file, or of a folder and its subfolders by name, or
    of several such.

    A file is read by its content, whatever it is called; docs/formats.md lists what is read. What
    is over a bound of `limits` is a failure. A file of `known` ones that is the same is not read
    again. Raises InputError, before anything is read, for
    a path that does not exist and for a folder without files. That no file could be read is no
    error here: see `ArticleReader.failures`.
    """
    return ArticleReader(path, Budget(limits or Limits()), options, progress, known)


class ArticleReader(Iterator[Article]):
    """An iterator of articles; `failures`, `remarks` and `report` grow with it and are complete at
    its end.

    A file is read by its content, whatever it is called. One unreadable file, record or field is
    a failure and never stops the rest. One file at a time is in memory. `budget` may go on from an
    earlier reading; `known` files are not parsed. It may be set until the first article is asked
    for, as may `elsewhere`, which has what other processes read of the `portions`. `progress` is
    told of the files ("reading files"), of the articles, whose total nobody knows ("reading
    articles"), and of scanned pages ("recognising pages").
    """

    def __init__(
        self,
        path: Paths,
        budget: Budget,
        options: Options | None = None,
        progress: Progress | None = None,
        known: Known | None = None,
    ) -> None:
        paths = [path] if isinstance(path, (str, os.PathLike)) else path
        places = [_files_of(Path(one), budget.limits) for one in paths]
        self.failures = [failure for files in places for failure in files.refused]
        self.remarks: list[Remark] = []
        self._progress = progress
        self._counting = Counting(unread=len(self.failures))
        self._files = sum(len(files.names) for files in places)

        self.known = known
        self.elsewhere: Elsewhere | None = None
        self.paths = tuple(Path(one).absolute() for one in paths)
        self.options, self._budget = options or Options(), budget
        self._memory: Memory | None = None
        self._places = places
        self._found = self._read()

    @property
    def report(self) -> Report:
        """What became of the files that were read so far."""
        return self._counting.report(self.failures, self.remarks)

    @property
    def files(self) -> Mapping[str, KnownFile]:
        """What came of the files that were read so far, for the next reading of them."""
        return self._memory.files if self._memory else {}

    def __iter__(self) -> ArticleReader:
        return self

    def __next__(self) -> Article:
        for found in self._found:
            if isinstance(found, Article):
                article = self._counting.add(found)
                if self._memory and (article.id != found.id or self._counting.is_repeated):
                    self._memory.leave_out()
                if self._progress:
                    self._progress("reading articles", self._counting.total, 0)
                return article
            if isinstance(found, Counted):
                self._count(found)
            elif isinstance(found, Remark):
                self.remarks.append(found)
            else:
                self.failures.append(found)
        raise StopIteration

    @property
    def files_found(self) -> int:
        """How many files there are to read; what zips hold shows when they are opened."""
        return self._files

    def portions(self, size: int) -> Iterator[Portion]:
        """Yield the files of the reading, `size` at a time, for other processes to read."""
        return cut(self._places, size, self._budget.limits, self.options)

    def _read(self) -> Iterator[Found]:
        memory = self._memory = Memory(self.options, self.known)

        def opened(name: str, data: bytes) -> Source:
            return Source(name, data, self._budget, self.options, progress=self._progress)

        for files in self._places:
            yield from read_files(
                files, opened, self._budget, memory=memory, elsewhere=self.elsewhere
            )

    def _count(self, files: Counted) -> None:
        """Count files; those within a zip count instead of it."""
        self._files += files.more
        self._counting.read += files.read
        self._counting.unread += files.unread
        if self._progress:
            done = self._counting.read + self._counting.unread
            self._progress("reading files", done, self._files)


def _files_of(path: Path, limits: Limits) -> Folder:
    """The files of a path. Raises InputError."""
    if not is_there(path):
        raise InputError(note("no_path", path=str(path)))
    if path.is_dir():
        files = Folder(path, limits, METADATA)
        if not files.names and not files.refused:
            raise InputError(note("no_article_files", folder=str(path)))
        return files
    if path.is_file():
        return Folder(path.parent, limits, METADATA, only=path.name)
    raise InputError(note("no_path", path=str(path)))
