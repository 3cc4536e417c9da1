"""What in the folder of an index is Byline's own: nothing else is ever written over or removed."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from rag.index import pointer

MANIFEST = "manifest.json"
JOURNAL = "vectors.journal"
JOURNAL_START = b'{"byline_journal": 1, "encoder": '
"""What a journal begins with: another file of its name is not Byline's."""
BESIDE = ("feedback.jsonl", "calibration.json", "standing.json", ".standing.lock")
"""What owners judged, and its use; what standing questions have found."""
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


def is_journal(path: Path) -> bool:
    """Whether a file is a journal, or the beginning of one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return JOURNAL_START.startswith(file.read(len(JOURNAL_START)))


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
    if marked.is_file() and not is_link(marked) and not marked.stat().st_size:
        return True
    try:
        # Searched and not parsed: a damaged snapshot is Byline's too.
        named = f'"snapshot": "{path.name}"'.encode() in manifest.read_bytes()
    except OSError:
        return False
    return named and not is_link(manifest)


def mark(path: Path) -> Path:
    """The file whose presence says that the folder `path` is unfinished."""
    return path.with_name(f"{path.name}.draft")
