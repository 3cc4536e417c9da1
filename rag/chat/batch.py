"""Asks the questions of a file one after the other, and keeps the answers in a sheet on disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rag.archive import Archive
from rag.chat.questions import Line
from rag.errors import InputError
from rag.export.sheet import SHEETS, Row, rows_of
from rag.export.whole_file import check_writable, write_whole
from rag.types import Answer, Filters, Progress, Turn
from rag.wording import ENGLISH, Wording, note

_SAVED_EVERY = 30
"""Seconds after which the sheet is written again: what a killed process may lose."""

Ask = Callable[[str, Sequence[Turn], Filters], Answer]
"""Answers a question, with the turns before it, under filters."""


class Sheet:
    """The answers of a batch, and the file that they are saved in: CSV or XLSX, by its ending.

    The file is whole at any time. Raises InputError, before anything is asked, for a path at which
    no sheet may be written.
    """

    def __init__(self, path: Path, say: Wording = ENGLISH) -> None:
        if path.suffix.lower() not in SHEETS:
            raise InputError(note("sheet_unknown", file=str(path), known=" or ".join(SHEETS)))
        check_writable(path)
        self.path = path
        self.rows: list[Row] = []
        self._say = say
        self._saved = time.monotonic()

    def add(self, answer: Answer, archive: Archive, line: int) -> None:
        """Add an answer, verified against its articles as they are in `archive`."""
        self.rows += rows_of(answer, archive.articles_of(answer), line, self._say)
        if time.monotonic() - self._saved > _SAVED_EVERY:
            self.save()

    def save(self) -> None:
        """Write the file. Raises InputError."""
        write_whole(self.path, SHEETS[self.path.suffix.lower()](self.rows, self._say))
        self._saved = time.monotonic()


def answers(
    archive: Archive,
    lines: Sequence[Line],
    ask: Ask,
    given: Filters = Filters(),  # noqa: B008
) -> Iterator[tuple[Line, Answer]]:
    """Ask the questions of `lines` by `ask`, one after the other, under their filters."""
    for line in lines:
        history: list[Turn] = []
        for turn in line.turns:
            answer = ask(turn, history, line.filters(archive.index, given))
            yield line, answer
            history.append((turn, answer.text))


def ask_batch(
    archive: Archive,
    lines: Sequence[Line],
    sheet: Sheet,
    ask: Ask,
    given: Filters = Filters(),  # noqa: B008
    progress: Progress | None = None,
) -> None:
    """Ask the questions of `lines` as `answers` does, and save them.

    However it ends, the sheet holds what was answered before.
    """
    total = sum(len(line.turns) for line in lines)
    try:
        for done, (line, answer) in enumerate(answers(archive, lines, ask, given), start=1):
            sheet.add(answer, archive, line.number)
            if progress:
                progress("asking", done, total)
    finally:
        if sheet.rows:  # Else a sheet that was there before stays.
            sheet.save()
