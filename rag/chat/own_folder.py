"""What in a folder for visitors' files is Byline's own: nothing else is removed.

Run as a program, it waits for the end of its input, which is that of the process that started it,
and removes what that had. Knows the standard library alone, so that it starts at once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from pathlib import Path

MARK = ".byline"
LOCK = ".lock"
VISITOR = "visitor-"
"""What the name of a folder for one use begins with."""
_SAYS = "Byline keeps what visitors send here, and removes it when it ends.\n"


def mark(folder: Path) -> None:
    """Say that a folder was made by Byline."""
    (folder / MARK).write_text(_SAYS, "utf-8")


def is_own(folder: Path) -> bool:
    """Whether this user's Byline made a folder: it is no link, and has the mark."""
    try:
        about, marked = folder.lstat(), (folder / MARK).lstat()
        mine = os.name == "nt" or about.st_uid == marked.st_uid == os.getuid()
        plain = stat.S_ISDIR(about.st_mode) and stat.S_ISREG(marked.st_mode)
        tagged = getattr(about, "st_reparse_tag", 0)  # A junction of Windows.
        linked = (folder / LOCK).is_symlink()
        return mine and plain and not (tagged or linked) and _says(folder / MARK)
    except OSError:
        return False


def _says(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SAYS) + 1) == _SAYS.encode()


def remove(folder: Path) -> None:
    """Remove what Byline put into a folder of its own, and the folder, if nothing else is in it."""
    if not is_own(folder):
        return
    for path in folder.glob(f"{VISITOR}*"):
        shutil.rmtree(path, ignore_errors=True)  # Which follows and removes no link.
    with contextlib.suppress(OSError):
        (folder / LOCK).unlink(missing_ok=True)
        (folder / MARK).unlink()  # The last: until then it says whose this is.
        folder.rmdir()


if __name__ == "__main__":
    sys.stdin.read()
    remove(Path(sys.argv[1]))
