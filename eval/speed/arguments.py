"""The arguments of the measure of whole commands. Knows nothing of what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.datasets import gold


def add_commands(commands: Any) -> None:
    """Add the arguments of `python -m eval commands`."""
    parser = commands.add_parser(
        "commands", help="Time whole commands, beside those of another checkout.",
        description="Time `byline ask` as a whole process, searches and answers of one that runs, "
        "and the chat to its page, its first cited answer and its memory after a hundred: of this "
        "checkout and another in turn, each over an index of its own; the best round counts.",
    )  # fmt: skip
    add = parser.add_argument
    add("--baseline", type=Path, metavar="DIR", help="the other checkout (none)")
    add("--articles", type=Path, default=gold.ARTICLES, metavar="PATH",
        help="what both build an index of (the bundled articles)",
    )  # fmt: skip
    add("--files", nargs="+", type=Path, metavar="FILE", default=[gold.FOLDER / gold.FILES[0]],
        help="gold questions as JSON Lines (the bundled ones)",
    )  # fmt: skip
    add("--rounds", type=int, default=3, metavar="N", help="(%(default)s)")
    add("--json", action="store_true", help="print JSON")
