"""`Library`: the archives of one owner, which are made, updated, renamed and deleted in the page.

Each has a folder of its own (`rag.chat.library.folder`), is filled by uploads
(`rag.chat.library.incoming`) or from folders on this machine, and made in the background
(`rag.chat.library.making`). Knows nothing of questions, visitors or pages.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import filelock

from rag.chat.library.folder import ID, ArchiveFolder, Description, fit_name, now
from rag.chat.library.incoming import Expected, Incoming, Room
from rag.chat.library.making import Job, Maker
from rag.errors import BylineError, InputError, SnapshotError
from rag.index import snapshot
from rag.index.manifest import READING
from rag.ingest import Report
from rag.text.outside import is_there, json_value
from rag.types import Note
from rag.wording import note

__all__ = [
    "Entry",
    "Expected",
    "Incoming",
    "Job",
    "Libraries",
    "Library",
    "Maker",
    "Offered",
    "Room",
]

ARCHIVES = 200
"""Archives that one owner may have."""
QUIET_SECONDS = 600
"""After so long without a byte, what was uploaded of an archive is discarded."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An archive that the server has besides: it can be asked, and not changed in the page. The one
    that is opened without a name has the id ""."""

    name: str
    index: Path


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of an archive. `index`: its folder, which may not be there yet.

    `articles`: None until it was made. `problem`: what is wrong with it. `own`: whether it may be
    changed here. `job`: the last work on it since the start. `incoming`: files that are coming.
    `kept`: what became of the files of which it was made.
    """

    id: str
    name: str
    index: Path
    paths: tuple[str, ...] = ()
    made: str = ""
    updated: str = ""
    used: str = ""
    articles: int | None = None
    problem: Note | None = None
    own: bool = True
    job: Job | None = None
    incoming: Incoming | None = None
    kept: Report | None = None

    @property
    def report(self) -> Report | None:
        """What became of the files of the last work that ended, else of those it was made of."""
        return (self.job.report if self.job and not self.job.running else None) or self.kept

    @property
    def can_be_asked(self) -> bool:
        return self.articles is not None

    @property
    def busy(self) -> bool:
        """Whether something is going on that a page would show."""
        return self.incoming is not None or (self.job is not None and self.job.running)


class Library:
    """The archives of one owner in the folder `home`, which is made with the first. Thread-safe.

    `offered`: by their ids, archives that come along. `by_path`: whether an archive may be made of
    folders on this machine, which its owner then can read.
    """

    def __init__(
        self,
        home: Path,
        maker: Maker,
        room: Room | None = None,
        by_path: bool = False,
        offered: Mapping[str, Offered] | None = None,
    ) -> None:
        self.home = home
        self.by_path = by_path
        self.room = room or Room()
        self._maker = maker
        self._offered = dict(offered or {})
        self._changing = threading.RLock()
        self._incoming: dict[str, Incoming] = {}
        self._lock: filelock.FileLock | None = None
        self._sweep()

    def entries(self) -> list[Entry]:
        """All archives, those used last first."""
        self._discard_quiet()
        found = [self._entry(folder) for folder in self._folders()]
        found.sort(key=lambda entry: entry.used or entry.made, reverse=True)
        return found + [self._offered_entry(key) for key in self._offered]

    def entry(self, archive_id: str) -> Entry:
        """Raises InputError where there is no such archive."""
        if archive_id in self._offered:
            return self._offered_entry(archive_id)
        return self._entry(self._folder(archive_id))

    def create(self, name: str, paths: Sequence[str] = ()) -> str:
        """Make an archive without an index, of `paths` or of what is uploaded next; its id.

        Raises InputError for a name of nothing, and for a path that is not there or not allowed.
        """
        if paths and not self.by_path:
            raise InputError(note("paths_refused"))
        places = [str(Path(path).expanduser()) for path in paths]
        for place in places:
            if not Path(place).is_absolute() or not is_there(place):
                raise InputError(note("path_missing", path=place))
        with self._changing:
            folders = self._folders()
            if len(folders) >= ARCHIVES:
                raise InputError(note("too_many_archives", n=ARCHIVES))
            made = Description(self._free_name(name), tuple(places), made=now())
            folder = ArchiveFolder.new(self.home, made)
            self._alone()
            return folder.id

    def rename(self, archive_id: str, name: str) -> None:
        """Raises InputError. An archive whose description is damaged gets a new one."""
        folder = self._folder(archive_id)
        with self._changing:
            name = self._free_name(name, besides=archive_id)
            try:
                known = folder.description()
            except InputError:
                known = Description("", made=now())
            folder.describe(dataclasses.replace(known, name=name))

    def delete(self, archive_id: str) -> bool:
        """Remove what is Byline's own of an archive; whether its folder is gone, which it is not
        where something else is in it. Raises BylineError."""
        folder = self._folder(archive_id)
        self.stop_upload(archive_id)
        self._maker.cancel(folder.index)
        self._maker.wait(folder.index)
        with self._changing:
            self._maker.forget(folder.index)
            _report.cache_clear()  # It names the files.
            return folder.remove()

    def use(self, archive_id: str) -> None:
        """Note that an archive was opened now, if that can be noted."""
        if archive_id not in self._offered:
            with contextlib.suppress(BylineError):
                self._folder(archive_id).change(used=now())

    def bytes(self, archive_id: str) -> int:
        """The size of the files that were uploaded to an archive."""
        return self._folder(archive_id).bytes()

    def receive(self, archive_id: str, expected: Expected) -> Incoming:
        """Begin to take in uploaded files. Raises InputError where they do not fit."""
        folder = self._folder(archive_id)
        with self._changing:
            if archive_id in self._incoming:
                raise InputError(note("upload_under_way"))
            try:
                self._incoming[archive_id] = made = Incoming(folder, expected, self.room)
            except InputError:
                _discard_empty(folder)
                raise
            return made

    def incoming(self, ticket: str) -> Incoming | None:
        """The upload under way with this ticket."""
        found = (one for one in list(self._incoming.values()) if one.ticket == ticket)
        return next(found, None)

    def received(self, archive_id: str) -> None:
        """Take what was uploaded into the archive, and make it; or look first, where folders are
        read too that may have changed. Raises InputError."""
        if incoming := self._incoming.get(archive_id):
            try:
                incoming.end(keep=True)
            finally:
                self._incoming.pop(archive_id, None)
                _discard_empty(self._folder(archive_id))
            entry = self.entry(archive_id)
            (self.look if entry.paths and entry.can_be_asked else self.make)(archive_id)

    def stop_upload(self, archive_id: str) -> None:
        """Leave nothing of what is being uploaded."""
        if incoming := self._incoming.pop(archive_id, None):
            incoming.end(keep=False)
            _discard_empty(ArchiveFolder(self.home / archive_id))

    def make(self, archive_id: str) -> None:
        """Make or update an archive in the background; what was done before is not done again."""
        folder = self._folder(archive_id)
        self._maker.start("make", folder.index, folder.sources(), lambda: _updated(folder))

    def look(self, archive_id: str) -> None:
        """See in the background what an update would change."""
        folder = self._folder(archive_id)
        self._maker.start("look", folder.index, folder.sources())

    def cancel(self, archive_id: str) -> None:
        """End what is under way for an archive."""
        index = self._folder(archive_id).index
        self.stop_upload(archive_id)
        self._maker.cancel(index)

    def forget(self, archive_id: str) -> None:
        """Say no more of what became of the last job."""
        self._maker.forget(self._folder(archive_id).index)

    def close(self) -> None:
        """Leave nothing of what is being uploaded."""
        for archive_id in list(self._incoming):
            self.stop_upload(archive_id)
        if self._lock:
            self._lock.release()

    def _folders(self) -> list[ArchiveFolder]:
        """The folders of archives: links, and what else stands in the folder, are none."""
        try:
            found = sorted(self.home.iterdir())
        except OSError:
            return []
        named = [path for path in found if ID.fullmatch(path.name) and not path.is_symlink()]
        return [ArchiveFolder(path) for path in named if _is_archive(path)]

    def _folder(self, archive_id: str) -> ArchiveFolder:
        path = self.home / archive_id
        if not ID.fullmatch(archive_id) or path.is_symlink() or not _is_archive(path):
            raise InputError(note("archive_gone"))
        return ArchiveFolder(path)

    def _entry(self, folder: ArchiveFolder) -> Entry:
        problem: Note | None = None
        try:
            description = folder.description()
        except InputError as error:
            description, problem = Description(folder.id), error.message
        articles, unreadable, kept = _contents(folder.index)
        return Entry(
            folder.id,
            **{name: getattr(description, name) for name in Description.__slots__},
            index=folder.index,
            articles=articles,
            problem=problem or unreadable,
            job=self._maker.job(folder.index),
            incoming=self._incoming.get(folder.id),
            kept=kept,
        )

    def _offered_entry(self, archive_id: str) -> Entry:
        offered = self._offered[archive_id]
        articles, problem, _ = _contents(offered.index)
        return Entry(
            archive_id, offered.name, offered.index, articles=articles, problem=problem, own=False
        )

    def _free_name(self, name: str, besides: str = "") -> str:
        """The name, with a number where another archive has it. Raises InputError for none."""
        try:
            fitted = free = fit_name(name)
        except ValueError:
            raise InputError(note("archive_unnamed")) from None
        taken = {entry.name for entry in self.entries() if entry.id != besides}
        number = 1
        while free in taken:
            number += 1
            free = f"{fitted} ({number})"
        return free

    def _sweep(self) -> None:
        """Remove what uploads left that ended with their server, unless another one is at work."""
        if not self.home.is_dir() or not self._alone():
            return
        for folder in self._folders():
            with contextlib.suppress(BylineError, OSError):
                folder.settle()
                _discard_empty(folder)

    def _alone(self) -> bool:
        """Whether no other server keeps its archives here; from now on, this one does."""
        lock = self._lock or filelock.FileLock(self.home / ".lock", timeout=0)
        try:
            if self._lock is None:
                lock.acquire()
            self._lock = lock
        except (filelock.Timeout, OSError):
            return False
        return True

    def _discard_quiet(self) -> None:
        """Discard uploads of which nothing has come for long: their page is gone."""
        for archive_id, incoming in list(self._incoming.items()):
            if time.monotonic() - incoming.heard > QUIET_SECONDS:
                self.stop_upload(archive_id)


class Libraries:
    """The library of each account, in a folder of its own within `home`; that of nobody, where
    there are no accounts, is `home` itself. Further arguments are those of each `Library`."""

    def __init__(self, home: Path, maker: Maker, **shared: Any) -> None:
        self._home = home
        self._maker = maker
        self._shared = shared
        self._changing = threading.Lock()
        self._libraries: dict[str, Library] = {}

    def of(self, account: str) -> Library:
        """The library of an account; "" for nobody's."""
        # A name may hold what no folder can be called, or differ by its case alone.
        own = Path("accounts", sha256(account.encode()).hexdigest()[:32]) if account else ""
        with self._changing:
            if account not in self._libraries:
                made = Library(self._home / own, self._maker, **self._shared)
                self._libraries[account] = made
            return self._libraries[account]

    def incoming(self, ticket: str) -> Incoming | None:
        """The upload under way with this ticket, of any account."""
        found = (library.incoming(ticket) for library in list(self._libraries.values()))
        return next(filter(None, found), None)

    def close(self) -> None:
        """End all uploads and makings."""
        for library in list(self._libraries.values()):
            library.close()
        self._maker.close()


def _is_archive(path: Path) -> bool:
    return any((path / name).exists() for name in ("archive.json", "files.json", "index"))


def _discard_empty(folder: ArchiveFolder) -> None:
    """Remove an archive that has nothing yet: its first upload came to nothing."""
    with contextlib.suppress(InputError):
        if not folder.sources() and not folder.index.exists():
            folder.remove()


def _updated(folder: ArchiveFolder) -> None:
    with contextlib.suppress(BylineError):  # The archive is made, whatever is said of it.
        folder.change(updated=now())


def _contents(index: Path) -> tuple[int | None, Note | None, Report | None]:
    """How many articles an index holds, None where none was made; what is wrong with it; and the
    report of its files."""
    if not (index / "CURRENT").exists():
        return None, None, None
    try:
        folder, manifest = snapshot.current(index)
        return int(manifest["articles"]), None, _report(folder)
    except SnapshotError:
        return None, note("archive_index_damaged"), None


@functools.lru_cache(maxsize=ARCHIVES)
def _report(snapshot_folder: Path) -> Report | None:
    """The report that a snapshot keeps, which never changes; None where it has none to be read."""
    try:
        return Report.parse(json_value((snapshot_folder / READING).read_bytes()))
    except (OSError, ValueError):
        return None
