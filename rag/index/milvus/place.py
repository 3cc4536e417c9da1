"""An archive in Milvus as a place of an index: the engine has it, and a folder is the copy.

    NAME_<snapshot>     the passages of a snapshot, with their vectors; alias NAME: that in force
    NAME_files          the other files of the snapshots, in pieces
    NAME_state          what CURRENT says, and a note of each snapshot: what of it is in the engine

Nothing is dropped or deleted that no note names. The folder is in the user's cache, and may go: it
is fetched again.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import itertools
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import filelock
import platformdirs
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from rag.errors import LOST, SnapshotError, StoreError
from rag.index import bm25, ownership, pointer, snapshot
from rag.index.catalogue import Catalogue
from rag.index.common import InCommon
from rag.index.manifest import LEXICAL, parse_manifest
from rag.index.milvus import collection
from rag.index.milvus.address import Address
from rag.index.milvus.client import BUILDING, Engine, failure
from rag.index.milvus.collection import Collection, Placed
from rag.index.milvus.files import Files, Values
from rag.index.milvus.vectors import MilvusVectors
from rag.index.milvus.words import MilvusWords
from rag.index.place import STORE, Place
from rag.index.place import Engine as Manifested
from rag.index.pointer import Pointer
from rag.index.protocols import Finder, VectorIndex, VectorRows
from rag.index.vectors.facts import VectorFacts
from rag.wording import note

_CURRENT, _SNAPSHOT = "CURRENT", "snapshot:"
_ABANDONED = datetime.timedelta(hours=1)
"""How long a build on another machine may write nothing before what it left is removed."""
_WAIT = 600
"""Seconds that a program waits for another on this machine that fetches the same archive."""
_READ = 256
_TOLD = 64
"""Blocks of rows, and pieces of files, after which a build notes that it is at work."""


class _Written(TypedDict):
    """What a note says is in the engine of a snapshot, or is about to be: its collection and its
    files, by their hashes with their sizes; whether all is; who wrote it, and when."""

    collection: str
    files: dict[str, Annotated[int, Field(ge=0, le=1 << 40)]]
    done: bool
    by: str
    at: AwareDatetime


_WRITTEN = TypeAdapter(_Written)


class MilvusPlace(Place):
    """The archive at an address. Safe to share between threads, but for a change, which is one at
    a time: the folder is locked, and another machine's is noticed before it is lost."""

    def __init__(self, address: Address) -> None:
        key = hashlib.sha256(f"{address.uri}/{address.name}".encode()).hexdigest()[:16]
        folder = f"{address.name}-{key}"
        super().__init__(platformdirs.user_cache_path("byline") / "stores" / folder)
        self.address = address
        self._engine = Engine(address)
        self._state = Values(self._engine, f"{address.name}_state")
        self._files = Files(self._engine, f"{address.name}_files")
        self._seen: str | None = None  # What CURRENT said when the change under way began.
        self._anew = False  # Whether what is there is not as it was written.
        self._me = f"{socket.gethostname()}:{self.home}"

    def __str__(self) -> str:
        return self.address.text

    @property
    def name(self) -> str:
        return Path(self.address.uri).stem if self.address.lite else self.address.name

    def fetch(self, earlier: bool = False) -> None:
        said = self._current()
        if said is None:
            raise SnapshotError(
                f"There is no archive at {self}. Build one with: byline build ARTICLES "
                f"--store {self}"
            )
        if self._is_here(said, earlier):
            return
        try:
            self._make_home()
            with filelock.FileLock(self.home / ".lock", timeout=_WAIT):
                self._bring(said, earlier)
                snapshot.sweep(self.home)
        except filelock.Timeout:
            raise SnapshotError(note("index_busy", index=str(self))) from None
        except StoreError as error:
            if error.kind not in LOST:
                raise
            raise SnapshotError(str(error)) from None  # It does not pass.

    def pull(self) -> None:
        self._make_home()
        self._seen, self._anew = self._current(), False
        if not self._is_here(self._seen, earlier=True):
            try:
                self._bring(self._seen, earlier=True)
            except StoreError as error:
                if error.kind not in LOST:
                    raise
                self._anew = True  # It is built from nothing, and trusts nothing that is there.
                (self.home / _CURRENT).unlink(missing_ok=True)

    def vectors(
        self, folder: Path, engine: Manifested, facts: VectorFacts, in_common: InCommon
    ) -> VectorIndex:
        if engine is None:  # Of a folder that somebody put here.
            raise snapshot.damaged(folder, "its manifest names no vectors in the store")
        made = Collection.parse(engine)
        if made.collection != self._collection(folder.name):  # Anybody's, as far as is known.
            raise snapshot.damaged(folder, "its manifest names another's collection in the store")
        return MilvusVectors(self._engine, made, in_common)

    def finder(self, engine: Manifested, in_common: InCommon) -> Finder | None:
        made = Collection.parse(engine or {})
        return MilvusWords(self._engine, made, in_common) if made.words else None

    def kind_of(self, asked: str) -> str | None:
        return None  # The engine has an index of its own.

    def check(self, engine: Manifested) -> list[str]:
        return MilvusVectors(self._engine, Collection.parse(engine or {})).problems()

    def take(self, draft: Path, rows: VectorRows) -> dict[str, Any]:
        name = self._collection(draft.name)
        if self.address.name in self._engine.collections():
            raise failure(
                f"{self} has a collection {self.address.name} that Byline did not make. Choose "
                "another name for the archive."
            )
        self._state.make()
        self._files.values.make()
        written = {"collection": name, "files": {}, "done": False}
        self._note(draft.name, written)

        def told(passages: int) -> None:
            if passages % (_TOLD * collection.BLOCK) == 0:
                self._note(draft.name, written)  # It is at work.

        made = collection.write(self._engine, name, rows, _placed(draft), told, self._words())
        return {"vectors": made.to_json()}

    def _words(self) -> str:
        """Where words are searched in the snapshot in force."""
        with contextlib.suppress(SnapshotError, ValueError):
            return Collection.parse(snapshot.current(self.home)[1]["vectors"]).words
        return collection.COPY

    def keep(self, folder: Path, manifest: Mapping[str, Any], digest: str) -> None:
        path = folder / ownership.MANIFEST
        files = {digest: (path, path.stat().st_size)} | {
            facts["sha256"]: (folder / name, facts["bytes"])
            for name, facts in manifest["files"].items()
        }
        written = {
            "collection": manifest["vectors"]["collection"],
            "files": {sha256: size for sha256, (_, size) in files.items()},
            "done": False,
        }
        self._note(folder.name, written)
        for pieces in self._files.put(
            {sha256: file for sha256, (file, _) in files.items()}, self._anew
        ):
            if pieces % _TOLD == 0:
                self._note(folder.name, written)

    def put_in_force(self, now: Pointer, before: Pointer | None) -> None:
        if self._current() != self._seen:
            raise SnapshotError(
                f"Another program has changed the archive {self} meanwhile. What is there now "
                "stays. Run this again: what was embedded need not be embedded twice."
            )
        said = pointer.to_bytes(now, before).decode()
        self._state.write({_CURRENT: said})
        self._seen = said
        written = self._notes()[now.snapshot]
        if not written["done"]:
            self._note(now.snapshot, {**written, "done": True})
        name = written["collection"]
        with contextlib.suppress(StoreError):
            self._alias("create_alias", name)
            return
        self._alias("alter_alias", name)

    def sweep(self) -> None:
        said = self._current()
        named = {one.snapshot for one in self._parsed(said) if one} if said else set()
        notes = self._notes()
        if not named <= notes.keys():  # Nothing is known of what is kept.
            return
        gone = {id: one for id, one in notes.items() if id not in named and self._is_over(one)}
        files = {sha256: size for one in gone.values() for sha256, size in one["files"].items()}
        for id in notes.keys() - gone.keys():
            for sha256 in notes[id]["files"]:
                files.pop(sha256, None)
        if files:
            self._files.delete(files)
        for one in gone.values():
            self._engine.drop(one["collection"])
        self._state.delete([_SNAPSHOT + id for id in gone])
        before = self._parsed(said)[1] if said else None
        if before:
            self._engine.release(notes[before.snapshot]["collection"])

    def _is_over(self, one: _Written) -> bool:
        """Whether a snapshot that is not kept is nobody's work: it was in force, or its build ended
        here or was abandoned elsewhere."""
        return one["done"] or one["by"] == self._me or _now() - one["at"] > _ABANDONED

    def _current(self) -> str | None:
        """What CURRENT says in the engine; None where there is no archive."""
        if self.address.lite and not Path(self.address.uri).exists():
            return None  # To look would make it.
        try:
            return self._state.read([_CURRENT]).get(_CURRENT)
        except StoreError as error:
            if error.kind == "gone":
                return None
            raise

    def _is_here(self, said: str | None, earlier: bool) -> bool:
        """Whether the folder is as the engine says."""
        try:
            there = (self.home / _CURRENT).read_text("utf-8")
        except (OSError, ValueError):
            return said is None
        try:
            if there == said:
                snapshot.current(self.home)
                if earlier:
                    snapshot.earlier(self.home)
                return True
        except SnapshotError:
            pass
        return False

    def _bring(self, said: str | None, earlier: bool) -> None:
        """Make the folder as the engine says; it is locked."""
        if said is None:
            (self.home / _CURRENT).unlink(missing_ok=True)
            return
        now, before = self._parsed(said)
        self._download(now)
        if before and earlier:
            try:
                self._download(before)
            except StoreError as error:
                if error.kind not in LOST:
                    raise  # Else it is told when it is asked for.
        snapshot.write_current(self.home, now, before)

    def _download(self, named: Pointer) -> None:
        """Fetch what is missing of a snapshot, or differs, and check every file by its hash."""
        try:
            snapshot.read(self.home, named)
            return
        except SnapshotError:
            pass
        folder = self.home / "snapshots" / named.snapshot
        if folder.exists():
            ownership.remove_snapshot(folder)
        ownership.mark(folder).touch()
        folder.mkdir(parents=True, exist_ok=True)
        with self._files.loaded():
            data = b"".join(self._files.get(named.manifest_sha256))
            manifest = parse_manifest(
                self.home, named.snapshot, data, (snapshot.FORMAT_VERSION, *snapshot.OLDER)
            )
            for name, facts in manifest["files"].items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.writelines(self._files.get(facts["sha256"], facts["bytes"]))
        (folder / ownership.MANIFEST).write_bytes(data)
        ownership.mark(folder).unlink()

    def _make_home(self) -> None:
        """Make the folder where there is none, and say in it of what it is the copy."""
        (self.home / "snapshots").mkdir(parents=True, exist_ok=True)
        if not (self.home / STORE).exists():
            (self.home / STORE).write_text(self.address.text + "\n", "utf-8")

    def _parsed(self, said: str) -> tuple[Pointer, Pointer | None]:
        try:
            return pointer.parse(said.encode())
        except ValueError:
            raise failure(
                f"What the archive {self} says of itself cannot be read. Build it again with: "
                f"byline build ARTICLES --store {self}",
                "damaged",
            ) from None

    def _alias(self, change: str, collection: str) -> None:
        self._engine(
            lambda client: getattr(client, change)(collection, self.address.name, timeout=BUILDING)
        )

    def _note(self, id: str, written: Mapping[str, Any]) -> None:
        """Note what of a snapshot is in the engine, or is about to be."""
        values = {**written, "by": self._me, "at": _now().isoformat()}
        self._state.write({_SNAPSHOT + id: json.dumps(values)})

    def _collection(self, id: str) -> str:
        """The name of the collection of a snapshot."""
        return f"{self.address.name}_{id.replace('-', '_')}"

    def _notes(self) -> dict[str, _Written]:
        """What is noted of each snapshot; a note that names another's collection is no note: what
        notes name is dropped."""
        try:
            found = self._state.named(_SNAPSHOT)
        except StoreError as error:
            if error.kind == "gone":
                return {}
            raise
        notes = {}
        for name, data in found.items():
            with contextlib.suppress(ValidationError):
                id, written = name.removeprefix(_SNAPSHOT), _WRITTEN.validate_json(data)
                if written["collection"] == self._collection(id):
                    notes[id] = written
        return notes


def _placed(draft: Path) -> Iterator[Placed]:
    """What is written of each passage of a draft, in their order."""
    catalogue, words = Catalogue(draft / "archive.sqlite"), bm25.frequencies(draft / LEXICAL)
    rows = iter(range(len(catalogue)))
    while block := list(itertools.islice(rows, _READ)):
        for one in catalogue.passages(block):
            article = catalogue.article(one.article_id)
            day = article.published.toordinal() if article.published else 0
            yield Placed(one.article_id, article.source, day, one.text, next(words))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
