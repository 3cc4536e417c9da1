"""`byline ask` and `search`: questions to an index, one or a batch of them."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rag.commands.opening import open_archive
from rag.commands.streams import print_json
from rag.errors import InputError, ModelError
from rag.progress import bars

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.chat.batch import Sheet
    from rag.chat.questions import Line
    from rag.commands.terminal import Page
    from rag.retrieval.filters import Fields
    from rag.types import Answer, Filters, Note, Turn


def ask(options: argparse.Namespace) -> int:
    """Return 2 when a model was to write the answers and cannot: they are in quotes then."""
    from rag.chat.questions import Line, Questions, read_questions
    from rag.commands.terminal import Page

    if (options.question is None) == (options.batch is None):
        raise InputError("Give one question in quotes, or a file of them with --batch FILE.")
    if options.batch:
        questions = read_questions(Path(options.batch))
    else:
        questions = Questions("", (Line(1, (options.question,)),))
    if options.certificate and options.batch:
        raise InputError("A certificate is of one question: ask it in quotes, without --batch.")
    sheet = _sheet(options) if options.out else None
    archive = open_archive(options, model=options.model, allow_remote=options.allow_remote)
    given = _filters(archive, options)
    lines = questions.checked(archive.index, given).required() if options.batch else questions.lines
    failure = _failure_of_model(archive)
    if sheet:
        _ask_batch(archive, lines, sheet, given, failure)
        return 2 if failure else 0
    page = None if options.json or options.batch else Page(archive)
    for line in lines:
        filters = line.filters(archive.index, given)
        history: list[Turn] = []
        for turn in line.turns:
            answer, stopped = _answer(archive, turn, history, filters, failure, page)
            if stopped:
                break
            history.append((turn, answer.text))
        if options.certificate:
            _certify(archive, answer, filters, Path(options.certificate))
        if page:
            page.end(answer)
        else:
            print_json(archive.to_json(answer))
        if stopped:
            raise KeyboardInterrupt
    return 2 if failure else 0


def _certify(archive: Archive, answer: Answer, filters: Filters, path: Path) -> None:
    """Write the certificate that the archive does not answer. Raises InputError where it does."""
    from rag.citation import articles_of
    from rag.export.whole_file import write_whole
    from rag.pack import bundle, evidence

    if answer.absence is None:
        raise InputError(
            "There is nothing to certify: the archive answers this, or it is no question. Ask "
            "without --certificate to see what it says."
        )
    articles = {one: archive.article(one) for one in articles_of(answer)}
    made = datetime.datetime.now().astimezone()
    values = evidence(
        [answer], articles, archive.settings, archive.info(), made, [filters], archive.unread()
    )
    write_whole(path, bundle(values))


def _sheet(options: argparse.Namespace) -> Sheet:
    """The sheet that `--out` names. Raises InputError before a question is asked."""
    from rag.chat.batch import Sheet

    if not options.batch:
        raise InputError("--out keeps the answers of a batch: name its questions by --batch FILE.")
    path = Path(options.out)
    if path.exists() and path.samefile(options.batch):
        raise InputError(f"{path} holds the questions. Name another file for the answers.")
    return Sheet(path)


def _ask_batch(
    archive: Archive, lines: Sequence[Line], sheet: Sheet, given: Filters, failure: Note | None
) -> None:
    """Ask the lines of a batch, and say where the answers are, also when Ctrl-C ends it."""
    from rag.chat.batch import ask_batch

    def asked(question: str, history: Sequence[Turn], filters: Filters) -> Answer:
        answer, stopped = _answer(archive, question, history, filters, failure, None)
        if stopped:
            raise KeyboardInterrupt
        return answer

    try:
        with bars() as progress:
            ask_batch(archive, lines, sheet, asked, given, progress)
    finally:
        if sheet.rows:
            n = len({(row.line, row.question) for row in sheet.rows})
            print(f"Answers to {n} of {sum(len(one.turns) for one in lines)}: {sheet.path}")


def _filters(archive: Archive, options: argparse.Namespace) -> Filters:
    """The filters of the command line. Raises QuestionError for one that fits no article."""
    from rag.retrieval.filters import parse_filters

    return parse_filters(
        archive.index, options.source, options.since, options.until, None, **_fields(options)
    )


def _failure_of_model(archive: Archive) -> Note | None:
    """Load the model that writes answers, if the settings name one; why it cannot be, or None."""
    try:
        archive.load_model()
    except ModelError as error:
        print(f"byline: {error}", file=sys.stderr, flush=True)
        return error.message
    return None


def _answer(
    archive: Archive,
    question: str,
    history: Sequence[Turn],
    filters: Filters,
    failure: Note | None,
    page: Page | None,
) -> tuple[Answer, bool]:
    """The answer, shown on `page` as it grows, and whether Ctrl-C has stopped the model.

    `failure`: why no model can write, None otherwise; an answer in quotes notes it.
    """
    stopped = threading.Event()
    growing = archive.pipeline.stream(
        question, history, filters, written=not failure, stopped=stopped.is_set
    )
    answer = next(growing)
    if failure and answer.status == "answered" and not answer.stated:  # No model writes those.
        answer = replace(answer, notes=(*answer.notes, failure))
    with _stopping(stopped):
        if page and not failure:
            page.begin(answer)
        for answer in growing:
            if page:
                page.grow(answer)
    return answer, stopped.is_set()


def _fields(options: argparse.Namespace) -> Fields:
    """The filters of `ask` and `search` besides sources and days."""
    return {
        "authors": options.authors, "sections": options.sections,
        "languages": options.languages, "formats": options.formats,
    }  # fmt: skip


@contextlib.contextmanager
def _stopping(stopped: threading.Event) -> Iterator[None]:
    """Let Ctrl-C stop the model, so that what it wrote is kept; a second one ends the command."""

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def search(options: argparse.Namespace) -> None:
    from rag.commands.terminal import print_hits

    archive = open_archive(options)
    hits = archive.search(
        options.question, options.k, options.source, options.since, options.until,
        **_fields(options),
    )  # fmt: skip
    if options.json:
        print_json(archive.to_json(hits))
    else:
        print_hits(archive, hits, options.question)
