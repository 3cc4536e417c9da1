"""Split a saved text page into its articles.

Owns where an article ends and the next begins, so that a sentence of one is never attributed to
another. Knows no site: the rules look at the form of lines, which `line_kind` and `bylines` tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ingest.failure import Unreadable
from rag.ingest.text_page.article import Found, read_found
from rag.ingest.text_page.line_kind import LONG, Kind
from rag.ingest.text_page.lines import Line, can_be_title, is_paragraph, read_lines
from rag.ingest.text_page.titles import card_at
from rag.text.dates import starts_with_weekday
from rag.wording import note

_BODY = 250
"""Characters of prose that make an article; a teaser or a standfirst has fewer."""
_RESUMED = 3
"""Long paragraphs in a row that show that an article goes on after a box of related ones."""
_TEASER = re.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\]|read more)\W*$", re.IGNORECASE)


def read_page(text: str) -> list[Found]:
    """Return the articles of a page, in order, at least one.

    Raises Unreadable for a page of nothing but a site's boilerplate.
    """
    first, *others = _Splitter(read_lines(text)).articles
    found = [read_found(*first), *(read_found(*other) for other in others if _is_article(other[0]))]
    found = [article for article in found if article.text.strip()]
    if not found:
        raise Unreadable(note("only_furniture"))
    return found


class _Splitter:
    """Assigns the lines of a page, one by one, to articles.

    `articles` holds for each article and teaser its lines and how many of them are its head,
    whose last line is the title; 0 where the title is not known yet.

    What comes after an end mark belongs to no article, until a new one starts or the text of the
    last one goes on.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.articles: list[tuple[list[Line], int]] = [([], 0)]
        self._listed = False
        self._open()
        at = 0
        while at < len(lines):
            at += self._take_head(at) or self._take_line(at)

    def _open(self) -> None:
        self._closed_by: Kind | None = None
        self._prose = self._paragraphs = self._labels = 0
        self._skipped: list[Line] = []

    def _take_head(self, at: int) -> int:
        """Start an article at `at` if one does; return how many lines its head has, else 0."""
        closed = self._closed_by is not None
        length = 0
        # In a list of articles the next card ends an article, even the card of a mere teaser.
        if self._listed and (card := card_at(self.lines, at, loose=True)):
            length = card.at + 1 - at
        elif closed or self._is_whole():
            alone = self._is_whole() and self._labels == 0
            length = _start_at(self.lines, at, closed, alone)
        if length:
            self.articles.append((list(self.lines[at : at + length]), length))
            self._listed = self._listed or closed
            self._open()
        return length

    def _take_line(self, at: int) -> int:
        line = self.lines[at]
        ends = line.kind in (Kind.BOX, Kind.COMMENTS)
        if ends and (self._closed_by or self._paragraphs):
            if self._closed_by is None:
                self._labels, self._skipped = 0, []
            if self._closed_by is not Kind.COMMENTS:
                self._closed_by = line.kind
        elif self._closed_by and self._goes_on(at):
            self._closed_by = None
        if self._closed_by is None:
            self.articles[-1][0].append(line)
            self._prose += len(line.bare) * (line.kind is Kind.PROSE)
            self._paragraphs += is_paragraph(line)
        else:
            self._skipped.append(line)
            self._labels += line.kind is Kind.LABEL
        return 1

    def _is_whole(self) -> bool:
        """Whether the article has a text so far, not just a standfirst."""
        return self._prose >= _BODY or self._paragraphs > 1

    def _goes_on(self, at: int) -> bool:
        """Whether the closed article's own text starts again at `at`."""
        if not self._is_whole():
            # The mark was in the head, a link to the comments: what followed was still the head.
            goes_on = all(is_paragraph(line) for line in self.lines[at : at + 2])
            if goes_on and at + 1 < len(self.lines):
                self.articles[-1][0].extend(self._skipped)
                return True
            return False
        after = self.lines[at : at + _RESUMED]
        long = len(after) == _RESUMED and all(map(_is_long, after))
        return long and self._closed_by is Kind.BOX and self._labels != 1


def _start_at(lines: Sequence[Line], at: int, closed: bool, alone: bool) -> int:
    """Return how many lines the head of a new article at `at` has, its title included; 0 for none.

    `closed`: the article before has ended; `alone`: a title needs no date or byline below it.
    """
    if (card := card_at(lines, at, closed)) and _text_follows(lines, card.at + 1):
        return card.at + 1 - at
    stamp = lines[at].stamp
    title = at
    if stamp and stamp.dated and closed and starts_with_weekday(lines[at].bare):
        title = at + 1
    elif stamp:
        return 0
    if title >= len(lines) or not can_be_title(lines[title]):
        return 0
    if title > at:
        return 2 if _text_follows(lines, title + 1) else 0
    below = lines[at + 1 : at + 2 + closed]
    stamps = [line.stamp for line in below if line.stamp]
    if any(card_at(lines, i, closed) for i in (at + 1, at + 2) if i < len(lines)):
        return 0
    named = any(stamp.author or (stamp.source and stamp.dated) or closed for stamp in stamps)
    if named and _text_follows(lines, at + 2):
        return 1
    text = lines[at + 1 : at + 3]
    return int(closed and alone and len(text) == 2 and all(map(_is_long, text)))


def _text_follows(lines: Sequence[Line], at: int) -> bool:
    """Whether one of the next lines, perhaps below a byline and a caption, is a long paragraph."""
    return any(map(_is_long, lines[at : at + 4]))


def _is_long(line: Line) -> bool:
    return line.kind is Kind.PROSE and len(line.bare) >= LONG


def _is_article(lines: Sequence[Line]) -> bool:
    prose = [line for line in lines if line.kind is Kind.PROSE]
    if not prose or sum(len(line.bare) for line in prose) < _BODY:
        return False
    return len(prose) > 2 or _TEASER.search(prose[-1].bare[-40:]) is None
