"""Compares an archive with a small collection beside it to one index of everything.

Knows nothing of how the two are joined; see `rag.index.joint`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from rag import Archive
from rag.evaluation.datasets import Dataset, Query
from rag.evaluation.ranking import measures
from rag.evaluation.runs import machine
from rag.evaluation.runs.index import open_archive
from rag.evaluation.runs.plan import Plan
from rag.evaluation.statistics.averages import mean
from rag.evaluation.text import aligned
from rag.types import Passage

SHARE = 0.1
_SEED = 1
_DEPTH = 10
_MEASURES = ("paper MRR@10", "paper Hits@10", "RR@10", "Success@10")


def run(plan: Plan, share: float = SHARE) -> dict[str, Any]:
    """Take a random `share` of the articles as a small collection, the rest as the archive; return
    the averages of each way to ask of both, over all questions and over two kinds of them."""
    from tqdm import tqdm

    dataset = plan.dataset()
    count = max(1, round(share * len(dataset.articles)))
    drawn = {one.id for one in random.Random(_SEED).sample(dataset.articles, count)}  # noqa: S311
    small, rest = (
        [one for one in dataset.articles if (one.id in drawn) == inside] for inside in (True, False)
    )
    archive, collection = open_archive(plan, rest), open_archive(plan, small)
    ways: dict[str, tuple[Archive, ...]] = {
        "one index of everything": (open_archive(plan, dataset.articles),),
        "archive.beside(collection)": (archive.beside(collection),),
        "two lists merged by score": (archive, collection),
        "the archive alone": (archive,),
    }
    rows: dict[str, list[tuple[bool, dict[str, float]]]] = {way: [] for way in ways}
    for query in tqdm(dataset.queries, "asking", disable=None):
        for way, asked in ways.items():
            touched = not drawn.isdisjoint(query.relevant)
            rows[way].append((touched, _measured(query, asked, dataset)))
    return {
        "articles": len(dataset.articles),
        "collection": count,
        "passages": {way: sum(one.info()["passages"] for one in ways[way]) for way in ways},
        "ways": {way: _averages(of_way) for way, of_way in rows.items()},
        "precision": archive.info()["encoder"]["precision"],
        "machine": machine.machine(),
    }


def table(found: dict[str, Any]) -> str:
    """What `run` found, as aligned text."""
    lines = [f"{found['collection']} of {found['articles']} articles beside the others"]
    for group in ("all", "evidence in the collection too", "evidence in the archive alone"):
        groups = {way: of_way[group] for way, of_way in found["ways"].items() if group in of_way}
        if groups:
            names = list(next(iter(groups.values()))["measures"])
            count = next(iter(groups.values()))["questions"]
            rows = [[f"{group} ({count} questions)", *names]]
            for way, means in groups.items():
                rows.append([way, *(f"{means['measures'][name]:.4f}" for name in names)])
            lines += ["", *aligned(rows)]
    return "\n".join(lines)


def _measured(query: Query, asked: Sequence[Archive], dataset: Dataset) -> dict[str, float]:
    """The measures of the best passages of all archives that are asked, by their scores."""
    hits = [hit for archive in asked for hit in archive.search(query.text, _DEPTH)]
    best = sorted(hits, key=lambda hit: -hit.score)[:_DEPTH]
    passages: list[Passage] = [hit.passage for hit in best]
    articles = {one.id: one for one in dataset.articles}
    values = measures.measure(query, passages, articles)
    return {name: values[name] for name in _MEASURES if name in values}


def _averages(rows: Sequence[tuple[bool, dict[str, float]]]) -> dict[str, Any]:
    groups = {
        "all": [values for _, values in rows],
        "evidence in the collection too": [values for touched, values in rows if touched],
        "evidence in the archive alone": [values for touched, values in rows if not touched],
    }
    return {
        group: {"questions": len(values), "measures": mean(values)}
        for group, values in groups.items()
        if values
    }
