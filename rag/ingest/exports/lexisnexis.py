"""LexisNexis: "1 of 10 DOCUMENTS", and its successors Nexis Uni and Lexis+.

The classic form has a centred source and date above the title, labels in capitals around the text.
Nexis Uni has title, source and date in lines of their own, then labels, and ends each document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from rag.ingest.exports.document import (
    NOTICE,
    WORDS,
    Block,
    Document,
    blocks_of,
    is_day,
    is_issue,
    joined,
    read_labelled,
    tail_of,
    text_of,
    trimmed,
)
from rag.ingest.exports.labels import (
    AUTHOR,
    CAPTION,
    HEADINGS,
    IN_HEAD,
    LANGUAGE,
    PUBLISHED,
    SOURCE,
    TAIL,
    TEXT,
    TITLE,
    UPPER,
    URL,
)

_PARAGRAPH = 350
"""Characters of a paragraph that is no part of a head."""
_SHORT = 100
"""Characters of a byline without a label."""
_MAST = 4
"""Paragraphs of which one is centred, if the source and the day are."""
_CENTRED = 4
"""Blanks before a line that is centred, as source and date are."""
_ABOVE = 60
"""Lines above the text in which the head is looked for."""
PAGE_HEAD = re.compile(
    r"\s*(?:page|seite|pagina|página|side|sida)\s+\d+\s+\w{1,3}\s+\d+\s*", re.IGNORECASE
)
_NO_TITLE = re.compile(rf"{PAGE_HEAD.pattern}$|.*lexisnexis", re.IGNORECASE)
_CAPTIONS = 12
"""Lines of captions below a text, at most."""
_ADDRESS = re.compile(r"\s*https?://\S+/\S+\s*")
_SHOW = re.compile(r"\s*SHOW:")


def read_classic(lines: Sequence[str]) -> Document:
    """Read one document of the classic form."""
    blocks = blocks_of(lines)
    if any(_labels_in(lines, block) > 1 for block in blocks):
        # Its blank lines were lost: every line is for itself.
        blocks = [Block(at, at + 1) for at, line in enumerate(lines) if line.strip()]
    head = _Head(lines, blocks)
    start = head.text
    stop = max(start, tail_of(lines, [block for block in blocks if block.start >= start], UPPER))
    document = Document(text=text_of(lines[start:stop], UPPER))
    document.add(UPPER.values(lines[:start]))
    document.add(UPPER.values(lines[stop:]))
    document.add(head.values)
    return document


def head_of_classic(lines: Sequence[str], at: int) -> int:
    """The first line of the document whose length is at `at`: below the labels of the one above."""
    while at and not (
        UPPER.field(lines[at - 1]) in (TAIL, LANGUAGE) or NOTICE.match(lines[at - 1])
    ):
        at -= 1
    return at


def _labels_in(lines: Sequence[str], block: Block) -> int:
    return sum(1 for line in lines[block.start : block.end] if UPPER.field(line))


class _Head:
    """The head of a document of the classic form: what has no label, by where it stands.

    The order is source, day, title, then labels; or source, title, day. `text` is the line at
    which the text starts.
    """

    def __init__(self, lines: Sequence[str], blocks: Sequence[Block]) -> None:
        self.lines = lines
        self.values: dict[str, str] = {}
        self.text = len(lines)
        self._early = ""
        self._notice: Block | None = None
        self._dated = self._labelled = False
        self._indented = any(map(self._is_centred, blocks[:_MAST]))
        for block, below in zip_longest(blocks, blocks[1:]):
            leads = below is not None and UPPER.field(lines[below.start]) in IN_HEAD
            label = UPPER.read(lines[block.start])
            if label and label.field in (TEXT, TAIL, CAPTION):
                self.text = block.start
                break
            if (label and (label.field or (leads and self._dated))) or self._is_length(block):
                self._labelled = True
            elif self._labelled or not self._take(block, leads):
                self.text = block.start
                break
        if self._early:
            self.values.setdefault(TITLE, self._early)
        if self._notice:
            # "Copyright 2003 Le Monde" may stand right above "Le Monde".
            self.values.setdefault(SOURCE, lines[self._notice.end - 1])

    def _take(self, block: Block, leads: bool) -> bool:
        """Take a paragraph without a label for the field that it is; whether it is of the head."""
        first = self.lines[block.start].strip()
        text = joined(self.lines[block.start : block.end])
        if NOTICE.match(first) or _SHOW.match(first):
            self._notice = self._notice or block
        elif first.startswith(("http://", "https://")):
            self.values.setdefault(URL, text.replace(" ", ""))
        elif self._take_day(block):
            self._dated = True
        elif not self._dated and SOURCE not in self.values:
            self.values[SOURCE] = first
            self._dated = any(map(is_issue, self.lines[block.start + 1 : block.end]))
        elif self._indented and self._is_centred(block):
            pass  # An edition, a notice of the agency.
        elif len(text) > _PARAGRAPH:
            return False
        elif not self._dated:
            self._early = text
        elif TITLE not in self.values and (not self._early or (leads and not self._indented)):
            self.values[TITLE] = text
        elif leads and len(text) <= _SHORT:
            self.values.setdefault(AUTHOR, text)
        else:
            return False
        return True

    def _take_day(self, block: Block) -> bool:
        """Whether a paragraph is the day, perhaps with an edition below; a source may be above."""
        rows = self.lines[block.start : block.end]
        day = next((row for row in rows if is_day(row)), "")
        if day:
            self.values.setdefault(PUBLISHED, day)
        if day and day is not rows[0] and not self._dated:
            self.values.setdefault(SOURCE, rows[0])
        return bool(day) or is_issue(rows[0])

    def _is_centred(self, block: Block) -> bool:
        return any(row.startswith(" " * _CENTRED) for row in self.lines[block.start : block.end])

    def _is_length(self, block: Block) -> bool:
        return block.end - block.start == 1 and WORDS.fullmatch(self.lines[block.start]) is not None


def read_uni(lines: Sequence[str]) -> Document:
    """Read one document of Nexis Uni, perhaps with the export's cover page above it."""
    document = read_labelled(lines, HEADINGS)
    at = next((i for i, line in enumerate(lines) if HEADINGS.field(line) == TEXT), len(lines))
    first, source, day = _head_of_uni(lines, at)
    if first < source:
        # Without blank lines, as in a PDF, the title stands twice.
        titles = dict.fromkeys(line.strip() for line in lines[first:source])
        document.add({SOURCE: lines[source], TITLE: joined(list(titles))})
    if day >= 0:
        document.add({PUBLISHED: lines[day]})
    rows = _without_page_heads(document.text.split("\n"), document.values.get(TITLE, ""))
    last = range(max(1, len(rows) - _CAPTIONS), len(rows))
    # The heading of the captions may stand right under the text.
    del rows[next((i for i in last if HEADINGS.field(rows[i]) == CAPTION), len(rows)) :]
    while rows and not rows[-1].strip():
        rows.pop()
    if len(rows) > 1 and _ADDRESS.fullmatch(rows[-1]):
        # Where the article was published; a paper's own page is nobody's.
        document.add({URL: rows.pop().strip()})
    document.text = trimmed(rows)
    return document


def head_of_uni(lines: Sequence[str], at: int) -> int:
    """The line at which the head of the document starts whose text's heading is at `at`."""
    first, source, _ = _head_of_uni(lines, at)
    title = joined(lines[first:source])
    # The number of the page and the title once more are above it.
    above = (i for i in range(first - 1, max(-1, first - _MAST), -1) if lines[i].strip())
    for i in above:
        if PAGE_HEAD.fullmatch(lines[i]) or joined([lines[i]]) == title:
            first = i
    return first


def _head_of_uni(lines: Sequence[str], at: int) -> tuple[int, int, int]:
    """The lines of the title, the source and the day above a text; -1 for a day that is missing."""
    above = [i for i in range(max(0, at - _ABOVE), at) if lines[i].strip()]
    day = next((i for i in reversed(above[2:]) if is_day(lines[i])), -1)
    if day < 0:
        return (*_undated(lines, above), -1)
    source = max(i for i in above if i < day)
    title = max(i for i in above if i < source)
    for above_title in range(title - 1, max(-1, title - _MAST), -1):
        line = lines[above_title]
        if not line.strip() or _NO_TITLE.match(line) or HEADINGS.read(line):
            break
        title = above_title
    return title, source, day


def _undated(lines: Sequence[str], above: Sequence[int]) -> tuple[int, int]:
    """The lines of the title and the source where the day is missing: two lines above a notice."""
    notice = next((i for i in reversed(above) if NOTICE.match(lines[i])), 0)
    for source in reversed([i for i in above if i < notice]):
        if lines[source - 1].strip():
            return source - 1, source
    return notice, notice


def _without_page_heads(lines: Sequence[str], title: str) -> list[str]:
    """A text without the number of each page, and the title below it."""
    rows, headed = list[str](), False
    for row in lines:
        if PAGE_HEAD.fullmatch(row):
            headed = True
        elif not (headed and joined([row]) == title):
            headed = headed and not row.strip()
            rows.append(row)
    return rows
