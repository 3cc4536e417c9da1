"""The journal of a build: vectors on disk as they come, so that no text is embedded twice.

A build that ended early leaves it behind, and the next one goes on from there. Knows texts by their
digests only, and holds of each no more than a number in memory.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.manifest import EncoderFacts
from rag.index.ownership import JOURNAL, JOURNAL_START
from rag.protocols import TextEncoder
from rag.types import Progress, Rows, Vectors

_BLOCK = 128
"""Texts that are embedded before their vectors are written: a second or two of work."""
_WINDOW = 4096
"""Texts that are looked up, and put in order of their lengths, together."""
_READ = 4096
"""Records that are read at a time."""


def embed(
    home: Path,
    texts: Iterable[str],
    count: int,
    encoder: TextEncoder,
    progress: Progress | None = None,
) -> JournalRows:
    """Return the vectors of `count` texts: those that the journal in `home` has, and the others by
    the encoder, block by block to the journal. The texts are read as they are needed.

    `home` is locked meanwhile. Raises OSError when the journal cannot be written.
    """
    numbers: list[Rows] = []
    with Journal(home, EncoderFacts.of(encoder)) as journal:
        done, left = 0, iter(texts)
        while window := list(itertools.islice(left, _WINDOW)):
            new = journal.missing(window)
            done += len(window) - len(new)
            # The encoder makes batches of texts of like length, and so do the blocks.
            order = sorted(new, key=lambda digest: len(new[digest]), reverse=True)
            for first in range(0, len(order), _BLOCK):
                block = order[first : first + _BLOCK]

                def watched(stage: str, now: int, total: int, before: int = done) -> None:
                    if progress:
                        progress(stage, before + now, count)

                journal.add(block, encoder.encode_passages([new[one] for one in block], watched))
                done += len(block)
            numbers.append(journal.find([digest_of(text) for text in window]))
        found = np.concatenate(numbers) if numbers else np.empty(0, np.int64)
        return JournalRows(journal.records, found)


def digest_of(text: str) -> bytes:
    """Return what the journal knows a text by."""
    return hashlib.sha256(text.encode()).digest()


def remove(home: Path) -> None:
    """Delete the journal, if there is one: its vectors are in a snapshot. `home` is locked."""
    (home / JOURNAL).unlink(missing_ok=True)


@dataclass(frozen=True)
class Records:
    """The records of a journal, in its file from `start` on: digest, vector and checksum."""

    path: Path
    start: int
    kind: np.dtype[Any]

    def take(self, numbers: Rows) -> npt.NDArray[Any]:
        """Return records by their numbers. The file is closed again: it may be removed."""
        if not len(numbers):
            return np.empty(0, self.kind)
        # No record is beyond the last that was written: a block of that may be torn.
        shape = (int(numbers.max()) + 1,)
        taken = np.memmap(self.path, self.kind, "r", self.start, shape)[numbers]
        return np.array(taken)


@dataclass(frozen=True)
class JournalRows:
    """The vectors of texts, in the order of the texts; `VectorRows` that lie in the journal."""

    records: Records
    numbers: Rows

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Rows) -> Vectors:
        return np.array(self.records.take(self.numbers[rows])["vector"], np.float32)


class Journal:
    """The vectors that one encoder has made of texts, by the digests of these.

    A line says which encoder; records of one length follow, each with a checksum, as the last one
    may be torn. What another encoder wrote is dropped. Use in a `with` statement.
    """

    def __init__(self, home: Path, encoder: EncoderFacts) -> None:
        # Of each digest the first eight bytes, in order, and the number of its record.
        self._keys, self._numbers = np.empty(0, np.uint64), np.empty(0, np.int64)
        self._unsorted: list[bytes] = []
        self._count = 0
        kind = np.dtype(
            [("text", "V32"), ("vector", "<f4", (encoder.dimension,)), ("checksum", "<u4")]
        )
        start = JOURNAL_START + json.dumps(dataclasses.asdict(encoder)).encode() + b"}\n"
        path = home / JOURNAL
        self.records = Records(path, len(start), kind)
        self._file = path.open("r+b" if path.exists() else "x+b")
        if self._file.read(len(start)) == start:
            self._read()
        else:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(start)
            self._file.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        """Yield the digests of its texts."""
        for first in range(0, self._count, _READ):
            numbers = np.arange(first, min(first + _READ, self._count))
            yield from (text.tobytes() for text in self.records.take(numbers)["text"])

    def find(self, digests: Sequence[bytes]) -> Rows:
        """Return the numbers of the records of texts with these digests, -1 for one without."""
        self._sort()
        if not self._count:
            return np.full(len(digests), -1, np.int64)
        keys = _keys(digests)
        places = np.minimum(np.searchsorted(self._keys, keys), self._count - 1)
        found: Rows = np.where(self._keys[places] == keys, self._numbers[places], -1)
        there = np.flatnonzero(found >= 0)
        texts = self.records.take(found[there])["text"].tolist()
        for place, text in zip(there.tolist(), texts, strict=True):
            if text != digests[place]:  # Two that begin alike.
                alike = self._numbers[self._keys == keys[place]]
                others = self.records.take(alike)["text"].tolist()
                known = digests[place] in others
                found[place] = alike[others.index(digests[place])] if known else -1
        return found

    def missing(self, texts: Sequence[str]) -> dict[bytes, str]:
        """Return those of `texts` that have no vector here, each once, by their digests."""
        digests = [digest_of(text) for text in texts]
        found = self.find(digests).tolist()
        return {digests[i]: texts[i] for i, number in enumerate(found) if number < 0}

    def add(self, texts: Sequence[bytes], vectors: Vectors) -> None:
        """Write the vectors of the texts with these digests; when this returns, the system has
        them."""
        records = np.zeros(len(texts), self.records.kind)
        records["text"] = [np.void(text) for text in texts]
        records["vector"] = vectors
        records["checksum"] = _checksums(records)
        self._file.write(records.tobytes())
        self._file.flush()
        self._unsorted += texts
        self._count += len(texts)

    def _read(self) -> None:
        """Read the records up to the first that is not as it was written, and go on there."""
        size = self.records.kind.itemsize
        while data := self._file.read(_READ * size):
            records = np.frombuffer(data, self.records.kind, len(data) // size)
            broken = np.flatnonzero(_checksums(records) != records["checksum"])
            sound = records[: broken[0] if len(broken) else None]
            self._unsorted += [text.tobytes() for text in sound["text"]]
            self._count += len(sound)
            self._sort()
            if len(sound) * size < len(data):
                break
        self._file.seek(self.records.start + self._count * size)
        self._file.truncate()

    def _sort(self) -> None:
        """Take what was added into the order of the keys."""
        if self._unsorted:
            keys = _keys(self._unsorted)
            order = np.argsort(keys, kind="stable")
            places = np.searchsorted(self._keys, keys[order], side="right")
            first = self._count - len(keys)
            self._keys = np.insert(self._keys, places, keys[order])
            self._numbers = np.insert(self._numbers, places, first + order)
            self._unsorted = []


def _keys(digests: Sequence[bytes]) -> npt.NDArray[np.uint64]:
    return np.array([int.from_bytes(digest[:8], "big") for digest in digests], np.uint64)


def _checksums(records: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    return np.array([zlib.crc32(record.tobytes()[:-4]) for record in records], np.uint32)
