"""The command line. Owns arguments, printing and exit codes; the work is done by `rag.Archive`.

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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from rag.errors import BylineError, InputError, ModelError, QuestionError, SnapshotError
from rag.progress import bars
from rag.settings import AskSettings, BuildSettings, assignment, from_mapping

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.pack.verify import Find, Proof
    from rag.types import Answer, Article, Hit, Turn

DEFAULT_INDEX = "index/archive"
FORMATS = "text or HTML pages, PDFs, JSON Lines or CSV of article records, or zips of these"
_WRITTEN = "Written by a language model; every sentence was checked against the quotes below."
_BESIDE = "That does not answer the question; in the articles' words:"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 for an error, 130 when interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Articles hold every script; a console that cannot show one must not end the answer.
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
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
    from rag import Archive

    settings = from_mapping(BuildSettings, dict(options.set))
    articles = _read(options.paths)
    with bars() as progress:
        archive = Archive.build(articles, options.index, settings, progress=progress)
    facts = archive.info()
    print(f"Indexed {facts['articles']} articles in {facts['passages']} passages: {options.index}")


def _ask(options: argparse.Namespace) -> int:
    """Return 2 when a model was to write the answers and cannot: they are in quotes then."""
    if (options.question is None) == (options.batch is None):
        raise InputError("Give one question in quotes, or a file of them with --batch FILE.jsonl.")
    conversations = _read_batch(options.batch) if options.batch else [[options.question]]
    archive = _open(options, model=options.model, allow_remote=options.allow_remote)
    failure = _failure_of_model(archive)
    page = None if options.json or options.batch else _Page(archive)
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


def _failure_of_model(archive: Archive) -> str:
    """Load the model that writes answers, if the settings name one; why it cannot be, or ""."""
    try:
        archive.load_model()
    except ModelError as error:
        print(f"byline: {error}", file=sys.stderr, flush=True)
        return str(error)
    return ""


def _answer(
    archive: Archive,
    question: str,
    history: Sequence[Turn],
    options: argparse.Namespace,
    failure: str,
    page: _Page | None,
) -> tuple[Answer, bool]:
    """The answer, shown on `page` as it grows, and whether Ctrl-C has stopped the model.

    `failure`: why no model can write, "" otherwise; an answer in quotes notes it.
    """
    stopped = threading.Event()
    growing = archive.stream(
        question, history, options.source, options.since, options.until,
        written=not failure, stopped=stopped.is_set,
    )  # fmt: skip
    answer = next(growing)
    fields = any(claim.verdict == "field" for claim in answer.claims)  # No model writes those.
    if failure and answer.status == "answered" and not fields:
        answer = replace(answer, notes=(*answer.notes, failure))
    with _stopping(stopped):
        if page and not failure:
            page.begin(answer)
        for answer in growing:
            if page:
                page.grow(answer)
    return answer, stopped.is_set()


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
    archive = _open(options)
    hits = archive.search(options.question, options.k, options.source, options.since, options.until)
    if options.json:
        print(json.dumps(archive.to_json(hits), ensure_ascii=False))
    else:
        _print_hits(archive, hits)


def _info(options: argparse.Namespace) -> None:
    facts = _open(options).info()
    if options.json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    encoder, sources = facts["encoder"], facts["sources"]
    print(f"{facts['articles']} articles, {facts['passages']} passages in {facts['index']}")
    print(f"snapshot  {facts['snapshot']}")
    print(f"encoder   {encoder['name']}, {encoder['dimension']} dimensions, {encoder['precision']}")
    print("sources   " + ", ".join(f"{name} ({count})" for name, count in sources.items()))


def _check(options: argparse.Namespace) -> None:
    problems = _open(options).check()
    if problems:
        raise SnapshotError(
            f"The index in {options.index} is damaged: {'; '.join(problems)}. Build it again with: "
            f"byline build ARTICLES --index {options.index}"
        )
    print(f"{options.index}: every byte is as it was written.")


def _verify(options: argparse.Namespace) -> None:
    from rag.pack import load, verify

    pack = load(options.pack)
    proof = verify(pack, *_lookups(options))
    if options.json:
        print(json.dumps({"holds": proof.holds, **asdict(proof)}, ensure_ascii=False))
    else:
        _print_proof(proof, [answer["question"] for answer in pack["answers"]])
    if not proof.holds:
        failed = sum(quote.status != "holds" for quote in proof.quotes)
        raise InputError(
            f"{options.pack} does not hold: {failed} of its {len(proof.quotes)} quotes and "
            f"{len(proof.problems)} other things are not as in the articles. Rely on nothing in "
            "it that you have not looked up; asking its questions again makes a new pack."
        )


def _print_proof(proof: Proof, questions: Sequence[str]) -> None:
    """A line for each quote, under its question where there are several, and a summary."""
    from rag.export.reference import one_line

    last = 0
    for quote in proof.quotes:
        if quote.answer != last and len(questions) > 1:
            print(one_line(questions[quote.answer - 1]))
        last = quote.answer
        remark = f" ({one_line(quote.remark)})" if quote.remark else ""
        print(f"[{quote.label}] {quote.status:<9} {one_line(quote.title)}{remark}")
    for problem in proof.problems:
        print(f"fault: {one_line(problem)}")
    held = sum(quote.status == "holds" for quote in proof.quotes)
    print(f"{held} of {len(proof.quotes)} quotes hold, character for character.")
    if proof.written:
        print(f"Sentences written by a model, which are not judged again: {proof.written}")


def _lookups(options: argparse.Namespace) -> tuple[Find, Find]:
    """How to find an article by its id, and by its content hash: in files or in the index."""
    if options.articles:
        articles = _read(options.articles)
        by_id = {article.id: article for article in articles}
        return by_id.get, {article.content_hash: article for article in articles}.get
    archive = _open(options)

    def by_id_in_index(article_id: str) -> Article | None:
        try:
            return archive.article(article_id)
        except KeyError:
            return None

    return by_id_in_index, archive.by_hash


def _read(paths: Sequence[str]) -> list[Article]:
    """The articles of files and folders; what cannot be read is named on standard error."""
    from rag import read_articles

    articles: list[Article] = []
    for path in paths:
        found = read_articles(path)
        articles.extend(found)
        for failure in found.failures:
            print(f"byline: {failure.file}: {failure.reason}", file=sys.stderr)
    if not articles:
        raise InputError(
            f"Nothing in {', '.join(paths)} could be read as an article. Name files "
            f"of these: {FORMATS}."
        )
    return articles


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


@dataclass
class _Page:
    """An answer on standard output; `text` is what stands there while a model writes."""

    archive: Archive
    text: str = ""

    def begin(self, answer: Answer) -> None:
        """Say that a model is writing, to a reader who waits at a terminal."""
        from rag.wording import ENGLISH

        if self.archive.writes and answer.status == "answered" and sys.stderr.isatty():
            print(ENGLISH("writing"), file=sys.stderr, flush=True)

    def grow(self, answer: Answer) -> None:
        """Print the sentences that are new in a written answer."""
        if answer.mode == "generated":
            if not self.text:
                _print_understood(answer)
                print(f"{_WRITTEN}\n")
            print(answer.text.removeprefix(self.text), end="", flush=True)
            self.text = answer.text

    def end(self, answer: Answer) -> None:
        """Print the answer but for what stands already, and what there is to say of it."""
        from rag.export.reference import reference
        from rag.wording import ENGLISH

        if not self.text:
            _print_understood(answer)
        elif answer.mode != "generated":  # What stands does not hold.
            print(f"\n\n{_BESIDE}\n")
            self.text = ""
        if answer.status == "answered":
            print(answer.text.removeprefix(self.text) + "\n")
            for citation in sorted(answer.citations, key=lambda citation: citation.label):
                article = self.archive.article(citation.article_id)
                print(f"[{citation.label}] {reference(article)}")
                print(f"    {article.origin}, characters {citation.start} to {citation.end}")
                if answer.mode == "generated":
                    print(f"    “{' '.join(citation.quote.split())}”")
        else:
            print("The archive does not answer this.")
            if answer.hits:
                print("\nRelated reading:\n")
                _print_hits(self.archive, answer.hits[:3])
        if answer.rejected:
            print("\nLeft out:")
            for sentence in answer.rejected:
                print(f"- {sentence.text}\n  {sentence.reason}")
        weak = [ENGLISH("match_weak")] * answer.weak
        for note in [*weak, *answer.notes]:
            print(f"\nNote: {note}")


def _print_understood(answer: Answer) -> None:
    if answer.understood != answer.question:
        print(f"Understood as: {answer.understood}\n")


def _print_hits(archive: Archive, hits: Sequence[Hit]) -> None:
    from rag.export.reference import reference

    for number, hit in enumerate(hits, start=1):
        print(f"{number}. {reference(archive.article(hit.passage.article_id))}")
        print(f"   {' '.join(hit.passage.text.split())[:240]}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="byline",
        description="Ask a news archive, and get the articles' own words back, with their source.",
        epilog="The web chat is started with: python app.py",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int | None], text: str) -> Any:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        added.add_argument(
            "--index", default=DEFAULT_INDEX, metavar="DIR", help="the index (%(default)s)"
        )
        added.add_argument(
            "--set", action="append", default=[], type=assignment, metavar="NAME=VALUE",
            help="change a setting; may be repeated",
        )  # fmt: skip
        return added

    build = command("build", _build, f"Index articles: {FORMATS}.")
    build.add_argument("paths", nargs="+", metavar="PATH", help="a file or a folder of articles")
    ask = command("ask", _ask, "Answer a question in the articles' own words.")
    ask.add_argument("question", nargs="?", metavar="QUESTION", help="the question, in quotes")
    ask.add_argument(
        "--batch", metavar="FILE.jsonl",
        help='lines with "question" or "turns"; prints one JSON answer a line',
    )  # fmt: skip
    ask.add_argument(
        "--model", metavar="NAME",
        help="let this language model write the answer: a GGUF file, one of a hub, as "
        "hf://OWNER/NAME/FILE.gguf, or a server's address with the model's name, as "
        "http://127.0.0.1:11434/v1#NAME",
    )  # fmt: skip
    ask.add_argument(
        "--allow-remote", action="store_true",
        help="let the address be another machine's, to which article text is then sent",
    )  # fmt: skip
    search = command("search", _search, "Show the passages that fit a question best.")
    search.add_argument("question", metavar="QUESTION", help="the question, in quotes")
    search.add_argument("-k", type=int, default=10, metavar="N", help="passages (%(default)s)")
    info = command("info", _info, "Say what an index holds and how it was built.")
    command("check", _check, "Verify every byte of an index.")
    verify = command("verify", _verify, "Check every quote of an evidence pack.")
    verify.add_argument("pack", metavar="PACK", help="evidence.json, or the zip with it")
    verify.add_argument(
        "--articles", nargs="+", metavar="PATH",
        help="check against these files or folders of articles, not against the index",
    )  # fmt: skip
    for reader in (ask, search):
        reader.add_argument("--source", action="append", metavar="NAME", help="only this source")
        reader.add_argument("--since", metavar="DATE", help="published then or later (2024-05-31)")
        reader.add_argument("--until", metavar="DATE", help="published then or earlier")
    for reader in (ask, search, info, verify):
        reader.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
