"""What was looked through for a question that nothing answers. Owns no way to find that out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from rag.types.article import Citation
from rag.types.filters import Filters


@dataclass(frozen=True, slots=True)
class Sought:
    """A word that was looked for, and how many of the articles searched have a form of it."""

    word: str
    articles: int


@dataclass(frozen=True, slots=True)
class Absence:
    """What was looked through, and what came near.

    `searched` are the articles that `filters` leave, of `total`, with the number of their
    `sources` and the first and last day of publication; `undated` of them have none. `words` are
    those of the question, and `spellings` those tried for a name that no article has. `near` are
    passages that come near the question, without labels, best first; `outside` are articles that
    do and that the filters leave out.
    """

    searched: int
    total: int
    sources: int
    first: datetime.date | None = None
    last: datetime.date | None = None
    undated: int = 0
    words: tuple[Sought, ...] = ()
    spellings: tuple[str, ...] = ()
    near: tuple[Citation, ...] = ()
    outside: int = 0
    filters: Filters = Filters()  # noqa: RUF009 (it is frozen)
