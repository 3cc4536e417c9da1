"""A connection to Milvus that opens itself again, and says what went wrong and what to do."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import re
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from rag.errors import SettingsError, StoreError, first_line
from rag.index.milvus.address import Address
from rag.wording import note

T = TypeVar("T")

TOKEN = "BYLINE_STORE_TOKEN"  # noqa: S105 - the name of a variable
"""The variable with the password of the store, as USER:PASSWORD, or a token."""
ASKING = 10.0
"""Seconds that the engine may take for what a question asks of it."""
BUILDING = 600.0
"""Seconds that it may take for a step of a build, as making an index of vectors."""
STRONG = "Strong"
"""The consistency level of what changes: what was written is read, whoever wrote it."""
BOUNDED = "Bounded"
"""That of what does not change any more, as a collection that was filled and counted: Milvus
answers in 3 milliseconds where it takes 200 to 400 to be sure that nothing came."""
_AT_ONCE = 16_000  # Rows; Milvus gives 16,384 at most.
_CONNECTING = 5.0
_NOT_FOUND, _NOT_LOADED = 100, 101
_REFUSED = ("auth", "permission", "unauthenticated", "token")
_FOREIGN = ("cannot parse expression", "field not found", "field id not exist")
_FULL = ("no space left", "disk quota", "quota exceeded", "memory", "resource exhausted")


class Engine:
    """The engine at an address. Safe to share between threads; connects when it is first asked.

    Every failure is a StoreError that names the address and a remedy; after one, the next call
    connects anew.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        # What runs in this process is never away, only busy.
        self._asking = BUILDING if address.lite else ASKING
        self._client: Any = None
        self._lock = threading.Lock()

    def __call__(self, ask: Callable[[Any], T]) -> T:
        """Return what `ask` makes of the `pymilvus.MilvusClient`. Raises StoreError."""
        milvus = _package()
        try:
            return ask(self._connected())
        except milvus.MilvusException as error:
            self._close()
            raise self._failed(error) from None
        except (OSError, ValueError, TypeError, milvus.grpc_error) as error:
            # A channel that was closed meanwhile: grpc raises what it likes.
            self._close()
            raise self._away(error) from None

    def reading(self, collection: str, ask: Callable[[Any], T]) -> T:
        """As a call that reads a collection; one that is not loaded is loaded first."""
        try:
            return self(ask)
        except StoreError as error:
            if error.kind != "loading":
                raise
        self.load(collection, self._asking)
        return self(ask)

    def collections(self) -> set[str]:
        """Return the names of all collections, whoever made them."""
        return set(self(lambda client: client.list_collections(timeout=self._asking)))

    def rows(
        self, collection: str, where: str, fields: Sequence[str], consistency: str = STRONG
    ) -> list[Mapping[str, Any]]:
        """Return the fields of at most 16,000 rows that fit an expression, in no order."""

        def ask(client: Any) -> list[Mapping[str, Any]]:
            found = client.query(
                collection, filter=where, output_fields=list(fields), timeout=self._asking,
                limit=_AT_ONCE, consistency_level=consistency,
            )  # fmt: skip
            return list(found)

        return self.reading(collection, ask)

    def count(self, collection: str) -> int:
        """Return the number of rows, those written last included."""

        def ask(client: Any) -> int:
            (found,) = client.query(
                collection, filter="", output_fields=["count(*)"], timeout=self._asking,
                consistency_level=STRONG,
            )  # fmt: skip
            return int(found["count(*)"])

        return self.reading(collection, ask)

    def search(
        self, collection: str, field: str, asked: Sequence[Any], k: int, where: str, **options: Any
    ) -> list[list[tuple[int, float]]]:
        """Return for each of `asked` the rows of the `k` best in a field, each with its score, best
        first. `where` restricts them, `options` say how to search."""

        def ask(client: Any) -> list[list[tuple[int, float]]]:
            found = client.search(
                collection, list(asked), filter=where, limit=k, output_fields=["row"],
                search_params=options, anns_field=field, consistency_level=BOUNDED,
                timeout=self._asking,
            )  # fmt: skip
            return [[(one["entity"]["row"], one["distance"]) for one in hits] for hits in found]

        return self.reading(collection, ask)

    def version(self) -> tuple[int, int]:
        """Return the version of Milvus, as (2, 5); that of milvus-lite counts further."""
        said = self(lambda client: client.get_server_version(timeout=self._asking))
        found = re.search(r"(\d+)\.(\d+)", str(said))
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def insert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows of which there is none yet."""
        data = [dict(row) for row in rows]
        self(lambda client: client.insert(collection, data, timeout=BUILDING))

    def upsert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows in the place of those with their keys."""
        data = [dict(row) for row in rows]
        self(lambda client: client.upsert(collection, data, timeout=BUILDING))

    def delete(self, collection: str, where: str) -> None:
        """Delete the rows that fit an expression."""
        self(lambda client: client.delete(collection, filter=where, timeout=BUILDING))

    def load(self, collection: str, timeout: float = BUILDING) -> None:
        """Have a collection loaded, so that it can be read."""
        self(lambda client: client.load_collection(collection, timeout=timeout))

    def release(self, collection: str) -> None:
        """Have a collection hold no memory until it is read again; no failure is told."""
        with contextlib.suppress(StoreError):
            self(lambda client: client.release_collection(collection, timeout=BUILDING))

    def drop(self, collection: str) -> None:
        """Drop a collection; nothing happens where there is none."""
        self(lambda client: client.drop_collection(collection, timeout=BUILDING))

    def _connected(self) -> Any:
        milvus = _package()
        with self._lock:
            if self._client is None:
                token = os.environ.get(TOKEN, "")
                given = {"token": token} if token and not self.address.lite else {}
                self._client = milvus.MilvusClient(self.address.uri, timeout=_CONNECTING, **given)
            return self._client

    def _close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # Of what is broken nothing more is wanted.
                client.close()

    def _failed(self, error: Any) -> StoreError:
        """What Milvus refuses, as a message with a remedy."""
        said = str(getattr(error, "message", "") or error).lower()
        where, code = self.address.text, getattr(error, "code", None)
        if self.address.lite and "open local milvus failed" in said:
            return failure(
                f"{where} cannot be opened: it is open in another program, as milvus-lite lets one "
                "in at a time, or may not be written. End that program, or keep the archive on a "
                "server of Milvus, which many can share."
            )
        if any(word in said for word in _FOREIGN):
            return failure(
                f"{where} has a collection that Byline did not make ({first_line(error)}). Choose "
                "another name for the archive."
            )
        if any(word in said for word in _REFUSED):
            return failure(
                f"The store {where} lets nobody in with what {TOKEN} holds, or lacks. Put USER:"
                "PASSWORD, or a token, in that variable."
            )
        if "fail connecting" in said and self._listens():  # So it says of a wrong password too.
            return failure(
                f"The store {where} can be reached, and lets nobody in: it has another password "
                f"than {TOKEN} holds, or it is starting. Put USER:PASSWORD, or a token, in that "
                "variable, or try again in a moment."
            )
        if code == _NOT_FOUND or "not found" in said or "not exist" in said:
            return failure(
                f"A collection of the archive {where} is missing. If a build has just replaced it, "
                f"ask again; else build it again with: byline build ARTICLES --store {where}",
                "gone",
            )
        if code == _NOT_LOADED or "not loaded" in said or "released" in said:
            return failure(
                f"The store {where} is loading the archive. Try again in a moment.", "loading"
            )
        if any(word in said for word in _FULL):
            return failure(
                f"The store {where} has no room left ({first_line(error)}). Make room on its disk "
                "or in its memory, and try again; the archive is as it was."
            )
        return self._away(error)

    def _listens(self) -> bool:
        """Whether something answers at the host and port of the address."""
        parts = urlsplit(self.address.uri)
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0), 2).close()
        except OSError:
            return False
        return True

    def _away(self, error: Exception) -> StoreError:
        said = str(getattr(error, "message", "") or first_line(error))[:200]
        return failure(
            f"The store {self.address.text} does not answer ({said}). See that the server runs and "
            "can be reached from here, and try again."
        )


def failure(text: str, kind: str = "") -> StoreError:
    """The error with this text; readers of a page are told that it may pass, and no address."""
    return StoreError(text, note("store_away"), kind)


def _package() -> Any:
    """The package pymilvus. Raises SettingsError where it is not installed."""
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # It tells of forks that harm nothing.
    try:
        milvus = importlib.import_module("pymilvus")
        milvus.grpc_error = importlib.import_module("grpc").RpcError  # type: ignore[attr-defined]
    except ImportError:
        raise SettingsError(
            "Archives in Milvus need a package. Run: pip install 'byline[milvus]'"
        ) from None
    for noisy in ("pymilvus", "grpc", "milvus_lite"):  # They print what is raised as well.
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    return milvus
