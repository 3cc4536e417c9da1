"""`Maker`: makes and updates archives in the background, one after the other.

Owns how far each is, what came of it, and its end. Knows nothing of where archives are kept.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.archive import Archive
from rag.errors import BylineError, InputError, SnapshotError, frames
from rag.ingest import ArticleReader, Limits, Report, read_articles
from rag.settings import AskSettings, BuildSettings
from rag.types import Changes, Note
from rag.wording import note

_log = logging.getLogger(__name__)

Kind = Literal["make", "look"]
State = Literal["waiting", "working", "done", "cancelled", "failed"]
_SHARES = {
    "reading files": (0.0, 0.25), "cutting": (0.25, 0.3), "embedding": (0.3, 0.98),
    "indexing": (0.98, 1.0),
}  # fmt: skip
"""Where each stage begins and ends in the whole, as it takes long."""
_SURE = 0.02
"""Share of a stage after which its speed says how long the rest will take."""


class _Cancelled(BaseException):
    """Ends the work; no Exception, which a reader would take for a fault of the file."""


@dataclass(slots=True)
class Job:
    """One making of an archive ("make"), or a look at what an update would change ("look").

    `stage`, `done` and `total`: how far it is. `articles`: read so far. `report`: of the files, in
    the end; None of work that was cancelled. `changes`: what a look found. `seen`: whether a look
    came before, so that the owner knows what will be gone. `failure`: why it ended early.
    """

    kind: Kind
    state: State = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    articles: int = 0
    report: Report | None = None
    changes: Changes | None = None
    seen: bool = False
    failure: Note | None = None
    cancelled: bool = False
    _since: float = 0.0

    @property
    def running(self) -> bool:
        """Whether it is under way, or will be."""
        return self.state in ("waiting", "working")

    @property
    def share(self) -> float:
        """How much of the whole is done, 0 to 1."""
        first, last = _SHARES.get(self.stage, (0.0, 0.0))
        return first + (last - first) * min(self.done / max(self.total, 1), 1.0)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take, as soon as that can be said."""
        if self.stage != "embedding" or self.done < _SURE * self.total or not self.done:
            return None
        return (time.monotonic() - self._since) / self.done * (self.total - self.done)

    def tell(self, stage: str, done: int, total: int) -> None:
        """Take note of progress, as `rag.types.Progress` tells it; ends what was cancelled."""
        if self.cancelled:
            raise _Cancelled
        if stage == "reading articles":
            self.articles = done
        elif stage in _SHARES:
            if stage != self.stage:
                self._since = time.monotonic()
            self.stage, self.done, self.total = stage, done, total


class Maker:
    """Makes archives, one at a time: each keeps all cores busy. Safe to share between threads.

    `limits` bound the reading of each; `settings` say which encoders may be loaded.
    """

    def __init__(self, limits: Limits | None = None, settings: AskSettings | None = None) -> None:
        self._limits, self._settings = limits, settings
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="maker")
        self._changing = threading.Lock()
        self._jobs: dict[Path, Job] = {}

    def job(self, index: Path) -> Job | None:
        """The last job of the archive with this index, if there was one since the start."""
        return self._jobs.get(index)

    def start(
        self,
        kind: Kind,
        index: Path,
        sources: Sequence[Path],
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin to make the archive of what `sources` hold, or to look what that would change, and
        `then` to do something more. Nothing is begun while the archive has a job under way."""
        with self._changing:
            known = self._jobs.get(index)
            if known and known.running:
                return
            seen = known is not None and known.changes is not None
            job = self._jobs[index] = Job(kind, seen=seen)
        work: Callable[..., None] = {"make": self._make, "look": self._look}[kind]
        self._worker.submit(self._run, job, work, index, sources, then)

    def cancel(self, index: Path) -> None:
        """End the job of an archive; what it has done by then is used when it is begun again."""
        if job := self._jobs.get(index):
            job.cancelled = True
            if job.state == "waiting":
                job.state = "cancelled"

    def forget(self, index: Path) -> None:
        """Say no more of what became of an archive's last job."""
        with self._changing:
            job = self._jobs.get(index)
            if job and not job.running:
                del self._jobs[index]

    def wait(self, index: Path, seconds: float = 600) -> Job | None:
        """The job of an archive at its end, or after so many seconds."""
        end = time.monotonic() + seconds
        while (job := self._jobs.get(index)) and job.running and time.monotonic() < end:
            time.sleep(0.02)
        return job

    def close(self) -> None:
        """Cancel everything, and wait for its end."""
        for index in list(self._jobs):
            self.cancel(index)
        self._worker.shutdown(cancel_futures=True)

    def _run(
        self,
        job: Job,
        work: Callable[..., None],
        index: Path,
        sources: Sequence[Path],
        then: Callable[[], None],
    ) -> None:
        if job.cancelled:
            job.state = "cancelled"
            return
        job.state = "working"
        try:
            work(job, index, sources)
            then()
            job.state = "done"
        except _Cancelled:
            job.state, job.report = "cancelled", None
        except BylineError as error:
            job.failure, job.state = error.message, "failed"
        except Exception as error:
            _log.error("The archive in %s could not be made.\n%s", index, frames(error))
            job.failure, job.state = note("making_failed"), "failed"

    def _make(self, job: Job, index: Path, sources: Sequence[Path]) -> None:
        known = _opened(index, self._settings)
        settings = known.index.manifest.build_settings if known else BuildSettings()
        reader = self._reader(job, sources)
        try:
            encoder = known.load_encoder() if known else None
            Archive.build(reader, index, settings, encoder, job.tell, remove_missing=job.seen)
        finally:
            job.report = reader.report

    def _look(self, job: Job, index: Path, sources: Sequence[Path]) -> None:
        reader = self._reader(job, sources)
        job.changes = Archive.open(index).preview(reader)
        job.report = reader.report

    def _reader(self, job: Job, sources: Sequence[Path]) -> ArticleReader:
        if not sources:
            raise InputError(note("archive_without_files"))
        return read_articles(list(map(str, sources)), self._limits, progress=job.tell)


def _opened(index: Path, settings: AskSettings | None) -> Archive | None:
    """The archive as it is, None where there is none that can be opened."""
    try:
        return Archive.open(index, settings)
    except SnapshotError:
        return None
