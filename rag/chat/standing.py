"""Standing questions: asked of articles that are new, and what they found, reported once.

A file beside the index remembers which articles were asked and which words were reported. It holds
no text of an article: a quote is its place and a digest of its words, and is read from the index
each time, so that one that is no longer in its article is no longer shown.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

import filelock
from pydantic import AwareDatetime, Field, NonNegativeInt, TypeAdapter
from typing_extensions import TypedDict

from rag.archive import Archive
from rag.chat.questions import Line
from rag.citation import cite, verified
from rag.errors import BylineError, InputError, QuestionError
from rag.export.evidence import Evidence, digest
from rag.export.whole_file import write_whole
from rag.question.rewrite import understand
from rag.text.outside import json_value
from rag.types import Article, Citation, Filters, Progress
from rag.wording import note

FILE, LOCK = "standing.json", ".standing.lock"
MOST = 200
"""Questions that may be kept with an index."""
_WAIT = 30
"""Seconds to wait for another process that is writing the file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A quote that was reported: `digest` is of the question and the words at the place."""

    question: str
    article: str
    start: NonNegativeInt
    end: NonNegativeInt
    digest: str
    found: AwareDatetime
    strength: str


@dataclass(slots=True)
class State:
    """What the file holds. `known`: the articles that were there or were asked, by id, with what
    their content hash begins with; None before any."""

    questions: list[Line] = field(default_factory=list)
    known: dict[str, str] | None = None
    entries: dict[str, Entry] = field(default_factory=dict)


class Standing:
    """The standing questions of the index in `home`, and what they have found.

    Several processes may use it at once. Raises InputError for a file that is none of its own, or
    that cannot be written.
    """

    def __init__(self, home: Path) -> None:
        self._path, self._lock = home / FILE, home / LOCK

    def questions(self) -> tuple[Line, ...]:
        """The questions that are kept with the index, in the order in which they were added."""
        return tuple(self._read().questions)

    def add(self, line: Line, archive: Archive) -> None:
        """Keep a question. From now on it is asked of what is new in `archive`.

        Raises QuestionError for one that cannot be asked there, and for one too many.
        """
        understand(line.question)
        line.filters(archive.index)
        with self._changing() as state:
            if len(state.questions) >= MOST:
                raise QuestionError(note("too_many_standing", most=MOST))
            if replace(line, number=0) not in state.questions:
                state.questions.append(replace(line, number=0))
            if state.known is None:
                state.known = _held(archive)

    def remove(self, question: str) -> None:
        """Keep a question no longer; what it found stays reported."""
        with self._changing() as state:
            state.questions = [line for line in state.questions if line.question != question]

    def begin(self, archive: Archive) -> None:
        """Take the articles that are there for known, unless something is known already."""
        with self._changing() as state:
            if state.known is None:
                state.known = _held(archive)

    def ask(
        self,
        archive: Archive,
        lines: Sequence[Line],
        progress: Progress | None = None,
    ) -> tuple[Evidence, ...]:
        """Ask questions of the articles that are not yet known, and return what was not yet
        reported.

        Then the articles are known. Evidence is the quotes of answers that are no weak match. A
        question whose source no article has finds nothing.
        """
        known = self._read().known or {}
        held = _held(archive)
        new = [one for one, mark in held.items() if known.get(one) != mark]
        found: list[Evidence] = []
        for done, line in enumerate(lines if new else (), start=1):
            found += _asked(archive, line, new)
            if progress:
                progress("asking", done, len(lines))
        with self._changing() as state:
            reported = [one for one in found if one.digest not in state.entries]
            state.known = (state.known or {}) | {one: held[one] for one in new}
            for one in found:
                before = state.entries.get(one.digest)
                if before is None or not _evidence(archive, before):  # It stands elsewhere now.
                    when = before.found if before else one.found
                    state.entries[one.digest] = _entry(one, when)
        return tuple({one.digest: one for one in reported}.values())

    def found(self, archive: Archive, most: int | None = None) -> tuple[Evidence, ...]:
        """What was reported and still stands in the articles of `archive`, newest first: all, or
        the first `most`."""
        entries = sorted(self._read().entries.values(), key=lambda one: one.found, reverse=True)
        held = (_evidence(archive, entry) for entry in entries)
        return tuple(itertools.islice((one for one in held if one), most))

    @contextlib.contextmanager
    def _changing(self) -> Iterator[State]:
        """The state, to be changed; written again at the end, if nothing went wrong."""
        try:
            lock = filelock.FileLock(self._lock, timeout=_WAIT)
            with lock:
                state = self._read()
                yield state
                write_whole(self._path, _to_bytes(state))
        except filelock.Timeout:
            raise InputError(note("standing_busy", file=str(self._path))) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(note("file_unwritable", file=str(self._path), error=reason)) from None

    def _read(self) -> State:
        try:
            return _parsed(json_value(self._path.read_text("utf-8")))
        except FileNotFoundError:
            return State()
        except (OSError, ValueError):
            raise InputError(note("standing_broken", file=str(self._path))) from None


def _held(archive: Archive) -> dict[str, str]:
    """Every article by its id, with what its content hash begins with."""
    return {one: found[:16] for one, found in archive.index.store.hashes().items()}


def _asked(archive: Archive, line: Line, new: Sequence[str]) -> Iterator[Evidence]:
    """What the articles `new` say to a question: it is asked again of those that were not quoted,
    until nothing more answers. A copy of a quoted report says nothing new."""
    try:
        filters = line.filters(archive.index)
    except QuestionError:  # No article is from its source, or not any more.
        return
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    reports = {one: archive.report(one) for one in new}
    while reports:
        within = replace(filters, articles=tuple(reports))
        quoted = [*_quoted(archive, line.question, within)]
        for citation, article, strength in quoted:
            yield Evidence(line.question, citation, article, now, strength)
        told = {reports[article.id] for _, article, _ in quoted}
        if not told:
            return
        reports = {one: report for one, report in reports.items() if report not in told}


def _quoted(
    archive: Archive, question: str, filters: Filters
) -> Iterator[tuple[Citation, Article, str]]:
    """The verified quotes of an answer that is no weak match, each with its article.

    Where it is one, each article that is quoted is asked alone: several that answer differently
    share the confidence that any of them would have.
    """
    answer = [*archive.pipeline.stream(question, (), filters, written=False)][-1]
    if answer.weak and len(filters.articles or ()) > 1:
        for one in dict.fromkeys(citation.article_id for citation in answer.citations):
            yield from _quoted(archive, question, replace(filters, articles=(one,)))
        return
    if answer.status == "unanswered" or answer.weak:
        return
    articles = {one.article_id: archive.article(one.article_id) for one in answer.citations}
    for citation in verified(replace(answer, hits=(), listing=None), articles).citations:
        if citation.article_id in (filters.articles or ()):
            yield citation, articles[citation.article_id], answer.strength


def _entry(one: Evidence, found: datetime.datetime) -> Entry:
    place = one.citation
    return Entry(
        one.question, one.article.id, place.start, place.end, one.digest, found, one.strength
    )


def _evidence(archive: Archive, entry: Entry) -> Evidence | None:
    """What was reported, as its article has it; None if it no longer does."""
    try:
        article = archive.article(entry.article)
    except (KeyError, BylineError):
        return None
    citation = cite(article, (entry.start, entry.end), 1)
    holds = digest(entry.question, citation.quote) == entry.digest
    told = (entry.question, citation, article, entry.found, entry.strength)
    return Evidence(*told) if holds else None


def _to_bytes(state: State) -> bytes:
    values = {
        "version": 1,
        "questions": [asdict(line) for line in state.questions],
        "known": state.known,
        "entries": [asdict(entry) for entry in state.entries.values()],
    }
    text = json.dumps(values, ensure_ascii=False, indent=1, default=_iso)
    return (text + "\n").encode("utf-8", "replace")


def _iso(value: datetime.date) -> str:
    return value.isoformat()


class _Question(TypedDict):
    turns: Annotated[tuple[str, ...], Field(min_length=1)]
    source: str
    since: datetime.date | None
    until: datetime.date | None


class _File(TypedDict):
    version: Literal[1]
    questions: Annotated[list[_Question], Field(max_length=MOST)]
    known: dict[str, str] | None
    entries: list[Entry]


_FILE = TypeAdapter(_File)


def _parsed(values: object) -> State:
    """The state that a file holds, which comes with an index. Raises ValueError for any other."""
    held = _FILE.validate_python(values)
    return State(
        [Line(0, **one) for one in held["questions"]],
        held["known"],
        {entry.digest: entry for entry in held["entries"]},
    )
