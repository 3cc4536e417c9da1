"""What a reader of a format is given: one file, how to read it, and the budget.

Knows no format; `rag.ingest.formats` is where a file's parts are read in turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rag.errors import InputError
from rag.ingest.failure import Unreadable
from rag.ingest.limits import Budget
from rag.ingest.tables.columns import FIELDS
from rag.text.dates import DateOrder
from rag.types import Progress
from rag.wording import note

_DEEPEST = 4
"""Files inside files that are opened: a page in a message in a mailbox in a zip."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to read what a file does not say itself.

    `dates` is the order of day and month in dates that could be read both ways; without one, such
    a date stays empty. `columns` names the column of a table for a field: {"text": "Inhalt"}.
    """

    dates: DateOrder = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise InputError for a column that is named for a field there is not."""
        for name in self.columns:
            if name not in FIELDS:
                raise InputError(note("unknown_field", field=name, fields=", ".join(FIELDS)))


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is being read: its name, its bytes, and what holds for all files of a reading.

    `name` is relative to the folder that is read, and for a file inside another follows the name
    of that.
    """

    name: str
    data: bytes
    budget: Budget
    options: Options = Options()
    depth: int = 0
    progress: Progress | None = None

    def part(self, name: str, data: bytes) -> Source:
        """A file inside this one, as an attachment of a message. Raises Unreadable where files
        are nested too deep."""
        if self.depth >= _DEEPEST:
            raise Unreadable(note("nested_too_deep", n=str(_DEEPEST)))
        return replace(self, name=f"{self.name}/{name}", data=data, depth=self.depth + 1)
