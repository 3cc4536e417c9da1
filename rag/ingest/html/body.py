"""Compose the text of a page's article from the lines that the page shows.

The lines are as shown. Left out are those that are not the article's, the title, a site's
furniture, and what asks the reader to consent or to subscribe; a live blog's posts have a blank
line between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rag.ingest.failure import Unreadable
from rag.ingest.html import walls
from rag.ingest.html.authors import authors_shown
from rag.ingest.html.extract import Extracted
from rag.ingest.html.linked import Linked
from rag.ingest.html.posts import is_kept, is_stamp, posts_of
from rag.ingest.html.selection import choose, is_pointer
from rag.ingest.html.text import Line, lines_in
from rag.ingest.text_page.bylines import read_stamp
from rag.ingest.text_page.line_kind import Kind, kind_of
from rag.ingest.text_page.lines import same
from rag.wording import note

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FURNITURE = (Kind.FURNITURE, Kind.BOX, Kind.COMMENTS)
_HEAD = 8
"""Lines above the text in which its byline is looked for."""
_STUB = 500
"""Characters; an article that its page declares not to be free is complete with more."""


class Body(NamedTuple):
    """An article's text; the lines between headline and text; whether only an opening is shown."""

    text: str
    head: list[str]
    partial: bool


class _Kept(NamedTuple):
    """A line of the text: its number on the page, and that of its post."""

    at: int
    text: str
    post: int = 0


def body_of(tree: HtmlElement, extracted: Extracted, linked: Linked, asked: bool) -> Body:
    """The text of a page's article; `asked`, whether the page asked for consent.

    Raises Unreadable for a page without an article, with what it is instead.
    """
    lines = lines_in(tree)
    kept, asked_too = _kept(tree, lines, extracted, linked)
    shown = [line.text for line in lines]
    text, partial = _without_notice(kept, shown, linked)
    if not any(kind_of(one.text) is Kind.PROSE for one in text) and partial:
        raise Unreadable(note("html_subscription"))
    written = [one.text for one in text]
    if why := walls.why_no_article(written, extracted.title, asked or asked_too):
        raise Unreadable(why)
    return Body(_joined(text), _head(lines, text), partial)


def _kept(
    tree: HtmlElement, lines: Sequence[Line], extracted: Extracted, linked: Linked
) -> tuple[list[_Kept], bool]:
    """The lines that are the article's, and whether others ask for consent."""
    chosen = choose(lines, extracted.text, linked.body, extracted.title)
    posts = posts_of(tree, lines, extracted.title, linked.is_live)
    kept: list[_Kept] = []
    asked = prose = False
    for at, line in enumerate(lines):
        if not (is_kept(line, chosen[at]) if posts[at] else chosen[at]):
            continue
        kind = kind_of(line.text)
        asks = walls.is_consent(line.text)
        asked = asked or asks
        stamp = not prose and not posts[at] and _is_stamp(line.text)
        time = posts[at] and is_stamp(line)
        furniture = kind in _FURNITURE or is_pointer(line) or same(line.text, extracted.title)
        if time or not (asks or stamp or furniture):
            kept.append(_Kept(at, line.text, posts[at]))
            prose = prose or kind is Kind.PROSE
    return kept, asked


def _is_stamp(text: str) -> bool:
    """Whether a line is a byline or a date."""
    return read_stamp(text) is not None or bool(authors_shown(text))


def _without_notice(
    kept: list[_Kept], shown: Sequence[str], linked: Linked
) -> tuple[list[_Kept], bool]:
    """The text without the notice to subscribe at its end, and whether only an opening is left."""
    end = walls.notice_at(shown, [one.at for one in kept])
    if end is not None:
        return [one for one in kept if one.at < end], True
    return kept, linked.is_paid and sum(len(one.text) for one in kept) < _STUB


def _joined(text: Sequence[_Kept]) -> str:
    rows: list[str] = []
    for before, one in zip([None, *text], text, strict=False):
        if before and before.post != one.post:
            rows.append("")
        rows.append(one.text)
    return "\n".join(rows)


def _head(lines: Sequence[Line], text: Sequence[_Kept]) -> list[str]:
    """The lines of a byline's length between the headline and the first paragraph."""
    first = next((one.at for one in text if kind_of(one.text) is Kind.PROSE), 0)
    start = max(0, first - _HEAD)
    return [line.text for line in lines[start:first]]
