"""The memory of this process: what is its own, without the pages of mapped files, which the system
takes back when others need the room."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from rag.errors import InputError

_STATUS = Path("/proc/self/status")


def resident() -> int:
    """Megabytes in memory that are no file's. Raises InputError where the system does not tell."""
    if not _STATUS.exists():
        raise InputError("Memory is measured on Linux only.")
    for line in _STATUS.read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) // 1024
    raise InputError("The system does not tell how much memory is in use.")


class Watched:
    """The most of it while a `with` statement runs, looked at ten times a second."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.most = max(self.most, resident())
            if self._ended.wait(0.1):
                return
