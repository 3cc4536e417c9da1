"""Write out the text of HTML as a browser shows it: a line for each block, white space collapsed.

Knows nothing of articles. Nothing is added but line breaks, and tabs between the cells of a table's
row, as where one copies from a browser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.ingest.html.parse import parse

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre"
    " section summary table tbody tfoot thead tr ul".split()
)
"""Elements that begin and end a line."""
_UNSEEN = frozenset(
    "audio button canvas datalist head iframe noframes noscript object script select style svg"
    " template textarea title video".split()
)
CELLS = frozenset(("td", "th"))
_SPACE = re.compile(r"[ \t\n\f\r]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """A line that a page shows; `element` is the innermost one that holds its first word, and
    `linked` counts the characters of it that are links."""

    text: str
    element: HtmlElement
    linked: int


def html_to_text(markup: str) -> str:
    """The text of a fragment or a page, all that a browser would show of it.

    For a field of a record, a mail or a chapter; a page from the web has menus, and is read by
    `rag.ingest.html.page`. Raises Unreadable beyond the bounds of `parse`.
    """
    return "\n".join(lines_of(parse(f"<body>{markup}")))


def lines_of(element: HtmlElement) -> list[str]:
    """The text of each line that an element shows, without blank ones."""
    return [line.text for line in lines_in(element)]


def lines_in(element: HtmlElement) -> list[Line]:
    """The lines that an element shows, without blank ones, and where they stand."""
    from lxml.etree import iterwalk

    writer = _Writer(element)
    walk = iterwalk(element, events=("start", "end"))
    for event, one in walk:
        unseen = one.tag in _UNSEEN or is_hidden(one)
        if event == "start":
            if unseen:
                walk.skip_subtree()
            else:
                writer.open(one)
        else:
            if not unseen:
                writer.close(one)
            if one is not element:
                writer.add(one.tail, one.getparent())
    writer.end_line()
    return writer.lines


def is_hidden(element: HtmlElement) -> bool:
    """Whether a browser shows nothing of an element, by its own markup.

    A body is hidden only until a script has run.
    """
    if element.tag in ("html", "body"):
        return False
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


class _Writer:
    """Writes lines, one element after the other."""

    def __init__(self, element: HtmlElement) -> None:
        self.lines: list[Line] = []
        self._parts: list[str] = []
        self._begun: HtmlElement | None = None
        self._linked = 0
        self._links = 0
        self._preformatted = 0
        self._rows: list[bool] = []
        """Of the rows that are open, innermost last, whether each cell is a line of its own."""
        self._root = element

    def open(self, element: HtmlElement) -> None:
        if element.tag in BLOCKS or element.tag == "br":
            self.end_line()
        if element.tag == "tr":
            self._rows.append(any(_is_broken(cell) for cell in element))
        elif element.tag in CELLS:
            if not self._rows or self._rows[-1]:
                self.end_line()
            elif self._parts:
                self._parts.append("\t")
        self._links += element.tag == "a"
        self._preformatted += element.tag == "pre"
        self.add(element.text, element)

    def close(self, element: HtmlElement) -> None:
        if element.tag in BLOCKS:
            self.end_line()
        if element.tag == "tr":
            self._rows.pop()
        self._links -= element.tag == "a"
        self._preformatted -= element.tag == "pre"

    def add(self, text: str | None, element: HtmlElement) -> None:
        if not text:
            return
        for at, part in enumerate(text.split("\n") if self._preformatted else (text,)):
            if at:
                self.end_line()
            self._parts.append(_SPACE.sub(" ", part))
            if part.strip():
                self._linked += len(part) if self._links else 0
                if self._begun is None:
                    self._begun = element

    def end_line(self) -> None:
        text = re.sub(r" *\t *", "\t", re.sub("  +", " ", "".join(self._parts))).strip(" \t")
        if text.strip():
            begun = self._root if self._begun is None else self._begun
            self.lines.append(Line(text, begun, self._linked))
        self._parts.clear()
        self._begun, self._linked = None, 0


def _is_broken(cell: HtmlElement) -> bool:
    return any(child.tag in BLOCKS or child.tag == "br" for child in cell)
