"""Runs of a system over a data set, question by question, saved as they go.

Owns what a row holds and how an index is found again. Knows neither how systems search nor how a
run is saved.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval import datasets
from eval.datasets import Dataset, Query
from eval.retrieval import measures, systems
from eval.runs import machine
from eval.runs.saved import Row
from eval.runs.saving import writing
from eval.text import aligned
from rag import Archive, Article, AskSettings, BuildSettings
from rag.errors import InputError, SettingsError, SnapshotError
from rag.index.build import articles_hash, is_current
from rag.progress import bars
from rag.protocols import TextEncoder

INDEXES = Path(__file__).parents[1] / "indexes"
SHOWN = 10
WARMING = "Is the encoder loaded?"
_DEEP = 500
_BUILDERS = ("build", "chunk", "embed", "lexical", "sentences", "snapshot", "store", "words")


@dataclass(frozen=True)
class Plan:
    """What to run. `index` is where the index is or will be; None for one kept in INDEXES."""

    system: str
    data: Path
    out: Path
    build: BuildSettings = field(default_factory=BuildSettings)
    ask: AskSettings = field(default_factory=AskSettings)
    split: str = ""
    limit: int | None = None
    index: Path | None = None


@dataclass(frozen=True)
class Measuring:
    """How a question is measured, once an index is open: `row` of it, and `warm` before the first.

    `facts` are what the manifest says of the index.
    """

    row: Callable[[Query], Row]
    warm: Callable[[], object]
    facts: Mapping[str, Any]


def run(plan: Plan, encoder: TextEncoder | None = None) -> dict[str, Any]:
    """Measure the searches of the questions that have no row yet; return the averages of all.

    `encoder` replaces loading the one that the build settings name. Raises InputError when `out`
    holds another run. Interrupted, it leaves a run that the same call continues.
    """
    _check(plan)
    dataset = datasets.load(plan.data, plan.limit, plan.split)

    def opened() -> Measuring:
        archive = open_archive(plan, dataset.articles, encoder)
        system = systems.open_system(plan.system, archive)
        articles = {article.id: article for article in dataset.articles}
        return Measuring(
            lambda query: _row(query, system.search, articles),
            lambda: system.search(WARMING, SHOWN),
            {"precision": system.precision, "passages": system.passages},
        )

    return carry_out(
        plan.out, dataset, manifest_of(plan, dataset), opened,
        lambda rows: summarise(rows, dataset.excluded),
    )  # fmt: skip


def carry_out(
    out: Path,
    dataset: Dataset,
    manifest: Mapping[str, Any],
    opened: Callable[[], Measuring],
    summarised: Callable[[Sequence[Row]], dict[str, Any]],
) -> dict[str, Any]:
    """Measure the questions that have no row in `out` yet, and save and return what all come to."""
    from tqdm import tqdm

    with writing(out) as folder:
        folder.refuse_other(manifest)  # Before an index is built in vain.
        measuring = opened()
        rows = folder.begin(
            {**manifest, **measuring.facts}, [query.id for query in dataset.queries]
        )
        left = dataset.queries[len(rows) :]
        if left:
            measuring.warm()
        total, done = len(dataset.queries), len(rows)
        with tqdm(left, "asking", total, initial=done, disable=None) as bar:
            for query in bar:
                rows.append(measuring.row(query))
                folder.add(rows[-1])
        summary = summarised(rows)
        folder.finish(summary)
    return summary


def summarise(rows: Sequence[Row], excluded: int) -> dict[str, Any]:
    """Averages over all questions and by kind, how many there are, and the times of searches."""
    return {
        **_means(rows),
        "excluded": excluded,
        "milliseconds": times_of(rows),
        "kinds": {kind: _means(of_kind) for kind, of_kind in by_kind(rows).items()},
    }


def by_kind(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each kind that has a name, by name."""
    kinds = sorted({row.kind for row in rows} - {""})
    return {kind: [row for row in rows if row.kind == kind] for kind in kinds}


def times_of(rows: Sequence[Row]) -> dict[str, float]:
    """The median and the 95th percentile of the times, in milliseconds."""
    times = sorted(row.milliseconds for row in rows)
    return {
        "median": round(statistics.median(times), 2),
        "95th percentile": round(times[math.ceil(0.95 * len(times)) - 1], 2),
    }


def table(summary: Mapping[str, Any]) -> str:
    """A summary as aligned text: a line a measure, a column for all questions and for each kind."""
    times = ", ".join(f"{name} {value}" for name, value in summary["milliseconds"].items())
    told = f"excluded: {summary['excluded']}; milliseconds of a search: {times}"
    return "\n".join([*columns(summary), told])


def columns(summary: Mapping[str, Any]) -> list[str]:
    """The lines of a summary's measures, under a heading."""
    groups = {"all": summary, **summary["kinds"]}
    lines = [["", *groups], ["questions", *(str(group["questions"]) for group in groups.values())]]
    for name in summary["measures"]:
        values = (group["measures"].get(name) for group in groups.values())
        lines.append([name, *("-" if value is None else f"{value:.4f}" for value in values)])
    return aligned(lines)


def open_archive(
    plan: Plan, articles: Sequence[Article], encoder: TextEncoder | None = None
) -> Archive:
    """The index of `articles`, built if there is none.

    Raises InputError when the folder that the user named holds another index: it may be one that
    answers questions.
    """
    # An index that other code has cut is another index.
    built_by = machine.code(*(f"rag/{name}.py" for name in _BUILDERS))
    key = json.dumps([articles_hash(articles), dataclasses.asdict(plan.build), built_by])
    home = plan.index or INDEXES / hashlib.sha256(key.encode()).hexdigest()[:16]
    if (home / "CURRENT").exists():
        try:
            archive = Archive.open(home, plan.ask, encoder)
            if is_current(archive.info(), articles, plan.build):
                return archive
        except SnapshotError:
            if plan.index:
                raise
        if plan.index:
            raise InputError(
                f"The index in {home} is of other articles or build settings. Name another folder "
                "with --index, or none."
            )
    with bars() as progress:
        Archive.build(articles, home, plan.build, encoder, progress)
    return Archive.open(home, plan.ask, encoder)


def _row(query: Query, search: systems.Search, articles: Mapping[str, Article]) -> Row:
    def found(k: int) -> systems.Found:
        return [hit for hit in search(query.text, k) if hit[0].article_id != query.ignored]

    began = time.perf_counter()
    first = found(SHOWN)
    milliseconds = 1000 * (time.perf_counter() - began)
    # How deep a fused search looks may change its order, so its beginning stays as a user sees it.
    shown = [passage for passage, _ in first]
    passages = list(dict.fromkeys([*shown, *(passage for passage, _ in found(_DEEP))]))
    ranks = measures.fact_ranks(query, shown, articles)
    return Row(
        id=query.id,
        query=query.text,
        kind=query.kind,
        milliseconds=round(milliseconds, 3),
        measures=measures.measure(query, passages, articles),
        passages=[
            {"article": p.article_id, "start": p.start, "end": p.end, "score": score}
            for p, score in first
        ],
        articles=measures.articles_of(passages),
        missed=[f.text for f, rank in zip(query.facts, ranks, strict=True) if rank is None],
    )


def _means(rows: Sequence[Row]) -> dict[str, Any]:
    return {"questions": len(rows), "measures": measures.mean(row.measures for row in rows)}


def _check(plan: Plan) -> None:
    if plan.system not in systems.NAMES:
        known = ", ".join(systems.NAMES)
        raise InputError(f"There is no system {plan.system!r}. Known are: {known}.")
    if plan.system != "byline" and plan.ask != AskSettings():
        raise SettingsError(
            f"The system {plan.system} has no ask-time settings. Leave them out, or measure byline."
        )


def manifest_of(plan: Plan, dataset: Dataset) -> dict[str, Any]:
    """What is known of a run before it is begun. No path but the data's own name is in it."""
    encoder = plan.build.encoder
    if Path(encoder).is_dir():
        encoder = Path(encoder).resolve().name
    return {
        "system": plan.system,
        "settings": {} if plan.system in systems.BASELINES else dataclasses.asdict(plan.ask),
        "build_settings": {**dataclasses.asdict(plan.build), "encoder": encoder},
        "data": {
            "path": plan.data.resolve().name,
            "name": dataset.name,
            "sha256": dataset.sha256,
            "articles": len(dataset.articles),
            "queries": len(dataset.queries),
            "excluded": dataset.excluded,
            "limit": plan.limit,
        },
        "encoder": encoder,
        "commit": machine.commit(),
        "machine": machine.machine(),
        "packages": machine.packages(),
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
