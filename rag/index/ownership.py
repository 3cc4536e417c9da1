"""What in the folder of an index is Byline's own: nothing else is ever written over or removed."""

from __future__ import annotations

import contextlib
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from rag.index import pointer
from rag.text.outside import json_value

MANIFEST = "manifest.json"
JOURNAL = "vectors.journal"
JOURNAL_START = b'{"byline_journal": 1, "encoder": '
"""What a journal begins with: another file of its name is not Byline's."""
_STARTS = {JOURNAL: JOURNAL_START, "CURRENT.new": b'{"snapshot": "', ".lock": b""}
"""What is written over without a look, and how it begins; the lock is empty."""
_BM25 = ("params.index.json", "vocab.index.json", *(
    f"{name}.csc.index.npy" for name in ("data", "indices", "indptr")
))  # fmt: skip
_WRITTEN = frozenset({
    MANIFEST, "vectors.faiss", "archive.sqlite", "archive.sqlite-journal", "changes.json",
    "removed.json", "report.json", "files.json", "lexical/words.npz", "lexical/starts.npy",
    "lexical/vocabulary.json", *(
        f"lexical/words/{of}-{what}.npy"
        for of in ("passages", "sentences") for what in ("words", "starts")
    ),
    *(f"vectors/{name}.npy" for name in (
        "centroids", "scale", "starts", "rows", "codes", "vectors"
    )),
    *(f"lexical/{of}/{name}" for of in ("passages", "sentences") for name in _BM25),
})  # fmt: skip
"""The files of a snapshot; a build that was killed has not listed them yet."""
BESIDE = ("feedback.jsonl", "calibration.json", "standing.json", ".standing.lock", "STORE")
"""What owners judged, and its use; what standing questions have found; of the copy of an archive
in an engine, where that is."""
_JUNCTION = 0xA0000003
"""The tag of a junction (IO_REPARSE_TAG_MOUNT_POINT): to Python before 3.12, a folder."""
_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


def is_link(path: Path) -> bool:
    """Whether a path leads elsewhere: a symbolic link, or a junction of Windows."""
    try:
        told = path.lstat()
    except (OSError, ValueError):
        return False
    tag = getattr(told, "st_reparse_tag", 0)
    return stat.S_ISLNK(told.st_mode) or tag == _JUNCTION


def is_index(home: Path) -> bool:
    """Whether a folder is an index, or what is left of one: a damaged index can be built again."""
    found = {path.name: path for path in home.iterdir()}
    for beside in BESIDE:
        found.pop(beside, None)
    if pointer.is_one(found.get("CURRENT")) or own_folders(home):
        return True
    lock, snapshots = found.pop(".lock", None), found.pop("snapshots", None)
    found.pop(JOURNAL, None)
    if lock and (not lock.is_file() or lock.stat().st_size):
        return False
    if snapshots and (not snapshots.is_dir() or any(snapshots.iterdir())):
        return False
    return not found


def foreign(home: Path) -> Path | None:
    """The file that stands where Byline writes its own over, and that Byline did not write; None
    without one."""
    for name, start in _STARTS.items():
        path = home / name
        if path.exists() and not _begins(path, start):
            return path
    return None


def _begins(path: Path, start: bytes) -> bool:
    """Whether a file begins as one of Byline's does, or is the beginning of one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        found = file.read(len(start) or 1)
    return start.startswith(found)


def own_folders(home: Path) -> list[Path]:
    """The folders of snapshots and drafts, those included that are marked but not yet made."""
    folder = home / "snapshots"
    paths = {path.with_suffix("") for path in folder.iterdir()} if folder.is_dir() else set()
    return [path for path in sorted(paths) if _is_own(path)]


def _is_own(path: Path) -> bool:
    """Whether Byline made a folder: it is marked as a draft, or has a manifest that names it."""
    if not _ID.fullmatch(path.name) or is_link(path):
        return False
    marked, manifest = mark(path), path / MANIFEST
    if is_mark(marked):
        return True
    if marked.exists() or is_link(marked):  # Something else has the name that a removal needs.
        return False
    try:
        # Searched and not parsed: a damaged snapshot is Byline's too.
        named = f'"snapshot": "{path.name}"'.encode() in manifest.read_bytes()
    except OSError:
        return False
    return named and not is_link(manifest)


def is_mark(path: Path) -> bool:
    """Whether a file marks a folder as unfinished: it is empty."""
    return path.is_file() and not is_link(path) and not path.stat().st_size


def remove_snapshot(path: Path) -> None:
    """Remove what Byline wrote in the folder of a snapshot, and the folder if nothing else is in
    it."""
    try:
        named = set(json_value((path / MANIFEST).read_bytes())["files"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        named = set()  # A draft, or damaged.
    names = _WRITTEN | {name for name in named if isinstance(name, str)}
    # The manifest last: until then it says what is Byline's, if a kill comes in between.
    remove_files(path, [*(names - {MANIFEST}), MANIFEST])


def is_plain(folder: Path, name: str) -> bool:
    """Whether a name, relative to a folder, stays in it and neither is nor goes through a link."""
    path = PurePosixPath(name)
    if path.is_absolute() or Path(path).drive or ".." in path.parts:
        return False
    try:
        ways = [folder / one for one in (path, *path.parents)]
        return not any(is_link(way) for way in ways)
    except ValueError:  # No file can have such a name.
        return False


def plain_files(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield those of the names, relative to a folder, that are files in it: not behind a link."""
    for name in names:
        if is_plain(folder, name) and (folder / name).is_file():
            yield folder / name


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove files by their names, relative to a folder, the folders of theirs that are empty then,
    and the folder itself, if it is. All else stays, and so does what is behind a link."""
    names = list(names)
    for path in plain_files(folder, names):
        with contextlib.suppress(OSError):
            path.unlink()
    parents = {parent for name in names for parent in PurePosixPath(name).parents}
    parents.add(PurePosixPath())
    for parent in sorted(parents, key=lambda one: -len(one.parts)):
        if is_plain(folder, str(parent)):
            with contextlib.suppress(OSError):  # Something else is in it.
                (folder / parent).rmdir()


def mark(path: Path) -> Path:
    """The file whose presence says that the folder `path` is unfinished."""
    return path.with_name(f"{path.name}.draft")
