"""What a question asks for: the conversation put in, and the kind of words that would answer.

Pure; knows nothing of the index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.errors import QuestionError
from rag.types import Question, Turn
from rag.words import names, words

# What the default encoder reads of a question: longer ones would be cut without a word.
MAX_CHARACTERS = 1000

_EXPECTED = (
    ("age", r"how old\b|what age\b"),
    ("duration", r"how (?:long|many (?:years|months|weeks|days|hours|minutes))\b"),
    ("money", r"how much\b|(?:what|which)\b.{0,30}\b(?:price|cost|fee|sum)\b|how expensive\b"),
    (
        "number",
        r"how (?:many|large|big|far|tall|high|heavy|fast|often)\b|(?:what|which)\b.{0,30}"
        r"\b(?:number|percentage|percent|share|size|total|rate)\b",
    ),
    ("date", r"when\b|since when\b|(?:in |on )?(?:what|which) (?:year|month|day|date|time)\b"),
    (
        "place",
        r"where\b|(?:in |at |to |from )?(?:what|which)(?: \w+)? (?:country|city|town|province|place"
        r"|state|region|village|location|area)\b",
    ),
    ("reason", r"why\b|what (?:was |is )?the reason\b|for what reason\b"),
    ("person", r"(?:to |by |with |from )?(?:who|whom|whose)\b"),
    (
        "name",
        r"(?:which|what) (?!is\b|was\b|are\b|were\b|did\b|do\b|does\b|has\b|have\b|had\b|will\b)\w+"
        r"|.*\b(?:called|named)\?|what (?:is|was) the (?:name|title)\b",
    ),
)
_WHO_IS = re.compile(r"who (?:is|was|are|were)\b", re.IGNORECASE)
_LEAD = re.compile(r"(?:and|but|or|so|then|also|what about|how about)\b[\s,]*", re.IGNORECASE)
_FRAGMENT_WORDS = 6
_PREPOSITION = r"(?:in|at|on|from|to|for|of|by|with|about|near|since|after|before|under|against)"
_VERB_OR_WH = re.compile(
    r"\b(?:who|whom|whose|what|when|where|why|how|which|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|will|would|should|may|might)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:(?P<possessive>his|its|their|her(?=\s+(?!in\b|on\b|at\b|to\b|for\b|from\b|by\b|as\b)\w))"
    r"|(?P<subject>he|she|him|her|it|they|them))\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"\b(?:the|this|that|these|those|there|else)\b", re.IGNORECASE)


def understand(question: str, history: Sequence[Turn] = ()) -> Question:
    """Put the conversation into `question` and see what it asks for.

    Raises QuestionError when the question is empty or longer than MAX_CHARACTERS.
    """
    question = " ".join(question.split())
    if not question:
        raise QuestionError("The question is empty. Type a question about the articles.")
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {MAX_CHARACTERS:,} can be "
            "read. Ask for one thing at a time."
        )
    earlier = reply = context = ""
    for asked, answered in history:
        earlier, reply = _complete(" ".join(asked.split()), earlier, reply)[0], answered
    text, context = _complete(question, earlier, reply)
    return Question(text, context, _expects(text))


def _complete(question: str, earlier: str, reply: str) -> tuple[str, str]:
    """Return the question complete in itself, and the earlier question if it still leans on it."""
    if not earlier:
        return question, ""
    rest = _LEAD.sub("", question, count=1)
    if not _VERB_OR_WH.search(rest) and len(rest.split()) <= _FRAGMENT_WORDS:
        return _replace_part(earlier, rest), ""
    rest = rest[:1].upper() + rest[1:] if rest != question else question
    pronoun = _PRONOUN.search(rest)
    own = [rest[start:end] for start, end in names(rest)]
    if pronoun and not _has_subject(rest[: pronoun.start()]):
        meant = _referent(earlier, reply, own)
        if meant:
            suffix = "'s" if pronoun["possessive"] else ""
            return rest[: pronoun.start()] + meant + suffix + rest[pronoun.end() :], ""
    leans = pronoun or _DEFINITE.search(rest) or len(words(rest)) <= 1
    return rest, earlier if leans and not own else ""


def _has_subject(words_before: str) -> bool:
    """Whether a name stands there that a pronoun may refer to: not one as in "in Japan"."""
    after_preposition = re.compile(rf"\b{_PREPOSITION}\s+(?:the\s+)?$", re.IGNORECASE)
    return any(
        not after_preposition.search(words_before[:start]) for start, _ in names(words_before)
    )


def _replace_part(earlier: str, fragment: str) -> str:
    """Put "in Pursat?" or "Pursat?" in the place of its like in the earlier question."""
    fragment = fragment.rstrip("?!. ")
    preposition = re.match(_PREPOSITION + r"\b", fragment, re.IGNORECASE)
    found = names(earlier)
    if preposition:
        alike = re.compile(rf"\b{preposition.group()}\s+$", re.IGNORECASE)
        for start, end in reversed(found):
            before = alike.search(earlier[:start])
            if before:
                return earlier[: before.start()] + fragment + earlier[end:]
    elif found:
        start, end = found[-1]
        return earlier[:start] + fragment + earlier[end:]
    return f"{earlier.rstrip('?!. ')} {fragment}?"


def _referent(earlier: str, reply: str, own: Sequence[str]) -> str:
    """What a pronoun stands for: the first name of the earlier question, else of its answer."""
    for text in (earlier, reply):
        found = [text[start:end] for start, end in names(text)]
        found = [name for name in found if name not in own]
        if text is reply:
            # In an answer, a single capitalised word may only open its sentence.
            found = [name for name in found if " " in name]
        if found:
            return found[0]
    return ""


def _expects(question: str) -> str:
    who_is = _WHO_IS.match(question)
    if who_is:
        rest = question[who_is.end() :].strip(" ?!.")
        if names(rest) == [(0, len(rest))]:
            return ""  # "Who is Agnes Callamard?" gives the name and wants what she does.
    for kind, pattern in _EXPECTED:
        if re.match(pattern, question, re.IGNORECASE):
            return kind
    return ""
