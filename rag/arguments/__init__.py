"""The arguments of the command lines. Owns names, defaults and help, and runs nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rag.arguments.kinds import Version, count, positive
from rag.arguments.parser import Parser, environment
from rag.settings import assignment
from rag.types import SORTS

DEFAULT_INDEX = "index/archive"
FORMATS = (
    "text and HTML pages, PDFs, texts of Word and other programs, e-books, mail, feeds, tables of "
    "articles, exports of news databases, or zips of these"
)
_FIELDS = {
    "author": "articles by this author, or by this one among others",
    "section": "this section",
    "language": "this language, as en or English",
    "format": "what was read from this format, as pdf",
}
_IN_STORES = frozenset(
    {
        "build",
        "add",
        "remove",
        "rollback",
        "ask",
        "search",
        "find",
        "said",
        "info",
        "check",
        "serve",
    }
)
"""The commands that take an archive in a store too."""
PER_MINUTE = 30
"""Questions that one address may ask in a minute, where the page is served beyond this machine."""


def parser() -> Parser:
    """The parser of `byline`; `command` is the name of the command that was chosen."""
    made = Parser(
        prog="byline",
        description="Ask a news archive, and get the articles' own words back, with their source.",
    )
    made.add_argument("--version", action=Version, help="print the version")
    commands = made.add_subparsers(
        title="commands", metavar="COMMAND", required=True, dest="command", parser_class=Parser
    )

    def command(name: str, text: str) -> Parser:
        added = commands.add_parser(name, help=text, description=text)
        _add_index(added, "the index (%(default)s)", DEFAULT_INDEX, name in _IN_STORES)
        _add_settings(added)
        return added

    _add_building(command("build", f"Index articles: {FORMATS}."))
    keeping = _add_keeping(command)
    _add_watching(command("watch", "Index a folder again whenever its files change."))
    ask = command("ask", "Answer a question in the articles' own words.")
    _add_asking(ask)
    searching = _add_searching(command)
    info = command("info", "Say what an index holds and how it was built.")
    _add_showing(info)
    command("check", "Verify every byte of an index.")
    calibrate = command("calibrate", "Refit the confidence on your judgements of answers.")
    _add_calibrating(calibrate)
    verify = command("verify", "Check all of an evidence pack; the exit code is 2 if it fails.")
    _add_verifying(verify)
    serve = command("serve", "Open the page in which archives are made and asked.")
    serve.environment = environment()
    _add_serving(serve)
    text = "Score searches and answers, of Byline and of other systems."
    commands.add_parser("eval", help=text)  # Its arguments are in `rag.evaluation.arguments`.
    text = "Put an icon on the desktop that starts the web chat."
    shortcut = commands.add_parser("shortcut", help=text, description=text)
    shortcut.add_argument("--remove", action="store_true", help="remove the icon again")
    for reader in (ask, *searching):
        _add_filters(reader)
    for reader in (ask, *searching, info, calibrate, verify, *keeping):
        reader.add_argument("--json", action="store_true", help="print JSON")
    return made


def app_parser() -> Parser:
    """The parser of `python app.py`; without `--index`, `index` is None."""
    made = Parser(
        prog="app.py",
        description="Byline's web chat. Each option can be given by a variable of the environment "
        "too, --host by BYLINE_HOST.",
    )
    made.environment = environment()
    _add_index(made, "open this index instead of the bundled articles'")
    made.add_argument(
        "--articles", nargs="+", metavar="PATH",
        help="index these files and folders instead of the bundled articles, at the start, where "
        "the index does not have them yet (with --index it is kept there, else in index/own)",
    )  # fmt: skip
    _add_settings(made)
    _add_serving(made)
    made.set_defaults(browser=False)
    return made


def _add_index(
    parser: argparse.ArgumentParser, text: str, default: str | None = None, stores: bool = True
) -> None:
    """Where the index is: in a folder, or in a store."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--index", default=default, metavar="DIR", help=text)
    if stores:
        either.add_argument(
            "--store", dest="index", type=_store, default=argparse.SUPPRESS, metavar="ADDRESS",
            help="an archive in Milvus instead: milvus+http://HOST:19530/NAME, or the path of a "
            ".db file for milvus-lite",
        )  # fmt: skip


def _store(text: str) -> str:
    if not text.startswith(("milvus+http://", "milvus+https://")) and not text.endswith(".db"):
        raise argparse.ArgumentTypeError(
            "write milvus+http://HOST:19530/NAME, or the path of a .db file; a folder is named "
            "with --index"
        )
    return text


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], type=assignment, metavar="NAME=VALUE",
        help="change a setting; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--allow-download", action="store_true",
        help="load an encoder that only the index names too, from a model hub or a folder",
    )  # fmt: skip


def _add_model(parser: argparse.ArgumentParser, written: str) -> None:
    parser.add_argument(
        "--model", metavar="NAME",
        help=f"let this language model write {written}: a GGUF file, one of a hub, as "
        "hf://OWNER/NAME/FILE.gguf, or a server's address with the model's name, as "
        "http://127.0.0.1:11434/v1#NAME",
    )  # fmt: skip
    parser.add_argument(
        "--allow-remote", action="store_true",
        help="let the address be another machine's, to which article text is then sent",
    )  # fmt: skip


def _add_building(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or a folder of articles")
    parser.add_argument(
        "--report", metavar="FILE",
        help="write what was read and what was left out to this file, as JSON",
    )  # fmt: skip
    parser.add_argument(
        "--remove-missing", action="store_true",
        help="remove articles that are gone from PATH, also where they are more than a tenth",
    )  # fmt: skip
    parser.add_argument(
        "--ray", default="", metavar="ADDRESS",
        help="read, cut and embed on this Ray cluster, HOST:PORT, whose nodes must all have PATH; "
        "local starts one on this machine (see docs/scale.md)",
    )  # fmt: skip
    _add_reading(parser)


def _add_watching(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="a file or a folder of articles")
    add("--once", action="store_true", help="build once, ask once, and end")
    add(
        "--every", type=positive, default=60, metavar="SECONDS",
        help="how often to look at files of which the system tells nothing, as on a network share "
        "(%(default)s)",
    )  # fmt: skip
    add(
        "--questions", metavar="FILE",
        help="ask these questions, as of ask --batch, of new and changed articles, and report what "
        "answers them; without it, those that the chat keeps with the index",
    )  # fmt: skip
    add(
        "--out", metavar="FILE",
        help="keep all that was reported in this file: .json, .md, or .rss for a feed reader",
    )  # fmt: skip
    _add_reading(parser)


def _add_keeping(
    command: Callable[[str, str], Parser],
) -> tuple[Parser, ...]:
    """The commands by which articles come to an index and go."""
    adding = command("add", "Add articles to an index, or new texts of those that it holds.")
    removing = command("remove", "Remove articles from an index for good.")
    back = command("rollback", "Return to the index as it was before the last change.")
    adding.add_argument("paths", nargs="+", metavar="PATH", help="a file or a folder of articles")
    _add_reading(adding)
    removing.add_argument("ids", nargs="*", metavar="ID", help="the id of an article")
    removing.add_argument(
        "--source", action="append", metavar="NAME", help="all of this source; may be repeated"
    )
    return adding, removing, back


def _add_showing(parser: argparse.ArgumentParser) -> None:
    """What `info` shows instead."""
    either = parser.add_mutually_exclusive_group()
    for name, said in (
        ("failed", "what became of the files that it was built from, and why some were not read"),
        ("changes", "which articles came, went and changed with the last build"),
        (
            "duplicates",
            "which articles are copies of one text, or nearly, and where they stood",
        ),
    ):
        either.add_argument(f"--{name}", action="store_true", help=f"say {said}")


def _add_verifying(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pack", metavar="PACK", help="evidence.json, or the zip with it")
    parser.add_argument(
        "--articles", nargs="+", metavar="PATH",
        help="check against these files or folders of articles, not against the index",
    )  # fmt: skip
    _add_reading(parser)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """How files are read, where they do not say it themselves."""
    parser.add_argument(
        "--dates", choices=("dmy", "mdy"), default="",
        help="what comes first in dates such as 03/04/2017, the day or the month (left empty)",
    )  # fmt: skip
    parser.add_argument(
        "--map", action="append", default=[], type=assignment, metavar="FIELD=COLUMN",
        help='the column of a table that gives a field, as "text=Inhalt"; may be repeated',
    )  # fmt: skip


def _add_asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", metavar="QUESTION", help="the question, in quotes")
    parser.add_argument(
        "--batch", metavar="FILE",
        help="ask each line of a CSV table with the columns question, source, since and until, or "
        'of JSON Lines with "question" or "turns"; prints one JSON answer a line',
    )  # fmt: skip
    parser.add_argument(
        "--out", metavar="SHEET",
        help="write the answers of a batch to this sheet instead, a .csv or .xlsx file: a row for "
        "each quote, with its source",
    )  # fmt: skip
    parser.add_argument(
        "--certificate", metavar="FILE",
        help="where the archive has no answer, write a certificate of that, with all that was "
        "looked through, to this zip; byline verify asks again",
    )  # fmt: skip
    _add_model(parser, "the answer")


def _add_searching(command: Callable[[str, str], Parser]) -> tuple[Parser, ...]:
    """The commands that find passages and articles."""
    search = command("search", "Show the passages that fit a question best.")
    search.add_argument("question", metavar="QUESTION", help="the question, in quotes")
    search.add_argument("-k", type=int, default=10, metavar="N", help="passages (%(default)s)")
    find = command("find", "List the articles that have words or exact phrases.")
    add = find.add_argument
    add(
        "words", nargs="*", metavar="WORDS",
        help='words that must all be there, "an exact phrase", spring* for the beginning of a '
        "word, AND, OR, NOT and brackets; without any, all articles are listed",
    )  # fmt: skip
    add("--sort", choices=SORTS, default=SORTS[0], help="the order (%(default)s)")
    add("--page", type=positive, default=1, metavar="N", help="the page (%(default)s)")
    add("-n", type=positive, default=20, metavar="N", help="articles on a page (%(default)s)")
    said = command("said", "Quote what somebody said, and what others said of them.")
    said.add_argument("name", metavar="NAME", help="the full name, in quotes")
    said.add_argument(
        "--articles", type=positive, default=500, metavar="N",
        help="read the newest N articles with the name (%(default)s)",
    )  # fmt: skip
    return search, find, said


def _add_filters(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--source", action="append", metavar="NAME", help="only this source; may be repeated")
    for name, said in _FIELDS.items():
        add(f"--{name}", action="append", dest=f"{name}s", metavar="NAME", help=f"only {said}")
    add("--since", metavar="DATE", help="published then or later (2024-05-31)")
    add("--until", metavar="DATE", help="published then or earlier")


def _add_calibrating(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--feedback", metavar="FILE",
        help="the judgements that the chat kept (feedback.jsonl beside the index)",
    )  # fmt: skip
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--dry-run", action="store_true", help="show the refit, and change nothing")
    either.add_argument("--undo", action="store_true", help="return to the packaged calibration")


def _add_serving(parser: argparse.ArgumentParser) -> None:
    """The options of the web chat, which `rag.web.serve.prepared` reads."""
    _add_model(parser, "answers")
    _add_models(parser)
    _add_archives(parser)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to serve on (%(default)s)")
    add("--port", type=int, default=7860, help="the port, 0 for any free one (%(default)s)")
    add(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="a name by which others reach the page, as news.example.org; it is refused by names "
        "that are not this machine's own; may be repeated",
    )  # fmt: skip
    add(
        "--proxy", action="append", default=[], metavar="ADDRESS",
        help="the address, or network, of a proxy before the page, whose X-Forwarded headers are "
        "believed; may be repeated",
    )  # fmt: skip
    add("--mcp", action="store_true", help="offer the calls for programs as MCP tools too")
    add(
        "--auth-file", metavar="FILE",
        help="let in only those with a line NAME:PASSWORD in this file, which only you may read",
    )  # fmt: skip
    add(
        "--per-minute", type=count, metavar="N",
        help=f"questions that one address may ask in a minute, 0 for any number "
        f"(0 on this machine alone, {PER_MINUTE} beyond it)",
    )  # fmt: skip
    add(
        "--feedback", metavar="FILE",
        help='keep judgements of answers in this JSON Lines file, "" for nowhere (beside the index '
        "on this machine alone; nowhere beyond it)",
    )  # fmt: skip
    add(
        "--no-examples", dest="examples", action="store_false",
        help="propose no example questions; to find them, the archive is asked up to 24 questions "
        "after each start",
    )  # fmt: skip


def _add_models(parser: argparse.ArgumentParser) -> None:
    """Where models are that a reader may choose in the page, beside `--model`."""
    parser.add_argument(
        "--models", metavar="DIR",
        help="the folder of GGUF files from which a model can be chosen in the page, on this "
        "machine alone (models in the user's data folder)",
    )  # fmt: skip


def _add_archives(parser: argparse.ArgumentParser) -> None:
    """The options of the archives that are made in the page, where no index is named."""
    parser.set_defaults(index=None)
    add = parser.add_argument
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--archives", nargs="?", const=True, metavar="DIR",
        help="let archives be made in the page, and keep them in this folder (on this machine they "
        "may, unless --index names one; the folder is the user's data folder)",
    )  # fmt: skip
    either.add_argument(
        "--no-archives", dest="archives", action="store_false", help="let none be made in the page"
    )
    add("--no-open", dest="browser", action="store_false",
        help="do not open the page of the archives in the browser")  # fmt: skip
    add("--upload-bytes", type=count, default=2_000_000_000, metavar="N",
        help="bytes that may be uploaded to one archive (%(default)s)")  # fmt: skip
    add("--upload-files", type=count, default=50_000, metavar="N",
        help="files that may be uploaded to one archive (%(default)s)")  # fmt: skip
