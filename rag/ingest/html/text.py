"""Write out the text of HTML as a browser shows it: a line for each block, white space collapsed.

Knows nothing of articles. Nothing is added but line breaks, and tabs between the cells of a table's
row, as where one copies from a browser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.ingest.html.parse import parse

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section"
    " summary table tbody tfoot thead tr ul caption".split()
)
"""Elements that begin and end a line."""
_UNSEEN = frozenset(
    "audio button canvas datalist head iframe noframes noscript object script select style svg"
    " template textarea title video".split()
)
_CELLS = frozenset(("td", "th"))
_SPACE = re.compile(r"[ \t\n\f\r]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def html_to_text(markup: str) -> str:
    """The text of a fragment or a page, all that a browser would show of it.

    For a field of a record, a mail or a chapter; a page from the web has menus, and is read by
    `rag.ingest.html.page`. Raises Unreadable beyond the bounds of `parse`.
    """
    return "\n".join(lines_of(parse(f"<body>{markup}")))


def lines_of(element: HtmlElement) -> list[str]:
    """The lines that an element shows, without blank ones."""
    from lxml.etree import iterwalk

    lines = _Lines()
    walk = iterwalk(element, events=("start", "end"))
    for event, one in walk:
        if event == "start":
            if one.tag in _UNSEEN or is_hidden(one):
                walk.skip_subtree()
                continue
            lines.open(one)
        elif not (one.tag in _UNSEEN or is_hidden(one)):
            lines.close(one)
        if event == "end" and one is not element:
            lines.add(one.tail)
    lines.end()
    return lines.ended


def is_hidden(element: HtmlElement) -> bool:
    """Whether a browser shows nothing of an element, by its own markup."""
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


class _Lines:
    """The lines of a text that is being written."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self._line: list[str] = []
        self._preformatted = 0
        self._rows: list[bool] = []
        """Of the rows that are open, innermost last, whether each cell is a line of its own."""

    def open(self, element: HtmlElement) -> None:
        if element.tag in BLOCKS or element.tag == "br":
            self.end()
        if element.tag == "tr":
            self._rows.append(any(_is_broken(cell) for cell in element))
        elif element.tag in _CELLS:
            if not self._rows or self._rows[-1]:
                self.end()
            elif self._line:
                self._line.append("\t")
        self._preformatted += element.tag == "pre"
        self.add(element.text)

    def close(self, element: HtmlElement) -> None:
        if element.tag in BLOCKS:
            self.end()
        if element.tag == "tr":
            self._rows.pop()
        self._preformatted -= element.tag == "pre"

    def add(self, text: str | None) -> None:
        first, *others = (text or "").split("\n") if self._preformatted else (text or "",)
        self._line.append(_SPACE.sub(" ", first))
        for other in others:
            self.end()
            self._line.append(_SPACE.sub(" ", other))

    def end(self) -> None:
        line = re.sub(r" *\t *", "\t", re.sub("  +", " ", "".join(self._line))).strip(" \t")
        if line:
            self.ended.append(line)
        self._line.clear()


def _is_broken(cell: HtmlElement) -> bool:
    return any(child.tag in BLOCKS or child.tag == "br" for child in cell)
