"""The arguments of the measures of precision. Knows nothing of what the measures do."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from eval.datasets import gold
from rag.settings import BuildSettings


def add_precision(commands: Any) -> None:
    """Add the arguments of `python -m eval precision`."""
    parser = commands.add_parser(
        "precision", help="Encode passages in each precision.",
        description="Encode passages in each precision that the processor has, and in torch, in "
        "turn: passages a second, and how near the vectors are to those of torch in float32.",
    )  # fmt: skip
    _add_encoder(parser)
    parser.add_argument(
        "--articles", type=Path, default=gold.ARTICLES, metavar="PATH",
        help="whose passages are encoded (the bundled ones)",
    )  # fmt: skip
    parser.add_argument(
        "--passages", type=int, default=384, metavar="N", help="at most (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="(%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_quantise(commands: Any) -> None:
    """Add the arguments of `python -m eval quantise`."""
    parser = commands.add_parser(
        "quantise", help="Measure what it takes to put an encoder or the reader in int8.",
        description="Run the encoder, or Byline's reader, over the bundled articles and write the "
        "largest inputs of its linear layers, by which it is put in int8.",
    )  # fmt: skip
    _add_encoder(parser)
    parser.add_argument("--reader", action="store_true", help="of the reader")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz")


def _add_encoder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--encoder", default=BuildSettings().encoder, metavar="NAME",
        help="a model by name or folder (%(default)s)",
    )  # fmt: skip
