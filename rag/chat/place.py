"""`Place`: what a visitor looks at besides the conversation, as it stands in the page's address.

Each is a link that can be kept and sent: `?view=search&find=…&sort=oldest&page=2`. Knows nothing of
pages or archives.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import parse_qs, urlencode

from rag.text.dates import month_days
from rag.types import SORTS, Sort

ViewName: TypeAlias = Literal["", "search", "articles", "names", "name"]
"""The conversation (""), or what is shown in its place."""
VIEWS: tuple[ViewName, ...] = get_args(ViewName)
_LONGEST = 2_000
"""Characters of a value that are read."""
_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A view, and what is chosen in it; `article` is open beside it, at character `at`.

    `find` is what is searched for, or a part of the names that are listed; `name` whose page it is.
    """

    view: ViewName = ""
    find: str = ""
    name: str = ""
    source: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None
    sort: Sort = SORTS[0]
    page: int = 1
    article: str = ""
    at: int = -1

    def link(self, key: str = "", **changes: Any) -> str:
        """Return the URL query of this place with `changes`, in the archive with this key where
        there are several. Another choice begins at its first page, with no article open."""
        first: dict[str, Any] = {"page": 1, "article": "", "at": -1}
        other = replace(self, **(first | changes))
        plain = Place()
        chosen = {one.name: getattr(other, one.name) for one in fields(Place)}
        given = {name: v for name, v in chosen.items() if v != getattr(plain, name)}
        return "?" + urlencode(({"archive": key} if key else {}) | given, doseq=True)

    def days(self, month: str) -> dict[str, datetime.date | None]:
        """The changes that choose a month ("2017-03"), or leave it where it is chosen."""
        first, last = month_days(month)
        if (self.since, self.until) == (first, last):
            return {"since": None, "until": None}
        return {"since": first, "until": last}


def place_of(query: str) -> Place:
    """Return the place of a URL query; of what is none of it, what a new page has."""
    try:
        given = parse_qs(query.removeprefix("?"), max_num_fields=1000)
    except ValueError:
        return Place()
    first = {name: values[0][:_LONGEST] for name, values in given.items()}
    view = first.get("view", "")
    if view not in VIEWS[1:]:
        return Place()
    sort = first.get("sort", "")
    return Place(
        view,
        " ".join(first.get("find", "").split()),
        " ".join(first.get("name", "").split()),
        tuple(dict.fromkeys(given.get("source", [])[:100])),
        _day(first.get("since", "")),
        _day(first.get("until", "")),
        sort if sort in SORTS else SORTS[0],
        max(1, _number(first.get("page", ""), 1)),
        first.get("article", ""),
        _number(first.get("at", ""), -1),
    )


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str, otherwise: int) -> int:
    return min(int(text), _PAGES * 1000) if text.isascii() and text.isdigit() else otherwise
