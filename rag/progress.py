"""Progress of long work on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.types import Progress


@contextmanager
def bars() -> Iterator[Progress]:
    """Yield a progress callback that draws a tqdm bar a stage on standard error, if a terminal."""
    from tqdm import tqdm

    drawn: dict[str, Any] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in drawn:
            drawn[stage] = tqdm(desc=stage, disable=None)
        drawn[stage].total = total or None  # It may grow: what a zip holds shows when it is opened.
        drawn[stage].update(done - drawn[stage].n)

    try:
        yield progress
    finally:
        for bar in drawn.values():
            bar.close()
