"""The command line. Owns the exit codes; `rag.commands` has the commands, `rag.arguments` the
parsers."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from rag.arguments import parser
from rag.commands import ask, build, calibrate, current, shortcut, verify, watch
from rag.errors import BylineError


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


def _serve(options: argparse.Namespace) -> None:
    from rag.web.serve import opened_again, prepared

    if not opened_again(options):
        prepared(options, "byline").run()


_COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "build": build.build,
    "add": current.add,
    "remove": current.remove,
    "rollback": current.rollback,
    "watch": watch.watch,
    "ask": ask.ask,
    "search": ask.search,
    "info": build.info,
    "check": build.check,
    "calibrate": calibrate.run,
    "verify": verify.run,
    "serve": _serve,
    "shortcut": shortcut.shortcut,
}


if __name__ == "__main__":
    sys.exit(main())
