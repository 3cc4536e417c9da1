"""The journal of a build: vectors on disk as they come, so that no text is embedded twice.

A build that ended early leaves it behind, and the next one goes on from there. Knows texts by their
digests only.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.index.manifest import EncoderFacts
from rag.index.ownership import JOURNAL, JOURNAL_START
from rag.protocols import TextEncoder
from rag.types import Progress, Vectors

_BLOCK = 128
"""Texts that are embedded before their vectors are written: a second or two of work."""


def embed(
    home: Path, texts: Sequence[str], encoder: TextEncoder, progress: Progress | None = None
) -> Vectors:
    """Return unit rows, shape (n, dimension), of `texts`: those that the journal in `home` has, and
    the others by the encoder, block by block to the journal.

    `home` is locked meanwhile. Raises OSError when the journal cannot be written.
    """
    if not texts:
        return np.empty((0, encoder.dimension), np.float32)
    digests = [hashlib.sha256(text.encode()).digest() for text in texts]
    with Journal(home, EncoderFacts.of(encoder)) as journal:
        new = {
            digest: text
            for digest, text in zip(digests, texts, strict=True)
            if digest not in journal.vectors
        }
        # The encoder makes batches of texts of like length, and so do the blocks.
        order = sorted(new, key=lambda digest: len(new[digest]), reverse=True)
        for first in range(0, len(order), _BLOCK):
            block = order[first : first + _BLOCK]

            def watched(stage: str, done: int, total: int, before: int = first) -> None:
                if progress:
                    progress(stage, before + done, len(order))

            journal.add(block, encoder.encode_passages([new[one] for one in block], watched))
        return np.array([journal.vectors[digest] for digest in digests], np.float32)


def remove(home: Path) -> None:
    """Delete the journal, if there is one: its vectors are in a snapshot. `home` is locked."""
    (home / JOURNAL).unlink(missing_ok=True)


class Journal:
    """The vectors that one encoder has made of texts, by the digests of these.

    A line says which encoder; records of one length follow, each with a checksum, as the last one
    may be torn. What another encoder wrote is dropped. Use in a `with` statement.
    """

    def __init__(self, home: Path, encoder: EncoderFacts) -> None:
        self.vectors: dict[bytes, Vectors] = {}
        self._record = np.dtype(
            [("text", "V32"), ("vector", "<f4", (encoder.dimension,)), ("checksum", "<u4")]
        )
        start = JOURNAL_START + json.dumps(dataclasses.asdict(encoder)).encode() + b"}\n"
        path = home / JOURNAL
        self._file = path.open("r+b" if path.exists() else "x+b")
        if self._file.read(len(start)) == start:
            self._read()
        else:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(start)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, texts: Sequence[bytes], vectors: Vectors) -> None:
        """Write the vectors of the texts with these digests; when this returns, the system has
        them."""
        records = np.zeros(len(texts), self._record)
        records["text"] = [np.void(text) for text in texts]
        records["vector"] = vectors
        records["checksum"] = _checksums(records)
        self._file.write(records.tobytes())
        self._file.flush()
        self._take(records)

    def _read(self) -> None:
        """Read the records up to the first that is not as it was written, and go on there."""
        start = self._file.tell()
        data = self._file.read()
        records = np.frombuffer(data, self._record, len(data) // self._record.itemsize)
        broken = np.flatnonzero(_checksums(records) != records["checksum"])
        sound = records[: broken[0] if len(broken) else None]
        self._take(sound)
        self._file.seek(start + sound.nbytes)
        self._file.truncate()

    def _take(self, records: npt.NDArray[Any]) -> None:
        for record in records:
            self.vectors[record["text"].tobytes()] = record["vector"]


def _checksums(records: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    return np.array([zlib.crc32(record.tobytes()[:-4]) for record in records], np.uint32)
