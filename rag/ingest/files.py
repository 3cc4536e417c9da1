"""Read the files of a folder or a zip, each by its content.

Owns what metadata.csv changes of the articles beside it, and that one unreadable file, record or
field never stops the rest. Knows no format.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from typing import TypeAlias

from rag.errors import frames
from rag.ingest.encoding import decode
from rag.ingest.failure import Counted, Failure, Found, Remark, Unreadable
from rag.ingest.folder import FileSource
from rag.ingest.known import Memory
from rag.ingest.limits import Budget, in_bytes
from rag.ingest.metadata_csv import NAME as METADATA
from rag.ingest.metadata_csv import Metadata
from rag.ingest.source import Source
from rag.ingest.zip_files import ZipFiles
from rag.types import Article
from rag.wording import note

_log = logging.getLogger(__name__)

_SHARE = 20
"""A metadata.csv has so much less room than an article file; every row of it may be a failure."""

Opened: TypeAlias = Callable[[str, bytes], Source]
"""Makes a source of a file's name and bytes."""
Elsewhere: TypeAlias = Callable[[FileSource, str, Memory], Iterator[Found] | None]
"""What another process found in a file, by its name; None where it is to be read here."""


def read_zip(source: Source) -> Iterator[Found]:
    """Yield what the files of a zip hold. Raises Unreadable."""
    files = ZipFiles(source.data, source.budget, METADATA)
    yield Counted(unread=len(files.refused), more=len(files.names) + len(files.refused) - 1)
    for name, reason in files.refused:
        yield Failure(f"{source.name}/{name}", reason)
    yield from read_files(files, source.part, source.budget, f"{source.name}/")


def read_files(
    files: FileSource,
    opened: Opened,
    budget: Budget,
    at: str = "",
    memory: Memory | None = None,
    elsewhere: Elsewhere | None = None,
) -> Iterator[Found]:
    """Yield what files hold, in order; `at` comes before their names. What `memory` knows of them
    is not read again, nor what was read `elsewhere`."""
    by_folder: dict[str, Metadata | None] = {}
    for number, name in enumerate(files.names):
        left = len(files.names) - number
        if reason := budget.spent(left=left - 1):
            yield Failure(at + name, reason)
            yield Counted(unread=left)
            break
        budget.files += 1
        folder = name.rpartition("/")[0]
        if folder not in by_folder:
            by_folder[folder] = yield from metadata_in(files, folder, budget, at)
        found = None
        if elsewhere and memory and (there := elsewhere(files, name, memory)):
            found = _bounded(there, budget, at + name)
        found = found or read_one(files, name, opened, budget, by_folder[folder], at, memory)
        yield from memory.record(found) if memory else found
    for folder, metadata in by_folder.items():
        for own in metadata.files if metadata else ():
            if metadata and not files.holds(_path(folder, own)):
                yield metadata.reject(own, note("no_file_beside", file=own))


def read_one(
    files: FileSource,
    name: str,
    opened: Opened,
    budget: Budget,
    metadata: Metadata | None,
    at: str = "",
    memory: Memory | None = None,
) -> Iterator[Found]:
    """Yield what one file holds, with what metadata.csv says of it; that it cannot be read is a
    failure, too."""
    from rag.ingest.formats import read

    own = name.rpartition("/")[2]

    def parsed() -> Iterator[Found]:
        data = files.read(name)
        rows = metadata.rows(own) if metadata else ()
        known = memory.recall(name, data, rows) if memory else None
        return read(opened(name, data)) if known is None else _counted(known, budget)

    found = _read_file(at + name, parsed, budget)
    return _corrected(found, metadata, own) if metadata else found


def _corrected(found: Iterator[Found], metadata: Metadata, own: str) -> Iterator[Found]:
    """What a file holds, with what metadata.csv says of it."""
    if own not in metadata.files:
        yield from found
        return
    articles: list[Article] = []
    for one in found:
        if isinstance(one, Article):
            articles.append(one)
        else:
            yield one
    corrected, failures = metadata.apply(own, articles)
    yield from failures
    yield from corrected


def _counted(found: Iterator[Found], budget: Budget) -> Iterator[Found]:
    """What is known of a file. Raises Unreadable beyond a bound."""
    for one in found:
        if isinstance(one, Article):
            budget.take_article(one)
        yield one


def _bounded(found: Iterator[Found], budget: Budget, file: str) -> Iterator[Found]:
    """What was read of a file elsewhere, up to a bound of the whole reading."""
    articles = 0
    try:
        for one in _counted(found, budget):
            yield one
            articles += isinstance(one, Article)
    except Unreadable as error:
        yield Failure(file, error.reason)
        yield Counted(read=1) if articles else Counted(unread=1)


def _read_file(file: str, parsed: Callable[[], Iterator[Found]], budget: Budget) -> Iterator[Found]:
    """What one file holds; that it cannot be read is a failure, too."""
    articles, failed, any_read, counted = 0, 0, False, False
    try:
        for found in parsed():
            yield found
            articles += isinstance(found, Article)
            counted = counted or isinstance(found, Counted)
            any_read = any_read or not isinstance(found, Remark)
            failed += isinstance(found, Failure) and found.file == file
            if failed >= budget.limits.failures:
                raise Unreadable(note("over_failures", n=failed))
        if not any_read:
            raise Unreadable(note("no_records"))
    except Unreadable as error:
        yield Failure(file, error.reason)
    except MemoryError:
        yield Failure(file, note("reading_memory"))
    except OSError as error:  # What else it says names the folder.
        yield Failure(file, note("cannot_be_read", error=str(error.strerror)))
    except Exception as error:  # No fault of one reader stops the others.
        _log.error("A reader failed.\n%s", frames(error))
        yield Failure(file, note("reader_failed", error=type(error).__name__))
    if not counted:  # As a zip was, file by file.
        yield Counted(read=1) if articles else Counted(unread=1)


def metadata_in(
    files: FileSource, folder: str, budget: Budget, at: str
) -> Generator[Found, None, Metadata | None]:
    """Return the metadata.csv of a folder, None without one; what of it cannot be used is
    yielded."""
    name = _path(folder, METADATA)
    if not files.holds(name):
        return None
    bound = budget.limits.file_bytes // _SHARE
    try:
        data = files.read(name)
        if len(data) > bound:
            raise Unreadable(note("over_size_of", size=in_bytes(bound), file=METADATA))
        decoded = decode(data)
        metadata = Metadata(at + name, decoded.text)
    except Unreadable as error:
        yield Failure(at + name, error.reason)
        return None
    except OSError as error:
        yield Failure(at + name, note("cannot_be_read", error=str(error.strerror)))
        return None
    yield from decoded.remarks(at + name)
    yield from metadata.failures[: budget.limits.failures]
    return metadata


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
