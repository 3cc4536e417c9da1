"""The command line. Owns arguments, printing and exit codes; the work is done by `rag.Archive`.

Imports of weight stand inside the commands, so that `byline --help` answers at once.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import BylineError, InputError, QuestionError, SnapshotError
from rag.progress import bars
from rag.settings import AskSettings, BuildSettings, from_mapping

if TYPE_CHECKING:
    from rag.archive import Archive
    from rag.types import Answer, Article, Hit

DEFAULT_INDEX = "index/archive"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 for an error, 130 when interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Articles hold every script; a console that cannot show one must not end the answer.
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
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

    settings = from_mapping(BuildSettings, dict(options.set))
    articles: list[Article] = []
    for path in options.paths:
        found = read_articles(path)
        articles.extend(found)
        for failure in found.failures:
            print(f"byline: {failure.file}: {failure.reason}", file=sys.stderr)
    if not articles:
        raise InputError(
            f"Nothing in {', '.join(options.paths)} could be read as an article. Name text pages, "
            "or JSON Lines or CSV files of article records."
        )
    with bars() as progress:
        archive = Archive.build(articles, options.index, settings, progress=progress)
    facts = archive.info()
    print(f"Indexed {facts['articles']} articles in {facts['passages']} passages: {options.index}")


def _ask(options: argparse.Namespace) -> None:
    if (options.question is None) == (options.batch is None):
        raise InputError("Give one question in quotes, or a file of them with --batch FILE.jsonl.")
    conversations = _read_batch(options.batch) if options.batch else [[options.question]]
    archive = _open(options)
    for turns in conversations:
        history: list[tuple[str, str]] = []
        for turn in turns:
            answer = archive.ask(turn, history, options.source, options.since, options.until)
            history.append((turn, answer.text))
        if options.json or options.batch:
            print(json.dumps(archive.to_json(answer), ensure_ascii=False), flush=True)
        else:
            _print_answer(archive, answer)


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


def _open(options: argparse.Namespace) -> Archive:
    from rag import Archive

    return Archive.open(options.index, from_mapping(AskSettings, dict(options.set)))


def _read_batch(name: str) -> list[list[str]]:
    """The turns of each line; every line is checked before the first question is asked."""
    from rag.question import understand

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


def _print_answer(archive: Archive, answer: Answer) -> None:
    from rag.render import WEAK

    if answer.understood != answer.question:
        print(f"Understood as: {answer.understood}\n")
    if answer.status == "answered":
        print(f"{answer.text}\n")
        for citation in sorted(answer.citations, key=lambda citation: citation.label):
            article = archive.article(citation.article_id)
            print(f"[{citation.label}] {_reference(article)}")
            print(f"    {article.origin}, characters {citation.start} to {citation.end}")
    else:
        print("The archive does not answer this.")
        if answer.hits:
            print("\nRelated reading:\n")
            _print_hits(archive, answer.hits[:3])
    weak = [WEAK] * answer.weak
    for note in [*weak, *answer.notes]:
        print(f"\nNote: {note}")


def _print_hits(archive: Archive, hits: Sequence[Hit]) -> None:
    for number, hit in enumerate(hits, start=1):
        print(f"{number}. {_reference(archive.article(hit.passage.article_id))}")
        print(f"   {' '.join(hit.passage.text.split())[:240]}")


def _reference(article: Article) -> str:
    published = str(article.published) if article.published else "undated"
    title = article.title or "(no title)"
    return ". ".join([title, ", ".join(filter(None, (article.source, article.author, published)))])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="byline",
        description="Ask a news archive, and get the articles' own words back, with their source.",
        epilog="The web chat is started with: python app.py",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> Any:
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

    build = command("build", _build, "Index articles: text pages, JSON Lines or CSV records.")
    build.add_argument("paths", nargs="+", metavar="PATH", help="a file or a folder of articles")
    ask = command("ask", _ask, "Answer a question in the articles' own words.")
    ask.add_argument("question", nargs="?", metavar="QUESTION", help="the question, in quotes")
    ask.add_argument(
        "--batch", metavar="FILE.jsonl",
        help='lines with "question" or "turns"; prints one JSON answer a line',
    )  # fmt: skip
    search = command("search", _search, "Show the passages that fit a question best.")
    search.add_argument("question", metavar="QUESTION", help="the question, in quotes")
    search.add_argument("-k", type=int, default=10, metavar="N", help="passages (%(default)s)")
    info = command("info", _info, "Say what an index holds and how it was built.")
    command("check", _check, "Verify every byte of an index.")
    for reader in (ask, search):
        reader.add_argument("--source", action="append", metavar="NAME", help="only this source")
        reader.add_argument("--since", metavar="DATE", help="published then or later (2024-05-31)")
        reader.add_argument("--until", metavar="DATE", help="published then or earlier")
    for reader in (ask, search, info):
        reader.add_argument("--json", action="store_true", help="print JSON")
    return parser


def assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"write NAME=VALUE, not {text!r}")
    return name.strip(), value.strip()


if __name__ == "__main__":
    sys.exit(main())
