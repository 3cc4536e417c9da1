"""Many visitors at once, and many questions in a row: no error, no mix-up, and memory stays."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from eval.datasets import gold
from eval.datasets.gold import ARTICLES
from eval.load import measure
from eval.load.asking import Asked, ask_all
from eval.load.shown import KINDS
from eval.load.visitor import Page, read_page
from eval.runs.serving import Server, served
from eval.trust import archives
from eval.trust.trials import Found, Plan
from rag import read_articles
from rag.errors import BylineError
from rag.export.escaping import escape

_EACH = 5
_LONGEST_MINUTES = 600.0
_CONVERSATION = 5
"""Questions after which a visitor in a row begins anew, as one who comes back: so few that the
server has as many visitors in memory as it ever keeps when a fifth of a full row is asked."""
_SETTLED = 0.2
"""The part of a row after which the server has loaded all that it keeps."""
_GROWTH = 64.0
"""MiB by which its memory may grow from then on, to its end."""


def at_once(plan: Plan, found: Found) -> None:
    """Let so many visitors ask 5 questions each, twice, as `python -m eval load` does."""
    total = 2 * plan.size * _EACH
    if found.tried >= total:
        return
    with _home() as home:
        result = measure.run(
            measure.Plan(
                plan.size, _EACH, total, _LONGEST_MINUTES, 0, home, archives.SET, plan.seed, alone=1
            )
        )
    found.tried = result["asked"]
    for fault in result["faults"]:
        found.fault(f"{fault['kind']}: {fault['visitor']}: {fault['question']}: {fault['what']}")
    found.faults = sum(result[f"{kind}s"] for kind in KINDS)  # Of which the first are named.
    if found.tried < total:
        found.fault(f"only {found.tried} of {total} questions were answered")
    found.counts |= {f"MiB after round {n + 1}": one["memory settled"]
                     for n, one in enumerate(result["rounds"])}  # fmt: skip
    plan.keep(found)


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    """An index of the bundled articles."""
    with tempfile.TemporaryDirectory() as folder:
        archives.build(read_articles(ARTICLES), Path(folder))
        yield Path(folder)


def in_a_row(plan: Plan, found: Found) -> None:
    """Ask one question after the other, and look at the memory of the server meanwhile."""
    if found.tried >= plan.size:
        return
    found.tried = 0  # Memory is that of one server, from its start.
    golds = gold.load(gold.FOLDER / gold.FILES[0])
    questions = [one.turns[0] for one in golds]
    with _home() as home, served(archives.chat(home)) as server:
        page = asyncio.run(read_page(server.address))
        memory = asyncio.run(_row(page, server, questions, plan, found))
        for said in server.tracebacks():
            found.fault(f"the server printed: {said}")
    settled = memory[int(len(memory) * _SETTLED) :]
    growth = settled[-1] - settled[0]
    found.counts |= {"MiB at first": round(settled[0], 1), "MiB at the end": round(settled[-1], 1)}
    if growth > _GROWTH:
        found.fault(f"memory grew by {growth:.0f} MiB")
    plan.keep(found)


async def _row(
    page: Page, server: Server, questions: list[str], plan: Plan, found: Found
) -> list[float]:
    memory = []
    began = time.monotonic()
    with tqdm(total=plan.size, desc="row", disable=None) as bar:

        def done(asked: Asked) -> None:
            found.tried += 1
            bar.update()
            shown = asked.pages[-1] if asked.pages else ""
            if asked.error or escape(asked.questions[-1]) not in shown:
                found.fault(f"{asked.questions[-1]}: {asked.error or 'it is not shown'}")

        while found.tried < plan.size:
            first, n = found.tried, min(_CONVERSATION, plan.size - found.tried)
            chosen = [questions[(first + i) % len(questions)] for i in range(n)]
            await ask_all(page, f"question {first}", chosen, done)
            if found.tried == first:
                raise BylineError("The server answers no more.")
            memory.append(server.memory())
    found.counts["questions a minute"] = round(60 * plan.size / (time.monotonic() - began), 1)
    return memory
