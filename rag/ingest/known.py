"""What came of files at an earlier reading, so that none is parsed again that is the same.

Owns what makes a file the same: its bytes, its name, the rows of metadata.csv for it, the options
of the reading and the code that reads. A file of which something could not be read is read again:
what was missing may be there now.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from rag.ingest.failure import Counted, Found, Remark
from rag.ingest.source import Options
from rag.text.outside import json_value
from rag.types import Article
from rag.wording import note_of_json, note_to_json

_CODE = ("ingest", "text")
"""The packages of `rag` that make articles of files."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What came of a file: the ids of its articles and the remarks, in order, and how it counts."""

    articles: tuple[str, ...]
    remarks: tuple[Remark, ...]
    counted: Counted


_FILES = TypeAdapter(dict[str, tuple[tuple[str, ...], list[tuple[str, Any]], tuple[int, ...]]])


class Known(NamedTuple):
    """Files by the digests of all that counts, and the articles that they name."""

    files: Mapping[str, KnownFile]
    article: Callable[[str], Article]
    """Raises KeyError for an id that there is not."""


class Memory:
    """The files of a reading, recalled where they are known, and recorded for the next one."""

    def __init__(self, options: Options, known: Known | None) -> None:
        self.files: dict[str, KnownFile] = {}
        self._known = known
        self._start = json.dumps([_code(), options.dates, sorted(options.columns.items())])
        self._digest = ""

    def recall(self, name: str, data: bytes, rows: object) -> Iterator[Found] | None:
        """Return what came of a file, None if that is not known. `rows` are those of metadata.csv
        for it."""
        start = json.dumps([self._start, name, repr(rows)])
        return self.recall_by(hashlib.sha256(start.encode() + b"\0" + data).hexdigest())

    def recall_by(self, digest: str) -> Iterator[Found] | None:
        """Return what came of the file with this digest, None if that is not known."""
        self._digest = digest
        file = self._known.files.get(self._digest) if self._known else None
        if not self._known or not file:
            return None
        try:
            found: list[Found] = [self._known.article(id) for id in file.articles]
        except KeyError:
            return None
        return iter([*found, *file.remarks, file.counted])

    @property
    def digest(self) -> str:
        """The digest of the file that is being read; "" where it could not be opened."""
        return self._digest

    def record(self, found: Iterator[Found]) -> Iterator[Found]:
        """Yield what a file holds, and keep it in mind."""
        self._digest = ""
        articles: list[str] = []
        remarks: list[Remark] = []
        counted = Counted()
        failed = False
        for one in found:
            if isinstance(one, Article):
                articles.append(one.id)
            elif isinstance(one, Remark):
                remarks.append(one)
            elif isinstance(one, Counted):
                counted = Counted(*map(sum, zip(counted, one, strict=True)))
            else:
                failed = True
            yield one
        if self._digest and not failed:
            self.files[self._digest] = KnownFile(tuple(articles), tuple(remarks), counted)

    def leave_out(self) -> None:
        """Do not record the file that is being read: not all of its articles are kept as they
        are."""
        self._digest = ""


def to_bytes(files: Mapping[str, KnownFile]) -> bytes:
    """Return files as a file of JSON; `parse` reads it."""
    values = {
        digest: [
            file.articles,
            [[remark.file, note_to_json(remark.text)] for remark in file.remarks],
            file.counted,
        ]
        for digest, file in files.items()
    }
    return json.dumps(values, ensure_ascii=False).encode()


def parse(data: bytes) -> dict[str, KnownFile]:
    """Read what `to_bytes` makes. Of anything else no file is known: all are read again."""
    try:
        return {
            digest: KnownFile(
                articles,
                tuple(Remark(file, note_of_json(text)) for file, text in remarks),
                Counted(*counted),
            )
            for digest, (articles, remarks, counted) in _FILES.validate_python(
                json_value(data)
            ).items()
        }
    except ValueError:
        return {}


@functools.cache
def _code() -> str:
    """A digest of the code that reads files: another version may read them otherwise."""
    digest = hashlib.sha256()
    for package in _CODE:
        for file in sorted((Path(__file__).parents[1] / package).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
