"""Notices that the files of folders change: the system tells it, or a look from time to time.

Owns which files count and when they have settled. A system tells nothing of a network share that
others write to, nor of a folder that comes back after it was unmounted: so a look at the names,
sizes and times of all files decides, and what the system tells only makes it come sooner.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from rag.ingest.hidden import is_hidden
from rag.text.outside import is_there

_SETTLED = 1.0
"""Seconds in which nothing may change before files are taken for written."""
_SETTLING = 30
"""Seconds after which files that change without end are read all the same."""


class Listing(NamedTuple):
    """How files are: each with its size and time of change. `missing` are paths that are not
    there."""

    files: frozenset[tuple[str, int, int]]
    missing: tuple[str, ...] = ()


def listing(paths: Sequence[str]) -> Listing:
    """Return how the files of folders and single files are; hidden ones are none of them."""
    files = {found for path in paths for found in _files(Path(path))}
    return Listing(frozenset(files), tuple(one for one in paths if not is_there(one)))


def changed(paths: Sequence[str], before: Listing, every: float, again: bool = False) -> Listing:
    """Wait until files differ from `before` and have settled; return how they are then.

    They are looked at when the system tells of a change, and every so many seconds; with `again`
    the first look ends the wait, whatever it shows.
    """
    while True:
        with _told_of(paths) as told:
            if listing(paths) == before:
                _wait(told, every)
        now = _settled(paths)
        if again or now != before:
            return now


def _files(path: Path) -> Iterator[tuple[str, int, int]]:
    """The files of a folder, or one file, as far as they can be looked at."""
    found = [path] if path.is_file() else []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not is_hidden(name)]
        found += [Path(folder, name) for name in names if not is_hidden(name)]
    for one in found:
        with contextlib.suppress(OSError):  # It was removed meanwhile.
            facts = one.stat()
            yield str(one), facts.st_size, facts.st_mtime_ns


def _settled(paths: Sequence[str]) -> Listing:
    """How files are once they no longer change: one that is being copied is not read by half."""
    end = time.monotonic() + _SETTLING
    now = listing(paths)
    while time.monotonic() < end:
        time.sleep(_SETTLED)
        before, now = now, listing(paths)
        if now == before:
            break
    return now


def _wait(told: threading.Event, seconds: float) -> None:
    """Wait for an event, at most so many seconds."""
    for _ in range(math.ceil(seconds)):  # Ctrl-C ends no longer wait on Windows.
        if told.wait(min(seconds, 1)):
            return


@contextlib.contextmanager
def _told_of(paths: Sequence[str]) -> Iterator[threading.Event]:
    """An event that is set when the system tells of a change below `paths`."""
    told = threading.Event()
    observer = Observer()
    try:
        # There may be no such folder, or no watch left for it: it is looked at from time to time.
        with contextlib.suppress(OSError):
            for path in paths:
                observer.schedule(_Handler(told), path, recursive=True)
            observer.start()
        yield told
    finally:
        if observer.is_alive():
            observer.stop()
            observer.join()


class _Handler(FileSystemEventHandler):
    """Sets an event when a file is written, moved or removed; that it was read is no change."""

    def __init__(self, told: threading.Event) -> None:
        self._told = told

    def _set(self, event: FileSystemEvent) -> None:
        self._told.set()

    on_created = on_modified = on_moved = on_deleted = _set
