"""`byline watch`: an index that follows its folder, and what standing questions find in it."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import BylineError, InputError, SnapshotError, first_line
from rag.progress import bars
from rag.settings import BuildSettings, from_mapping

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.chat.questions import Line
    from rag.export.evidence import Evidence


def watch(options: argparse.Namespace) -> int:
    """Return 2 when `--once` could not build, 0 when Ctrl-C ends the wait for a change."""
    from rag.ingest.changes import changed, listing

    found = listing(options.paths)
    if found.missing:
        raise InputError(f"There is no file or folder {found.missing[0]}. Name one that there is.")
    watching = _Watch(options)
    watching.update()
    if options.once:
        return 0 if watching.built else 2
    while True:
        _say(f"Watching {', '.join(options.paths)} (Ctrl-C ends it)")
        try:
            found = changed(options.paths, found, options.every, watching.blocked)
        except KeyboardInterrupt:
            print("\nbyline: no longer watching; the index stays as it is.", file=sys.stderr)
            return 0
        if found.missing:
            missing = ", ".join(found.missing)
            _warn(f"{missing} is not there. The index stays as it is until it is there again.")
        else:
            watching.update()


class _Watch:
    """The index of a watched folder, kept with its models, and the questions that are asked.

    `built`: whether the last build succeeded; `blocked`: whether it was the index that could not be
    written, so that it is to be tried again without a change of the files.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        from rag.chat.questions import read_questions
        from rag.chat.standing import Standing
        from rag.export.evidence import REPORTS
        from rag.export.whole_file import check_writable

        self._options = options
        self._home = Path(options.index)
        self._settings = from_mapping(BuildSettings, dict(options.set))
        self.built = self.blocked = False
        self._archive: Archive | None = None
        self._out = Path(options.out) if options.out else None
        for own in filter(None, (self._home, self._out)):
            _check_apart(own, options.paths)
        if self._out:
            if self._out.suffix.lower() not in REPORTS:
                known = ", ".join(REPORTS)
                raise InputError(f"{self._out} is no report: let its name end in one of {known}.")
            check_writable(self._out)
        self._standing = Standing(self._home)
        self._file: tuple[Line, ...] = ()
        if options.questions:
            self._file = read_questions(Path(options.questions)).required()
            self._begin()

    def update(self) -> None:
        """Build the index again, ask of what is new and report it.

        What keeps it from being built is told, and the index stays as it was.
        """
        self.built = self.blocked = False
        try:
            archive = self._build()
            self.built = True
            self._report(archive)
        except (SnapshotError, OSError) as error:
            self.blocked = not self.built
            _warn(first_line(error) if isinstance(error, OSError) else str(error))
        except BylineError as error:
            _warn(str(error))

    def _begin(self) -> None:
        """Take what an index that is there holds for known: only later articles are new."""
        from rag import Archive

        try:
            archive = Archive.open(self._home)
        except SnapshotError:  # There is none: all of its articles will be new.
            return
        self._standing.begin(archive)

    def _build(self) -> Archive:
        """The index built again, opened with the models that were loaded before."""
        from rag import Archive, read_articles
        from rag.ingest import Options

        options = self._options
        reading = Options(options.dates, dict(options.map))
        encoder = self._archive.load_encoder() if self._archive else None
        with bars() as progress:
            reader = read_articles(options.paths, options=reading, progress=progress)
            built = Archive.build(reader, self._home, self._settings, encoder, progress)
        self._archive = self._archive.open_alike(self._home) if self._archive else built
        facts = self._archive.info()
        _say(f"Indexed {facts['articles']} articles in {facts['passages']} passages")
        unread = len(reader.report.failed)
        if unread:
            _say(f"Left out, in {unread} files: byline info --failed --index {self._home}")
        return self._archive

    def _report(self, archive: Archive) -> None:
        """Ask the standing questions, write the report of all there is, and print what is new."""
        from rag.export.evidence import REPORTS
        from rag.export.whole_file import write_whole
        from rag.wording import ENGLISH

        lines: Sequence[Line] = self._file or self._standing.questions()
        new: Sequence[Evidence] = ()
        if lines:
            with bars() as progress:
                new = self._standing.ask(archive, lines, progress)
        if self._out:
            write = REPORTS[self._out.suffix.lower()]
            write_whole(self._out, write(self._standing.found(archive), ENGLISH))
        _print(new)


def _print(new: Sequence[Evidence]) -> None:
    """Print new evidence, each question above its quotes."""
    from rag.export.reference import one_line, quote_with_reference

    asked = ""
    for one in new:
        if one.question != asked:
            asked = one.question
            print(f"\n{one_line(asked)}")
        print(f"  {quote_with_reference(one.citation, one.article)}")
    if new:
        print(flush=True)


def _check_apart(own: Path, paths: Sequence[str]) -> None:
    """Raise InputError for a file or folder of ours in a folder that is watched: each build would
    read it, and bring about the next."""
    for path in paths:
        if Path(os.path.realpath(own)).is_relative_to(os.path.realpath(path)):
            raise InputError(f"{own} is in {path}, which is watched. Name a place outside it.")


def _say(text: str) -> None:
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", flush=True)


def _warn(text: str) -> None:
    print(f"byline: {text}", file=sys.stderr, flush=True)
