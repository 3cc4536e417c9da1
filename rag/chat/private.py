"""`PrivateFolder`: a temporary folder for what visitors send, removed however this process ends.

All of a process lie in one folder that nobody else may look into. A small process beside this one
removes it where this one is killed; where both are, as with a container, `sweep` does at the next
start. It knows what is Byline's by the name and by a lock that the system frees with its process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path

import filelock

_PREFIX = "byline-private-"
_LOCK = ".lock"
_GUARD = "import shutil, sys; sys.stdin.read(); shutil.rmtree(sys.argv[1], ignore_errors=True)"
"""Waits for the end of its input, which is that of this process, and removes the folder."""


class PrivateFolder:
    """A new folder at `path`, which `close` removes, or the end of its last use."""

    def __init__(self) -> None:
        self.path = _Shared.folder()
        self._removal = weakref.finalize(self, _Shared.remove, self.path)

    def close(self) -> None:
        """Remove the folder. May be called again."""
        self._removal()


class _Shared:
    """The folder of this process, which is there as long as any is in it."""

    _changing = threading.RLock()  # A finalizer may run in the middle of it.
    _now: _Shared | None = None

    def __init__(self) -> None:
        self.folders: set[Path] = set()
        self._made = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        self.path = Path(self._made.name)
        self._lock = filelock.FileLock(self.path / _LOCK)
        self._lock.acquire(timeout=0)
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _GUARD, str(self.path)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is not for it.
        )

    @classmethod
    def folder(cls) -> Path:
        with cls._changing:
            cls._now = cls._now or cls()
            path = Path(tempfile.mkdtemp(dir=cls._now.path))
            cls._now.folders.add(path)
            return path

    @classmethod
    def remove(cls, path: Path) -> None:
        with cls._changing:
            shutil.rmtree(path, ignore_errors=True)
            if cls._now:
                cls._now.folders.discard(path)
                if not cls._now.folders:
                    cls._now.close()
                    cls._now = None

    def close(self) -> None:
        self._lock.release()
        self._made.cleanup()
        with contextlib.suppress(OSError):  # It was ended by somebody else.
            self._guard.communicate()


def sweep() -> None:
    """Remove the folders of processes that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, filelock.Timeout):  # A process that runs has its lock.
            if path.is_symlink() or not (path / _LOCK).is_file() or not _is_mine(path):
                continue
            with filelock.FileLock(path / _LOCK, timeout=0):
                pass
            shutil.rmtree(path, ignore_errors=True)


def _is_mine(path: Path) -> bool:
    """Whether a folder belongs to the user whose process this is."""
    return os.name == "nt" or path.stat().st_uid == os.getuid()
