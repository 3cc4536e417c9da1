"""Byline's argument parser: as `argparse`, with suggestions for what is misspelt, and with options
that the environment gives. Knows no command."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

PREFIX = "BYLINE_"
IN_QUOTES = "in quotes"
"""What the help says of an argument that is one text of several words."""
_OTHERS = frozenset(
    {
        "BYLINE_API_KEY",
        "BYLINE_CHROMIUM",
        "BYLINE_MILVUS",
        "BYLINE_MILVUS_SERVER",
        "BYLINE_SPACE_PYTHON",
        "BYLINE_STORE_TOKEN",
    }
)
"""Variables that are no options: the key of a model server, the password of a store, and those of
the tests."""
_ON, _OFF = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class Parser(argparse.ArgumentParser):
    """`argparse.ArgumentParser` that says what may have been meant.

    `environment`: variables that give its options a value, BYLINE_HOST for `--host`; none where it
    is None. The command line comes first.
    """

    environment: Mapping[str, str] | None = None

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As `argparse` does. Ends the process, with a remedy, for what it does not know."""
        given = list(sys.argv[1:] if args is None else args)
        self._check_command(given)
        options, rest = self.parse_known_args(given, namespace)
        if rest:
            chosen = next((self.commands[word] for word in given if word in self.commands), self)
            chosen.error(chosen._remedy(options, rest))
        return options

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, Any]:
        given = list(sys.argv[1:] if args is None else args)
        if self.environment is not None:
            given = [*self._from_environment(self.environment, given), *given]
        return super().parse_known_args(given, namespace)

    @property
    def commands(self) -> dict[str, Parser]:
        """The parser of each command, if there are any."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return {}

    def variables(self) -> dict[str, argparse.Action]:
        """The environment variable of each option."""
        return {
            PREFIX + option.removeprefix("--").replace("-", "_").upper(): action
            for action in self._actions
            for option in action.option_strings
            if option.startswith("--") and option != "--help"
        }

    def _check_command(self, given: Sequence[str]) -> None:
        """Say which command may have been meant by one that there is not."""
        known = self.commands
        if not known or not given or given[0].startswith("-") or given[0] in known:
            return
        near = _near(given[0].lower(), known)
        hint = f"Did you mean {self.prog} {near}?" if near else f"{self.prog} --help lists them."
        if not near and len(" ".join(given).split()) > 1 and "ask" in known:
            hint = f"To ask a question: {self.prog} ask {_quoted(given)}"
        self.error(f"There is no command {given[0]!r}. {hint}")

    def _remedy(self, options: argparse.Namespace, rest: Sequence[str]) -> str:
        """What to do about arguments that are not taken."""
        for word in rest:
            if word.startswith("-"):
                near = _near(word.partition("=")[0], self._option_string_actions, "--")
                hint = f"Did you mean {near}?" if near else f"{self.prog} --help lists them."
                return f"There is no option {word}. {hint}"
        for action in self._actions:
            if not action.option_strings and IN_QUOTES in (action.help or ""):
                words = [getattr(options, action.dest) or "", *rest]
                what = str(action.metavar or action.dest).lower()
                return f"Put the {what} in quotes: {self.prog} {_quoted(words)}"
        return f"{' '.join(rest)} is too much. {self.prog} --help says what it takes."

    def _from_environment(self, environ: Mapping[str, str], given: Sequence[str]) -> Iterator[str]:
        """The options that variables give, but for those that the command line gives."""
        known = self.variables()
        self._warn_of_unknown(environ, known)
        words = {word.partition("=")[0] for word in given if word.startswith("--")}
        named = {a.dest for option, a in self._option_string_actions.items() if option in words}
        for variable, action in known.items():
            text = environ.get(variable, "").strip()
            repeated = isinstance(action, argparse._AppendAction)
            if text and (repeated or action.dest not in named):
                yield from self._option(variable, action, text)

    def _option(self, variable: str, action: argparse.Action, text: str) -> list[str]:
        """The option that a variable gives, as the command line would."""
        option = action.option_strings[-1]
        if action.nargs in (0, "?") and text.lower() in _ON:
            return [option]
        if action.nargs in (0, "?") and text.lower() in _OFF:
            return []
        if action.nargs == 0:
            self.error(f"{variable} is 1 or 0, not {text!r}.")
        several = action.nargs == "+" or isinstance(action, argparse._AppendAction)
        convert = action.type if callable(action.type) else str
        try:
            values = shlex.split(text) if several else [text]
            for value in values:
                convert(value)
        except (argparse.ArgumentTypeError, ValueError) as error:
            why = "write a number" if action.type is int else error
            self.error(f"{variable}={text} cannot be taken: {why}.")
        return [option, *values] if action.nargs == "+" else [f"{option}={v}" for v in values]

    def _warn_of_unknown(self, environ: Mapping[str, str], known: Iterable[str]) -> None:
        for variable in environ:
            if variable.startswith(PREFIX) and variable not in {*known, *_OTHERS}:
                near = _near(variable, known, PREFIX)
                hint = f"Did you mean {near}?" if near else "It changes nothing."
                print(f"{self.prog}: there is no variable {variable}. {hint}", file=sys.stderr)


def environment() -> Mapping[str, str]:
    """The environment, with Gradio's variables of address and port, which a Space sets, as ours."""
    theirs = {"BYLINE_HOST": "GRADIO_SERVER_NAME", "BYLINE_PORT": "GRADIO_SERVER_PORT"}
    set_there = {mine: os.environ[name] for mine, name in theirs.items() if name in os.environ}
    return set_there | dict(os.environ)


def _near(word: str, known: Iterable[str], prefix: str = "") -> str:
    """The known word that `word` resembles most, what all of them begin with aside; "" for none."""
    bare = [one.removeprefix(prefix) for one in known if one.startswith(prefix)]
    found = difflib.get_close_matches(word.removeprefix(prefix), bare, n=1)
    return prefix + found[0] if found else ""


def _quoted(words: Sequence[str]) -> str:
    """A text in quotes, as a shell takes it."""
    text = " ".join(words).strip()
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'
