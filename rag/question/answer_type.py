"""Classify the answer type of a question, and find the spans of that type in a text. Pure.

"How many people …?" asks for a number, and a sentence without one does not answer it.
"""

from __future__ import annotations

import re

from rag.text.characters import spans_of_plain
from rag.text.lines import spaced
from rag.text.stems import names, stems
from rag.text.vocabulary import (
    CURRENCIES,
    MONTHS,
    POWERS,
    QUESTION_WORD,
    SHORT_MONTHS,
    SPELT_NUMBER,
    WEEKDAY,
    either,
)
from rag.types import Question, Span

# What may stand before the word that asks: "In Kratie, how many …", "Tell me when …".
_OPENING = re.compile(
    r"(?:|.*?, |.*?\b(?:tell me|know|say|explain) )"
    r"(?:(?:in|at|on|to|from|for|by|with|of|since) )?"
    rf"(?={QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_ASKED = (
    ("age", r"how old\b|how many years old\b|what age\b"),
    ("duration", r"how (?:long|many (?:years|months|weeks|days|hours|minutes))\b"),
    ("money", r"how much\b|(?:what|which)\b.{0,30}\b(?:price|cost|fee|sum)\b|how expensive\b"),
    (
        "size",
        r"how (?:large|big|far|tall|high|heavy|wide|deep)\b|(?:what|which)\b.{0,30}"
        r"\b(?:size|length|height|weight|percentage|percent|share)\b",
    ),
    (
        "number",
        r"how (?:many|fast|often)\b|(?:what|which)\b.{0,30}\b(?:number|total|rate)\b",
    ),
    ("date", r"when\b|(?:what|which) (?:year|month|day|date|time)\b"),
    (
        "place",
        r"where\b|(?:what|which)(?: \w+)? (?:country|city|town|province|place|state|region"
        r"|village|location|area)\b",
    ),
    ("reason", r"why\b|what (?:was |is )?the reason\b|what reason\b"),
    ("person", r"(?:who|whom|whose)\b"),
    (
        "name",
        r"(?:which|what) (?!(?:is|was|are|were|did|do|does|has|have|had|will|would|can|could"
        r"|should|may|might|made|makes|led|took|went|became|happens|about|else|\w+ed)\b)\w+"
        r"|.*\b(?:called|named)\?"
        r"|what (?:is|was) (?:the|his|her|its|their|[^?]+['’]s) (?:name|title)\b",
    ),
)
_WHO_IS = re.compile(r"who (?:is|was|are|were) ", re.IGNORECASE)

_MONTH = (
    rf"(?:{either(*(month for month in MONTHS if month != 'May'))}|may(?= \d)|(?<=\d )may"
    rf"|{either(*SHORT_MONTHS)}\b\.?)"
)
_YEAR = r"(?:1\d|20)\d\d"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DAYS = rf"{WEEKDAY}|today|yesterday|tomorrow|tonight|midnight|noon"
_UNITS = "(?:second|minute|hour|day|night|week|month|year|decade|century|centurie)s?"
_FIGURE = r"\d(?:[\d,.]*\d)?"
_SCALE = rf"(?: ?(?:{either(*POWERS)}|bn|[mk])\b)?"
_COUNT = (
    rf"(?:{_FIGURE}{_SCALE}|{SPELT_NUMBER}|dozens?"
    r"|half|scores|hundreds?|thousands?|millions?|billions?|several)"
)
# Looked for whatever the case.
_SIGNS = {
    "age": r"\b\d{1,3}[- ]years?[- ]old|\baged? \d{1,3}\b|(?<=, )\d\d(?=,)",
    "duration": rf"\b(?:{_COUNT}|an?|one)[- ](?:and a half )?{_UNITS}\b"
    rf"|\bsince (?:\d{{4}}|{_MONTH})",
    "money": rf"(?:\b(?:rs|us|rm|hk)\.? ?)?[$€£¥₹฿៛]\s?{_FIGURE}{_SCALE}|\b(?:rs|rm)\.? ?"
    rf"{_FIGURE}{_SCALE}|\b{_FIGURE}{_SCALE} ?(?:{either(*CURRENCIES)}s?\b|percent|%)",
    "size": rf"\b{_FIGURE}{_SCALE}[ -]?(?:[kmgt]b|[cmk]?m|mm|k?g|ha|ft|%|percent|degrees?|acres?"
    r"|hectares?|(?:kilo|centi|milli)?met(?:er|re)s?|miles?|feet|inches|tons?|tonnes?"
    r"|lit(?:er|re)s?|square|cubic|(?:kilo|mega|giga|tera)bytes?)(?!\w)",
    "number": rf"\b(?:{_COUNT}|(?<!no )one)\b",
    "date": rf"\b(?:{_DAY} (?:of )?)?{_MONTH}(?: {_DAY})?(?:,? {_YEAR})?\b|\b{_YEAR}s?\b"
    rf"|\b(?:{_DAYS})\b|\b\d+ {_UNITS} ago|\blast {_UNITS}",
}
_DATELINE = re.compile(r"[A-Z][A-Z .,'’-]+(?:\([^)]*\) ?)?\s?[:—–-]\s")
_HOW_MANY = re.compile(r"how many((?: \w[\w'’-]*){1,3})", re.IGNORECASE)
_REACH = 40  # Characters between a number and what it counts.
FIGURES = frozenset(_SIGNS)
"""The answer types that are figures or dates; "person", "place" and "name" are names."""


def answer_type(question: str) -> str:
    """Return the answer type of `question`, or "" when it does not say."""
    asking = _asking(question)
    if asks_about_name(asking):
        return ""
    for kind, pattern in _ASKED:
        if re.match(pattern, asking, re.IGNORECASE):
            return kind
    return ""


def fits(question: Question, text: str) -> float:
    """Return 1 if `text` has a span of the answer type that is not in the question, else -1.

    A number that counts something else than what was asked gives 0, as does no answer type.
    """
    if question.expects in ("", "reason"):
        return 0.0
    found = answer_spans(question, text)
    if not found:
        return -1.0
    things = counted(question)
    if not things or question.expects not in _SIGNS:
        return 1.0
    return float(any(things.intersection(stems(text[e : e + _REACH])) for _, e in found))


def counted(question: Question) -> frozenset[str]:
    """Return the stems of what "How many …?" counts; none for another question."""
    asks = _HOW_MANY.match(_asking(question.text))
    return frozenset(stems(asks[1])) if asks else frozenset()


def answer_spans(question: Question, text: str) -> list[Span]:
    """Return the spans of `text` that are of the answer type and not in the question."""
    return spans_of_plain(lambda seen: _answer_spans(question, spaced(seen)), text)


def _answer_spans(question: Question, text: str) -> list[Span]:
    kind, asked = question.expects, set(stems(str(question)))
    if kind in ("", "reason"):
        return []
    if kind in _SIGNS:
        found = [match.span() for match in re.finditer(_SIGNS[kind], text, re.IGNORECASE)]
    else:
        dateline = _DATELINE.match(text)  # Where it was written is no answer.
        start = dateline.end() if dateline else 0
        found = [(start + a, start + b) for a, b in names(text[start:])]
    return [(a, b) for a, b in found if not asked.issuperset(stems(text[a:b]) or [""])]


def asks_about_name(question: str) -> bool:
    """Whether a question gives a name and asks who it is: "Who is Agnes Callamard?"."""
    asks = _WHO_IS.match(question)
    rest = question[asks.end() :] if asks else ""
    found = names(rest)
    named = " ".join(rest[start:end] for start, end in found)
    return bool(found) and found[0][0] == 0 and stems(rest) == stems(named)


def _asking(question: str) -> str:
    """The question from the word that asks."""
    opening = _OPENING.match(question)
    return question[opening.end() :] if opening else question
