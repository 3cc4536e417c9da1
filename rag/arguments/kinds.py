"""What the values of options are converted to, and the option that prints the version."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


def count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"write a number, not {text!r}")
    return int(text)


def positive(text: str) -> int:
    if not count(text):
        raise argparse.ArgumentTypeError("write 1 or more")
    return int(text)


class Version(argparse.Action):
    """Print the version of the installed package; it is looked up only when asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib import metadata

        try:
            version = metadata.version("byline")
        except metadata.PackageNotFoundError:  # A checkout that was not installed.
            version = "not installed"
        print(f"byline {version}")
        parser.exit()
