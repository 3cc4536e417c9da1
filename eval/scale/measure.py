"""Build an index of each size, and measure the build, and the index when it is opened and searched.

Each of both runs in a process of its own, so that memory is what it takes and no more.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.datasets.wrapped import bodies
from eval.scale.made import PASSAGES, DrawnEncoder, Mixtures, articles, neighbours
from eval.scale.memory import Watched, resident
from rag import Archive, BuildSettings
from rag.errors import InputError
from rag.evaluation.datasets import load
from rag.evaluation.runs.machine import commit, machine
from rag.index import build as building
from rag.index import catalogue, journal, snapshot, vectors
from rag.index.bm25 import BM25Index
from rag.index.chunk import cut_with_heading
from rag.index.opened import OpenedIndex
from rag.index.vectors.training import NEAREST, nearest
from rag.models.encoder import Encoder
from rag.text.sentences import sentence_spans

_STAGES: dict[str, tuple[Any, str]] = {
    "cutting": (building, "_cut"),
    "embedding": (journal, "embed"),
    "words, beside": (building, "_words"),
    "copies, beside": (building, "reports"),
    "BM25, beside": (BM25Index, "write"),
    "vectors": (vectors, "write"),
    "catalogue": (catalogue, "write"),
    "hashes": (snapshot.Draft, "commit"),
}
_ROWS, _WARM = "rows.jsonl", 10


@dataclass(frozen=True)
class Size:
    """What is built: how many passages, of how many tokens, encoded or drawn, of which data."""

    passages: int
    passage_tokens: int
    encoded: bool
    data: Path
    index: Path
    questions: int

    @property
    def settings(self) -> BuildSettings:
        heading = min(BuildSettings().heading_tokens, self.passage_tokens // 4)
        return BuildSettings(passage_tokens=self.passage_tokens, heading_tokens=heading)

    def encoder(self) -> Encoder:
        name = self.settings.encoder
        if self.encoded:
            return Encoder(name)
        return DrawnEncoder(name, Mixtures(_measured(self.index)))

    def key(self) -> list[Any]:
        return [self.passages, self.passage_tokens, self.encoded]


def run(sizes: list[Size], out: Path) -> dict[str, Any]:
    """Measure what was not measured into `out` before, and return all rows there. Raises
    InputError for a size of which nothing can be said."""
    if min(size.passages for size in sizes) < 1000:
        raise InputError("Name sizes of 1000 passages or more.")
    out.mkdir(parents=True, exist_ok=True)
    file = out / _ROWS
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    rows = [json.loads(line) for line in lines]
    for size in sizes:
        if size.key() in [row["size"] for row in rows]:
            continue
        home = out / "index"
        shutil.rmtree(home, ignore_errors=True)
        row = {"size": size.key(), "commit": commit(), "machine": machine()}
        row |= _apart(_build, size, home)
        row |= _apart(_search, size, home)
        shutil.rmtree(home)
        rows.append(row)
        with file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(row) + "\n")
    rows.sort(key=lambda row: row["size"])
    measured = _measured(sizes[0].index)
    drawn = Mixtures(measured).draw([f"{n // PASSAGES}\n{n}" for n in range(len(measured))])
    return {
        "cosines to neighbours, measured": neighbours(measured),
        "cosines to neighbours, drawn": neighbours(drawn),
        "rows": rows,
    }


def _measured(home: Path) -> Any:
    store = OpenedIndex.open(home).store
    return store.take(np.arange(len(store)))  # type: ignore[attr-defined]


def _apart(work: Callable[[Size, Path], dict[str, Any]], size: Size, home: Path) -> dict[str, Any]:
    """Do work in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, size, home).result()


def _build(size: Size, home: Path) -> dict[str, Any]:
    encoder, settings = size.encoder(), size.settings
    texts = bodies(size.data)
    sentences = [text[start:end] for text in texts for start, end in sentence_spans(text)]
    each = max(4, PASSAGES * size.passage_tokens // 34)
    room = settings.passage_tokens - encoder.overhead
    cut = [
        len(cut_with_heading(one, encoder.count_tokens, room, settings.heading_tokens)[0])
        for one in articles(40, sentences, each)
    ]
    count = round(size.passages / float(np.mean(cut)))
    before = resident()
    with _timed() as seconds, Watched() as watched:
        start = time.perf_counter()
        Archive.build(articles(count, sentences, each), home, settings, encoder)
        lasted = time.perf_counter() - start
    return {
        "articles": count,
        "build, s": round(lasted, 1),
        "stages, s": {name: round(value, 1) for name, value in seconds.items()},
        "build, MB": {"before": before, "most": watched.most},
        "disk, MB": _disk(home),
    }


def _search(size: Size, home: Path) -> dict[str, Any]:
    OpenedIndex.open(size.index)  # What is imported for it counts for nothing.
    before, start = resident(), time.perf_counter()
    opened = OpenedIndex.open(home)
    opening, after = time.perf_counter() - start, resident()
    with Watched() as watched:
        queries = load(size.data).queries[: size.questions]
        archive = Archive.open(home)
        times = []
        for n, query in enumerate([*queries[:_WARM], *queries]):
            start = time.perf_counter()
            archive.search(query.text)
            if n >= _WARM:
                times.append(1000 * (time.perf_counter() - start))
    asked = Encoder(size.settings.encoder).encode_queries([query.text for query in queries])
    store: Any = opened.store
    exact = nearest(store, asked, NEAREST)
    shared, alone = 0, []
    for vector, wanted in zip(asked, exact, strict=True):
        start = time.perf_counter()
        found, _ = store.search(vector, 100)
        alone.append(1000 * (time.perf_counter() - start))
        shared += len(np.intersect1d(found[:NEAREST], wanted))
    return {
        "passages": len(store),
        "vectors": asdict(opened.manifest.vector_index),
        "opening, s": round(opening, 2),
        "opening, MB": after - before,
        "serving, MB": watched.most,
        "search, ms": [round(float(np.quantile(times, q)), 1) for q in (0.5, 0.95)],
        "of it vectors, ms": [round(float(np.quantile(alone, q)), 1) for q in (0.5, 0.95)],
        "recall@10 of questions": round(shared / exact.size, 4),
    }


@contextlib.contextmanager
def _timed() -> Iterator[dict[str, float]]:
    """Yield the seconds that each stage takes meanwhile."""
    seconds: dict[str, float] = defaultdict(float)
    there = {name: getattr(home, method) for name, (home, method) in _STAGES.items()}

    def watched(name: str, does: Callable[..., Any]) -> Callable[..., Any]:
        def does_it(*values: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return does(*values, **named)
            finally:
                seconds[name] += time.perf_counter() - start

        return does_it

    for name, (home, method) in _STAGES.items():
        made = watched(name, there[name])
        setattr(home, method, staticmethod(made) if home is BM25Index else made)
    try:
        yield seconds
    finally:
        for name, (home, method) in _STAGES.items():
            setattr(home, method, staticmethod(there[name]) if home is BM25Index else there[name])


def _disk(home: Path) -> dict[str, float]:
    """The megabytes of an index, by the files and folders of its snapshot."""
    (folder,) = (path for path in (home / "snapshots").iterdir() if path.is_dir())
    found: dict[str, float] = defaultdict(float)
    for path in folder.rglob("*"):
        if path.is_file():
            found[path.relative_to(folder).parts[0]] += path.stat().st_size / 1e6
    return {name: round(size, 1) for name, size in sorted(found.items()) if size >= 0.05}
