"""The arguments of the measures of pages. Knows nothing of what they do."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_pages(commands: Any) -> None:
    """Add `pages`, the measure."""
    pages = commands.add_parser(
        "pages", help="Read judged web pages, beside trafilatura's default extraction.",
        description="Read the pages that trafilatura is evaluated on and count the wanted strings "
        "that are missing and the foreign ones that leak, beside its default extraction; list the "
        "pages that are refused, with the reason.",
    )  # fmt: skip
    _add_judged(pages)
    pages.add_argument("--json", action="store_true", help="print JSON")


def add_fit_pages(commands: Any) -> None:
    """Add `fit-pages`, which changes what is measured."""
    text = "Fit what chooses a page's lines, on half of the judged web pages."
    fit = commands.add_parser("fit-pages", help=text, description=text)
    _add_judged(fit)
    fit.add_argument("--out", type=Path, metavar="FILE", help="where it is written (that in use)")


def _add_judged(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR",
        help="the folder `tests` of a checkout of trafilatura",
    )  # fmt: skip
