"""Read an archive of mixed formats in a process of its own, and measure time and memory."""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from eval.reading.made import make
from rag.evaluation.runs.machine import machine

_SMALL = 10
"""The archive is measured at a tenth of its size, too: bounded memory does not grow with it."""


def run(articles: int) -> dict[str, Any]:
    """Measure a reading of so many articles and of a tenth of them."""
    rows = []
    for n in (max(100, articles // _SMALL), articles):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            made = make(Path(folder), n)
            took = time.perf_counter() - start
            for kept in (False, True):
                rows.append(
                    {"made": made, "seconds to make": round(took, 1), **_apart(folder, kept)}
                )
    return {"machine": machine(), "rows": rows}


def _apart(folder: str, kept: bool) -> dict[str, Any]:
    """What `_read` measures, in a new process: the peak of another's memory is not its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        found: dict[str, Any] = pool.apply(_read, (folder, kept))
    return found


def _read(folder: str, kept: bool) -> dict[str, Any]:
    """Read all of a folder; `kept`: hold all the articles, as a build does."""
    from rag.ingest import read_articles

    reader = read_articles(folder)
    before = _peak()
    held = []
    found: Counter[str] = Counter()
    start, processor = time.perf_counter(), time.process_time()
    for article in reader:
        found[article.origin.partition("/")[0]] += 1
        if kept:
            held.append(article)
    report = reader.report
    return {
        "kept": kept,
        "read": dict(found),
        "articles": report.articles,
        "characters": report.characters,
        "files": report.read + report.unread,
        "failures": [f"{one.file}: {why}" for one in report.failed for why in one.failures][:20],
        "seconds": round(time.perf_counter() - start, 1),
        "processor seconds": round(time.process_time() - processor, 1),
        "MiB before": round(before),
        "MiB at the peak": round(_peak()),
    }


def _peak() -> float:
    """The most memory that this process has held, in MiB."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def lost(found: dict[str, Any]) -> dict[str, int]:
    """The articles of each format that did not come back, in any of the readings."""
    return {
        form: n - row["read"].get(form, 0)
        for row in found["rows"]
        for form, n in row["made"].items()
        if n != row["read"].get(form, 0)
    }


def table(found: dict[str, Any]) -> str:
    """The readings as a table, and what did not come back."""
    lines = [f"{'articles':>9}{'files':>8}{'MB text':>9}{'seconds':>9}{'CPU s':>8}{'peak MiB':>10}"]
    for row in found["rows"]:
        lines.append(
            f"{row['articles']:>9,}{row['files']:>8,}{row['characters'] / 1e6:>9.1f}"
            f"{row['seconds']:>9.1f}{row['processor seconds']:>8.1f}{row['MiB at the peak']:>10,}"
            f"  {'all kept' if row['kept'] else 'one by one'} (before: {row['MiB before']:,} MiB)"
        )
    lines += [f"{form}: {n} articles did not come back" for form, n in lost(found).items()]
    lines += [reason for row in found["rows"][-1:] for reason in row["failures"]]
    return "\n".join(lines)
