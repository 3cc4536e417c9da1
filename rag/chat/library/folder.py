"""What one archive of a library has on disk, and what of it is Byline's own to remove.

    ID/archive.json   its name, the folders that it is made of, when it was made, updated and used
    ID/files/         the files that were uploaded
    ID/files.json     their names: what else stands in files/ is not Byline's
    ID/incoming/      files that are being uploaded, by numbers, until all have come
    ID/taking.json    while these are moved to files/: the name of each number
    ID/index/         the index

Knows nothing of who makes an index, or when.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import InputError, first_line
from rag.export.whole_file import write_whole
from rag.index import ownership, snapshot
from rag.text.outside import json_value
from rag.wording import note

ID = re.compile(r"[0-9a-f]{12}")
LONGEST_NAME = 100
_INCOMING = re.compile(r"\d+")
_NAMED = r"(?:archive|files|taking)\.json"
_WRITTEN = re.compile(rf"{_NAMED}|\.{_NAMED}\.[0-9a-f]{{8}}\.part")
"""The files beside the folders, and what `write_whole` leaves of one when it is killed."""
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")


def now() -> str:
    """This moment, as it is written in archive.json."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Description:
    """What archive.json says. `paths`: folders and files that are read where they are. The times
    are as `now` gives them, "" for never."""

    name: str
    paths: tuple[str, ...] = ()
    made: str = ""
    updated: str = ""
    used: str = ""

    @classmethod
    def parse(cls, values: Any) -> Description:
        """Raises ValueError for anything but what `asdict` gives."""
        if not isinstance(values, dict) or not isinstance(values.get("name"), str):
            raise ValueError("no name")
        paths = values.get("paths", [])
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise ValueError("paths")
        times = {name: _time(values.get(name, "")) for name in ("made", "updated", "used")}
        return cls(fit_name(values["name"]), tuple(paths), **times)


def fit_name(name: str) -> str:
    """A name as it is shown: in one line, and not too long. Raises ValueError for an empty one."""
    fitted = _SPACES.sub(" ", name).strip()[:LONGEST_NAME].strip()
    if not fitted:
        raise ValueError("no name")
    return fitted


class ArchiveFolder:
    """The folder of one archive, whose name is its id."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.id = home.name
        self.index = home / "index"
        self.files = home / "files"
        self.incoming = home / "incoming"

    @classmethod
    def new(cls, library: Path, description: Description) -> ArchiveFolder:
        """Make the folder of a new archive. Raises InputError where it cannot be written."""
        made = cls(library / uuid.uuid4().hex[:12])
        with writing(library):
            made.home.mkdir(parents=True)
            made.describe(description)
        return made

    def description(self) -> Description:
        """Raises InputError for a description that is damaged or missing."""
        try:
            return Description.parse(json_value((self.home / "archive.json").read_text("utf-8")))
        except (OSError, ValueError):
            raise InputError(note("archive_description_damaged")) from None

    def describe(self, description: Description) -> None:
        """Write the description in one step. Raises InputError."""
        with writing(self.home):
            _replace(self.home / "archive.json", json.dumps(asdict(description), indent=1))

    def change(self, **changes: Any) -> None:
        """Change parts of the description. Raises InputError."""
        self.describe(replace(self.description(), **changes))

    def sources(self) -> list[Path]:
        """What the archive is made of: the folders that it names, and what was uploaded."""
        paths = [Path(path) for path in self.description().paths]
        return paths + [self.files] * self.files.is_dir()

    def uploaded(self) -> list[str]:
        """The names of the files that were uploaded, relative to `files`."""
        try:
            names = json_value((self.home / "files.json").read_text("utf-8"))
            return [name for name in names if isinstance(name, str)]
        except (OSError, ValueError, TypeError):
            return []

    def take_in(self, uploaded: Mapping[str, str]) -> None:
        """Move files from `incoming` to `files`: from what they are called there, to their names.

        A file takes the place of one of its name that was uploaded before. Raises InputError, also
        where another stands there. The names are written first:
        what was moved is known to be Byline's, and a process that is killed leaves an upload that
        the next one takes in whole.
        """
        before = self.uploaded()
        known = dict.fromkeys((*before, *uploaded.values()))
        with writing(self.home):
            for name in set(uploaded.values()).difference(before):
                if (self.files / name).exists():
                    raise FileExistsError(errno.EEXIST, f"{name} is there, and was not uploaded")
            _replace(self.home / "files.json", json.dumps(list(known), ensure_ascii=False))
            _replace(self.home / "taking.json", json.dumps(uploaded, ensure_ascii=False))
            self._move(uploaded)
        self.discard_incoming()

    def settle(self) -> None:
        """Take in what a process that was killed had begun to take in, and remove what else was
        uploaded. Raises InputError."""
        try:
            begun = json_value((self.home / "taking.json").read_text("utf-8")).items()
            ours = {name for name in self.uploaded() if ".." not in Path(name).parts}
            left = {n: name for n, name in begun if _INCOMING.fullmatch(n) and name in ours}
        except (OSError, ValueError, AttributeError, TypeError):
            left = {}
        with writing(self.home):
            self._move({n: name for n, name in left.items() if (self.incoming / n).is_file()})
        self.discard_incoming()

    def _move(self, uploaded: Mapping[str, str]) -> None:
        for number, name in uploaded.items():
            target = self.files / name
            if not ownership.is_plain(self.files, name):
                raise FileExistsError(errno.EEXIST, f"{target} is behind a link")
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.incoming / number).replace(target)

    def discard_incoming(self) -> None:
        """Remove what was uploaded and not taken in."""
        ownership.remove_files(self.incoming, _names(self.incoming, _INCOMING))
        for path in ownership.plain_files(self.home, ["taking.json"]):
            path.unlink()

    def bytes(self) -> int:
        """The size of the files that were uploaded."""
        sizes = 0
        for path in ownership.plain_files(self.files, self.uploaded()):
            with contextlib.suppress(OSError):
                sizes += path.stat().st_size
        return sizes

    def remove(self) -> bool:
        """Remove what is Byline's own, and the folder if nothing else is in it.

        Returns whether the folder is gone. Raises SnapshotError while an index is being built.
        """
        if ownership.is_link(self.home):
            return False
        snapshot.remove(self.index)
        self.discard_incoming()
        ownership.remove_files(self.files, self.uploaded())
        ownership.remove_files(self.home, _names(self.home, _WRITTEN))
        return not self.home.exists()


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise InputError, which names the remedy, for what cannot be written in a folder."""
    try:
        yield
    except OSError as error:
        told = error.strerror or first_line(error)
        raise InputError(note("library_unwritable", folder=str(folder), error=told)) from error


def _replace(file: Path, text: str) -> None:
    """Write a file in one step."""
    write_whole(file, (text + "\n").encode())


def _names(folder: Path, own: re.Pattern[str]) -> list[str]:
    """The names of a folder's entries that are of our own form."""
    if ownership.is_link(folder) or not folder.is_dir():
        return []
    return [path.name for path in folder.iterdir() if own.fullmatch(path.name)]


def _time(value: object) -> str:
    """A time as `now` gives it, or "". Raises ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError("no time")
    if value:
        datetime.datetime.fromisoformat(value)
    return value
