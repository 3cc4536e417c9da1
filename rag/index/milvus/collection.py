"""The collection of a snapshot in Milvus: its schema, how it is filled, what a manifest says of it.

Row i is passage i of the catalogue.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from rag.errors import SettingsError
from rag.index.bm25 import K1, B
from rag.index.milvus.address import ENGINE, SPARSE
from rag.index.milvus.client import BUILDING, STRONG, Engine
from rag.index.protocols import VectorRows, Weights
from rag.types import Vectors

EXACT = 100_000
"""Passages up to which vectors are searched exactly, unless the address says otherwise."""
BLOCK = 1000
"""Rows that are written, or read, at a time."""
COPY = ""
"""Where passages are found by their words, if in none of `WORDS`: in the copy on each server."""
ID, SOURCE, TEXT = 1024, 1024, 65_535
"""Bytes of the fields of text; longer values are cut."""
_GRAPH = {"M": 16, "efConstruction": 200}
_EF = 400  # The default of Milvus misses neighbours that this finds.
_SINCE = {SPARSE: (2, 4), ENGINE: (2, 5)}  # The versions of Milvus that have it.
_WORDLESS = {0: 1.0}  # Milvus wants something in a sparse vector; no word has this dimension.


@dataclass(frozen=True, slots=True)
class Collection:
    """What a manifest says of a collection: its name, the kind of its vector index, how many
    neighbours a search of a graph follows (`ef`), the vectors' number, dimension and SHA-256,
    where `words` are searched, and the SHA-256 of their sparse vectors.
    """

    collection: str
    index: str
    ef: int
    rows: int
    dimension: int
    sha256: str
    engine: str = "milvus"
    words: str = COPY
    words_sha256: str = ""

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
    """What is written of a passage beside its vector; `words` are its frequencies in BM25."""

    article_id: str
    source: str
    day: int
    text: str
    words: Weights


def write(
    engine: Engine,
    name: str,
    vectors: VectorRows,
    passages: Iterator[Placed],
    between: Callable[[int], object] = lambda written: None,
    before: str = COPY,
) -> Collection:
    """Make a collection of passages and their vectors, index it, and return what the manifest says
    of it. `between` is told now and then how many are written; `before` is where words were
    searched in the collection before, and stays, unless the address says otherwise.

    Raises SettingsError where the address asks for what the engine has not.
    """
    words, dimension = _words(engine, before), vectors.take(np.arange(1)).shape[1]
    engine(lambda client: _create(client, name, dimension, words))
    digests = Digests()
    for first in range(0, len(vectors), BLOCK):
        block = vectors.take(np.arange(first, min(first + BLOCK, len(vectors))))
        rows = [
            _fields(row, vector, one, words)
            for row, vector, one in zip(itertools.count(first), block, passages)
        ]
        digests.add(block, [row["sparse"] for row in rows] if words == SPARSE else [])
        engine.insert(name, rows)
        between(first + len(rows))
    kind = engine.address.kind or ("FLAT" if len(vectors) <= EXACT else "HNSW")
    engine(lambda client: _index(client, name, kind, words))
    ef = _EF if kind == "HNSW" else 0
    of_vectors, of_words = digests.hex(words)
    return Collection(
        name, kind, ef, len(vectors), dimension, of_vectors, words=words, words_sha256=of_words
    )


def sparse(words: Weights) -> dict[int, float]:
    """Return the sparse vector of words: a word's dimension is its number in the vocabulary, and
    one, as all words of a collection are counted in one vocabulary, in which no two are one."""
    return {number + 1: value for number, value in words.items()}


class Digests:
    """The SHA-256 of the vectors, and of the sparse vectors, of a collection, row by row."""

    def __init__(self) -> None:
        self._vectors, self._words = hashlib.sha256(), hashlib.sha256()

    def add(self, vectors: Vectors, words: list[dict[int, float]]) -> None:
        self._vectors.update(np.ascontiguousarray(vectors, "<f4").data.cast("B"))
        for one in words:
            dimensions = sorted(one)
            self._words.update(np.array(dimensions, "<u4").tobytes())
            self._words.update(np.array([one[i] for i in dimensions], "<f4").tobytes())

    def hex(self, words: str) -> tuple[str, str]:
        """Return both; "" for that of sparse vectors that are not Byline's."""
        return self._vectors.hexdigest(), self._words.hexdigest() if words == SPARSE else ""


def _words(engine: Engine, before: str) -> str:
    """Where words are searched in a collection that is made now."""
    asked, version = engine.address.words or before, engine.version()
    if not asked:  # milvus-lite searches in Python, and in the memory of the program.
        can = version >= _SINCE[SPARSE] and not engine.address.lite
        return SPARSE if can else COPY
    if version < _SINCE[asked]:
        here, since = (".".join(map(str, one)) for one in (version, _SINCE[asked]))
        raise SettingsError(
            f"The engine at {engine.address.text} is Milvus {here}, and ?words={asked} is there "
            f"from {since} on. Leave it out of the address."
        )
    return asked


def _create(client: Any, name: str, dimension: int, words: str) -> None:
    from pymilvus import DataType, Function, FunctionType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("article_id", DataType.VARCHAR, max_length=ID)
    schema.add_field("source", DataType.VARCHAR, max_length=SOURCE)
    schema.add_field("day", DataType.INT32)
    analysed = {"enable_analyzer": True} if words == ENGINE else {}
    schema.add_field("text", DataType.VARCHAR, max_length=TEXT, **analysed)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
    if words:
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    if words == ENGINE:
        schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["sparse"]))
    client.create_collection(name, schema=schema, consistency_level=STRONG, timeout=BUILDING)


def _fields(row: int, vector: Vectors, one: Placed, words: str) -> dict[str, Any]:
    fields = {
        "row": row,
        "article_id": _cut(one.article_id, ID),
        "source": _cut(one.source, SOURCE),
        "day": one.day,
        "text": _cut(one.text, TEXT),
        "dense": vector,
    }
    return {**fields, "sparse": sparse(one.words) or _WORDLESS} if words == SPARSE else fields


def _index(client: Any, name: str, kind: str, words: str) -> None:
    client.flush(name, timeout=BUILDING)
    parameters = client.prepare_index_params()
    given = _GRAPH if kind == "HNSW" else {}
    parameters.add_index("dense", index_type=kind, metric_type="IP", params=given)
    if words:
        weighed = {"bm25_k1": K1, "bm25_b": B} if words == ENGINE else {}
        parameters.add_index(
            "sparse", index_type="SPARSE_INVERTED_INDEX", metric_type=metric(words), params=weighed
        )
    client.create_index(name, parameters, timeout=BUILDING)
    client.load_collection(name, timeout=BUILDING)


def metric(words: str) -> str:
    """Return by what sparse vectors are compared."""
    return "BM25" if words == ENGINE else "IP"


def _cut(text: str, most: int) -> str:
    """The beginning of a text that has at most so many bytes."""
    return text.encode()[:most].decode(errors="ignore")
