"""The command line. Owns the commands and their exit codes; the work is done by `rag.Archive`.

`rag.arguments` has the parsers, `rag.terminal` prints answers.

Imports of weight stand inside the commands, so that `byline --help` answers at once.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from rag.arguments import FORMATS, parser
from rag.errors import BylineError, InputError, ModelError, QuestionError, SnapshotError
from rag.progress import bars
from rag.settings import AskSettings, BuildSettings, from_mapping
from rag.types import FIELDS

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.ingest import ArticleReader, Options
    from rag.pack.verify import Find
    from rag.retrieval.filters import Fields
    from rag.terminal import Page
    from rag.types import Answer, Article, Note, Turn


_COUNTED = 50
"""Values of a field that `info` prints; `--json` has them all."""
_WRITTEN = "It is in force; a chat that is running takes it up when it is started again."
_AS_IT_WAS = {
    True: "Nothing was changed.",
    False: "The packaged confidence fits these judgements as well: nothing was changed.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 for an error, 130 when interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Articles hold every script; a console that cannot show one must not end the answer.
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options) or 0
    except BylineError as error:
        print(f"byline: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("byline: interrupted; the index is as it was before.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has seen enough; what is left must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _build(options: argparse.Namespace) -> None:
    from rag import Archive, read_articles
    from rag.ingest import Options
    from rag.terminal import print_report

    settings = from_mapping(BuildSettings, dict(options.set))
    reading = Options(options.dates, dict(options.map))
    if options.report and not Path(options.report).parent.is_dir():
        raise InputError(f"There is no folder for {options.report}. Name a file in one there is.")
    with bars() as progress:
        reader = read_articles(options.paths, options=reading, progress=progress)
        try:
            archive = Archive.build(reader, options.index, settings, progress=progress)
        except InputError:
            if reader.report.articles:
                raise
            archive = None
    if options.report:
        reader.report.save(Path(options.report))
    if archive is None:
        raise _unreadable(reader, options.paths)
    facts = archive.info()
    print_report(reader.report, options.index)
    print(f"Indexed {facts['articles']} articles in {facts['passages']} passages: {options.index}")


def _ask(options: argparse.Namespace) -> int:
    """Return 2 when a model was to write the answers and cannot: they are in quotes then."""
    from rag.terminal import Page

    if (options.question is None) == (options.batch is None):
        raise InputError("Give one question in quotes, or a file of them with --batch FILE.jsonl.")
    conversations = _read_batch(options.batch) if options.batch else [[options.question]]
    archive = _open(options, model=options.model, allow_remote=options.allow_remote)
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


def _search(options: argparse.Namespace) -> None:
    from rag.terminal import print_hits

    archive = _open(options)
    hits = archive.search(
        options.question, options.k, options.source, options.since, options.until,
        **_fields(options),
    )  # fmt: skip
    if options.json:
        print(json.dumps(archive.to_json(hits), ensure_ascii=False))
    else:
        print_hits(archive, hits)


def _info(options: argparse.Namespace) -> None:
    archive = _open(options)
    if options.failed:
        _show_reading(archive, options)
        return
    facts = archive.info()
    if options.json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    encoder = facts["encoder"]
    print(f"{facts['articles']} articles, {facts['passages']} passages in {facts['index']}")
    print(f"snapshot  {facts['snapshot']}")
    print(f"encoder   {encoder['name']}, {encoder['dimension']} dimensions, {encoder['precision']}")
    for field in ("sources", *FIELDS):
        if facts[field] or field == "sources":
            print(f"{field:<9} {_counted(facts[field])}")


def _counted(values: Mapping[str, int]) -> str:
    """Values with the number of their articles; of very many, those of most articles."""
    most = sorted(values, key=lambda value: -values[value])[:_COUNTED]
    shown = [f"{value} ({n})" for value, n in values.items() if value in most]
    rest = len(values) - len(shown)
    return ", ".join(shown) + f" and {rest} more" * bool(rest)


def _show_reading(archive: Archive, options: argparse.Namespace) -> None:
    """Show again what `byline build` reported of the files, with every failure."""
    from rag.terminal import print_report

    report = archive.reading_report()
    if report is None:
        raise InputError(
            f"The index in {options.index} does not tell how its files were read: it was built by "
            f"a program, or by an older Byline. Build it again with: byline build ARTICLES "
            f"--index {options.index}"
        )
    if options.json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        print_report(report)


def _check(options: argparse.Namespace) -> None:
    problems = _open(options).check()
    if problems:
        raise SnapshotError(
            f"The index in {options.index} is damaged: {'; '.join(problems)}. Build it again with: "
            f"byline build ARTICLES --index {options.index}"
        )
    print(f"{options.index}: every byte is as it was written.")


def _calibrate(options: argparse.Namespace) -> None:
    from rag.answer import refit
    from rag.chat.calibrate import calibrate
    from rag.chat.feedback import read_judgements
    from rag.terminal import print_refit

    home = Path(options.index)
    if options.undo:
        removed = refit.remove(home)
        print(f"{home}: the packaged calibration is in force{' again' if removed else ''}.")
        return
    judgements = read_judgements(Path(options.feedback or home / "feedback.jsonl"))
    archive = _open(options)
    with bars() as progress:
        found = calibrate(archive, judgements, progress)
    written = found.better and not options.dry_run
    if written:
        refit.write(home, found.scaling, archive.pipeline.fitted_with, asdict(found))
    if options.json:
        print(json.dumps({"written": written, **asdict(found)}, ensure_ascii=False))
    else:
        print_refit(found)
        print(_WRITTEN if written else _AS_IT_WAS[found.better])


def _verify(options: argparse.Namespace) -> None:
    from rag.pack import load, verify
    from rag.terminal import print_proof

    pack = load(options.pack)
    proof = verify(pack, *_lookups(options))
    if options.json:
        print(json.dumps({"holds": proof.holds, **asdict(proof)}, ensure_ascii=False))
    else:
        print_proof(proof, [answer["question"] for answer in pack["answers"]])
    if not proof.holds:
        failed = sum(quote.status != "holds" for quote in proof.quotes)
        raise InputError(
            f"{options.pack} does not hold: {failed} of its {len(proof.quotes)} quotes and "
            f"{len(proof.problems)} other things are not as in the articles. Rely on nothing in "
            "it that you have not looked up; asking its questions again makes a new pack."
        )


def _serve(options: argparse.Namespace) -> None:
    from rag.web.serve import prepared

    prepared(options, "byline").run()


def _lookups(options: argparse.Namespace) -> tuple[Find, Find]:
    """How to find an article by its id, and by its content hash: in files or in the index."""
    if options.articles:
        from rag.ingest import Options

        articles = _read(options.articles, Options(options.dates, dict(options.map)))
        by_id = {article.id: article for article in articles}
        return by_id.get, {article.content_hash: article for article in articles}.get
    archive = _open(options)

    def by_id_in_index(article_id: str) -> Article | None:
        try:
            return archive.article(article_id)
        except KeyError:
            return None

    return by_id_in_index, archive.by_hash


def _read(paths: Sequence[str], reading: Options) -> list[Article]:
    """The articles of files and folders; what cannot be read is named on standard error."""
    from rag import read_articles

    with bars() as progress:
        reader = read_articles(paths, options=reading, progress=progress)
        articles = list(reader)
    if not articles:
        raise _unreadable(reader, paths)
    _print_failures(reader)
    return articles


def _unreadable(reader: ArticleReader, paths: Sequence[str]) -> InputError:
    """The error for files that hold no article; why is printed on standard error."""
    _print_failures(reader)
    return InputError(
        f"Nothing in {', '.join(paths)} could be read as an article. Name files "
        f"of these: {FORMATS}."
    )


def _print_failures(reader: ArticleReader) -> None:
    for failure in reader.failures:
        print(f"byline: {failure.file}: {failure.reason}", file=sys.stderr)


def _open(options: argparse.Namespace, **named: Any) -> Archive:
    """The archive; `named` are settings with an option of their own, where it was given."""
    from rag import Archive

    given = {name: value for name, value in named.items() if value}
    return Archive.open(options.index, from_mapping(AskSettings, dict(options.set) | given))


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


_COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "build": _build,
    "ask": _ask,
    "search": _search,
    "info": _info,
    "check": _check,
    "calibrate": _calibrate,
    "verify": _verify,
    "serve": _serve,
}


if __name__ == "__main__":
    sys.exit(main())
