"""Repeats that an archive does not answer: asks again, and compares what was looked through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from rag.pack.contents import Pack
from rag.types import Absence, Answer, Filters

Ask: TypeAlias = Callable[[str, Filters], Answer]
"""Asks the index at hand a question by itself, within filters."""

MOST = 200
"""Questions that are asked again: a pack of a megabyte may hold thousands, of a second each."""


def repeat(pack: Pack, ask: Ask) -> dict[int, tuple[str, ...]]:
    """Ask the first questions that a pack says to be unanswered again: what is otherwise now, by
    the number of their answers; () where all is the same."""
    absences = [(n, one.absence) for n, one in enumerate(pack.answers, start=1) if one.absence]
    return {
        number: tuple(
            _otherwise(then, ask(pack.answers[number - 1].understood, pack.filters[number - 1]))
        )
        for number, then in absences[:MOST]
    }


def _otherwise(then: Absence, again: Answer) -> Iterator[str]:
    """What differs when the question is asked again."""
    now = again.absence
    if again.status == "answered":
        yield "asked again, the archive answers it"
    elif now is None:
        yield "asked again, it is no question that can be searched for"
    else:
        if (then.searched, then.total) != (now.searched, now.total):
            yield f"it searched {_counted(then)} articles, and now there are {_counted(now)}"
        if (then.sources, then.first, then.last, then.undated) != (
            now.sources, now.first, now.last, now.undated,
        ):  # fmt: skip
            yield "the articles are of other sources or days now"
        if then.words != now.words or then.spellings != now.spellings:
            yield "its words stand in other numbers of articles now, or were others"
        if then.near != now.near or then.outside != now.outside:
            yield "other passages come near it now"
        if then.filters != now.filters:
            yield "it was asked within other filters"


def _counted(absence: Absence) -> str:
    return f"{absence.searched} of {absence.total}"
