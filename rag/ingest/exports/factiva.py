"""Factiva: articles in plain lines, told by their place, or with a code before each field.

In plain lines the number of words stands between what is above it (section, title, byline) and
what is below it (day, time, source, its code, edition, language, copyright).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.exports.document import (
    NOTICE,
    WORDS,
    Document,
    blocks_of,
    is_byline,
    is_day,
    joined,
    read_labelled,
    trimmed,
)
from rag.ingest.exports.labels import (
    AUTHOR,
    CODED,
    HEAD,
    LANGUAGE,
    MIXED,
    PUBLISHED,
    SECTION,
    SOURCE,
    TITLE,
)
from rag.ingest.text_page.line_kind import ends_sentence

DOCUMENT = re.compile(
    r"[ \t]*[^\W\d_]{2,12}[ \t]+[A-Za-z][A-Za-z0-9]{2,9}\d{8,20}[A-Za-z0-9]{0,20}[ \t]*"
)
"""The line that ends a document: "Document SDDZ000020171125edbp0006f"."""
_TIME = re.compile(r"\s*\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\s*[AP]\.?M\.?)?(?:\s*[A-Z]{1,5})?\s*")
_FOOT = re.compile(r"\s*(?:[^\W\d_]+ \d+ [^\W\d_]+ \d+\s*)?(?:©|\(c\)) ?\d{4} Factiva,? .*", re.I)
"""The foot of a page of an export that was printed."""
_SMALL = re.compile(r"and|und|et|y|e|en|og|och|de|da|del|der|di|du|van|von|la|le|bin|al|&")
_HIGHEST, _LOWEST = 5, 12
"""Lines of the head above and below the number of words, at most."""
_COMPANY = re.compile(r"\b(?:inc|ltd|llc|corp|co|gmbh|ag|plc|limited|company)\.?$", re.IGNORECASE)
_PUBLISHER = 80
"""Characters of the publisher's name, which may stand below a text."""


def read_coded(lines: Sequence[str]) -> Document:
    """Read one document with Factiva's codes."""
    return read_labelled([line for line in lines if not _FOOT.fullmatch(line)], CODED)


def head_coded(lines: Sequence[str], at: int) -> int:
    """The first line of the document whose headline is at `at`: its section may be above."""
    while at and CODED.field(lines[at - 1]) in (SECTION, HEAD):
        at -= 1
    return at


def anchor(lines: Sequence[str], at: int) -> bool:
    """Whether the line at `at` is the number of words of a document: a day is below it."""
    if not WORDS.fullmatch(lines[at][:40]):
        return False
    below = next((line for line in lines[at + 1 : at + 3] if line.strip()), "")
    return is_day(below)


def head(lines: Sequence[str], at: int) -> int:
    """The first line of the document whose number of words is at `at`."""
    return min(_above(lines, at), default=at)


def _above(lines: Sequence[str], at: int) -> list[int]:
    first = max(0, at - _HIGHEST)
    blanks = [i for i in range(first, at) if not lines[i].strip()]
    if blanks and blanks[-1] == at - 1:
        # Every line is a paragraph of its own.
        return [i for i in range(max(0, at - 2 * _HIGHEST), at) if lines[i].strip()][-3:]
    return list(range(blanks[-1] + 1 if blanks else first, at))


def read_plain(lines: Sequence[str]) -> Document:
    """Read one document in plain lines."""
    at = next((i for i in range(len(lines)) if anchor(lines, i)), -1)
    if at < 0:
        return Document()
    document = Document()
    above = [lines[i] for i in _above(lines, at)]
    for line in above:
        document.add(MIXED.values([line]))
    # HTML says which line is the title, and the section is above it.
    named = next((i for i, line in enumerate(above) if MIXED.field(line) == TITLE), -1)
    if named < 0:
        document.add(_title([line.strip() for line in above if not MIXED.field(line)]))
    elif named:
        document.add({SECTION: above[0].strip()})
    stop = _end_of_head(lines, at)
    below = [line.strip() for line in lines[at + 1 : stop] if line.strip()]
    others = [line for line in below[1:] if not _TIME.fullmatch(line)]
    notice = next((i for i, line in enumerate(others) if NOTICE.match(line)), len(others))
    document.add({PUBLISHED: below[0], SOURCE: others[0] if others else ""})
    if notice > 1:
        document.add({LANGUAGE: others[notice - 1]})
    text = [line for line in lines[stop:] if not _FOOT.fullmatch(line)]
    document.text = trimmed(_without_publisher(text))
    return document


def _title(above: Sequence[str]) -> dict[str, str]:
    """The section, the title and the byline, by their order above the number of words."""
    by = next((i for i, line in enumerate(above) if i and is_byline(line)), 0)
    if by:
        title = by - 1
    elif len(above) == 2 and _is_name(above[1]) and not _is_label(above[0]):
        by, title = 1, 0
    elif len(above) > 2:
        by, title = 2, 1
    else:
        title = len(above) - 1
    if title < 0:
        return {}
    section = above[:title] if title and _is_label(above[0]) else []
    found = {TITLE: joined(above[len(section) : title + 1])}
    if section:
        found[SECTION] = section[0]
    if by:
        found[AUTHOR] = above[by]
    return found


def _is_name(line: str) -> bool:
    words = [word for word in line.split() if not _SMALL.fullmatch(word)]
    return 1 < len(words) <= 6 and all(word[0].isupper() for word in words)


def _is_label(line: str) -> bool:
    return len(line.split()) <= 3 and len(line) <= 40


def _end_of_head(lines: Sequence[str], at: int) -> int:
    """The line after the head: it ends with its paragraph, or with the notice of copyright."""
    spaced = at + 1 < len(lines) and not lines[at + 1].strip()
    seen = 0
    for i in range(at + 1, len(lines)):
        seen += bool(lines[i].strip())
        if NOTICE.match(lines[i]) and seen <= _LOWEST:
            return i + 1
        if (not lines[i].strip() and not spaced) or seen > _LOWEST:
            break
    else:
        i = len(lines)
    return i


def _without_publisher(lines: Sequence[str]) -> Sequence[str]:
    """The text without the name of the publisher in the last lines."""
    blocks = blocks_of(lines)
    if len(blocks) < 2:
        return lines
    last = [line.strip() for line in lines[blocks[-1].start :] if line.strip()]
    # Right above the line that ends the document there is nothing else.
    closes = blocks[-1].end == len(lines)
    named = all(
        len(line) <= _PUBLISHER and (closes or _COMPANY.search(line) or not ends_sentence(line))
        for line in last
    )
    return lines[: blocks[-1].start] if len(last) <= 2 and named else lines
