"""The arguments of the measure of growth. Knows nothing of what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def add_scale(commands: Any) -> None:
    """Add `scale`, the measure."""
    scale = commands.add_parser(
        "scale", help="Measure how an index grows: time, memory, disk and recall by its size.",
        description="Make articles of the sentences of MultiHop-RAG and vectors like measured "
        "ones, build an index of each size, and print the seconds of each stage of the build, its "
        "memory, and what opening and searching take. Sizes that were measured into the folder "
        "before are not measured again.",
    )  # fmt: skip
    add = scale.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="a MultiHop-RAG folder")
    add("--index", type=Path, required=True, metavar="DIR", help="an index of its articles: the "
        "measured vectors")  # fmt: skip
    add("--out", type=Path, required=True, metavar="DIR", help="rows.jsonl and growth.svg go here")
    add("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N",
        help="passages (10000 100000 1000000)")  # fmt: skip
    add("--passage-tokens", type=int, default=256, metavar="N", help="of a passage (%(default)s)")
    add("--questions", type=int, default=100, metavar="N", help="that are searched (%(default)s)")
    add("--encoded", action="store_true", help="encode every passage, in place of drawn vectors")
    add("--json", action="store_true", help="print JSON")
