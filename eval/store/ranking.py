"""Measures what is found in Milvus beside a folder: `python -m eval.store.ranking ADDRESS...`.

The index in DIR is copied to each address, whose ?index= and ?words= say how it is searched there;
nothing but the questions is embedded. Rankings are measured as `python -m eval retrieval` does. The
collections go at the end.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag import Archive
from rag.evaluation import datasets
from rag.evaluation.datasets import Query
from rag.evaluation.datasets.choice import Choice
from rag.evaluation.ranking import measures
from rag.index import bm25
from rag.index.bm25 import BM25Index
from rag.index.common import InCommon
from rag.index.manifest import LEXICAL
from rag.index.milvus import collection
from rag.index.milvus.address import parse
from rag.index.milvus.client import Engine
from rag.index.milvus.collection import Collection, Placed
from rag.index.milvus.vectors import MilvusVectors
from rag.index.milvus.words import MilvusWords
from rag.index.opened import OpenedIndex
from rag.index.place import Engine as Manifested
from rag.index.place import Place
from rag.index.protocols import Finder, VectorIndex
from rag.index.store import SnapshotStore
from rag.index.vectors.facts import VectorFacts
from rag.index.words import Tokens, TokenWriter
from rag.types import Passage

_SHOWN = 10


def main() -> None:
    """Print a JSON object for the folder, and one for each address."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("addresses", nargs="+")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=300)
    options = parser.parse_args()
    archive = Archive.open(options.index)
    data = datasets.load(options.data)
    queries = Choice(sample=options.sample).of(data.queries)
    expected = [_found(archive, query) for query in queries]
    folder = {"questions": len(queries), "nDCG@10": _ndcg(queries, expected)}
    print(json.dumps({"the folder": folder}), flush=True)
    for address in options.addresses:
        with tempfile.TemporaryDirectory() as work:
            copied = _Copy(archive.index, address, Path(work))
            try:
                there = Archive(copied.opened(), archive.pipeline.models, archive.settings)
                found = [_found(there, query) for query in queries]
            finally:
                copied.engine.drop(copied.made.collection)
        print(json.dumps({address: _compared(queries, found, expected)}), flush=True)


class _Copy(Place):
    """An index as it is, but for its vectors and words, which are searched in a collection."""

    def __init__(self, index: OpenedIndex, address: str, folder: Path) -> None:
        super().__init__(index.home)
        parsed = parse(address)
        if parsed is None:
            raise SystemExit(f"{address} is no address of a store.")
        self._index, self._folder, self.engine = index, folder / LEXICAL, Engine(parsed)
        # In the order of one vocabulary, which an index of an earlier format has not.
        tokens = Tokens.load(index.folder / LEXICAL)
        with TokenWriter(self._folder) as words:
            words.take(tokens, np.arange(len(index.store)))
        BM25Index.write(self._folder)
        name = f"{parsed.name}_{uuid.uuid4().hex[:8]}"
        assert isinstance(index.store, SnapshotStore)
        self.made: Collection = collection.write(self.engine, name, index.store, self._placed())

    def opened(self) -> OpenedIndex:
        """Return the index, opened."""
        store = SnapshotStore(self._index.folder, self, self._index.manifest)
        words = BM25Index.load(self._folder, self.finder(None, store.common))
        return dataclasses.replace(self._index, store=store, bm25=words)

    def vectors(
        self, folder: Path, engine: Manifested, facts: VectorFacts, in_common: InCommon
    ) -> VectorIndex:
        return MilvusVectors(self.engine, self.made, in_common)

    def finder(self, engine: Manifested, in_common: InCommon) -> Finder | None:
        return MilvusWords(self.engine, self.made, in_common) if self.made.words else None

    def _placed(self) -> Iterator[Placed]:
        store = self._index.store
        for row, words in enumerate(bm25.frequencies(self._folder)):
            (one,) = store.passages([row])
            yield Placed(one.article_id, store.article(one.article_id).source, 0, one.text, words)


def _found(archive: Archive, query: Query) -> list[Passage]:
    return [hit.passage for hit in archive.search(query.text, _SHOWN)]


def _ndcg(queries: Sequence[Query], found: Sequence[list[Passage]]) -> float:
    qrels = {query.id: dict(query.relevant) for query in queries}
    ranked = {
        query.id: measures.articles_of(passages)
        for query, passages in zip(queries, found, strict=True)
    }
    of_each = measures.calculated(qrels, ranked, ["nDCG@10"])
    return float(np.mean([values["nDCG@10"] for values in of_each.values()]))


def _compared(
    queries: Sequence[Query], found: Sequence[list[Passage]], expected: Sequence[list[Passage]]
) -> dict[str, Any]:
    pairs = list(zip(found, expected, strict=True))
    return {
        "nDCG@10": _ndcg(queries, found),
        "questions with the same hits": sum(mine == theirs for mine, theirs in pairs),
        "hits that are the same": sum(len({*mine} & {*theirs}) for mine, theirs in pairs),
    }


if __name__ == "__main__":
    main()
