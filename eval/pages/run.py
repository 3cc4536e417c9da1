"""Measure what is read of judged pages, beside trafilatura's default extraction.

A wanted string is missing, and a foreign one leaks, where the text without regard to white space
does not, or does, hold it. A page that is refused misses all that is wanted of it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.pages.data import Page, load, spaced
from rag.evaluation.statistics.resampling import interval
from rag.evaluation.text import aligned, plain
from rag.ingest import Budget, Limits
from rag.ingest.failure import Unreadable
from rag.ingest.html.page import read_html
from rag.ingest.source import Source
from rag.types import Article

Values = npt.NDArray[np.float64]

SYSTEMS = ("byline", "trafilatura")


def run(folder: Path) -> dict[str, Any]:
    """The counts of both systems, in all and by half, and the pages that Byline refuses."""
    pages = load(folder)
    refused: dict[str, list[str]] = defaultdict(list)
    read = {"byline": lambda page: _byline(page, refused), "trafilatura": _trafilatura}
    rows: dict[str, list[list[float]]] = {}
    seconds: dict[str, float] = {}
    for system in SYSTEMS:
        start = time.process_time()
        texts = [read[system](page) for page in pages]
        seconds[system] = round((time.process_time() - start) / len(pages), 4)
        rows[system] = [_row(page, text) for page, text in zip(pages, texts, strict=True)]
    halves = {"all": [True] * len(pages)}
    halves |= {f"half {half}": [page.half == half for page in pages] for half in (0, 1)}
    return {
        "pages": len(pages),
        "seconds a page": seconds,
        "counts": {
            name: {system: _counts(np.array(rows[system])[chosen]) for system in SYSTEMS}
            | {"difference": _differences(*(np.array(rows[one])[chosen] for one in SYSTEMS))}
            for name, chosen in halves.items()
        },
        "refused": dict(refused),
    }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """What `run` found, to read."""
    rows = [["", "", "wanted, missing", "95%", "foreign, leaked", "95%"]]
    for name, systems in found["counts"].items():
        for system in SYSTEMS:
            one = systems[system]
            cells = [f"{name}, {system}", ""]
            for kind in ("missing", "leaked"):
                low, high = one[kind]["interval"] or (0.0, 0.0)
                cells += [f"{one[kind]['count']} of {one[kind]['of']}", f"{low:.1%} to {high:.1%}"]
            rows.append(cells)
    lines = [*aligned(rows), "", f"pages: {found['pages']}"]
    for system, seconds in found["seconds a page"].items():
        lines.append(f"CPU seconds a page, {system}: {seconds}")
    for reason, files in found["refused"].items():
        lines += [f"refused: {plain(reason)}", *(f"    {plain(file)}" for file in files)]
    return "\n".join(lines)


def _byline(page: Page, refused: dict[str, list[str]]) -> str:
    source = Source(page.file.name, page.file.read_bytes(), Budget(Limits()))
    try:
        found = list(read_html(source))
    except Unreadable as error:
        refused[str(error.reason)].append(page.file.name)
        return ""
    return "\n".join(one.text for one in found if isinstance(one, Article))


def _trafilatura(page: Page) -> str:
    import trafilatura

    found = trafilatura.extract(
        page.file.read_bytes(),
        include_comments=False,
        include_tables=True,
        include_formatting=False,
    )
    return found or ""


def _row(page: Page, text: str) -> list[float]:
    """Strings missing, wanted, leaked and foreign of a page."""
    shown = spaced(text)
    missing = sum(one not in shown for one in page.wanted)
    leaked = sum(one in shown for one in page.foreign)
    return [missing, len(page.wanted), leaked, len(page.foreign)]


def _counts(rows: Values) -> dict[str, Any]:
    return {
        kind: {
            "count": int(rows[:, at].sum()),
            "of": int(rows[:, at + 1].sum()),
            "interval": interval(rows[:, at], rows[:, at + 1], statistic=_share),
        }
        for kind, at in (("missing", 0), ("leaked", 2))
    }


def _differences(mine: Values, theirs: Values) -> dict[str, Any]:
    """Strings that Byline misses or leaks more than trafilatura a page; paired by page."""
    return {
        kind: interval(mine[:, at] - theirs[:, at]) for kind, at in (("missing", 0), ("leaked", 2))
    }


def _share(count: Values, of: Values, axis: int = -1) -> Any:
    return count.sum(axis) / of.sum(axis)
