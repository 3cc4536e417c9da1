"""Parse the lines of one article: title, source, author, date and text.

Owns which lines are left out of the text, and which line decides a field. Knows nothing of files,
nor of where one article of a page ends and the next begins.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.ingest.text_page.bylines import (
    Stamp,
    dateline_agency,
    is_outlet,
    is_outlet_above_date,
    says_when,
    sign_off,
)
from rag.ingest.text_page.line_kind import LONG, Kind, is_caption, is_wordy
from rag.ingest.text_page.lines import Line, is_paragraph, same
from rag.ingest.text_page.titles import Title, find_title, title_of_head

_HEAD = 60
"""Lines; a head is not searched any further, so that a page of short lines stays linear."""
_LATE = 5
"""Lines after a first paragraph that may still hold the byline: the paragraph was a standfirst."""
_REPEAT = 40
"""Characters from which a line that comes again is a repeated caption and no refrain."""


@dataclass
class Found:
    """The fields and the text of one article of a page."""

    title: str = ""
    source: str = ""
    author: str = ""
    published: datetime.date | None = None
    text: str = ""


def read_found(lines: Sequence[Line], head: int = 0) -> Found:
    """Parse an article; with `head`, so many lines are its head and the last of them its title."""
    end = next((i for i, line in enumerate(lines[:_HEAD]) if is_paragraph(line)), _HEAD)
    title = title_of_head(lines[:head]) if head else find_title(lines[:end])
    title = title or Title("", -1, -1)
    found = Found(title=title.text)
    kept: list[Line] = []
    stamps: list[Stamp] = []
    outlets: list[str] = []
    for i, line in enumerate(lines):
        stamp = line.stamp if i < end + _LATE and i != title.at else None
        if stamp and (i < end or stamp.author or stamp.published or says_when(line.bare)):
            # A date far above the title is the day on which the page was saved.
            if i >= title.first or stamp.source or stamp.author:
                stamps.append(stamp)
        elif i < end and i != title.at and _names_outlet(lines, i):
            outlets.append(line.bare)
        elif _is_text(line, i, title, i < end):
            kept.append(line)
    found.author = next((stamp.author for stamp in stamps if stamp.author), "")
    found.published = next((stamp.published for stamp in stamps if stamp.published), None)
    sources = (*(stamp.source for stamp in stamps), title.source, *outlets)
    found.source = next(filter(None, sources), "")
    _set_text(found, _without_repeats(kept))
    if not found.text and title.text:
        # A page of one line: better a text without a title than a title without a text.
        found.title, found.text = "", lines[title.at].raw
    return found


def _names_outlet(lines: Sequence[Line], i: int) -> bool:
    below = lines[i + 1].stamp if i + 1 < len(lines) else None
    if below and below.dated and not below.source:
        return is_outlet_above_date(lines[i].bare)
    return is_outlet(lines[i].bare)


def _is_text(line: Line, i: int, title: Title, in_head: bool) -> bool:
    """Whether line `i`, neither a stamp nor a publisher's name, belongs to the text."""
    if line.kind in (Kind.FURNITURE, Kind.PHOTO, Kind.BOX, Kind.COMMENTS):
        return False
    if i <= title.at:
        # The caption of a picture between a title and its repetition says who is shown.
        return title.first < i < title.at and is_caption(line.bare)
    if in_head and line.kind is Kind.SECTION:
        return False
    if not title.text or len(line.bare) > len(title.text) + LONG:
        return True
    again = in_head and is_wordy(title.text) and title.text in line.bare and len(line.bare) < LONG
    return not (again or same(line.bare, title.text))


def _without_repeats(lines: Sequence[Line]) -> Iterator[Line]:
    counts = Counter(line.bare for line in lines)
    seen: set[str] = set()
    before = ""
    for line in lines:
        repeated = line.bare == before and len(line.bare) >= _REPEAT // 2
        if counts[line.bare] > 1 and len(line.bare) >= _REPEAT:
            repeated = line.bare in seen
            seen.add(line.bare)
        if not repeated:
            yield line
        before = line.bare


def _set_text(found: Found, lines: Iterator[Line]) -> None:
    """Set the text to the kept lines and the blank ones between, without an agency's sign-off."""
    kept = list(lines)
    agency = dateline_agency(kept[0].bare) if kept else ""
    rows = [row for line in kept for row in (line.raw, *line.blanks)]
    if kept:
        del rows[len(rows) - len(kept[-1].blanks) :]
        cut, signed = sign_off(rows[-1].rstrip())
        if signed and (cut > 0 or len(kept) > 1):
            agency = signed
            rows[-1] = rows[-1][:cut]
    while rows and not rows[-1].strip():
        rows.pop()
    found.text = "\n".join(rows)
    if not found.source:
        found.source = agency
    elif agency != found.source and not found.author:
        found.author = agency
