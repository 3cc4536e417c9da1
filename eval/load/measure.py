"""Load test of the web chat: many visitors at once, their waits, and whose answers they get.

The visitors share the machine with the
server. What they saw is judged when it has ended, so that the judging takes no time from it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import gold
from eval.load import pages
from eval.load.asking import Asked, Row, ask_all, row_of, visiting_order
from eval.load.report import Round, report
from eval.load.shown import Expected, Fault, faults
from eval.load.visitor import Page, read_page
from eval.runs.serving import Server, served
from rag import Archive, AskSettings
from rag.chat.conversation import KEPT
from rag.errors import InputError
from rag.evaluation.runs import machine
from rag.settings import from_mapping

SETTLE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """How many visitors at once, how many questions each, how many in all, and on what.

    `minutes`: when the asking ends, done or not. `pages`: openings in a browser. `set`: ask-time
    settings of the chat. `files`: where the questions come from. `alone`: how many of the visitors
    ask first, one after the other, for the times without load.
    """

    visitors: int = 50
    questions: int = 5
    total: int = 1000
    minutes: float = 20
    pages: int = 5
    index: Path | None = None
    set: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    files: tuple[Path, ...] = (gold.FOLDER / gold.FILES[0],)
    alone: int = 4

    def __post_init__(self) -> None:
        counts = (self.visitors, self.questions, self.total, self.alone)
        if min(counts) < 1 or self.minutes <= 0 or self.pages < 0:
            raise InputError(
                "Visitors, questions, total and alone must be 1 or more, minutes above 0, pages 0 "
                f"or more, not {(*counts, self.minutes, self.pages)}."
            )
        if self.questions > KEPT:
            raise InputError(f"A conversation keeps {KEPT} questions, not {self.questions}.")


@dataclass(frozen=True, slots=True)
class _Visits:
    """What all visitors of a run share; `deadline` is of the monotonic clock."""

    plan: Plan
    questions: Sequence[str]
    server: Server
    page: Page
    deadline: float

    def visit(
        self,
        name: str,
        seat: int,
        count: int,
        done: Callable[[Asked], None],
        opened: Callable[[float], None] = lambda seconds: None,
    ) -> Coroutine[Any, Any, None]:
        """A visitor who asks the first `count` questions of the seat's order."""
        order = visiting_order(self.questions, self.plan.seed, seat, self.plan.questions)
        return ask_all(self.page, name, order[:count], done, opened)


def run(plan: Plan) -> dict[str, Any]:
    """Measure the chat with visitors at once; times in seconds, memory in MiB."""
    settings = from_mapping(AskSettings, dict(plan.set))
    questions = _questions(plan)
    deadline = time.monotonic() + 60 * plan.minutes
    with served(_arguments(plan)) as server:
        page = asyncio.run(read_page(server.address))
        visits = _Visits(plan, questions, server, page, deadline)
        alone = asyncio.run(_alone(visits))
        opened = _opened(visits)
        rounds = asyncio.run(_rounds(visits))
        tracebacks = server.tracebacks()
    found = [Fault("error", "", "", f"the server printed: {said}") for said in tracebacks]
    if isinstance(opened, dict):
        found += [Fault("error", "a browser", "", said) for said in opened["faults"]]
    archive = Archive.open(plan.index or machine.ROOT / "index" / "archive", settings)
    rows = [*alone, *(row for one in rounds for row in one.rows)]
    found += _judged(rows, Expected(archive))
    about = {"visitors at once": plan.visitors, "questions each": plan.questions, "of": plan.total}
    return about | report(alone, opened, rounds, found)


def _judged(rows: Sequence[Row], expected: Expected) -> list[Fault]:
    """All that went wrong, question by question."""
    from tqdm import tqdm

    found: list[Fault] = []
    for row in tqdm(rows, "what the archive says", disable=None):
        if row.error:
            found.append(Fault("error", row.visitor, row.questions[-1], row.error))
        else:
            found += faults(row.visitor, row.questions, row.seen, expected)
    return found


async def _alone(visits: _Visits) -> list[Row]:
    """The first visitors' questions, asked by one visitor at a time of a server that is warm."""
    asked: list[Asked] = []
    await _in_time(visits, [visits.visit("warm", 0, 1, lambda _: None)])
    for seat in range(visits.plan.alone):
        name = f"alone, visitor {seat + 1}"
        await _in_time(visits, [visits.visit(name, seat, visits.plan.questions, asked.append)])
    return list(map(row_of, asked))


async def _rounds(visits: _Visits) -> list[Round]:
    """Rounds of new visitors, until all questions are asked or the time is over."""
    from tqdm import tqdm

    rounds: list[Round] = []
    left = visits.plan.total
    with tqdm(total=left, desc="under load", disable=None) as bar:
        while left > 0 and time.monotonic() < visits.deadline:
            counts = _shares(left, visits.plan)
            rounds.append(await _round(visits, len(rounds) + 1, counts, bar.update))
            left -= sum(counts)
    return rounds


async def _round(
    visits: _Visits, number: int, counts: Sequence[int], tell: Callable[[int], object]
) -> Round:
    """New visitors who come at once and ask so many questions each."""
    this = Round(len(counts))
    asked: list[Asked] = []

    def done(one: Asked) -> None:
        asked.append(one)
        tell(1)

    began = time.perf_counter()
    await _in_time(
        visits,
        [
            visits.visit(
                f"round {number}, visitor {seat + 1}", seat, count, done, this.opening.append
            )
            for seat, count in enumerate(counts)
        ],
    )
    this.seconds, this.memory = time.perf_counter() - began, visits.server.memory()
    await asyncio.sleep(SETTLE_SECONDS)
    this.settled = visits.server.memory()
    this.rows = list(map(row_of, asked))
    return this


def _shares(left: int, plan: Plan) -> list[int]:
    """How many questions each visitor of the next round asks."""
    counts: list[int] = []
    while left > 0 and len(counts) < plan.visitors:
        counts.append(min(left, plan.questions))
        left -= counts[-1]
    return counts


async def _in_time(visits: _Visits, coming: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Let the visitors come at once; those not done at the deadline are broken off."""
    tasks = [asyncio.create_task(visit) for visit in coming]
    try:
        await asyncio.wait(tasks, timeout=max(0.0, visits.deadline - time.monotonic()))
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for result in ended:
        if isinstance(result, Exception):
            raise result


def _opened(visits: _Visits) -> dict[str, Any] | str:
    """The times of the page in a browser, or why there are none."""
    count = visits.plan.pages
    if not count:
        return "not asked for"
    asked = [visits.questions[n % len(visits.questions)] for n in range(count)]
    try:
        return pages.measure(visits.server.address, asked)
    except pages.NoBrowser as error:
        return str(error)


def _questions(plan: Plan) -> list[str]:
    """The single gold questions, each once."""
    golds = [one for path in plan.files for one in gold.load(path)]
    questions = list(dict.fromkeys(one.turns[0] for one in golds if len(one.turns) == 1))
    if len(questions) < plan.questions:
        raise InputError(
            f"There are {len(questions)} single questions, fewer than the {plan.questions} of a "
            "visitor. Name more files with --files."
        )
    return questions


def _arguments(plan: Plan) -> list[str]:
    index = ["--index", str(plan.index.resolve())] if plan.index else []
    # To find examples, a server asks itself questions after its start, beside the first visitors'.
    changed = [part for name, value in plan.set for part in ("--set", f"{name}={value}")]
    return ["--no-examples", *index, *changed]
