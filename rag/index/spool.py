"""The articles of a build in a file without a name, each once: in memory are their ids.

They are read one after the other, as often as a build needs them. The file is gone when nobody
needs it any more, however the process ends.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import threading
import weakref
from collections.abc import Collection, Iterable, Iterator, KeysView
from pathlib import Path
from typing import IO, NamedTuple

from rag.errors import InputError, SnapshotError
from rag.index.rows import to_article, to_row
from rag.text.outside import json_value
from rag.types import Article
from rag.wording import note


class _Place(NamedTuple):
    """Where an article begins in the file, how long it is, and what tells it from another."""

    start: int
    length: int
    content_hash: str
    origin: str


class Spool(Collection[Article]):
    """Articles of distinct ids, in the order in which they came; `origins` are the further places
    of those that came more than once. Safe to read from several threads."""

    def __init__(self, beside: Path | None = None) -> None:
        """`beside`: the file is made next to this folder, where it may be: on its disk, as that of
        temporary files may be in memory."""
        self._file = _file(beside)
        weakref.finalize(self, self._file.close)
        self._places: dict[str, _Place] = {}
        self._end, self._lock = 0, threading.Lock()
        self.origins: dict[str, dict[str, None]] = {}

    @classmethod
    def of(cls, articles: Iterable[Article], beside: Path | None = None) -> Spool:
        """Take articles as they come; those that are in one are not copied.

        Raises InputError where two that differ share an id.
        """
        if isinstance(articles, Spool):
            return articles
        made = cls(beside)
        for article in articles:
            made.add(article)
        return made

    def add(self, article: Article) -> None:
        """Take an article, if it is not there. Raises InputError where another has its id."""
        known = self._places.get(article.id)
        if known is None:
            data = json.dumps(to_row(article)).encode()
            with self._using():
                self._file.seek(self._end)
                self._file.write(data)
            place = _Place(self._end, len(data), article.content_hash, article.origin)
            self._places[article.id] = place
            self._end += len(data)
            return
        if known.content_hash != article.content_hash:
            raise InputError(
                note(
                    "same_id",
                    id=repr(article.id),
                    file=known.origin or note("no_file"),
                    other=article.origin or note("no_file"),
                )
            )
        if article.origin not in ("", known.origin):
            self.origins.setdefault(article.id, {})[article.origin] = None

    def drop(self, ids: Iterable[str]) -> None:
        """Leave out the articles with these ids."""
        for id in ids:
            del self._places[id]

    def ids(self) -> KeysView[str]:
        return self._places.keys()

    def get(self, id: str) -> Article | None:
        """Return an article, or None."""
        place = self._places.get(id)
        return self._read(place) if place else None

    def text(self, id: str) -> str:
        """Return the text of an article that is there."""
        return self._read(self._places[id]).text

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Article]:
        for place in list(self._places.values()):
            yield self._read(place)

    def __contains__(self, article: object) -> bool:
        return isinstance(article, Article) and self.get(article.id) == article

    def _read(self, place: _Place) -> Article:
        with self._using():
            self._file.seek(place.start)
            article = to_article(json_value(self._file.read(place.length)))
        assert article, "an article on disk is not as it was written"
        return article

    @contextlib.contextmanager
    def _using(self) -> Iterator[None]:
        """The file, for one thread at a time. Raises SnapshotError where the disk is full."""
        try:
            with self._lock:
                yield
        except OSError as error:
            raise SnapshotError(
                f"The articles of the build cannot be written next to the index ({error}). Name a "
                "folder for the index on a disk with room."
            ) from error


def _file(beside: Path | None) -> IO[bytes]:
    if beside:
        with contextlib.suppress(OSError):
            return tempfile.TemporaryFile(dir=beside.parent)
    return tempfile.TemporaryFile()
