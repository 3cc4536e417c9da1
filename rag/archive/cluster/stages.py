"""The stages that the nodes of a cluster run: read files, cut articles, embed what is new.

Each takes and yields tables of rows, one for each `FilePart`. Knows of Ray only how to ask the
keeper of the journal.
"""

from __future__ import annotations

import functools
import hashlib
import pickle  # What the processes of one build tell each other.
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import ray

import rag
from rag.archive.cluster.connection import MORE_MEMORY
from rag.errors import ClusterError, EncoderError
from rag.index.chunk import cut_with_heading
from rag.index.journal import Journal, digest_of
from rag.index.manifest import EncoderFacts
from rag.index.record import Embedded
from rag.ingest.portions import FilePart, Portion, read_portion
from rag.models import loaded
from rag.protocols import TextEncoder
from rag.settings import BuildSettings
from rag.types import Article, Vectors

_BLOCK = 64
"""Texts that are embedded before their vectors are written: what a worker that dies has lost."""

_TRIES = 4
"""How often the same texts are begun, by workers that died over them, before that is an error."""


class Digests:
    """A set of digests, by eight bytes of each, in memory that the processes of a node share.

    One that is not in it may seem to be, once in some billions: what is then left out is made up
    for by the build that follows.
    """

    def __init__(self, digests: Iterable[bytes]) -> None:
        whole = b"".join(digest[:8] for digest in digests)
        self._sorted: npt.NDArray[np.uint64] = np.unique(np.frombuffer(whole, np.uint64))

    def __contains__(self, digest: bytes) -> bool:
        (one,) = np.frombuffer(digest[:8], np.uint64)
        place = np.searchsorted(self._sorted, one)
        return bool(place < len(self._sorted) and self._sorted[place] == one)

    def __len__(self) -> int:
        return len(self._sorted)


class FileDigests(Digests):
    """As `Digests`, of digests in hexadecimal."""

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, str) and super().__contains__(bytes.fromhex(digest))


@dataclass(frozen=True)
class Known:
    """What need not be done again: files that are the same, and articles that an index has."""

    files: FileDigests
    articles: Digests


@dataclass(frozen=True)
class Work:
    """What every stage is told. `known` refers to a `Known`; `code` is the digest of Byline's."""

    settings: BuildSettings
    facts: EncoderFacts
    known: Any
    code: str

    def encoder(self) -> TextEncoder:
        """The encoder, loaded once by each process, and the same as that of the build. Raises
        EncoderError."""
        return _same_encoder(self.settings.encoder, self.facts)


def read(table: pa.Table, work: Work) -> Iterator[pa.Table]:
    """Read portions of files to their parts."""
    check_code(work.code)
    known = ray.get(work.known)
    for data in table["portion"].to_pylist():
        portion: Portion = pickle.loads(data)  # noqa: S301
        for part in read_portion(portion, known.files):
            yield pa.table({"part": [pickle.dumps(part)]})


def cut(table: pa.Table, work: Work) -> Iterator[pa.Table]:
    """Cut the articles of each part to the texts that are to be embedded."""
    check_code(work.code)
    known, encoder, settings = ray.get(work.known), work.encoder(), work.settings
    room = settings.passage_tokens - encoder.overhead
    for row in table.to_pylist():
        part: FilePart = pickle.loads(row["part"])  # noqa: S301
        texts: list[str] = []
        for article in part.articles:
            if embedded_digest(article) not in known.articles:
                texts += cut_with_heading(
                    article, encoder.count_tokens, room, settings.heading_tokens
                )[1]
        texts_of = pa.array([texts], pa.list_(pa.string()))
        yield pa.table({**{name: [value] for name, value in row.items()}, "texts": texts_of})


class Encode:
    """A worker that embeds the texts of parts, and hands their vectors to the keeper."""

    def __init__(self, work: Work, keeper: Any) -> None:
        self._work, self._keeper = work, keeper

    def __call__(self, table: pa.Table) -> pa.Table:
        # Not when it is made: of what is raised there, Ray tells the build no more than the text.
        check_code(self._work.code)
        encoder = self._work.encoder()
        lists = table["texts"].to_pylist()
        texts = {digest_of(text): text for of_part in lists for text in of_part}
        by = hashlib.sha256(b"".join(table["part"].to_pylist())).digest()
        new = ray.get(self._keeper.claim.remote(list(texts), by)) if texts else []
        new.sort(key=lambda one: len(texts[one]), reverse=True)  # Batches are of like length.
        for first in range(0, len(new), _BLOCK):
            block = new[first : first + _BLOCK]
            vectors = encoder.encode_passages([texts[one] for one in block])
            ray.get(self._keeper.add.remote(block, vectors))
        counts = pa.array(map(len, lists), pa.int64())
        return table.drop_columns(["texts"]).append_column("texts", counts)


class Keeper:
    """Keeps the journal of the index, where the build runs: says what is to be embedded, each
    text by one worker, and writes the vectors as they come."""

    def __init__(self, home: Path, facts: EncoderFacts) -> None:
        self._journal = Journal(home, facts)
        self._claimed: dict[bytes, bytes] = {}
        self._tries: Counter[bytes] = Counter()
        self._embedded = 0

    def claim(self, texts: list[bytes], by: bytes) -> list[bytes]:
        """Return those of the texts, by their digests, that nobody else embeds or has embedded.

        `by` names the work: when its worker dies, another that does it claims the same again.
        Raises ClusterError when that happens time and again.
        """
        left = [
            text
            for text, number in zip(texts, self._journal.find(texts).tolist(), strict=True)
            if number < 0 and self._claimed.setdefault(text, by) == by
        ]
        if left:
            self._tries[by] += 1
        if self._tries[by] > _TRIES:
            raise ClusterError(
                f"Workers of the cluster died {_TRIES} times over the same articles, as they do "
                f"where memory runs out. {MORE_MEMORY}"
            )
        return left

    def add(self, texts: list[bytes], vectors: Vectors) -> None:
        """Write the vectors of texts; of those that are there, none is written again."""
        new = np.flatnonzero(self._journal.find(texts) < 0).tolist()
        self._journal.add([texts[n] for n in new], vectors[new])
        self._embedded += len(new)
        for text in texts:
            self._tries.pop(self._claimed.pop(text, b""), None)  # The work goes on.

    def embedded(self) -> int:
        """How many texts were embedded."""
        return self._embedded


def embedded_digest(article: Article | Embedded) -> bytes:
    """A digest of all that the passages of an article are made of."""
    embedded = article if isinstance(article, Embedded) else Embedded.of(article)
    return hashlib.sha256(repr(tuple(embedded)).encode()).digest()


@functools.cache
def code() -> str:
    """A digest of Byline's code: another version may read, cut or embed otherwise."""
    digest = hashlib.sha256()
    folder = Path(rag.__file__).parent
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def check_code(expected: str) -> None:
    """Raise ClusterError unless this node has the Byline of the build."""
    if code() != expected:
        raise ClusterError(
            f"Byline on node {socket.gethostname()} is another version than here. Install the "
            "same on every node."
        )


@functools.cache
def _same_encoder(name: str, expected: EncoderFacts) -> TextEncoder:
    encoder = loaded.load_encoder(name, expected.precision)
    found = EncoderFacts.of(encoder)
    if not expected.embeds_as(found):
        raise EncoderError(
            f"Node {socket.gethostname()} embeds with {found.name!r} in {found.precision}, and "
            f"here it is {expected.name!r} in {expected.precision}. Use one model on all nodes, "
            "and a precision that all have: --set precision=float32"
        )
    return encoder
