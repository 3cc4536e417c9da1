"""Measures what vectors cost in Milvus: `python -m eval.store.times ADDRESS --passages N`.

The vectors are drawn, as mixtures around centres, and each passage has 900 characters of text, the
mean of MultiHop-RAG, and a hundred words. Exact search and the graph are filled, indexed and
searched one after the other. With `--pid`, the memory of the server's process is told. The
collections go at the end.
"""

from __future__ import annotations

import argparse
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]

from rag.index.milvus import collection
from rag.index.milvus.address import KINDS, parse
from rag.index.milvus.client import Engine
from rag.index.milvus.collection import Placed
from rag.index.milvus.vectors import MilvusVectors
from rag.index.vectors import InMemory
from rag.types import Rows, Vectors

_DIMENSION, _CENTRES, _NOISE = 384, 1000, 0.8
_QUERIES = 50


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--pid", type=int, help="the server's process")
    options = parser.parse_args()
    address = parse(options.address)
    if address is None:
        parser.error("the address of a store is needed")
    rng = np.random.default_rng(0)
    every, queries = _drawn(rng, options.passages), _drawn(rng, _QUERIES)
    few = np.sort(rng.choice(options.passages, options.passages // 10, replace=False))
    found: dict[str, Any] = {"passages": options.passages, "server": _resident(options.pid)}
    exact: list[set[int]] = []
    for kind in KINDS:
        engine = Engine(replace(address, kind=kind))
        name = f"{address.name}_{uuid.uuid4().hex[:8]}"
        try:
            opened, found[kind] = _filled(engine, name, every)
            found[kind] |= _searched(opened, queries, few)
            rows = [set(opened.search(query, 10)[0].tolist()) for query in queries]
            exact = exact or rows
            hits = [len(mine & theirs) / 10 for mine, theirs in zip(rows, exact, strict=True)]
            found[kind]["recall@10"] = float(np.mean(hits))
            found[kind]["server"] = _resident(options.pid)
        finally:
            engine.drop(name)
    print(json.dumps(found, indent=1))


def _filled(engine: Engine, name: str, every: Vectors) -> tuple[MilvusVectors, dict[str, Any]]:
    begun = inserted = time.perf_counter()

    def between(written: int) -> None:
        nonlocal inserted
        inserted = time.perf_counter()

    passages = _passages(len(every))
    made = collection.write(engine, name, InMemory(every), passages, between)
    indexed = time.perf_counter()
    opened = MilvusVectors(engine, made)
    loaded = time.perf_counter()
    return opened, {
        "insert seconds": round(inserted - begun, 1),
        "flush, index and load seconds": round(indexed - inserted, 1),
        "open seconds": round(loaded - indexed, 1),
    }


def _searched(opened: MilvusVectors, queries: Vectors, few: Rows) -> dict[str, Any]:
    """Milliseconds, median and 95th percentile, of what a question asks."""
    asked: dict[str, Callable[[Vectors], object]] = {
        "search 100": lambda query: opened.search(query, 100),
        "search 100 of a tenth": lambda query: opened.search(query, 100, few),
        "cosines of 100": lambda query: opened.cosines(query[np.newaxis], few[:100]),
    }
    found = {}
    for name, ask in asked.items():
        times = []
        for query in queries:
            begun = time.perf_counter()
            ask(query)
            times.append((time.perf_counter() - begun) * 1000)
        found[f"{name}, ms"] = [round(float(np.percentile(times, p)), 1) for p in (50, 95)]
    return found


def _passages(count: int) -> Iterator[Placed]:
    text = "The council voted for a bridge, and it took all night. " * 17
    for row in range(count):
        yield Placed(
            f"{row // 12:012x}",
            f"Source {row % 40}",
            738_000 + row % 900,
            text[:900],
            {row % 5000: 0.5},
        )


def _drawn(rng: np.random.Generator, count: int) -> Vectors:
    centres = np.random.default_rng(1).normal(size=(_CENTRES, _DIMENSION))
    rows = centres[rng.integers(_CENTRES, size=count)]
    rows += _NOISE * rng.normal(size=rows.shape)
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _resident(pid: int | None) -> str:
    return f"{psutil.Process(pid).memory_info().rss / 2**20:.0f} MB" if pid else "not told"


if __name__ == "__main__":
    main()
