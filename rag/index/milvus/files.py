"""Files in a collection of Milvus, in pieces by the hash of the file they are of.

A file that is there is not uploaded again, nor is a piece; one that is read is checked against its
hash. Also the notes of an archive: small values by name.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import itertools
import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.errors import SnapshotError
from rag.index.milvus.client import BUILDING, STRONG, Engine, failure

_PIECE = 46_000
"""Bytes of a piece: as text, also if they cannot be compressed, they fit a VARCHAR."""
_AT_ONCE = 64
_DIGEST = re.compile("[0-9a-f]{64}")
_FIELDS = {"id", "data", "nothing"}


class Values:
    """Values by name in a collection; Milvus wants a vector for each, which says nothing."""

    def __init__(self, engine: Engine, collection: str) -> None:
        self._engine, self.collection = engine, collection

    def make(self) -> None:
        """Make the collection where there is none, and load it. Raises StoreError for another of
        its name."""
        if self.collection not in self._engine.collections():
            self._engine(self._create)
        fields = self._engine(
            lambda client: client.describe_collection(self.collection, timeout=BUILDING)
        )["fields"]
        if {one["name"] for one in fields} != _FIELDS:
            raise failure(
                f"{self._engine.address.text} has a collection {self.collection} that Byline did "
                "not make. Choose another name for the archive."
            )
        self._engine.load(self.collection)

    def read(self, names: Collection[str]) -> dict[str, str]:
        """Return the values of those names that there are."""
        if not names:
            return {}
        return self._found(f"id in {_listed(names)}")

    def named(self, start: str) -> dict[str, str]:
        """Return the values of the names that begin so."""
        return self._found(f'id like "{start}%"')

    def write(self, values: dict[str, str]) -> None:
        """Write values in the place of those with their names."""
        rows = [{"id": id, "data": data, "nothing": [0.0, 0.0]} for id, data in values.items()]
        self._engine.upsert(self.collection, rows)

    def delete(self, names: Collection[str]) -> None:
        """Delete values by their names."""
        if names:
            self._engine.delete(self.collection, f"id in {_listed(names)}")

    def _found(self, where: str) -> dict[str, str]:
        rows = self._engine.rows(self.collection, where, ("id", "data"))
        return {one["id"]: one["data"] for one in rows}

    def _create(self, client: Any) -> None:
        from pymilvus import DataType

        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=128)
        schema.add_field("data", DataType.VARCHAR, max_length=65_535)
        schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)
        index = client.prepare_index_params()
        index.add_index("nothing", index_type="FLAT", metric_type="IP", params={})
        client.create_collection(
            self.collection, schema=schema, index_params=index, consistency_level=STRONG,
            timeout=BUILDING,
        )  # fmt: skip


class Files:
    """Files by their SHA-256."""

    def __init__(self, engine: Engine, collection: str) -> None:
        self.values = Values(engine, collection)
        self._engine = engine

    @contextlib.contextmanager
    def loaded(self) -> Iterator[None]:
        """Have the files loaded meanwhile, and not longer: Milvus holds in memory what is."""
        self._engine.load(self.values.collection)
        try:
            yield
        finally:
            self._engine.release(self.values.collection)

    def put(self, files: Mapping[str, Path], anew: bool = False) -> Iterator[int]:
        """Upload files by their hashes, with `anew` all of them, or else what is not there; yield
        how many pieces were looked at."""
        pieces, number = _pieces(files), 0
        while block := dict(itertools.islice(pieces, _AT_ONCE)):
            there = set() if anew else self._there(block)
            new = {
                name: base64.b64encode(zlib.compress(piece, 6)).decode()
                for name, piece in block.items()
                if name not in there
            }
            if new:
                self.values.write(new)
            number += len(block)
            yield number

    def get(self, digest: str, size: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of a file; without its size, until there is no more of it.

        Raises StoreError, at the latest at its end, for a file that is not whole.
        """
        found, number, read = hashlib.sha256(), 0, 0
        while size is None or read < size:
            left = _AT_ONCE if size is None else -(-(size - read) // _PIECE)
            names = [_name(digest, number + at) for at in range(min(_AT_ONCE, left))]
            data = self.values.read(names)
            for name in names:
                if name not in data:
                    break
                piece = self._piece(data[name])
                found.update(piece)
                read += len(piece)
                yield piece
            number += len(names)
            if len(data) < len(names):
                break
        if found.hexdigest() != digest:
            raise self._broken()

    def delete(self, sizes: Mapping[str, int]) -> None:
        """Delete files by their hashes, of so many bytes, also from what Milvus keeps of them."""
        names = (
            _name(digest, number)
            for digest, size in sizes.items()
            for number in range(-(-size // _PIECE))
        )
        while block := list(itertools.islice(names, 1000)):
            self.values.delete(block)
        self._engine(lambda client: client.compact(self.values.collection, timeout=BUILDING))

    def _there(self, names: Collection[str]) -> set[str]:
        where = f"id in {_listed(names)}"
        return {one["id"] for one in self._engine.rows(self.values.collection, where, ["id"])}

    def _piece(self, data: str) -> bytes:
        try:
            return zlib.decompressobj().decompress(base64.b64decode(data, validate=True), _PIECE)
        except (binascii.Error, ValueError, zlib.error):
            raise self._broken() from None

    def _broken(self) -> Exception:
        where = self._engine.address.text
        return failure(
            f"A file of the archive {where} was altered, or is not all there. Build it again with: "
            f"byline build ARTICLES --store {where}",
            "damaged",
        )


def _pieces(files: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    """The pieces of files with these hashes, by their names."""
    for digest, path in files.items():
        with path.open("rb") as file:
            for number in itertools.count():
                piece = file.read(_PIECE)
                if not piece:
                    break
                yield _name(digest, number), piece


def _name(digest: str, number: int) -> str:
    """The name of a piece; a manifest may be anybody's, and names stand in expressions."""
    if not _DIGEST.fullmatch(digest):
        raise SnapshotError(f"{digest[:80]!r} is no hash of a file. Build the archive again.")
    return f"{digest}:{number}"


def _listed(names: Collection[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
