"""Opens the archives that a server has, as its options ask for: one for all, or a library."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from rag.archive import Archive
from rag.arguments import DEFAULT_INDEX, PER_MINUTE
from rag.chat import access
from rag.chat.feedback import Feedback
from rag.chat.guided import Guided
from rag.chat.library import Entry, Libraries, Maker, Offered, Room
from rag.chat.service import Capacity, Service
from rag.chat.sessions import Sessions
from rag.chat.standing import Standing
from rag.chat.writers import Writers
from rag.errors import ModelError, SettingsError, SnapshotError
from rag.index import snapshot
from rag.index.place import place_of
from rag.ingest import Limits
from rag.settings import AskSettings, from_mapping
from rag.types import Progress
from rag.web.updates import ON_SPACE

_UNPACKED = 5
"""How many times the size of what strangers upload it may have unpacked."""


@dataclass(frozen=True)
class MadeHere:
    """An index that is made at the start where it is not there yet: `build` makes it, telling its
    progress; `name` is what readers call the archive, and `guided` leads newcomers through it."""

    build: Callable[[Progress], object]
    name: str
    guided: tuple[Guided, ...] = ()


def sessions(
    options: argparse.Namespace, program: str, accounts: bool, made: MadeHere | None = None
) -> Sessions:
    """The archives that the options of `rag.arguments` ask for.

    `program`: the command that warnings name. `accounts`: whether only those with one are let in.
    Without `made` an index that is named must be there. Raises BylineError for what cannot be
    served.
    """
    here = access.is_local(options.host)
    # Whoever reaches a page from elsewhere starts no models here.
    own = here and not accounts and not ON_SPACE
    settings = _settings(options)
    by_default = 0 if here else PER_MINUTE
    capacity = Capacity(by_default if options.per_minute is None else options.per_minute)
    writers = Writers(settings, _models(options) if own else None)
    home = _home(options, here, accounts, made=made is not None)
    index = options.index or (None if home else DEFAULT_INDEX)

    def opened(index: str, made: MadeHere | None, key: str = "", name: str = "") -> Service:
        opening = functools.partial(_opened, program, index, settings, made)
        feedback = _feedback(options, index)
        # Strangers keep no questions with an archive that is not theirs.
        standing = Standing(place_of(index).home) if here or key else None
        guided = made.guided if made and options.examples else ()
        return Service(
            opening, capacity, options.examples, feedback, key, name, standing, guided, writers
        )

    fixed = None
    name = made.name if made else place_of(index or DEFAULT_INDEX).name
    if index:
        if made is None:
            Archive.open(index, settings)  # What is wrong with it is told at once.
        fixed = opened(index, made, name=name)
    if home is None:
        return Sessions(fixed, capacity=capacity)
    offered = {"": Offered(name, place_of(index).home)} if index else _offered()
    libraries = _libraries(options, settings, home, here and not accounts, offered)

    def opened_entry(entry: Entry) -> Service:
        return opened(str(entry.index), None, entry.id, entry.name)

    return Sessions(fixed, libraries, opened_entry, capacity)


def _settings(options: argparse.Namespace) -> AskSettings:
    """The settings of the options, those with an option of their own among them."""
    named = {name: getattr(options, name) for name in ("model", "allow_remote", "allow_download")}
    given = dict(options.set) | {name: value for name, value in named.items() if value}
    return from_mapping(AskSettings, given)


def _models(options: argparse.Namespace) -> Path:
    """Where the models are that may be chosen in the page."""
    data = platformdirs.user_data_path("byline")
    return Path(options.models) if options.models else data / "models"


def _home(options: argparse.Namespace, here: bool, accounts: bool, made: bool) -> Path | None:
    """Where archives that are made in the page are kept, None where none may be made.

    On this machine they may, unless one index is named; elsewhere only if --archives says so, and
    each account has its own.
    """
    wanted = options.archives
    if wanted is None:
        wanted = here and not ON_SPACE and (options.index is None or made)
    if not wanted:
        return None
    if not here and not accounts:
        raise SettingsError(
            "Archives that are made in the page belong to an account, where other machines reach "
            "the page. Let in only those in a file with --auth-file, or leave out --archives."
        )
    return platformdirs.user_data_path("byline") / "archives" if wanted is True else Path(wanted)


def _offered() -> dict[str, Offered]:
    """The index that stands where Byline was started, if it can be opened."""
    try:
        snapshot.current(Path(DEFAULT_INDEX))
    except SnapshotError:  # Who has a terminal is told by `byline info`.
        return {}
    return {"here": Offered(DEFAULT_INDEX, Path(DEFAULT_INDEX))}


def _libraries(
    options: argparse.Namespace,
    settings: AskSettings,
    home: Path,
    own: bool,
    offered: Mapping[str, Offered],
) -> Libraries:
    """`own`: all of it is the reader's own, who may have folders of this machine read."""
    room = Room(options.upload_bytes, options.upload_files)
    unpacked = _UNPACKED * room.bytes
    strangers = Limits(file_bytes=room.bytes, files=room.files, unpacked_bytes=unpacked)
    maker = Maker(None if own else strangers, settings)
    return Libraries(home, maker, room=room, by_path=own, offered=offered)


def _feedback(options: argparse.Namespace, index: str) -> Feedback | None:
    """Where judgements of an archive's answers go."""
    file = options.feedback
    if file is None:
        file = str(place_of(index).home / "feedback.jsonl") if access.is_local(options.host) else ""
    return Feedback(Path(file)) if file else None


def _opened(
    program: str, index: str, settings: AskSettings, made: MadeHere | None, progress: Progress
) -> Archive:
    """The archive with its models loaded, so that no question has to wait for them."""
    if made:
        made.build(progress)
    archive = Archive.open(index, settings)
    try:
        archive.load_models()
    except ModelError as error:  # Of the language model, the last; the answers are in quotes then.
        print(f"{program}: {error}", file=sys.stderr, flush=True)
    return archive
