"""The arguments of the measure of hard-wrapped text."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def add_wrapped(commands: Any) -> None:
    wrapped = commands.add_parser(
        "wrapped", help="Hard-wrap articles, and count the sentences that change.",
        description="Wrap the articles of MultiHop-RAG to each width and count the sentences that "
        "are no longer those of the articles as they were; or write such a copy of the data, to be "
        "measured like any other.",
    )  # fmt: skip
    add = wrapped.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="a MultiHop-RAG folder")
    add("--widths", type=int, nargs="+", default=[78, 60, 72, 100], metavar="N",
        help="in columns (78 60 72 100)",
    )  # fmt: skip
    add("--out", type=Path, metavar="DIR", help="write a copy wrapped to the first width here")
    add("--json", action="store_true", help="print JSON")
