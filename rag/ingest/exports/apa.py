"""APA OnlineManager: a line with the source, the day and the page above each document.

The day on which a page of the web was found is not that of its publication.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.exports.document import Document, blocks_of, joined, trimmed
from rag.ingest.exports.labels import PUBLISHED, SECTION, SOURCE, TITLE

HEAD = (
    r"[ \t]*\"(?P<source>[^\"\n]{2,80})\" (?:vom|gefunden am) "
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?![\d.]).{0,40}"
)
_HEAD = re.compile(HEAD)
_SECTION = re.compile(r"[ \t]*Ressort:[ \t]*(.{1,80}?)[ \t]*")
_RULE = re.compile(r"[ \t]*_{5,}[ \t]*")
_WORDS = 3
"""Of a title, at least, where a line of fewer above it names an edition ("OOE Morgen")."""


def anchor(lines: Sequence[str], at: int) -> bool:
    """Whether the line at `at` opens a document."""
    return _HEAD.fullmatch(lines[at]) is not None


def read(lines: Sequence[str]) -> Document:
    """Read one document."""
    at = next((i for i in range(len(lines)) if anchor(lines, i)), len(lines))
    document = Document()
    if at < len(lines) and (head := _HEAD.fullmatch(lines[at])):
        document.add({SOURCE: head["source"]})
        if " vom " in head[0]:
            document.add({PUBLISHED: f"{head['year']}-{head['month']:>02}-{head['day']:>02}"})
    rest = [line for line in lines[at + 1 :] if not _RULE.fullmatch(line)]
    if rest and (section := _SECTION.fullmatch(rest[0])):
        document.add({SECTION: section[1]})
        rest = rest[1:]
    blocks = blocks_of(rest)[:3]
    titles = [
        block for block in blocks if len(joined(rest[block.start : block.end]).split()) >= _WORDS
    ]
    for title in (titles or blocks)[:1]:
        document.add({TITLE: joined(rest[title.start : title.end])})
        rest = rest[title.end :]
    document.text = trimmed(rest)
    return document
