"""The arguments of the measures of trust, each with its size. Knows nothing of what they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES = {
    "kills": (200, "random moments at which a build or an update is killed, with a reader asking"),
    "flips": (10_000, "bytes of a snapshot that are altered, one at a time"),
    "inputs": (100_000, "made inputs over all readers of files and the parser of questions"),
    "strings": (500, "hostile strings in every field, in Chromium"),
    "visitors": (200, "visitors at once, with 5 questions each"),
    "row": (5_000, "questions in a row, for the memory that the server keeps"),
    "routes": (1, "0 for none: every route, with and without login, from elsewhere"),
    "offline": (1, "0 for none: all of Byline in a network namespace without a network"),
}
"""Each measure, its full size, and what is counted."""


def add_trust(commands: Any) -> None:
    """Add `trust`, the measures."""
    trust = commands.add_parser(
        "trust", help="Try what a hostile reader, file, visitor or disk can do.",
        description="Kill builds, alter bytes, make inputs, show hostile strings, and let many "
        "visitors ask; say how often each was tried and what went wrong. Each measure has its "
        "size, 0 for none. With --out, started again, it goes on where it stopped. Ends with 1 "
        "where anything went wrong.",
    )  # fmt: skip
    for name, (size, help) in SIZES.items():
        trust.add_argument(
            f"--{name}", type=int, default=size, metavar="N", help=f"{help} (%(default)s)"
        )
    add = trust.add_argument
    add("--only", nargs="+", choices=SIZES, metavar="MEASURE", help="only these measures")
    add("--model", metavar="FILE", help="a GGUF file that writes answers without a network")
    add("--seed", type=int, default=0, metavar="N", help="another number, other trials")
    add("--out", type=Path, metavar="DIR", help="where what was tried is kept")
    add("--json", action="store_true", help="print JSON")
