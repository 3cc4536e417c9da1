"""Inverted lists made of vectors: centroids from a sample, and how much a search has to look at,
measured on vectors that are held out of it.

Holds a sample and one block of vectors at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np

from rag.index.mapped import mapped, new
from rag.index.protocols import VectorRows
from rag.index.vectors import inverted
from rag.index.vectors.facts import IVF, VectorFacts
from rag.index.vectors.inverted import InvertedLists, encode
from rag.types import Rows, Vectors

RECALL = 0.99
"""Of the nearest passages that exact search finds, the share that a search has to find."""
NEAREST = 10
_QUERIES = 256
_MIXED = 3
"""Passages whose mean is a held-out query. On MultiHop-RAG such means lie as far from the passages
as its questions do (median cosine to the tenth nearest .56, both), and a search finds as many of
their neighbours; those of a passage's own vector are much easier to find."""
_SAMPLE = 65_536
"""Vectors that the centroids are made of: 100 MB at 384 dimensions."""
_LISTS = 2.0
"""Lists for each unit of the square root of the number of passages."""
_ROUNDS = 10
_BLOCK = 8192


def write(folder: Path, rows: VectorRows) -> VectorFacts:
    """Write inverted lists of unit rows to a new folder, and return what was chosen and measured.

    Raises OSError when they cannot be written.
    """
    folder.mkdir()
    chance = np.random.default_rng(0)
    sample = rows.take(np.sort(chance.permutation(len(rows))[:_SAMPLE]))
    lists = max(1, min(int(_LISTS * len(rows) ** 0.5), len(sample)))
    centroids = _centroids(sample, lists)
    scale = np.maximum(np.abs(sample).max(axis=0), np.float32(1e-6)) / np.float32(127)
    np.save(folder / inverted.CENTROIDS, centroids, allow_pickle=False)
    np.save(folder / inverted.SCALE, scale, allow_pickle=False)
    del sample
    list_of = _assigned(folder, rows, centroids)
    order = np.argsort(list_of, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(list_of, minlength=lists))])
    np.save(folder / inverted.STARTS, starts.astype("<i8"), allow_pickle=False)
    np.save(folder / inverted.ROWS, order.astype("<i4"), allow_pickle=False)
    _write_codes(folder, order, scale)
    mixed = chance.integers(len(rows), size=(_MIXED, _QUERIES))
    queries = np.sum([rows.take(few) for few in mixed], axis=0)
    queries /= np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), np.float32(1e-6))
    return _measured(folder, queries, list_of)


def _centroids(sample: Vectors, lists: int) -> Vectors:
    """Unit rows around which the vectors lie: spherical k-means."""
    options = faiss.ClusteringParameters()
    options.niter, options.spherical, options.seed = _ROUNDS, True, 0
    options.min_points_per_centroid = 1
    options.max_points_per_centroid = len(sample)
    clustering = faiss.Clustering(sample.shape[1], lists, options)
    clustering.train(sample, faiss.IndexFlatIP(sample.shape[1]))
    found = faiss.vector_to_array(clustering.centroids)
    centroids: Vectors = found.reshape(lists, -1).astype(np.float32)
    return centroids


def _assigned(folder: Path, rows: VectorRows, centroids: Vectors) -> Rows:
    """Write the vectors, and return the number of the centroid that is nearest to each."""
    vectors = new(folder / inverted.VECTORS, np.float16, (len(rows), centroids.shape[1]))
    index = faiss.IndexFlatIP(centroids.shape[1])
    index.add(centroids)
    found = np.empty(len(rows), np.int64)
    for block in _blocks(len(rows)):
        taken = np.ascontiguousarray(rows.take(block), np.float32)
        vectors[block[0] : block[-1] + 1] = taken
        found[block] = index.search(taken, 1)[1][:, 0]
    return found


def _write_codes(folder: Path, order: Rows, scale: Vectors) -> None:
    vectors = mapped(folder / inverted.VECTORS, np.float16, 2)
    codes = new(folder / inverted.CODES, np.int8, vectors.shape)
    for block in _blocks(len(order)):
        codes[block[0] : block[-1] + 1] = encode(vectors[order[block]].astype(np.float32), scale)


def _measured(folder: Path, queries: Vectors, list_of: Rows) -> VectorFacts:
    """Find how many rows a search has to look at, so that it finds as many as it should of the
    passages that are nearest to the queries, and measure that it does. `list_of` is the list of
    each row."""
    index = InvertedLists(folder, NEAREST)
    exact = nearest(index, queries, NEAREST)
    needed = [
        index.needed(query, list_of[rows]) for query, rows in zip(queries, exact, strict=True)
    ]
    looked_at = int(np.quantile(np.concatenate(needed), RECALL, method="higher"))
    while True:
        index = InvertedLists(folder, looked_at)
        shared = sum(
            len(np.intersect1d(index.search(query, NEAREST)[0], wanted))
            for query, wanted in zip(queries, exact, strict=True)
        )
        recall = shared / exact.size
        if recall >= RECALL or looked_at >= len(index):
            return VectorFacts(IVF, index.lists, looked_at, round(recall, 4), len(queries))
        looked_at = min(looked_at * 5 // 4 + 1, len(index))  # Lost to the codes.


def nearest(rows: VectorRows, queries: Vectors, k: int) -> Rows:
    """Return the rows nearest to each query, of all, shape (queries, k): exact search."""
    count = min(k, len(rows))
    best = np.full((len(queries), count), -2, np.float32)
    found = np.zeros((len(queries), count), np.int64)
    for block in _blocks(len(rows)):
        cosines = queries @ rows.take(block).T
        both = np.hstack([best, cosines])
        named = np.hstack([found, np.broadcast_to(block, cosines.shape)])
        first = np.argpartition(-both, count - 1, axis=1)[:, :count]
        best, found = (np.take_along_axis(one, first, axis=1) for one in (both, named))
    return found


def _blocks(count: int) -> Iterator[Rows]:
    for first in range(0, count, _BLOCK):
        yield np.arange(first, min(first + _BLOCK, count))
