"""`byline ask` and `search`: questions to an index, one or a batch of them."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rag.commands.opening import open_archive
from rag.errors import InputError, ModelError, QuestionError

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.commands.terminal import Page
    from rag.retrieval.filters import Fields
    from rag.types import Answer, Note, Turn


def ask(options: argparse.Namespace) -> int:
    """Return 2 when a model was to write the answers and cannot: they are in quotes then."""
    from rag.commands.terminal import Page

    if (options.question is None) == (options.batch is None):
        raise InputError("Give one question in quotes, or a file of them with --batch FILE.jsonl.")
    conversations = _read_batch(options.batch) if options.batch else [[options.question]]
    archive = open_archive(options, model=options.model, allow_remote=options.allow_remote)
    failure = _failure_of_model(archive)
    page = None if options.json or options.batch else Page(archive)
    for turns in conversations:
        history: list[Turn] = []
        for turn in turns:
            answer, stopped = _answer(archive, turn, history, options, failure, page)
            if stopped:
                break
            history.append((turn, answer.text))
        if page:
            page.end(answer)
        else:
            print(json.dumps(archive.to_json(answer), ensure_ascii=False), flush=True)
        if stopped:
            raise KeyboardInterrupt
    return 2 if failure else 0


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
    options: argparse.Namespace,
    failure: Note | None,
    page: Page | None,
) -> tuple[Answer, bool]:
    """The answer, shown on `page` as it grows, and whether Ctrl-C has stopped the model.

    `failure`: why no model can write, None otherwise; an answer in quotes notes it.
    """
    stopped = threading.Event()
    growing = archive.stream(
        question, history, options.source, options.since, options.until,
        written=not failure, stopped=stopped.is_set, **_fields(options),
    )  # fmt: skip
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
        print(json.dumps(archive.to_json(hits), ensure_ascii=False))
    else:
        print_hits(archive, hits)


def _read_batch(name: str) -> list[list[str]]:
    """The turns of each line; every line is checked before the first question is asked."""
    from rag.question.rewrite import understand

    try:
        # Not splitlines: JSON text may hold line separators that end no line of the file.
        lines = Path(name).read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{name} cannot be read ({error}). Name a JSON Lines file in UTF-8."
        ) from None
    conversations = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            turns = record["turns"] if "turns" in record else [record["question"]]
            if not turns or not isinstance(turns, list):
                raise ValueError
            for turn in turns:
                understand(turn)
        except QuestionError as error:
            raise InputError(f"{name} line {number}: {error}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f'{name} line {number} is no question. Write {{"question": "…"}} or '
                '{"turns": ["…", "…"]}.'
            ) from None
        conversations.append(turns)
    return conversations
