"""Reads a visitor's files in a process of its own, whose memory and processor time are limited.

A file may be made to take both. What becomes of the process becomes a message; the next file is
read by a new one. The process is a new interpreter that imports the readers only: no model, and
nothing of the server's memory. What it tells is checked as what comes from outside.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rag.ingest.failure import Failure, Remark, Unreadable
from rag.ingest.limits import Budget
from rag.text.outside import json_value
from rag.types import Article, Note
from rag.wording import note, note_of_json

MEMORY = 1_500_000_000
"""Bytes that the process may have, the interpreter and the readers included."""
_LONGEST = 40_000_000
"""Bytes of a message: an article of all the characters that a visitor may add."""
_LOOK = 0.1
"""Seconds after which it is looked again whether anybody still waits."""
_ROOT = Path(__file__).parents[2]
_PATHS = (str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")]))
_ARTICLE = TypeAdapter(Article)
_USED = ("files", "unpacked", "articles", "characters")


def read_apart(
    paths: Sequence[Path],
    budget: Budget,
    stopped: Callable[[], bool] = lambda: False,
    memory: int = MEMORY,
) -> Iterator[Article | Failure | Remark]:
    """Yield what `rag.ingest.ArticleReader` finds in each of `paths`, read in another process.

    `budget` counts what is used. A file on which the process ends is a failure; those after it are
    read. Once `stopped()` is true no more is read.
    """
    left = list(paths)
    while left and not stopped():
        if late := budget.spent(left=len(left) - 1):
            yield Failure(left[0].name, late)
            return
        with _Worker(left, budget, stopped, memory) as worker:
            try:
                yield from worker.found()
                return
            except _Ended as ended:
                if not stopped():
                    yield Failure(left[ended.at].name, ended.reason)
                budget.files += 1
                left = left[ended.at + 1 :]


class _Ended(Exception):
    """The process has ended on the file with number `at`."""

    def __init__(self, at: int, reason: Note) -> None:
        self.at, self.reason = at, reason


class _Worker:
    """A process that reads files, which is killed where it takes too long or nobody waits."""

    def __init__(
        self, paths: Sequence[Path], budget: Budget, stopped: Callable[[], bool], memory: int
    ) -> None:
        self._budget, self._stopped = budget, stopped
        seconds = max(1, int(budget.left()))
        self._seconds = 2 * seconds
        work = {
            "paths": [str(path.absolute()) for path in paths],
            "limits": dataclasses.asdict(budget.limits) | {"seconds": seconds},
            "used": {name: getattr(budget, name) for name in _USED},
            "memory": memory,
            "seconds": self._seconds,
        }
        self._done = threading.Event()
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rag.ingest.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(_PATHS)},
        )
        assert self._process.stdin
        assert self._process.stdout
        self._told = self._process.stdout
        self._given = self._process.stdin
        self._work = json.dumps(work).encode() + b"\n"
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Worker:
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._process.kill()
        self._process.wait()
        self._watching.join()
        self._told.close()
        with contextlib.suppress(OSError):  # It ended before it had read its work.
            self._given.close()

    def found(self) -> Iterator[Article | Failure | Remark]:
        """What the process tells. Raises _Ended where it ends before its work does."""
        at = 0
        try:
            self._given.write(self._work)
            self._given.flush()
            while line := self._told.readline(_LONGEST):
                kind, value = json_value(line)
                if kind == "end":
                    return
                if kind == "file":
                    at = int(value)
                elif found := self._taken(kind, value):
                    yield found
        except Unreadable as error:
            raise _Ended(at, error.reason) from None
        except (ValueError, LookupError, TypeError, OSError):  # Of a message that was broken off.
            pass
        raise _Ended(at, self._reason())

    def _taken(self, kind: str, value: Any) -> Article | Failure | Remark | None:
        """What a message says. Raises Unreadable beyond a bound, ValueError for none."""
        if kind == "article":
            article = _ARTICLE.validate_python(value)
            self._budget.take_article(article)
            return article
        if kind == "used":
            self._budget.files, self._budget.unpacked = int(value["files"]), int(value["unpacked"])
            return None
        file, told = value
        if kind == "failure":
            return Failure(str(file), note_of_json(told))
        return Remark(str(file), note_of_json(told))

    def _reason(self) -> Note:
        """Why the process has ended."""
        self._process.kill()
        status = self._process.wait()
        if self._late or -status == getattr(signal, "SIGXCPU", None):
            return note("reading_time", n=self._seconds)
        return note("reading_memory" if status < 0 else "reading_ended")

    def _watch(self) -> None:
        """End the process where nobody waits for it any more, or it takes too long."""
        since = time.monotonic()
        while not self._done.wait(_LOOK):
            self._late = time.monotonic() - since > self._seconds
            if self._late or self._stopped():
                self._process.kill()
                return
