"""`PrivateFolder`: a temporary folder for what visitors send, removed however this process ends.

All of a process lie in one folder that nobody else may look into. A small process beside this one
removes it where this one is killed; where both are, as with a container, `sweep` does at the next
start. `rag.chat.own_folder` knows which folders are Byline's; that one is in use says a lock, which
the system frees with its process.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path

import filelock

from rag.chat import own_folder
from rag.chat.own_folder import LOCK, VISITOR

_PREFIX = "byline-private-"


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
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = filelock.FileLock(self.path / LOCK)
        self._lock.acquire(timeout=0)
        own_folder.mark(self.path)  # From here on it may be swept, and is locked.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", own_folder.__file__, str(self.path)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is not for it.
        )

    @classmethod
    def folder(cls) -> Path:
        with cls._changing:
            cls._now = cls._now or cls()
            path = Path(tempfile.mkdtemp(dir=cls._now.path, prefix=VISITOR))
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
        own_folder.remove(self.path)
        with contextlib.suppress(OSError):  # It was ended by somebody else.
            self._guard.communicate()


def sweep() -> None:
    """Remove the folders of processes that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, filelock.Timeout):  # A process that runs has its lock.
            if own_folder.is_own(path):
                with filelock.FileLock(path / LOCK, timeout=0):
                    pass
                own_folder.remove(path)
