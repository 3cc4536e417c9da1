"""The command line. Owns the exit codes; `rag.commands` has the commands, `rag.arguments` the
parsers."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence

from rag.arguments import parser
from rag.commands import (
    ask,
    browse,
    build,
    calibrate,
    current,
    shortcut,
    streams,
    verify,
    watch,
)  # fmt: skip
from rag.errors import BylineError, first_line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 for an error, 130 when interrupted."""
    with streams.shown():
        return _run(sys.argv[1:] if arguments is None else arguments)


def _run(arguments: Sequence[str]) -> int:
    # The measures have a parser of their own, which brings its own help.
    if list(arguments[:1]) == ["eval"]:
        options = argparse.Namespace(command="eval", rest=arguments[1:])
    else:
        options = parser().parse_args(arguments)
    try:
        code = _COMMANDS[options.command](options) or 0
        sys.stdout.flush()  # What cannot be written is told here, not when the program is gone.
        return code
    except BylineError as error:
        print(f"byline: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("byline: interrupted; the index is as it was before.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # The reader of our output has seen enough.
        _drop_output()
        return 0
    except OSError as error:  # A full disk, a folder that may not be written to, a share that went.
        _drop_output()
        print(f"byline: {first_line(error)}. Mend that, and try again.", file=sys.stderr)
        return 2


def _drop_output() -> None:
    """Let what is left of the output not fail at the program's end."""
    with contextlib.suppress(OSError):  # Tests have an output that is no file.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _serve(options: argparse.Namespace) -> None:
    if sys.stderr.isatty():  # The first start takes a while.
        print("Byline is starting …", file=sys.stderr, flush=True)
    from rag.web.serve import opened_again, prepared

    if not opened_again(options):
        prepared(options, "byline").run()


def _evaluate(options: argparse.Namespace) -> int:
    from rag.evaluation import command

    return command.run(options.rest, {"label": _label})


def _label(options: argparse.Namespace) -> None:
    from rag.web.label import run

    run(options)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "build": build.build,
    "add": current.add,
    "remove": current.remove,
    "rollback": current.rollback,
    "watch": watch.watch,
    "ask": ask.ask,
    "search": ask.search,
    "find": browse.find,
    "said": browse.said,
    "info": build.info,
    "check": build.check,
    "calibrate": calibrate.run,
    "verify": verify.run,
    "serve": _serve,
    "eval": _evaluate,
    "shortcut": shortcut.shortcut,
}


if __name__ == "__main__":
    sys.exit(main())
