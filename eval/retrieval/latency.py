"""Measures the latency of searches, one at a time and several at once, by stage.

The searches that Byline fuses run beside it, question by question, so that a
busy machine slows them alike.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

from rag import Archive
from rag.evaluation.runs import machine
from rag.evaluation.runs.index import open_archive
from rag.evaluation.runs.plan import Plan
from rag.evaluation.statistics.averages import spread
from rag.evaluation.systems import indexed
from rag.index.bm25 import BM25Index
from rag.index.store import SnapshotStore
from rag.models.encoder import Encoder
from rag.question.parse import QuestionParser

AT_ONCE = 8
_BESIDE = ("dense", "bm25")
_STAGES: dict[str, tuple[tuple[type, str], ...]] = {
    "reading the question": ((QuestionParser, "parts"),),
    "encoder": ((Encoder, "encode_parts"),),
    "BM25 of passages": ((BM25Index, "scores"),),
    "BM25 of sentences": ((BM25Index, "sentence_scores"),),
    "exact phrases": ((BM25Index, "holding"),),
    "vectors": ((SnapshotStore, "search"), (SnapshotStore, "cosines")),
    "sources and dates": ((SnapshotStore, "named"),),
    "passages": ((SnapshotStore, "passages"),),
}


def run(plan: Plan) -> dict[str, Any]:
    """Time `Archive.search(question, k=10)` on the questions of a plan; times in milliseconds."""
    from tqdm import tqdm

    dataset = plan.dataset()
    archive = open_archive(plan, dataset.articles)
    questions = [query.text for query in dataset.queries]
    searches = {name: indexed.open_system(name, archive).search for name in ("byline", *_BESIDE)}
    for question in questions[:20]:
        for search in searches.values():
            search(question, 10)
    times: dict[str, list[float]] = {name: [] for name in searches}
    for question in tqdm(questions, "one at a time", disable=None):
        for name, search in searches.items():
            times[name].append(_timed(search, question))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        together = list(pool.map(functools.partial(_timed, archive.search), questions))
        seconds = time.perf_counter() - began
    return {
        "passages": archive.info()["passages"],
        "questions": len(questions),
        "one at a time": spread(times["byline"], 2),
        f"{AT_ONCE} at once": {
            **spread(together, 2),
            "a second": round(len(together) / seconds, 1),
        },
        "beside it, one at a time": {name: spread(times[name], 2) for name in _BESIDE},
        "stages": _stages(archive, questions),
        "precision": archive.info()["encoder"]["precision"],
        "machine": machine.machine(),
    }


def table(found: dict[str, Any]) -> str:
    """What `run` found, as aligned text."""
    lines = [f"{found['questions']} questions, {found['passages']} passages, milliseconds"]
    spreads = {
        "one at a time": found["one at a time"],
        f"{AT_ONCE} at once": found[f"{AT_ONCE} at once"],
        **{f"{name} alone, beside it": s for name, s in found["beside it, one at a time"].items()},
    }
    for name, times in spreads.items():
        told = ", ".join(f"{measure} {value}" for measure, value in times.items())
        lines.append(f"{name:24} {told}")
    lines += [
        f"{stage:24} {spent['mean']:6.2f} {spent['share']:6.1%}"
        for stage, spent in found["stages"].items()
    ]
    return "\n".join(lines)


def _timed(search: Callable[[str, int], Any], question: str) -> float:
    began = time.perf_counter()
    search(question, 10)
    return 1000 * (time.perf_counter() - began)


def _stages(archive: Archive, questions: Sequence[str]) -> dict[str, dict[str, float]]:
    """What each stage spends on a question on average, and its share; "fusion" is the rest."""
    spent = dict.fromkeys(_STAGES, 0.0)
    with _clocks(spent):
        total = sum(_timed(archive.search, question) for question in questions)
    spent["fusion"] = total - sum(spent.values())
    return {
        stage: {"mean": round(all_of_it / len(questions), 3), "share": round(all_of_it / total, 4)}
        for stage, all_of_it in spent.items()
    }


@contextlib.contextmanager
def _clocks(spent: dict[str, float]) -> Iterator[None]:
    """While open, add the milliseconds of every stage's calls to `spent`."""
    inside = threading.local()

    def clocked(stage: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            if getattr(inside, "stage", ""):
                return method(*given, **named)  # One stage calls another: counted once.
            inside.stage = stage
            began = time.perf_counter()
            try:
                return method(*given, **named)
            finally:
                spent[stage] += 1000 * (time.perf_counter() - began)
                inside.stage = ""

        return call

    with contextlib.ExitStack() as stack:
        for stage, methods in _STAGES.items():
            for kind, name in methods:
                stack.enter_context(patch.object(kind, name, clocked(stage, getattr(kind, name))))
        yield
