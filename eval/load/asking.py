"""Simulates a visitor of the chat, who asks questions one after the other, and times each.

Knows nothing of other visitors.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.load.shown import Seen, is_waiting, read
from eval.load.visitor import ChatError, Page, Visitor


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a visitor asked, the last of `questions`, and what came.

    Seconds from the asking; NaN for what did not come. `pages`: the conversation's HTML, update by
    update. `error`: what the chat refused or failed with.
    """

    visitor: str
    questions: tuple[str, ...]
    times: tuple[float, ...]
    pages: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An asked question as it was read: its waits, and what was seen update by update."""

    visitor: str
    questions: tuple[str, ...]
    first_update: float
    first_words: float
    last: float
    seen: tuple[Seen, ...]
    error: str


def visiting_order(questions: Sequence[str], seed: int, seat: int, count: int) -> tuple[str, ...]:
    """The questions of the visitor on a seat; the same in every round, so that the archive is
    asked for each conversation once only."""
    chance = random.Random(f"{seed} {seat}")  # noqa: S311
    return tuple(chance.sample(list(questions), count))


async def ask_all(
    page: Page,
    name: str,
    questions: Sequence[str],
    done: Callable[[Asked], None],
    opening: Callable[[float], None] = lambda seconds: None,
) -> None:
    """Visit the chat and ask the questions, each when the one before is answered, then leave.

    `done` is called with each as it is answered; after an error the visitor gives up.
    """
    async with Visitor(page) as visitor:
        try:
            began = time.perf_counter()
            browser = {"language": "en", "search": "", "kept": "", "filters": ""}
            while True:
                async for _ in visitor.set_off("courier", "begin", said=browser):
                    pass
                if not is_waiting(visitor.parts.get("conversation", "")):
                    break
                await asyncio.sleep(0.5)
            opening(time.perf_counter() - began)
        except ChatError as error:
            done(Asked(name, tuple(questions[:1]), (), (), str(error)))
            return
        for n in range(1, len(questions) + 1):
            asked = await _ask(visitor, name, tuple(questions[:n]))
            done(asked)
            if asked.error:
                return


async def _ask(visitor: Visitor, name: str, questions: tuple[str, ...]) -> Asked:
    times, seen, error = [], [], ""
    said = {"question": questions[-1], "id": f"{name} {len(questions)}"}
    began = time.perf_counter()
    try:
        async for _ in visitor.set_off("queue", "ask", said=said):
            times.append(time.perf_counter() - began)
            seen.append(str(visitor.parts.get("conversation", "")))
    except ChatError as failed:
        error = str(failed)
    return Asked(name, questions, tuple(times), tuple(seen), error)


def row_of(asked: Asked) -> Row:
    """Read what came; the first words are the first quote or verdict below the question."""
    seen = tuple(map(read, asked.pages))
    words = (seconds for seconds, one in zip(asked.times, seen, strict=True) if _says(one, asked))
    first, last = (asked.times[0], asked.times[-1]) if asked.times else (math.nan, math.nan)
    return Row(
        asked.visitor, asked.questions, first, next(words, math.nan),
        math.nan if asked.error else last, seen, asked.error,
    )  # fmt: skip


def _says(seen: Seen, asked: Asked) -> bool:
    return seen.answered and len(seen.turns) >= len(asked.questions)
