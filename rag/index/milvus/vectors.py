"""The passages of a snapshot in a collection of Milvus: its vectors, texts, sources and days.

Row i is passage i of the catalogue. Knows which rows a search may give as expressions.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from rag.index.milvus.client import ASKING, BOUNDED, BUILDING, STRONG, Engine, failure
from rag.types import Rows, Vectors

EXACT = 100_000
"""Passages up to which vectors are searched exactly, unless the address says otherwise."""
_ID, _SOURCE, _TEXT = 1024, 1024, 65_535  # Bytes; longer values are cut.
_BLOCK = 1000  # Rows that are written, or read, at a time.
_GRAPH = {"M": 16, "efConstruction": 200}
_EF = 400  # The default of Milvus misses neighbours that this finds.
_LISTED, _RANGES, _SHORT = 5000, 200, 50


@dataclass(frozen=True, slots=True)
class Collection:
    """What a manifest says of a collection: its name, the kind of its vector index, how many
    neighbours a search of a graph follows (`ef`), and the vectors' number, dimension and SHA-256.
    """

    collection: str
    index: str
    ef: int
    rows: int
    dimension: int
    sha256: str
    engine: str = "milvus"

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Collection:
        """Read what `to_json` gives. Raises ValueError for anything else."""
        try:
            return _ADAPTER.validate_python(values)
        except ValidationError as error:
            raise ValueError(f"vectors: {error.errors()[0]['msg']}") from None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


_ADAPTER = TypeAdapter(Collection)


@dataclass(frozen=True, slots=True)
class Placed:
    """What is written of a passage beside its vector."""

    article_id: str
    source: str
    day: int
    text: str


def create(engine: Engine, name: str, every: Vectors) -> Collection:
    """Make an empty collection for vectors, and return what the manifest says of it."""
    rows, dimension = every.shape
    kind = engine.address.kind or ("FLAT" if rows <= EXACT else "HNSW")

    def make(client: Any) -> None:
        from pymilvus import DataType

        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("article_id", DataType.VARCHAR, max_length=_ID)
        schema.add_field("source", DataType.VARCHAR, max_length=_SOURCE)
        schema.add_field("day", DataType.INT32)
        schema.add_field("text", DataType.VARCHAR, max_length=_TEXT)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
        client.create_collection(name, schema=schema, consistency_level=STRONG, timeout=BUILDING)

    engine(make)
    digest = hashlib.sha256(_bytes(every)).hexdigest()
    return Collection(name, kind, _EF if kind == "HNSW" else 0, rows, dimension, digest)


def fill(
    engine: Engine, made: Collection, every: Vectors, passages: Iterator[Placed]
) -> Iterator[int]:
    """Write all vectors, in blocks, and index them; yield how many are written."""
    for first in range(0, len(every), _BLOCK):
        rows = [
            {
                "row": row, "article_id": _cut(one.article_id, _ID),
                "source": _cut(one.source, _SOURCE), "day": one.day,
                "text": _cut(one.text, _TEXT), "dense": vector,
            }
            for row, vector, one in zip(
                itertools.count(first), every[first : first + _BLOCK], passages
            )
        ]  # fmt: skip
        engine.insert(made.collection, rows)
        yield first + len(rows)

    def index(client: Any) -> None:
        client.flush(made.collection, timeout=BUILDING)
        parameters = client.prepare_index_params()
        given = _GRAPH if made.index == "HNSW" else {}
        parameters.add_index("dense", index_type=made.index, metric_type="IP", params=given)
        client.create_index(made.collection, parameters, timeout=BUILDING)
        client.load_collection(made.collection, timeout=BUILDING)

    engine(index)


class MilvusVectors:
    """The vectors of a collection; a `rag.index.protocols.VectorIndex`. Safe to share between
    threads."""

    def __init__(self, engine: Engine, made: Collection) -> None:
        self._engine, self._made = engine, made
        self._name = made.collection
        engine.load(self._name)
        there = engine.count(self._name)
        if there != made.rows:
            raise failure(
                f"The collection {self._name} in {engine.address.text} has {there} vectors, not "
                f"{made.rows}. Build it again with: byline build ARTICLES --store "
                f"{engine.address.text}",
                "damaged",
            )

    def __len__(self) -> int:
        return self._made.rows

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        k = min(k, len(self) if allowed is None else len(allowed))
        rows: list[int] = []
        cosines: list[float] = []
        if k:
            wheres = [""] if allowed is None else expressions(allowed)
            for where in wheres:
                for found in self._nearest(query, k, where):
                    rows.append(found["row"])
                    cosines.append(found["distance"])
        found_rows, found_cosines = np.array(rows, np.int64), np.array(cosines, np.float32)
        best = np.lexsort((found_rows, -found_cosines))[:k]
        return found_rows[best], found_cosines[best]

    def cosines(self, queries: Vectors, rows: Rows) -> Vectors:
        similar: Vectors = queries @ self.take(rows).T
        return similar

    def digest(self) -> str:
        """Return the SHA-256 of all vectors, as they are read."""
        found = hashlib.sha256()
        for _, block in self._blocks():
            found.update(_bytes(block))
        return found.hexdigest()

    def _blocks(self) -> Iterator[tuple[int, Vectors]]:
        for first in range(0, len(self), _BLOCK):
            rows = np.arange(first, min(first + _BLOCK, len(self)))
            yield first, self.take(rows, STRONG)

    def take(self, rows: Rows, consistency: str = BOUNDED) -> Vectors:
        """Return the vectors of `rows`, in that order. Raises StoreError where one is missing."""
        known: dict[int, Sequence[float]] = {}
        for first in range(0, len(rows), _BLOCK):
            for where in expressions(rows[first : first + _BLOCK]):
                found = self._engine.rows(self._name, where, ("row", "dense"), consistency)
                known.update((int(one["row"]), one["dense"]) for one in found)
        try:
            chosen = [known[int(row)] for row in rows]
        except KeyError as missing:
            raise failure(
                f"The collection {self._name} in {self._engine.address.text} lacks row {missing}. "
                f"Build it again with: byline build ARTICLES --store {self._engine.address.text}",
                "damaged",
            ) from None
        return np.array(chosen, np.float32).reshape(len(rows), self._made.dimension)

    def _nearest(self, query: Vectors, k: int, where: str) -> list[Mapping[str, Any]]:
        ef = {"ef": max(self._made.ef, k)} if self._made.index == "HNSW" else {}

        def ask(client: Any) -> list[Mapping[str, Any]]:
            (found,) = client.search(
                self._name, [query], filter=where, limit=k, output_fields=["row"],
                search_params={"metric_type": "IP", "params": ef}, anns_field="dense",
                consistency_level=BOUNDED, timeout=ASKING,
            )  # fmt: skip
            return [{"row": one["entity"]["row"], "distance": one["distance"]} for one in found]

        return self._engine.reading(self._name, ask)


def expressions(rows: Rows) -> list[str]:
    """Return expressions that together fit `rows`: as ranges where they follow each other, and by
    their numbers elsewhere, each of a length that Milvus reads quickly."""
    wanted = np.unique(rows)
    if not len(wanted):
        return []
    parts = np.split(wanted, np.flatnonzero(np.diff(wanted) != 1) + 1)
    ranges = [f"(row >= {one[0]} and row <= {one[-1]})" for one in parts if len(one) >= _SHORT]
    alone = [row for one in parts if len(one) < _SHORT for row in one.tolist()]
    found = [" or ".join(ranges[i : i + _RANGES]) for i in range(0, len(ranges), _RANGES)]
    return found + [
        f"row in {alone[first : first + _LISTED]}" for first in range(0, len(alone), _LISTED)
    ]


def _bytes(vectors: Vectors) -> memoryview:
    return np.ascontiguousarray(vectors, "<f4").data.cast("B")


def _cut(text: str, most: int) -> str:
    """The beginning of a text that has at most so many bytes."""
    return text.encode()[:most].decode(errors="ignore")
