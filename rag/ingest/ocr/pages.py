"""Recognise pages of a document, within the budget, and say how sure that is.

Knows no format: a page is a picture that `Picture` makes when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from rag.ingest.failure import Failure, Found, Remark, Unreadable
from rag.ingest.ocr.engines import SURE, Recognised, letters_in, recognise
from rag.ingest.source import Source
from rag.wording import in_percent, note

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 3_000
"""Pixels of the longer side of a picture that is recognised: a newspaper page at 150 dots an inch.
What is larger is made smaller."""
_NAMED = 12
"""Ranges of pages that a note names."""

Picture: TypeAlias = "Callable[[int], Image]"


def recognise_pages(
    source: Source, numbers: Sequence[int], picture: Picture
) -> Generator[Found, None, dict[int, Recognised]]:
    """Recognise the pages with these numbers; yields remarks on how sure that is, and failures for
    pages that cannot be drawn or recognised, or for which there is no time."""
    found: dict[int, Recognised] = {}
    for done, number in enumerate(numbers):
        if source.budget.late():
            seconds = f"{source.budget.limits.seconds:,}"
            yield Failure(
                source.name, note("pages_over_seconds", pages=named(numbers[done:]), n=seconds)
            )
            break
        try:
            found[number] = recognise(picture(number))
        except Unreadable as error:
            problem = note("at_page", page=str(number), problem=error.reason)
            yield Failure(source.name, problem if len(numbers) > 1 else error.reason)
        if source.progress:
            source.progress("recognising pages", done + 1, len(numbers))
    read = {number: one for number, one in found.items() if letters_in(one.text)}
    if read:
        letters = sum(len(one.text) for one in read.values())
        mean = sum(len(one.text) * one.certainty for one in read.values()) / letters
        pages = named(list(read))
        yield Remark(source.name, note("pages_recognised", pages=pages, percent=in_percent(mean)))
    if unsure := {number: one.certainty for number, one in read.items() if one.certainty < SURE}:
        percent = in_percent(min(unsure.values()))
        yield Remark(source.name, note("pages_unsure", pages=named(list(unsure)), percent=percent))
    return found


def blank_pages(source: Source, found: Mapping[int, Recognised]) -> Iterator[Found]:
    """Yield a remark on the pictures in which no text was recognised: photographs, or a script
    that no engine knows."""
    if blank := [number for number, one in found.items() if not letters_in(one.text)]:
        yield Remark(source.name, note("pages_blank", pages=named(blank)))


def named(numbers: Sequence[int]) -> str:
    """The numbers of pages as one writes them: "1, 4–7"."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    said = [str(first) if first == last else f"{first}–{last}" for first, last in ranges[:_NAMED]]
    return ", ".join(said + ["…"] * (len(ranges) > _NAMED))
