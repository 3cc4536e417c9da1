"""Scores rankings of any system against judgements, and compares the systems.

The numbers are trec_eval's, by ir_measures: every judged question counts, with 0 where a run has
no ranking for it; documents that nobody judged are not relevant.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import InputError
from rag.evaluation import trec
from rag.evaluation.datasets.asked import read_asked
from rag.evaluation.datasets.records import Files
from rag.evaluation.ranking.measures import calculated
from rag.evaluation.reports.several import CORRECTED, lines
from rag.evaluation.runs import machine
from rag.evaluation.runs.saved import SCHEMA, SUMMARY_SCHEMA, Row
from rag.evaluation.runs.saving import writing
from rag.evaluation.statistics.averages import mean
from rag.evaluation.statistics.paired import standings
from rag.evaluation.text import plain

SHOWN = ("nDCG@10", "AP", "RR@10", "R@10", "R@100", "Success@1")
"""The measures that are taken where none are named."""


@dataclass(frozen=True)
class Scored:
    """A run with the measures of each question, and what is odd about it."""

    name: str
    sha256: str
    rankings: dict[str, list[str]]
    measures: dict[str, dict[str, float]]
    notes: tuple[str, ...]


def score(
    qrels: str | Path,
    runs: Sequence[str | Path],
    measures: Sequence[str] = (),
    passages: bool = False,
    out: str | Path | None = None,
    questions: str | Path | None = None,
) -> dict[str, Any]:
    """Score runs against judgements; the result is ready for JSON.

    `passages`: the runs rank passages, which are rolled up to their articles. `out` is a folder in
    which each run is saved as `compare` and `report` read it, with the texts of `questions` (see
    `datasets.asked`). Raises InputError for what cannot be read or does not fit together.
    """
    files, qrels, paths = Files(), Path(qrels), [Path(run) for run in runs]
    judged = trec.read_qrels(qrels, files)
    names = tuple(measures) or SHOWN
    scored = [
        _scored(path, name, judged, names, passages)
        for path, name in zip(paths, _names(paths), strict=True)
    ]
    if out is not None:
        texts = dict(read_asked(Path(questions))) if questions else {}
        for one in scored:
            _save(one, Path(out) / one.name, qrels.name, files.sha256, texts, passages)
    every = list(judged)
    values = {
        name: {one.name: np.array([one.measures[query][name] for query in every]) for one in scored}
        for name in names
    }
    return {
        "schema": "byline-score/1",
        "qrels": {"file": qrels.name, "sha256": files.sha256, "questions": len(judged)},
        "runs": {one.name: {"sha256": one.sha256, "notes": list(one.notes)} for one in scored},
        "measures": {
            name: [asdict(one) for one in of_measure]
            for name, of_measure in standings(values, dict.fromkeys(names, every)).items()
        },
    }


def table(found: Mapping[str, Any]) -> str:
    """What `score` found, as aligned text."""
    told = [f"{found['qrels']['questions']} judged questions of {plain(found['qrels']['file'])}"]
    for name, run in found["runs"].items():
        told += [f"{plain(name)}: {plain(note)}" for note in run["notes"]]
    if len(found["runs"]) > 1:
        told.append(CORRECTED)
    return "\n".join([*lines(found["measures"]), "", *told])


def _scored(
    path: Path, name: str, judged: trec.Qrels, names: Sequence[str], passages: bool
) -> Scored:
    files = Files()
    found = trec.read_passages(path, files) if passages else trec.read_run(path, files)
    if not judged.keys() & found.keys():
        raise InputError(
            f"{path}: none of its {len(found)} questions is judged, {next(iter(found))!r} for one. "
            f"The qrels are of others, as {next(iter(judged))!r}. Take both of the same data."
        )
    rankings = {query: trec.ordered(found[query]) for query in judged if query in found}
    measures = calculated(judged, rankings, names)
    return Scored(name, files.sha256, rankings, measures, tuple(_notes(found, judged)))


def _notes(found: trec.Rankings, judged: trec.Qrels) -> Iterator[str]:
    if missing := judged.keys() - found.keys():
        yield f"no ranking for {len(missing)} of the judged questions, which count as 0"
    if more := found.keys() - judged.keys():
        yield f"{len(more)} of its questions are not judged and left out"
    if not any(judged[query].keys() & found[query].keys() for query in judged.keys() & found):
        yield (
            "none of its documents is judged, so that all is 0; are the ids those of the qrels? "
            "Those of passages, as ARTICLE#START-END, want --passages"
        )


def _names(paths: Sequence[Path]) -> list[str]:
    """What runs are called: by their files, and by their folders where files are called alike.

    Raises InputError where that does not tell them apart.
    """
    names = [_name(path) for path in paths]
    if len(set(names)) < len(names):
        names = [f"{path.absolute().parent.name}-{_name(path)}" for path in paths]
    for at, name in enumerate(names):
        if name in names[:at]:
            alike = f"{paths[names.index(name)]} and {paths[at]}"
            raise InputError(f"The runs {alike} have the same name. Rename one of them.")
    return names


def _name(path: Path) -> str:
    """The name of a run's file, without what says how it is packed."""
    name = path.name.removesuffix(".gz")
    return Path(name).stem if Path(name).suffix in (".run", ".txt", ".trec", ".jsonl") else name


def _save(
    one: Scored, out: Path, data: str, sha256: str, texts: Mapping[str, str], passages: bool
) -> None:
    """Save a run as a folder. Raises InputError where another run is there."""
    manifest = {
        "schema": SCHEMA,
        "system": one.name,
        "settings": {"run": one.sha256, "passages": passages},
        "data": {"name": data, "sha256": sha256, "queries": len(one.measures)},
        "commit": machine.commit(),
        "machine": machine.machine(),
        "packages": machine.packages(),
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
    with writing(out) as folder:
        done = folder.begin(manifest, list(one.measures))
        for query, values in list(one.measures.items())[len(done) :]:
            articles = one.rankings.get(query, [])[:100]
            folder.add(Row(query, texts.get(query, query), "", 0.0, values, [], articles, []))
        folder.finish(
            {
                "schema": SUMMARY_SCHEMA,
                "questions": len(one.measures),
                "measures": mean(one.measures.values()),
                "milliseconds": {},
                "kinds": {},
            }
        )
