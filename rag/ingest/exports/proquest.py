"""ProQuest: every field has a label, the text too, and a line or a rule ends each document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.exports.document import Document, read_labelled
from rag.ingest.exports.labels import MIXED, TITLE

RULE = re.compile(r"\s*[_=*—-]{10,}\s*")
_NO_TEXT = re.compile(r"(?:not|none) available\W*|no full text.{0,40}", re.IGNORECASE)
_NO_TITLE = re.compile(
    r"\s*(?:(?:do[ck]ument[oe]?\s+)?\d+\s+\w{1,3}\s+\d+|\d+\.?|proquest .*"
    r"|.*table of contents.*)\s*",
    re.IGNORECASE,
)


def read(lines: Sequence[str]) -> Document:
    """Read one document of ProQuest; its title may stand without a label at the top."""
    document = read_labelled(lines, MIXED)
    if _NO_TEXT.fullmatch(document.text.strip()):
        document.text = ""
    plain = (line.strip() for line in lines if line.strip())
    first = next((line for line in plain if not _NO_TITLE.fullmatch(line)), "")
    if first and MIXED.read(first) is None:
        document.add({TITLE: first})
    return document
