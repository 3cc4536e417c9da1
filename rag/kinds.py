"""The kinds of words that questions ask for, and how a text shows them. Pure.

"How many people …?" asks for a number, and a sentence without one does not answer it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.types import Question, Span
from rag.words import fold, names, words

# What may stand before the word that asks: "In Kratie, how many …", "Tell me when …".
_OPENING = re.compile(
    r"(?:|.*?, |.*?\b(?:tell me|know|say|explain) )"
    r"(?:(?:in|at|on|to|from|for|by|with|of|since) )?"
    r"(?=(?:who|whom|whose|what|when|where|why|how|which)\b)",
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

_MONTHS = (
    "january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\.? \d"
)
_DAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|yesterday|tomorrow|tonight|midnight|noon"
_UNITS = "(?:second|minute|hour|day|night|week|month|year|decade|century|centurie)s?"
_COUNT = (
    r"(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|half|scores"
    r"|hundreds?|thousands?|millions?|billions?|several)"
)
# Looked for in folded text: lower case, no accents.
_SIGNS = {
    "age": r"\d[- ]years?[- ]old|\baged? \d|, \d\d,",
    "duration": rf"\b(?:{_COUNT}|an?|one)[- ](?:and a half )?{_UNITS}\b"
    rf"|\bsince (?:\d{{4}}|{_MONTHS})",
    "money": r"[$€£¥₹฿៛]\s?\d|\d[\d,.]* ?(?:dollars|euros|pounds|yen|yuan|rupees|riel|baht|usd"
    r"|btc|cents|percent|%)|\b(?:rs|us|rm|hk)\.? ?\$?\d",
    "size": r"\d[\d,.]* ?(?:[kmgt]b|[cmk]?m|mm|k?g|ha|ft|%|percent|degrees?|acres?|hectares?"
    r"|(?:kilo|centi|milli)?met(?:er|re)s?|miles?|feet|inches|tons?|tonnes?|lit(?:er|re)s?"
    r"|square|cubic|(?:kilo|mega|giga|tera)bytes?)\b",
    "number": rf"\b(?:{_COUNT}|one)\b",
    "date": rf"\b(?:1\d|20)\d\d\b|\b(?:{_MONTHS}|{_DAYS})\b|\b\d+ {_UNITS} ago|\blast {_UNITS}",
}
_DATELINE = re.compile(r"[A-Z][A-Z .,'’-]+(?:\([^)]*\) ?)?\s?[:—–-]\s")
_HOW_MANY = re.compile(r"how many((?: \w[\w'’-]*){1,3})", re.IGNORECASE)
_REACH = 40  # Characters between a number and what it counts.
FIGURES = frozenset(_SIGNS)
"""The kinds that figures or dates answer; a name answers "person", "place" and "name"."""


def kind_asked(question: str) -> str:
    """Return the kind of words that would answer `question`, or "" when it does not say."""
    opening = _OPENING.match(question)
    asking = question[opening.end() :] if opening else question
    if asks_about_name(asking):
        return ""
    for kind, pattern in _ASKED:
        if re.match(pattern, asking, re.IGNORECASE):
            return kind
    return ""


def fits(question: Question, text: str) -> float:
    """1 if words of the kind asked for stand in `text` and not in the question, -1 if none do.

    A number that counts something else than what was asked is worth 0, and so is no kind at all.
    """
    kind, asked = question.expects, set(words(str(question)))
    if kind in ("", "reason"):
        return 0.0
    if kind not in _SIGNS:
        body = _DATELINE.sub("", text, count=1)  # Where it was written is no answer.
        return 1.0 if _any_new((body[start:end] for start, end in names(body)), asked) else -1.0
    folded = fold(text)
    signs = list(re.finditer(_SIGNS[kind], folded))
    if not _any_new((sign.group() for sign in signs), asked):
        return -1.0
    counted = _HOW_MANY.match(question.text)
    if not counted:
        return 1.0
    things = set(words(counted[1]))
    return float(any(things.intersection(words(folded[s.end() : s.end() + _REACH])) for s in signs))


def signs(question: Question, text: str) -> list[Span]:
    """Where `text` shows figures or dates of the kind asked for that the question does not hold.

    A sign may be the beginning only: "$3" of "$345,000".
    """
    found = re.finditer(_SIGNS[question.expects], text, re.IGNORECASE)
    asked = set(words(str(question)))
    return [sign.span() for sign in found if _any_new([sign.group()], asked)]


def _any_new(signs: Iterable[str], asked: set[str]) -> bool:
    return any(not words(sign) or not asked.issuperset(words(sign)) for sign in signs)


def asks_about_name(question: str) -> bool:
    """Whether it is like "Who is Agnes Callamard?": it gives the name and wants what she does."""
    asks = _WHO_IS.match(question)
    rest = question[asks.end() :] if asks else ""
    found = names(rest)
    named = " ".join(rest[start:end] for start, end in found)
    return bool(found) and found[0][0] == 0 and words(rest) == words(named)
