"""A model's output as it comes: finished sentences, each with the labels that it cites. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rag.text.sentences import sentence_spans

_LABELS = re.compile(r"(?<![ \t])[ \t]*\[\s*\d+(?:\s*[,;&]\s*\d+)*\s*\]")
_ENDS = re.compile(r"[.!?…។۔][\"'”’)\]]*\s*$")
_STOP = re.compile(r"[.!?…]+")
_BEGINS = re.compile(r"\s+[\"'“‘(]*[^\W_a-z\[]")
# Words that only introduce what a passage says, and the marks of lists and headings.
_LEADS = re.compile(
    r"(?:according to|based on|as stated in|in) (?:the |this )?(?:given |provided )?"
    r"(?:passages?|articles?|texts?|sources?)(?: provided| given)?, "
    r"|the (?:passage|article|text) (?:states|says|mentions|notes|reports)(?: that |: ?)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s+|[*_#`]+\s*")
NOT_IN_SOURCES = re.compile(
    r"(?:(?:sorry|unfortunately|i'm sorry),? )?(?:but )?(?:"
    r"not (?:mentioned |stated |given |found )?in (?:the|these|this) (?:given |provided )?"
    r"(?:sources?|passages?|articles?|texts?|context)"
    r"|(?:(?:the|these|this) (?:given |provided )?(?:sources?|passages?|articles?|texts?|context)"
    r" (?:do|does|did) ?(?:not|n't)|none of the (?:sources|passages|articles|texts))"
    r" (?:provide|mention|say|state|contain|give|specify|answer|include|address)[^.]*"
    r"|[^.]{0,120}\b(?:is|are|was|were) not (?:mentioned|stated|given|provided|specified|found"
    r"|included|available|answered) (?:in|by) (?:the|these|this|any of the) (?:given |provided )?"
    r"(?:sources?|passages?|articles?|texts?|context)[^.]*"
    r"|i (?:do not|don't|cannot|can't) (?:know|answer|find)[^.]*)\.?",
    re.IGNORECASE,
)
"""What a model writes in place of an answer that the passages do not give."""

Labelled: TypeAlias = tuple[str, tuple[int, ...]]
"""A sentence and its labels."""


@dataclass
class SentenceStream:
    """The text that a model writes, cut into finished sentences with the labels that they cite."""

    _text: str = ""
    _given: int = 0

    def add(self, piece: str) -> list[Labelled]:
        """The sentences that `piece` finishes: those that another one follows."""
        self._text += piece
        # Only whole words tell whether another sentence has begun: "the U.S. A" may go on.
        whole = self._text[: self._text.rstrip().rfind(" ") + 1]
        whole = whole[: whole.rfind("[")] if whole.rfind("[") > whole.rfind("]") else whole
        return self._new(_sentences(whole)[:-1])

    def rest(self) -> list[Labelled]:
        """What is left when the text has ended, but for a sentence that was cut off."""
        found = _sentences(self._text)
        whole = (
            not found
            or found[-1][1]
            or _ENDS.search(self._text)
            or NOT_IN_SOURCES.fullmatch(found[-1][0])
        )
        return self._new(found if whole else found[:-1])

    def _new(self, found: list[Labelled]) -> list[Labelled]:
        """The sentences that were not given before."""
        new = found[self._given :]
        self._given += len(new)
        return new


def _sentences(text: str) -> list[Labelled]:
    """The sentences of a text without their labels, each with the labels that end it.

    A label may come before the full stop or behind it, and ends a sentence where another begins.
    """
    found: list[Labelled] = []
    plain, cited, done = "", [], 0
    for match in _LABELS.finditer(text):
        plain += text[done : match.start()]
        done = match.end()
        cited.append((len(plain.rstrip()), tuple(map(int, re.findall(r"\d+", match.group())))))
        if stop := _STOP.match(text, done):
            plain += "" if _ENDS.search(plain) else stop.group()
            done = stop.end()
        if _BEGINS.match(text, done):
            found += _cut(plain, cited)
            plain, cited = "", []
    return found + _cut(plain + text[done:], cited)


def _cut(plain: str, cited: Sequence[tuple[int, tuple[int, ...]]]) -> list[Labelled]:
    """The sentences of a text, with the labels at these places of it."""
    found = []
    for start, end in sentence_spans(plain):
        labels = [label for at, some in cited if start < at <= end for label in some]
        for opening in (_BULLET, _LEADS):
            opened = opening.match(plain, start, end)
            start = opened.end() if opened else start
        sentence = " ".join(plain[start:end].split())
        if any(c.isalnum() for c in sentence):
            found.append((sentence[:1].upper() + sentence[1:], tuple(dict.fromkeys(labels))))
    return found
