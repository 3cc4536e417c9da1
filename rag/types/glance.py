"""What an answer says at a glance. Owns no way to find it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from rag.types.answer import Recency
from rag.types.article import Citation


@dataclass(frozen=True, slots=True)
class Side:
    """Words of an article and who says them.

    `words` carry the label of the quote that they stand in. `source` is the publisher, or else the
    headline; `speaker` is named where the article does not speak itself, and `recency` is that of
    the account (`rag.types.Account`).
    """

    words: Citation
    source: str
    published: datetime.date | None = None
    speaker: str = ""
    recency: Recency = ""


@dataclass(frozen=True, slots=True)
class Glance:
    """An answer in one line, of verified words only.

    `kind` is "words" for the short answer in the best quote, "sentence" for the best quote itself
    where no shorter one is sure, "differ" for accounts that do not agree, one side each.
    """

    kind: Literal["words", "sentence", "differ"]
    sides: tuple[Side, ...]
