"""Documents whose fields all have labels: ProQuest's, and those of any other database with them.

ProQuest gives the text a label, too, and has a rule or a last field between documents. Elsewhere a
block of labels starts each document, and the text is below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.exports.document import Document, blocks_of, read_labelled, tail_of, text_of
from rag.ingest.exports.labels import (
    ABSTRACT,
    AUTHOR,
    CAPTION,
    HEAD,
    LOOSE,
    MIXED,
    NAMES,
    PUBLISHED,
    SECTION,
    SOURCE,
    TAIL,
    TEXT,
    TITLE,
    Labels,
)

RULE = re.compile(r"\s*(?:_{10,}|[*=]{20,})\s*")
"""A line that is drawn between documents; one of hyphens is as often in a text."""
_PROQUEST = Labels(
    MIXED.form,
    # What ProQuest does not call so stands in a text: "Source: the central bank".
    {name: to for name, to in NAMES.items() if " " in name or to in (AUTHOR, SECTION, TAIL)}
    | dict.fromkeys(("title", "titel", "titre", "título", "titolo"), TITLE)
    | dict.fromkeys(("volltext", "texte"), TEXT)
    | {"abstract": ABSTRACT, "links": HEAD, "pages": HEAD, "copyright": HEAD, "caption": CAPTION},
)
_FURNITURE = re.compile(r"\s*(?:enlarge this image\.?|illustrations?)\s*", re.IGNORECASE)
KNOWN = "|".join(map(re.escape, NAMES))
TITLES = "|".join(re.escape(name) for name, field in NAMES.items() if field == TITLE)
_SHORT_RULE = re.compile(r"\s*[_=*#~—-]{3,}\s*")
_NO_TEXT = re.compile(r"(?:not|none) available\W*|no full text.{0,40}", re.IGNORECASE)
_NO_TITLE = re.compile(
    r"\s*(?:(?:do[ck]ument[oe]?\s+)?\d+\s+\w{1,3}\s+\d+|\d+\.?|proquest\b.*"
    r"|.*table of contents.*)\s*",
    re.IGNORECASE,
)
_FEWEST = 3
"""Fields in a block of labels that starts a document, the title and where or when among them."""
_MOST = 24
"""Lines in such a block."""


def read_proquest(lines: Sequence[str]) -> Document:
    """Read one document of ProQuest; its title may stand without a label at the top."""
    shown = [line for line in lines if not _FURNITURE.fullmatch(line)]
    document = read_labelled(shown, _PROQUEST)
    if _NO_TEXT.fullmatch(document.text.strip()):
        document.text = ""
    plain = (line.strip() for line in lines if line.strip())
    first = next((line for line in plain if not _NO_TITLE.fullmatch(line)), "")
    if first and not _PROQUEST.field(first):
        document.add({TITLE: first})
    return document


def anchor_of_proquest(lines: Sequence[str], at: int) -> bool:
    """Whether a line names the source of a document, as one line of each does."""
    return _PROQUEST.field(lines[at]) == SOURCE


def head_of_proquest(lines: Sequence[str], at: int) -> int:
    """The first line of the document whose source is at `at`: below the labels of the one above."""
    text = next((i for i in range(at, -1, -1) if _PROQUEST.field(lines[i]) == TEXT), -1)
    if text < 0:
        return at
    while text and _PROQUEST.field(lines[text - 1]) != TAIL:
        text -= 1
    return text


def anchor(lines: Sequence[str], at: int) -> bool:
    """Whether a block of labels starts at `at`, with those of the block at the top of the file."""
    if not LOOSE.field(lines[at]):
        return False
    above = next((i for i in range(at - 1, -1, -1) if lines[i].strip()), -1)
    if above >= 0 and LOOSE.field(lines[above]) not in ("", TEXT):
        return False
    top = next((i for i in range(min(at, _MOST)) if LOOSE.field(lines[i])), at)
    if not _is_whole(lines, top):
        return False
    names, others = _labels(lines, at), _labels(lines, top)
    # An article may have a list of labels in its text: of a book, of a meeting.
    return _block(lines, at) > at and len(names & others) * 2 > len(names | others)


def read(lines: Sequence[str]) -> Document:
    """Read one document that starts with a block of labels."""
    # Its title may be missing: then the block is only known by that of another document.
    first = next((at for at in range(len(lines)) if _block(lines, at) > at), 0)
    start = _block(lines, first)
    rest = lines[start:]
    stop = start + tail_of(rest, blocks_of(rest), LOOSE)
    while stop > start and (not lines[stop - 1].strip() or _SHORT_RULE.fullmatch(lines[stop - 1])):
        stop -= 1
    document = Document(text=text_of(lines[start:stop], LOOSE))
    document.add(LOOSE.values(lines[first:start]))
    document.add(LOOSE.values(lines[stop:]))
    return document


def _labels(lines: Sequence[str], at: int) -> set[str]:
    """The labels of the block at `at`, as they are written."""
    return {
        row.split(":")[0].strip().casefold() for row in lines[at : _block(lines, at)] if ":" in row
    }


def _block(lines: Sequence[str], at: int) -> int:
    """The line after the block of labels at `at`; `at` itself where there is none."""
    fields: set[str] = set()
    end = at
    for i in range(at, min(len(lines), at + _MOST)):
        field = LOOSE.field(lines[i])
        if field == TEXT:
            break
        if field:
            fields.add(field)
            end = i + 1
        elif lines[i].strip() and i > end:
            break
    return end if len(fields) >= _FEWEST else at


def _is_whole(lines: Sequence[str], at: int) -> bool:
    """Whether the block of labels at `at` has a title, and where or when it was published."""
    fields = {LOOSE.field(line) for line in lines[at : _block(lines, at)]}
    return TITLE in fields and bool(fields & {SOURCE, PUBLISHED})
