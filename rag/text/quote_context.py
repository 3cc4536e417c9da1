"""Extend a sentence to the neighbours that it needs, as one contiguous quote. Pure.

"He said so on Tuesday" needs the sentence that names him; a quotation needs its other half and its
speaker; what stands under a heading of a list needs that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.text.headings import opens_item
from rag.text.stems import names
from rag.text.vocabulary import ANAPHOR, SAID, either
from rag.types import Span

_ADDED = 2  # Sentences at most, before and behind.
_IN_ITEM = 4  # Sentences at most from one under a heading to the heading.
_CHARACTERS = 700  # A quote that would be longer stays as it is.
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
# The sentence opens with an anaphor.
_POINTS = re.compile(
    r"\W*(?:(?:and|but|so|then|also|yet|however|in addition|meanwhile|still),? )?"
    rf"(?:{ANAPHOR}|such|the (?:latter|former))\b",
    re.IGNORECASE,
)
_NO_POINTING = re.compile(
    r"\W*(?:it (?:is|was|has been) (?:\w+ )?that|this (?:\w+ )?(?:year|month|week|morning|time)"
    r"|that(?:'s|’s)? (?:\w+ )?(?:year|month|week|day))\b",
    re.IGNORECASE,
)
# Outside the quotation marks, the speaker is only a pronoun.
_SAYS = either(
    *SAID, "added", "asked", "explained", "noted", "claimed", "warned", "tweeted", "continued"
)
_SPEAKS = re.compile(rf"\b(?:he|she|they)\b[^.]{{0,30}}\b{_SAYS}|\b{_SAYS} (?:he|she|they)\b", re.I)


def with_neighbours(text: str, sentences: Sequence[Span], number: int) -> Span:
    """Return the span of sentence `number` of `text` with the neighbours that it needs."""
    first, last = _balanced(text, sentences, number)
    for _ in range(_ADDED):
        if first == 0 or not _needs_before(text[sentences[first][0] : sentences[last][1]]):
            break
        if not _joined(text, sentences, first):
            break
        first -= 1
    first = _item_start(text, sentences, first)
    start, end = sentences[first][0], sentences[last][1]
    return (start, end) if end - start <= _CHARACTERS else sentences[number]


def _balanced(text: str, sentences: Sequence[Span], number: int) -> Span:
    """The numbers of the first and last sentence of the quotation that sentence `number` is in."""
    first = last = number
    for _ in range(_ADDED):
        quote = text[sentences[first][0] : sentences[last][1]]
        opened, closed = _open_marks(quote)
        if closed and first > 0:
            first -= 1
        elif opened and last < len(sentences) - 1:
            last += 1
        else:
            return first, last
    opened, closed = _open_marks(text[sentences[first][0] : sentences[last][1]])
    return (number, number) if opened or closed else (first, last)


def _open_marks(quote: str) -> tuple[bool, bool]:
    """Whether a quotation is left open, and whether one is closed that was opened before."""
    if quote.count("“") != quote.count("”"):
        return quote.count("“") > quote.count("”"), quote.count("”") > quote.count("“")
    if quote.count('"') % 2 == 0:
        return False, False
    # A straight mark opens behind white space, and closes before it.
    opens = len(re.findall(r'(?:^|[\s(])"', quote))
    return opens * 2 > quote.count('"'), opens * 2 < quote.count('"')


def _needs_before(quote: str) -> bool:
    bare = _QUOTED.sub(" ", quote)
    if _POINTS.match(quote) and not _NO_POINTING.match(quote):
        return True
    speaks = _SPEAKS.search(bare)
    return speaks is not None and not names(bare[: speaks.start()])


def _item_start(text: str, sentences: Sequence[Span], number: int) -> int:
    """The first sentence of the paragraph that sentence `number` is in, if it has a heading."""
    first = number
    while not opens_item(text, sentences[first]):
        if first == 0 or number - first > _IN_ITEM:
            return number
        if "\n" in text[sentences[first - 1][1] : sentences[first][0]]:
            return number
        first -= 1
    return first


def _joined(text: str, sentences: Sequence[Span], number: int) -> bool:
    """Whether the sentence before is prose: not a heading, nor another list of anything."""
    before = text[slice(*sentences[number - 1])]
    return before.rstrip("\"'”’)")[-1:] in ".!?…"
