"""Choose the title among the lines at the head of an article.

Owns that choice and the form of a card (source, age, title). Knows nothing of the text below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.ingest.text_page.bylines import is_outlet
from rag.ingest.text_page.line_kind import Kind, is_caption, is_wordy, kind_of
from rag.ingest.text_page.lines import Line, can_be_title
from rag.text.dates import starts_with_weekday

_SITE = re.compile(r"\s+[|–—»·-]\s+|\s*\|\s*")


@dataclass(frozen=True)
class Title:
    """A title, the index `at` of its line, and the publisher that its line or its card names.

    `first` is the index of the article's first line: that of its card, of the date above it, or
    of an earlier line with the same title; else `at`.
    """

    text: str
    at: int
    first: int
    source: str = ""


def find_title(head: Sequence[Line]) -> Title | None:
    """Return the title among the lines above an article's first paragraph."""
    for i in range(len(head)):
        if card := card_at(head, i, loose=False):
            return card
    candidates = [i for i in range(len(head)) if _is_candidate(head, i)]
    if title := _twin(head, candidates):
        return title
    seen: dict[str, int] = {}
    for i in candidates:
        first = seen.setdefault(head[i].bare, i)
        # A caption comes twice in a row, as picture text and caption; a title does not.
        if i > first + 1 and not is_caption(head[i].bare):
            return replace(_without_site(head, i), first=first)
    for i in candidates:
        stamp = head[i - 1].stamp if i else None
        if stamp and stamp.dated and not stamp.author and starts_with_weekday(head[i - 1].bare):
            return replace(_without_site(head, i), first=i - 1)
    plain = [i for i in candidates if not is_caption(head[i].bare) and not is_outlet(head[i].bare)]
    wordy = [i for i in plain if is_wordy(head[i].bare)]
    chosen = wordy or plain or candidates
    return _without_site(head, chosen[0]) if chosen else None


def title_of_head(head: Sequence[Line]) -> Title:
    """Return the title of a head whose last line it is, and whose first lines may be a card."""
    at = len(head) - 1
    card = card_at(head, 0, loose=True)
    title = _without_site(head, at)
    return replace(title, first=0, source=(card.source if card else "") or title.source)


def card_at(lines: Sequence[Line], i: int, loose: bool) -> Title | None:
    """Parse the card at line `i`: source, age or date, perhaps "- Source", then the title.

    Unless `loose`, the source must have a publisher's form or be named again: anywhere in a text
    a subhead can stand above a date.
    """
    label = lines[i]
    if label.kind is not Kind.LABEL or len(label.bare) > 60 or i + 2 >= len(lines):
        return None
    stamp = lines[i + 1].stamp
    if not (stamp and stamp.dated) or stamp.author or label.stamp:
        return None
    at = i + 2
    while at < min(i + 5, len(lines) - 1) and re.match(r"[-–•] \S.{0,58}$", lines[at].bare):
        at += 1
    sure = at > i + 2 or is_outlet(label.bare)
    if not (sure or loose) or not _is_candidate(lines, at):
        return None
    tight = lines[i + 1].row == label.row + 1
    return Title(lines[at].bare, at, i, label.bare if sure or tight else "")


def _is_candidate(lines: Sequence[Line], i: int) -> bool:
    line = lines[i]
    if not can_be_title(line) or line.stamp:
        return False
    # A sentence that runs on in the next row was wrapped: it is text.
    after = lines[i + 1] if i + 1 < len(lines) else None
    return not (after and after.row == line.row + 1 and after.bare[0].islower())


def _twin(head: Sequence[Line], candidates: Sequence[int]) -> Title | None:
    """Find the longest line that another repeats beside navigation or the site's name."""
    best: Title | None = None
    for i in candidates:
        bare = head[i].bare
        if len(bare.split()) < 2 and not is_wordy(bare):
            continue
        for line in head:
            longer = line.bare
            if len(longer) <= len(bare) or (best and len(best.text) > len(bare)):
                continue
            site = longer[len(bare) :] if longer.startswith(bare) else ""
            if _SITE.match(site):
                best = Title(bare, i, i, _publisher(site))
            elif longer.endswith(" " + bare) and is_wordy(bare):
                best = Title(bare, i, i, best.source if best and best.text == bare else "")
    return best


def _without_site(head: Sequence[Line], i: int) -> Title:
    """Return line `i` as a title, without the name of the site after it."""
    bare = head[i].bare
    first, bar, rest = bare.partition(" | ")
    if bar and len(first) > len(rest):
        return Title(first.strip(), i, i, _publisher(" | " + rest))
    parts = _SITE.split(bare)
    if len(parts) > 1 and is_outlet(parts[-1]):
        return Title(bare[: bare.rindex(parts[-1])].rstrip(" |–—»·-"), i, i, parts[-1])
    return Title(bare, i, i)


def _publisher(site: str) -> str:
    """Return the name at the end of " | World | The Site"; "" when that is a section."""
    name = _SITE.split(site)[-1].strip()
    return name if len(name) <= 40 and kind_of(name) is Kind.LABEL else ""
