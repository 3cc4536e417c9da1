"""The folder protocol of an index: whole snapshots, one of them in force, all bytes accounted for.

    DIR/CURRENT                     names the snapshot in force and its manifest's SHA-256
    DIR/snapshots/<id>/             the snapshot's files, and manifest.json, written last

Knows nothing of what the files hold.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock

from rag.errors import SnapshotError

FORMAT_VERSION = 3
_MANIFEST = "manifest.json"


class Draft:
    """A snapshot being written: fill `path`, then `commit`. Readers see nothing before that."""

    def __init__(self, home: Path) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        self.home = home
        self.id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        self.path = home / "snapshots" / self.id
        self.path.mkdir(parents=True)

    def commit(self, facts: dict[str, Any]) -> None:
        """Write the manifest with `facts`, then put this snapshot in force in one step."""
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
        (self.path / _MANIFEST).write_bytes(data)
        _sync(self.path / _MANIFEST)
        _sync(self.path)
        pointer = self.home / "CURRENT.new"
        pointer.write_bytes(_pointer(self.id, data))
        _sync(pointer)
        pointer.replace(self.home / "CURRENT")
        _sync(self.home)


@contextlib.contextmanager
def draft(home: Path) -> Iterator[Draft]:
    """Yield a new snapshot to fill and commit; what is not committed is removed again.

    Raises SnapshotError when another build is at work in `home`, or it cannot be written.
    """
    try:
        (home / "snapshots").mkdir(parents=True, exist_ok=True)
        # The system frees this lock when the process ends, however it ends.
        with filelock.FileLock(home / ".lock", timeout=0):
            try:
                yield Draft(home)
            finally:
                _sweep(home)
    except filelock.Timeout:
        raise SnapshotError(f"Another build is at work in {home}. Wait for it to end.") from None
    except OSError as error:
        raise SnapshotError(
            f"The index cannot be written in {home} ({error.strerror or error}). Name a folder "
            "that you may write to, on a disk with room."
        ) from error


def current(home: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder of the snapshot in force, and its manifest.

    The manifest is checked against CURRENT, every file against its size in the manifest. Raises
    SnapshotError when there is none, or it is incomplete, altered or of another format.
    """
    for _ in range(3):
        pointer = _read_pointer(home)
        try:
            return _read_snapshot(home, pointer)
        except SnapshotError:
            # A build that ended in between has put another snapshot in force.
            if _read_pointer(home) == pointer:
                raise
    raise SnapshotError(f"The index in {home} is being rebuilt over and over. Try again later.")


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
    return _damaged(path.parents[1], problem)


def _damaged(home: Path, problem: str) -> SnapshotError:
    return SnapshotError(
        f"The index in {home} is damaged: {problem}. Build it again with: "
        f"byline build ARTICLES --index {home}"
    )


def _read_pointer(home: Path) -> bytes:
    try:
        return (home / "CURRENT").read_bytes()
    except OSError:
        raise SnapshotError(
            f"There is no index in {home}. Build one with: byline build ARTICLES --index {home}"
        ) from None


def _read_snapshot(home: Path, pointer: bytes) -> tuple[Path, dict[str, Any]]:
    try:
        name = json.loads(pointer)["snapshot"]
        # Only a plain name may lead on: nothing outside the index folder is ever read.
        if Path(name).name != name or name in ("", ".", ".."):
            raise ValueError(name)
    except (ValueError, KeyError, TypeError):
        raise _damaged(home, "CURRENT names no snapshot") from None
    path = home / "snapshots" / name
    try:
        data = (path / _MANIFEST).read_bytes()
    except (OSError, ValueError):  # ValueError: no file can have such a name.
        raise _damaged(home, f"the manifest of snapshot {name} is missing") from None
    if pointer != _pointer(name, data):
        raise _damaged(home, f"the manifest of snapshot {name} was altered")
    manifest: dict[str, Any] = json.loads(data)
    if manifest["format_version"] != FORMAT_VERSION:
        raise SnapshotError(
            f"The index in {home} has format {manifest['format_version']}, this version of Byline "
            f"reads {FORMAT_VERSION}. Build it again with: byline build ARTICLES --index {home}"
        )
    for file, facts in manifest["files"].items():
        try:
            size = (path / file).stat().st_size
        except OSError:
            raise _damaged(home, f"{file} is missing") from None
        if size != facts["bytes"]:
            raise _damaged(home, f"{file} has {size} bytes instead of {facts['bytes']}")
    return path, manifest


def _sweep(home: Path) -> None:
    """Remove what unfinished builds left, and every snapshot but the one in force."""
    with contextlib.suppress(SnapshotError):
        in_force = current(home)[0] if (home / "CURRENT").exists() else None
        for path in (home / "snapshots").iterdir():
            if path != in_force:
                shutil.rmtree(path, ignore_errors=True)


def _pointer(name: str, manifest: bytes) -> bytes:
    digest = hashlib.sha256(manifest).hexdigest()
    return (json.dumps({"snapshot": name, "manifest_sha256": digest}) + "\n").encode()


def _files(folder: Path) -> dict[str, Path]:
    """The files of a snapshot but its manifest, by their names relative to `folder`."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / _MANIFEST
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
