"""Measure the lines of a page: what they are, where they stand, and which extraction takes them.

Knows nothing of what the measures are used for.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.ingest.html.furniture import names
from rag.ingest.html.text import BLOCKS, CELLS, Line
from rag.ingest.text_page.bylines import read_stamp
from rag.ingest.text_page.line_kind import Kind, ends_sentence, kind_of
from rag.text.dates import parse_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_WORD = re.compile(r"[^\s|.,;:!?…\"'“”‘’«»()\[\]–—-]{1,8}")
"""A piece of a word: scripts that put no spaces between words have long ones."""
_SHINGLE = 3
TAKEN = "taken"
"""The measure of how much of a line the extraction takes."""
_ATTRIBUTES = ("class", "id", "role", "itemprop", "data-component", "data-testid", "aria-label")
_TAGS = ("p", "li", "h", "cell", "figcaption", "blockquote", "dt", "dd", "div", "pre", "section")
_INSIDE = (
    "article", "main", "nav", "header", "footer", "aside", "form", "figure", "table", "ul", "ol",
    "section", "address", "details", "dialog", "blockquote",
)  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "summary", "legend"))
_NEAR = 3
"""Elements, from the innermost, whose names count as near."""
_STAMP = 80
"""Characters; a longer line is no byline."""


class Cover:
    """How much of a line stands in a text, by runs of words."""

    def __init__(self, text: str) -> None:
        self._short: set[int] = set()
        self._long: set[int] = set()
        for line in text.split("\n"):
            words = _WORD.findall(line.lower())
            self._short.add(hash(tuple(words)))
            self._long.update(_shingles(words))

    def of(self, line: str) -> float:
        """The share of a line that is in the text, 0 to 1."""
        words = _WORD.findall(line.lower())
        if len(words) < _SHINGLE:
            return float(bool(words) and hash(tuple(words)) in self._short)
        found = [one in self._long for one in _shingles(words)]
        return sum(found) / len(found)


def _shingles(words: Sequence[str]) -> Iterator[int]:
    return (hash(tuple(words[at : at + _SHINGLE])) for at in range(len(words) - _SHINGLE + 1))


def measures(lines: Sequence[Line], text: str, body: str, title: str) -> list[dict[str, float]]:
    """The measures of each line, by name; those that are 0 may be left out.

    `text` is what an extraction took of the page, `body` what the page declares as its article's.
    """
    cover, declared = Cover(text), Cover(body)
    taken = [cover.of(line.text) for line in lines]
    counts = Counter(line.text for line in lines)
    places, sums = _Places(), _Sums(lines, taken)
    found = []
    for line, share, where in zip(lines, taken, _order(lines, taken), strict=True):
        own = _of_line(line) | places.of(line.element) | sums.of(line.element) | where
        own[TAKEN] = share
        if body:
            own["declared"] = declared.of(line.text)
            own["undeclared"] = 1 - own["declared"]
        own["again"] = float(counts[line.text] > 1)
        own["title"] = float(line.text == title)
        found.append(own)
    _add_neighbours(found)
    return found


def is_heading(element: HtmlElement) -> bool:
    """Whether what an element shows is a heading, or as good as one."""
    return block_of(element).tag in _HEADINGS or element.tag in ("b", "strong")


def block_of(element: HtmlElement) -> HtmlElement:
    """The block that an element is in, or is."""
    while element.tag not in BLOCKS and element.tag not in CELLS:
        parent = element.getparent()
        if parent is None:
            break
        element = parent
    return element


def _order(lines: Sequence[Line], taken: Sequence[float]) -> Iterator[dict[str, float]]:
    """Where each line stands on the page: by its headline, and by what is taken of it."""
    head = next((i for i, line in enumerate(lines) if block_of(line.element).tag == "h1"), -1)
    first = next((i for i, share in enumerate(taken) if share > 0.5), len(lines))
    last = next((i for i in range(len(lines) - 1, -1, -1) if taken[i] > 0.5), -1)
    since = 99
    for i, share in enumerate(taken):
        since = 0 if share > 0.5 else since + 1
        yield {
            "above headline": float(i < head),
            "below headline": float(0 <= head < i),
            "before": float(i < first),
            "after": float(i > last),
            "between": float(first < i < last),
            "far before": min(1.0, math.log1p(max(0, first - i)) / 5),
            "far after": min(1.0, math.log1p(max(0, i - last)) / 5),
            "place": i / len(lines),
            "place taken": (i - first) / max(1, last - first) if first <= i <= last else 0.0,
            "since": min(since, 10) / 10,
        }


def _of_line(line: Line) -> dict[str, float]:
    length = len(line.text)
    kind = kind_of(line.text)
    own = {
        "length": min(1.0, math.log1p(length) / 7),
        "long": float(length > 120),
        "short": float(length < 25),
        "linked": min(1.0, line.linked / length),
        "all linked": float(line.linked >= 0.9 * length),
        "sentence": float(ends_sentence(line.text)),
        "digits": sum(c.isdigit() for c in line.text[:200]) / min(length, 200),
        "upper": sum(c.isupper() for c in line.text[:200]) / min(length, 200),
        "bars": float(any(c in line.text for c in "|»›•·©")),
        "colon": float(line.text.endswith(":")),
        "comma": min(1.0, (line.text.count(",") + line.text.count("،")) / 5),
        "question": float("?" in line.text),
    }
    if kind not in (Kind.PROSE, Kind.LABEL):
        own[f"kind {kind.name.lower()}"] = 1.0
    own["prose"] = float(kind is Kind.PROSE)
    if length <= _STAMP:
        stamp = read_stamp(line.text)
        own["byline"] = float(stamp is not None and bool(stamp.author))
        dated = stamp is not None and stamp.dated
        own["dated"] = float(dated or parse_date(line.text) is not None)
    return own


class _Places:
    """Where elements stand, by their ancestors."""

    def __init__(self) -> None:
        self._names: dict[HtmlElement, frozenset[str]] = {}

    def of(self, element: HtmlElement) -> dict[str, float]:
        tag = str(block_of(element).tag)
        tag = "h" if tag in _HEADINGS else "cell" if tag in CELLS else tag
        found = {f"<{tag}>": 1.0} if tag in _TAGS else {}
        for name in self._around(element):
            found[name] = 1.0
        near = set()
        one: HtmlElement | None = element
        for _ in range(_NEAR):
            if one is None or one.tag == "body":
                break
            near |= set(names(one, *_ATTRIBUTES))
            one = one.getparent()
        for name in near:
            found[f"near {name}"] = 1.0
        return found

    def _around(self, element: HtmlElement) -> frozenset[str]:
        known = self._names.get(element)
        if known is None:
            # The body's own names are those of the site.
            own = set() if element.tag in ("body", "html") else set(names(element, *_ATTRIBUTES))
            if element.tag in _INSIDE:
                own.add(f"in <{element.tag}>")
            parent = element.getparent()
            known = frozenset(own | self._around(parent) if parent is not None else own)
            self._names[element] = known
        return known


class _Sums:
    """What each element shows in all: characters, those taken, those linked, and lines."""

    def __init__(self, lines: Sequence[Line], taken: Sequence[float]) -> None:
        self._sums: dict[HtmlElement, list[float]] = {}
        for line, share in zip(lines, taken, strict=True):
            size = len(line.text)
            own = (size, share * size, min(line.linked, size), 1)
            element: HtmlElement | None = line.element
            while element is not None:
                before = self._sums.get(element, (0.0, 0.0, 0.0, 0.0))
                self._sums[element] = [a + b for a, b in zip(before, own, strict=True)]
                element = element.getparent()

    def of(self, element: HtmlElement) -> dict[str, float]:
        """The sums of the block that an element is in, and of those around it."""
        found: dict[str, float] = {}
        one: HtmlElement | None = block_of(element)
        for level in ("block", "parent", "grandparent"):
            if one is None:
                break
            size, taken, linked, lines = self._sums[one]
            found[f"{level} linked"] = linked / size
            found[f"{level} taken"] = taken / size
            found[f"{level} size"] = min(1.0, math.log1p(size) / 10)
            found[f"{level} average"] = min(1.0, math.log1p(size / lines) / 7)
            one = one.getparent()
        return found


def _add_neighbours(found: list[dict[str, float]]) -> None:
    for name in ("taken", "length", "linked", "sentence", "long"):
        values = [one.get(name, 0.0) for one in found]
        for i, one in enumerate(found):
            one[f"{name} before"] = values[i - 1] if i else 0.0
            one[f"{name} after"] = values[i + 1] if i + 1 < len(values) else 0.0
            around = values[max(0, i - 3) : i] + values[i + 1 : i + 4]
            one[f"{name} around"] = sum(around) / max(1, len(around))
