"""Split text into sentences and clauses, as character spans. Pure.

A full stop ends a sentence unless it belongs to an abbreviation ("Gen. Khieu", "U.S. Ambassador",
"No. 5") or what follows carries on in lower case ('"... leaks?" she asked'). Blank lines always end
one; a single line break does unless the next line carries on in lower case or the paragraph is
wrapped (`rag.text.lines`). Spans are trimmed of white space, in order, and cover every other
character of the text.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Container, Sequence

from rag.text.headings import with_headings
from rag.text.lines import soft_breaks
from rag.text.person_titles import ABBREVIATED
from rag.text.vocabulary import SHORT_MONTHS
from rag.types import Span

# Never end a sentence: the word behind belongs to them.
_TITLES = frozenset(map(str.lower, ABBREVIATED)).union(
    "hon fr st mt ft vs viz cf eg ie al approx est dept".split()
)
# End one only when the next word opens a sentence.
_SHORTENED = frozenset("inc ltd corp co bros jr sr plc etc assn univ ave blvd rd".split())
# End one unless a figure follows: "No. 5", "Oct. 7".
_BEFORE_FIGURE = frozenset(
    ["no", "nos", "vol", "fig", "p", "pp", "ch", "sec", "art", *map(str.lower, SHORT_MONTHS)]
)
_OPENERS = frozenset(
    "the a an he she it they we i you his her its their our my this that these those there here"
    " in on at by for from with as if when while after before since during although though because"
    " but and or so yet however meanwhile still also then what who why how where which not no"
    " one some many most all both last earlier later asked according".split()
)
_CLOSERS = "\"'”’»›)\\]】」』"
_NEED_SPACE = ".!?…"
# The other marks are Khmer, Devanagari, Urdu and full-width ones: no white space has to follow.
_END = re.compile(rf"(?:[{_NEED_SPACE}]+|[។៕।॥۔؟。！？]+)[{_CLOSERS}]*")
_BREAK = re.compile(r"\n\s*")
_ACRONYM = re.compile(r"(?:^|[^\w.])((?:\w\.)+)$")
_LAST_WORD = re.compile(r"([^\W\d_]+)\.$")
_AFTER_NAME = re.compile(r"(?:[A-Z][\w'’-]*|\d) \w+\.$")
_CLAUSE = re.compile(r";|,? (?:while|whereas|although|though|but) ", re.IGNORECASE)
_NEXT = re.compile(r"\s*[\"'“‘«(\[]*(\w+)")


def sentence_spans(text: str) -> list[Span]:
    """Return the half-open character spans of the sentences of `text`; the heading of an item of a
    list belongs to its first sentence."""
    spans: list[Span] = []
    start = 0
    for stop, resume in _boundaries(text):
        _append_trimmed(text, start, stop, spans)
        start = resume
    _append_trimmed(text, start, len(text), spans)
    return with_headings(text, spans)


def spans_within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the sentences of a passage, from `start` to `end` of a text whose sentences are
    `spans`, as spans of the passage.

    A passage alone does not tell to what width its article is wrapped.
    """
    first = bisect.bisect_right(spans, start, key=lambda span: span[1])
    last = bisect.bisect_left(spans, end, key=lambda span: span[0])
    return [(max(a, start) - start, min(b, end) - start) for a, b in spans[first:last]]


def clause_spans(text: str) -> list[Span]:
    """Return the spans of the clauses of a sentence, cut where another matter begins ("while")."""
    cuts = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
    return list(itertools.pairwise(cuts))


def wrapped_at(text: str) -> set[int]:
    """Return where the line breaks of `text` stand that only wrap a paragraph."""
    return soft_breaks(text, _ends(text))


def _ends(text: str) -> list[int]:
    return [m.end() for m in _END.finditer(text) if _ends_sentence(text, m)]


def _boundaries(text: str) -> list[Span]:
    ends = _ends(text)
    soft = soft_breaks(text, ends)
    breaks = [(m.start(), m.end()) for m in _BREAK.finditer(text) if _breaks(text, m, soft)]
    return sorted([*((end, end) for end in ends), *breaks])


def _breaks(text: str, line_break: re.Match[str], soft: Container[int]) -> bool:
    return line_break.group().count("\n") > 1 or not (
        line_break.start() in soft or text[line_break.end() : line_break.end() + 1].islower()
    )


def _ends_sentence(text: str, mark: re.Match[str]) -> bool:
    if mark.group()[0] in _NEED_SPACE and text[mark.end() : mark.end() + 1].strip():
        return False
    following = _NEXT.match(text, mark.end(), mark.end() + 80)
    word = following.group(1) if following else ""
    if word[:1].islower():
        return False
    if mark.group().strip("." + _CLOSERS):
        return True  # "in the U.S.?"
    before = text[max(0, mark.start() - 24) : mark.start() + 1]
    opens = not word or word.lower() in _OPENERS
    if _ACRONYM.search(before):
        # "U.S. Ambassador" and "J. Smith" run on, "in the U.S. The law" does not.
        return opens
    last = _LAST_WORD.search(before)
    shortened = last.group(1).lower() if last else ""
    if shortened in _TITLES:
        # Behind a name or a figure it is none: "met Hun Sen. The talks", "took 5 ms. The rest".
        return opens if _AFTER_NAME.search(before) else not word
    if shortened in _SHORTENED:
        return opens
    return not (shortened in _BEFORE_FIGURE and word[:1].isdigit())


def _append_trimmed(text: str, start: int, end: int, spans: list[Span]) -> None:
    piece = text[start:end].lstrip()
    if piece:
        first = end - len(piece)
        spans.append((first, first + len(piece.rstrip())))
