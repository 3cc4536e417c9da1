"""Finds the answer strings of gold questions in what is shown."""

from __future__ import annotations

import re

from rag.types import Span

_MARKS = str.maketrans("’‘“”", "''\"\"")


def said_at(text: str, said: str) -> list[Span]:
    """Where `text` occurs in `said` as whole words: "20" does not occur in "2017".

    Case, the kind of white space and the kind of quotation marks do not matter.
    """
    words = r"\s+".join(map(re.escape, text.translate(_MARKS).split()))
    found = re.finditer(rf"(?<!\w){words}(?!\w)", said.translate(_MARKS), re.IGNORECASE)
    return [match.span() for match in found if words]
