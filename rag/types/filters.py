"""What a search is restricted to."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

FieldName: TypeAlias = Literal["authors", "sections", "languages", "formats"]
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
"""The fields of articles that can be filtered by, besides source and day: in `Filters`, in `Facets`
and as arguments of `Archive`. What values of an article count is in `rag.text.fields`."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The articles that a search is restricted to: those of these sources, published from `since`
    to `until` (both included), with these ids, and with one of these values of each field.

    What is empty does not restrict, nor does `articles` None; an empty tuple of ids excludes all.
    """

    sources: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None
    articles: tuple[str, ...] | None = None
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    @property
    def article(self) -> str:
        """The id of the one article that is left; "" where there may be more, or none."""
        return self.articles[0] if self.articles and len(self.articles) == 1 else ""

    def of(self, field: FieldName) -> tuple[str, ...]:
        """The values of a field that are asked for."""
        wanted: tuple[str, ...] = getattr(self, field)
        return wanted

    def values(self) -> dict[str, str | list[str]]:
        """As JSON values, without what is empty."""
        days = {"since": self.since, "until": self.until}
        named = {"sources": self.sources} | {field: self.of(field) for field in FIELDS}
        return {
            **{name: list(wanted) for name, wanted in named.items() if wanted},
            **{name: day.isoformat() for name, day in days.items() if day},
            **({"article": self.article} if self.article else {}),
        }
