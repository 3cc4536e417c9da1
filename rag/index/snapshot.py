"""The folder protocol of an index: whole snapshots, one of them in force, all bytes accounted for.

    DIR/CURRENT                     names the snapshot in force and the one before it, which is
                                    kept for a rollback, each with its manifest's SHA-256
    DIR/snapshots/<id>/             the snapshot's files, and manifest.json, written last
    DIR/snapshots/<id>.draft        empty: marks that folder as unfinished, or as being removed
    DIR/vectors.journal             vectors of a build that is at work, or has ended early

A folder is removed only if it has that mark or a manifest that names it, and no symbolic link is
followed or written through. Knows nothing of what the files hold.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import filelock

from rag.errors import SnapshotError, StoreError
from rag.index import from_elsewhere, ownership, pointer
from rag.index.manifest import parse_manifest
from rag.index.ownership import BESIDE, JOURNAL, MANIFEST
from rag.index.place import Home, at, index_damaged, option, shown
from rag.index.pointer import Pointer
from rag.index.protocols import VectorRows
from rag.wording import note

FORMAT_VERSION = 7
OLDER = (6,)
"""Formats that are read too. In format 6 all vectors are flat, and the manifest does not say so."""


class Draft:
    """A snapshot being written: fill `path`, then `commit`. Readers see nothing before that."""

    def __init__(self, home: Home) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        self.place = at(home)
        self.home = self.place.home
        self.id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        self.path = self.home / "snapshots" / self.id
        ownership.mark(self.path).touch(exist_ok=False)
        self.path.mkdir()

    def commit(self, facts: dict[str, Any], rows: VectorRows | None = None) -> None:
        """Write the manifest with `facts`, then put this snapshot in force in one step.

        The snapshot that was in force, if it is whole, is kept for a rollback. `rows` are as for
        `seal`.
        """
        put_in_force(self.place, self.seal(facts, rows), _last_whole(self.home))

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, by their names."""
        for name, data in files.items():
            (self.path / name).write_bytes(data)

    def seal(self, facts: dict[str, Any], rows: VectorRows | None = None) -> Pointer:
        """Write the manifest with `facts`, and put nothing in force. `rows` are the vectors, for
        a place that keeps them in an engine."""
        if rows is not None:
            facts = {**facts, **self.place.take(self.path, rows)}
        files = _files(self.path)
        for path in files.values():
            _sync(path)
        manifest = {
            "format_version": FORMAT_VERSION,
            "snapshot": self.id,
            **facts,
            "files": {
                name: {"bytes": path.stat().st_size, "sha256": _file_hash(path)}
                for name, path in files.items()
            },
        }
        data = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
        (self.path / MANIFEST).write_bytes(data)
        _sync(self.path / MANIFEST)
        _sync(self.path)
        digest = hashlib.sha256(data).hexdigest()
        self.place.keep(self.path, manifest, digest)
        return Pointer(self.id, digest)


def put_in_force(home: Home, now: Pointer, before: Pointer | None) -> None:
    """Replace CURRENT in one step; what it named before stays until the lock is freed."""
    place = at(home)
    place.put_in_force(now, before)
    write_current(place.home, now, before)


def write_current(home: Path, now: Pointer, before: Pointer | None) -> None:
    """Replace CURRENT in a folder."""
    new = home / "CURRENT.new"
    new.unlink(missing_ok=True)
    with new.open("xb") as file:  # Opens no file that is there, and no link to one.
        file.write(pointer.to_bytes(now, before))
    _sync(new)
    new.replace(home / "CURRENT")
    _sync(home)


@contextlib.contextmanager
def draft(home: Home) -> Iterator[Draft]:
    """Yield a new snapshot to fill and commit; what is not committed is removed again.

    Raises SnapshotError when another build is at work in `home`, or it cannot be written, or may
    not.
    """
    with locked(home):
        yield Draft(home)


@contextlib.contextmanager
def locked(home: Home) -> Iterator[None]:
    """Keep others from changing the index in `home` meanwhile; at the end, remove what CURRENT
    does not name. Raises SnapshotError as `draft` does.
    """
    place, done = at(home), False
    home = place.home
    check_home(home)
    try:
        (home / "snapshots").mkdir(parents=True, exist_ok=True)
        # The system frees this lock when the process ends, however it ends.
        with filelock.FileLock(home / ".lock", timeout=0):
            try:
                place.pull()
                yield
                done = True
            finally:
                sweep(home)
                # What has failed already is not to be hidden by what fails of it too.
                with contextlib.nullcontext() if done else contextlib.suppress(StoreError):
                    place.sweep()
    except filelock.Timeout:
        raise SnapshotError(note("index_busy", index=str(place))) from None
    except OSError as error:
        raise _unwritable(home, error) from error


def check_home(home: Path) -> None:
    """Raise SnapshotError, and change nothing, unless an index may be written in `home`.

    It may in a new or empty folder, and in an index that holds no symbolic link.
    """
    try:
        for name in ("snapshots", ".lock", "CURRENT", "CURRENT.new", JOURNAL):
            if ownership.is_link(home / name):
                raise SnapshotError(
                    f"{home / name} is a symbolic link, and an index is never written through one. "
                    "Remove the link, or name another folder."
                )
        if foreign := ownership.foreign(home):
            raise SnapshotError(
                f"{foreign} is no file of Byline, and its name is needed. Move it elsewhere."
            )
        if home.exists() and not ownership.is_index(home):
            raise SnapshotError(
                f"{home} is not empty and holds no index of Byline. Name a new or an empty folder "
                "for the index."
            )
    except OSError as error:
        raise _unwritable(home, error) from error


def remove(home: Path) -> None:
    """Remove an index, and what is kept beside it; links and foreign files stay.

    Raises SnapshotError when a build is at work in `home`, or it cannot be written.
    """
    if not home.is_dir() or not ownership.is_index(home):
        return
    with locked(home):
        (home / "CURRENT").unlink(missing_ok=True)  # From here on nothing is in force.
        (home / JOURNAL).unlink(missing_ok=True)
        for beside in BESIDE:
            if not ownership.is_link(home / beside):
                (home / beside).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # Something else is in it.
        (home / ".lock").unlink(missing_ok=True)
        for folder in (home / "snapshots", home):
            folder.rmdir()


def current(home: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder of the snapshot in force, and its manifest.

    The manifest is checked against CURRENT, every file against its size in the manifest, and those
    in JSON against their hashes. Raises
    SnapshotError when there is none, or it is incomplete, altered or of another format.
    """
    for _ in range(3):
        data = _read_current(home)
        try:
            return read(home, _parse(home, data)[0])
        except SnapshotError:
            # A build that ended in between has put another snapshot in force.
            if _read_current(home) == data:
                raise
    raise SnapshotError(
        f"The index in {shown(home)} is being rebuilt over and over. Try again later."
    )


def in_force(home: Path) -> str:
    """Return the id of the snapshot in force. Raises SnapshotError when there is none."""
    return _parse(home, _read_current(home))[0].snapshot


def folders(home: Path) -> list[Path]:
    """Return the folders of snapshots that may be read in part where an index is damaged: the one
    in force and the one before it, or else those that are there, the last made first."""
    try:
        named = [one.snapshot for one in _parse(home, _read_current(home)) if one]
    except SnapshotError:
        return ownership.own_folders(home)[::-1]
    return [home / "snapshots" / name for name in named]


def earlier(home: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the snapshot that is kept for a rollback, as `current` does, or None.

    Raises SnapshotError when it is incomplete, altered or of another format.
    """
    _, before = _parse(home, _read_current(home))
    return read(home, before) if before else None


def roll_back(home: Home) -> None:
    """Put the earlier snapshot in force again; the one that was is kept in its place, if whole.

    Raises SnapshotError when there is none, or it is not whole.
    """
    place = at(home)
    place.fetch()
    home = place.home
    _read_current(home)  # Locking would make the folder.
    with locked(place):
        now, before = _parse(home, _read_current(home))
        if before is None:
            raise SnapshotError(
                f"The index in {shown(home)} has no earlier snapshot to go back to. One is kept "
                "whenever a build changes something."
            )
        read(home, before)
        put_in_force(place, before, now if _is_whole(home, now) else None)


def check(path: Path, manifest: dict[str, Any]) -> list[str]:
    """Read every byte of a snapshot and return what is wrong: nothing, if all is as written."""
    found = _files(path)
    expected = manifest["files"]
    problems = [f"{name} is missing" for name in expected.keys() - found.keys()]
    problems += [f"{name} does not belong there" for name in found.keys() - expected.keys()]
    for name in expected.keys() & found.keys():
        if _file_hash(found[name]) != expected[name]["sha256"]:
            problems.append(f"{name} was altered")
    return sorted(problems)


def damaged(path: Path, problem: str) -> SnapshotError:
    """The error for a snapshot, in the folder `path`, that cannot be trusted; with its remedy."""
    return index_damaged(path.parents[1], problem)


@contextlib.contextmanager
def reading(path: Path, name: str) -> Iterator[None]:
    """Raise SnapshotError where a file of a snapshot, in the folder `path`, holds other values than
    are taken from it meanwhile: its hash may be anybody's."""
    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise damaged(path, f"{name} cannot be read") from None


def _unwritable(home: Path, error: OSError) -> SnapshotError:
    reason = str(error.strerror or error)
    return SnapshotError(note("index_unwritable", index=shown(home), error=reason))


def _read_current(home: Path) -> bytes:
    try:
        if ownership.is_link(home / "CURRENT"):
            raise index_damaged(home, "CURRENT is a link, and no link is followed")
        return (home / "CURRENT").read_bytes()
    except OSError:
        raise SnapshotError(
            f"There is no index in {shown(home)}. Build one with: byline build ARTICLES "
            f"{option(home)}"
        ) from None


def _parse(home: Path, data: bytes) -> tuple[Pointer, Pointer | None]:
    """The snapshot in force and the one before it, as CURRENT names them."""
    try:
        return pointer.parse(data)
    except ValueError:
        raise index_damaged(home, "CURRENT names no snapshot") from None


def _is_whole(home: Path, named: Pointer) -> bool:
    """Whether every byte of a snapshot is as it was written."""
    try:
        return not check(*read(home, named))
    except SnapshotError:
        return False


def _last_whole(home: Path) -> Pointer | None:
    """The snapshot in force, or else the one before it, if it can be read."""
    try:
        named = _parse(home, _read_current(home))
    except SnapshotError:
        return None
    return next((one for one in named if one and _is_whole(home, one)), None)


def read(home: Path, wanted: Pointer) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the manifest of a snapshot, checked as `current` does."""
    name = wanted.snapshot
    path = home / "snapshots" / name
    try:
        if ownership.is_link(path) or ownership.is_link(path.parent):
            raise index_damaged(home, f"snapshot {name} is behind a symbolic link")
        for problem in from_elsewhere.problems(path):
            raise index_damaged(home, problem)
        data = (path / MANIFEST).read_bytes()
    except (OSError, ValueError):  # ValueError: no file can have such a name.
        raise index_damaged(home, f"the manifest of snapshot {name} is missing") from None
    if wanted.manifest_sha256 != hashlib.sha256(data).hexdigest():
        raise index_damaged(home, f"the manifest of snapshot {name} was altered")
    manifest = parse_manifest(home, name, data, (FORMAT_VERSION, *OLDER))
    found = _files(path)
    for file, facts in manifest["files"].items():
        if file not in found:
            raise index_damaged(home, f"{file} is missing")
        size = found[file].stat().st_size
        if size != facts["bytes"]:
            raise index_damaged(home, f"{file} has {size} bytes instead of {facts['bytes']}")
        # What these say is taken as it stands; the others are checked when they are read.
        if file.endswith(".json") and _file_hash(found[file]) != facts["sha256"]:
            raise index_damaged(home, f"{file} was altered")
    return path, manifest


def sweep(home: Path) -> None:
    """Remove what unfinished builds left, and every snapshot that CURRENT does not name."""
    (home / "CURRENT.new").unlink(missing_ok=True)
    with contextlib.suppress(SnapshotError):
        kept = set()
        if (home / "CURRENT").exists():
            current(home)  # Of a damaged index everything stays, until it is built again.
            kept = {one.snapshot for one in _parse(home, _read_current(home)) if one}
        for path in ownership.own_folders(home):
            marked = ownership.mark(path)
            if path.name not in kept:
                marked.touch()  # Whoever comes next removes what is left of it.
                ownership.remove_snapshot(path)
            if (path.name in kept or not path.exists()) and ownership.is_mark(marked):
                marked.unlink()


def _files(folder: Path) -> dict[str, Path]:
    """The files of a snapshot but its manifest, by their names relative to `folder`."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    }


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows does not open folders.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
