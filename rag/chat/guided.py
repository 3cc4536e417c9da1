"""Questions that show a newcomer what an archive can do, chosen by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Guided:
    """A question, and what it shows: a fact that one sentence tells, a count over all articles, a
    question that the archive does not answer, or one (`then`) that leans on the question before."""

    shows: Literal["fact", "count", "declined", "followed"]
    question: str
    then: str = ""
