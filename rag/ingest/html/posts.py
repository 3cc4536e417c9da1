"""Find the posts of a live blog, and what of them belongs to the text: time, heading, paragraphs.

Knows nothing of other pages.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.ingest.html.features import is_heading
from rag.ingest.html.furniture import names
from rag.ingest.html.text import Line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LIVE = re.compile(
    r"\blive\b|as it happened|\bliveblog\b|\bliveticker\b|\ben direct\b|\ben vivo\b|\bticker\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:\w+ )?\d{1,2}[:.h]\d\d(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?(?: ?\(?[A-Z]{2,5}\)?)?|\d+ ?\w+ ago",
    re.IGNORECASE,
)
_FEWEST = 2
_LONGEST_STAMP = 60


def posts_of(tree: HtmlElement, lines: Sequence[Line], title: str, is_live: bool) -> list[int]:
    """The number of the post that each line is in, from 1; 0 for a line in none.

    Posts are elements beside each other, of one tag, each with its time, on a page that is declared
    or entitled as a live blog (`is_live`, `title`).
    """
    marked = [one for one in tree.iter() if "liveblogupdate" in one.get("itemprop", "").lower()]
    if len(marked) < _FEWEST:
        named = any("liveblog" in "".join(names(one, "class", "id")) for one in tree.iter("div"))
        marked = _stamped(lines) if is_live or named or _LIVE.search(title) else []
    numbers = {element: number for number, element in enumerate(marked, 1)}
    return [_within(line.element, numbers) for line in lines] if marked else [0] * len(lines)


def is_kept(line: Line, chosen: bool) -> bool:
    """Whether a line of a post belongs to the text."""
    return chosen or is_stamp(line) or is_heading(line.element)


def is_stamp(line: Line) -> bool:
    """Whether a line is a post's time."""
    if len(line.text) > _LONGEST_STAMP:
        return False
    timed = any(one.tag == "time" for one in (line.element, *line.element.iterancestors()))
    return timed or bool(_CLOCK.fullmatch(line.text))


def _stamped(lines: Sequence[Line]) -> list[HtmlElement]:
    """Siblings of one tag that each hold a time and more: those of the parent with most of them."""
    groups: dict[tuple[HtmlElement, str], dict[HtmlElement, int]] = defaultdict(dict)
    stamps = [line for line in lines if is_stamp(line)]
    for stamp in stamps:
        element = stamp.element
        while (parent := element.getparent()) is not None:
            groups[parent, str(element.tag)][element] = 1
            element = parent
    most = max(groups.values(), key=len, default={})
    return list(most) if len(most) >= _FEWEST else []


def _within(element: HtmlElement, numbers: dict[HtmlElement, int]) -> int:
    return next((numbers[one] for one in (element, *element.iterancestors()) if one in numbers), 0)
