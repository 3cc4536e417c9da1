"""Files to articles.

Owns which files are read, which reader a file's content asks for, and the list of what could not
be read. Knows nothing of passages, nor of what one format looks like inside.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rag.errors import InputError
from rag.ingest.decode import decode
from rag.ingest.failure import Failure, Unreadable
from rag.ingest.metadata import NAME, Metadata
from rag.ingest.page import read_page
from rag.ingest.records import csv_delimiter, is_json, read_csv, read_json_lines
from rag.types import Article

__all__ = ["ArticleReader", "Failure", "read_articles"]


def read_articles(path: str | os.PathLike[str]) -> ArticleReader:
    """The articles of a file, or of a folder and its subfolders in the order of their names.

    Raises InputError, before anything is read, for a path that does not exist and for a folder
    without files. That no file could be read is no error here: see `ArticleReader.failures`.
    """
    return ArticleReader(Path(path))


class ArticleReader(Iterator[Article]):
    """An iterator of articles; `failures` grows with it and is complete at its end.

    A file is JSON Lines, CSV or a saved text page by its content, whatever it is called. One
    unreadable file, record or field is a failure and never stops the rest.
    """

    def __init__(self, path: Path) -> None:
        self.failures: list[Failure] = []
        if path.is_dir():
            self._root = path
            files = self._list_folder()
            if not files and not self.failures:
                raise InputError(
                    f"no article files in {path}: name a folder with .txt, .jsonl or .csv"
                )
        elif path.is_file():
            self._root, files = path.parent, [path.name]
        else:
            raise InputError(f"no file or folder {path}: check the path and run it again")
        self._metadata: dict[str, Metadata | None] = {}
        self._articles = self._read(files)

    def __iter__(self) -> ArticleReader:
        return self

    def __next__(self) -> Article:
        return next(self._articles)

    def _list_folder(self) -> list[str]:
        """The files to read, relative to the folder, with "/" on every system."""
        home = self._root.resolve()
        found: list[str] = []

        def unlisted(error: OSError) -> None:
            folder = Path(error.filename or self._root)
            self._fail(_relative(folder, self._root), f"cannot be listed: {error.strerror}")

        for folder, folders, names in os.walk(self._root, onerror=unlisted):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = Path(folder, name)
                if name.startswith(".") or name == NAME or not path.is_file():
                    continue
                if path.is_symlink() and not path.resolve().is_relative_to(home):
                    self._fail(
                        _relative(path, self._root), "a link out of the folder: copy the file"
                    )
                    continue
                found.append(_relative(path, self._root))
        return sorted(found)

    def _read(self, files: list[str]) -> Iterator[Article]:
        for file in files:
            metadata = self._metadata_of(file)
            articles: Iterator[Article] = self._read_file(file)
            name = file.rpartition("/")[2]
            if metadata and name in metadata.files:
                corrected, failures = metadata.apply(name, list(articles))
                self.failures += failures
                articles = iter(corrected)
            yield from articles
        for folder, metadata in self._metadata.items():
            for name in metadata.files if metadata else ():
                if metadata and not (self._root / folder / name).is_file():
                    self.failures.append(metadata.reject(name, f"no file {name} beside it"))

    def _read_file(self, file: str) -> Iterator[Article]:
        any_read = False
        try:
            for read in _parse(file, decode((self._root / file).read_bytes())):
                any_read = True
                if isinstance(read, Article):
                    yield read
                else:
                    self.failures.append(read)
            if not any_read:
                self._fail(file, "no records: only a header")
        except Unreadable as error:
            self._fail(file, str(error))
        except OSError as error:
            self._fail(file, f"cannot be read: {error.strerror}")

    def _metadata_of(self, file: str) -> Metadata | None:
        """The metadata.csv beside a file, read once a folder."""
        folder = file.rpartition("/")[0]
        if folder not in self._metadata:
            self._metadata[folder] = None
            path = self._root / folder / NAME
            name = f"{folder}/{NAME}" if folder else NAME
            if path.is_file():
                try:
                    metadata = Metadata(name, decode(path.read_bytes()))
                except (Unreadable, OSError) as error:
                    self._fail(name, str(error))
                else:
                    self._metadata[folder] = metadata
                    self.failures += metadata.failures
        return self._metadata[folder]

    def _fail(self, file: str, reason: str) -> None:
        self.failures.append(Failure(file, reason))


def _parse(file: str, text: str) -> Iterator[Article | Failure]:
    if is_json(text):
        yield from read_json_lines(file, text)
    elif delimiter := csv_delimiter(text):
        yield from read_csv(file, text, delimiter)
    else:
        pages = read_page(text)
        for ordinal, found in enumerate(pages, 1):
            yield Article(
                found.text,
                title=found.title,
                source=found.source,
                author=found.author,
                published=found.published,
                origin=f"{file}#{ordinal}" if len(pages) > 1 else file,
            )


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
