"""The arguments of the measure of updates. Knows nothing of what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def add_update(commands: Any) -> None:
    """Add `update`, the measure."""
    update = commands.add_parser(
        "update", help="Build an index again, with little or nothing changed.",
        description="Make articles of the sentences of MultiHop-RAG, build an index of them, build "
        "it again with 1% of them changed and with nothing changed, and print what was embedded, "
        "the seconds of each stage, and how they compare with the first build.",
    )  # fmt: skip
    add = update.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="a MultiHop-RAG folder")
    add("--articles", type=int, default=10_000, metavar="N", help="(%(default)s)")
    add("--json", action="store_true", help="print JSON")
