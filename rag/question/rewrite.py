"""Rewrite a follow-up question so that it is complete without the conversation. Pure.

Knows nothing of the index. A pronoun or a fragment ("And in Pursat?") is resolved only where the
earlier question leaves no doubt; otherwise the earlier question is passed on as context.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.errors import QuestionError
from rag.question.answer_type import answer_type, asks_about_name
from rag.text.stems import STOP_WORDS, names, stems
from rag.text.vocabulary import (
    DEMONSTRATIVES,
    MONTHS,
    POSSESSIVES,
    QUESTION_WORD,
    WEEKDAYS,
    either,
)
from rag.types import Question, Span, Turn
from rag.wording import note

# About what the default encoder reads of a question; an answer to one that it cuts says so.
MAX_CHARACTERS = 1000
# Earlier turns that may still be meant.
_REMEMBERED = 20
_REPLY = 5_000  # Characters of an answer.

_LEAD = re.compile(
    r"\A(?:(?:and|but|or|so|then|also|ok|okay|thanks|thank you|what about|how about)\b[\s,.!]*)+",
    re.IGNORECASE,
)

_FRAGMENT_WORDS = 6
_VERB_OR_WH = re.compile(
    rf"\b(?:{QUESTION_WORD}|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|will|would|should|might|(?-i:may))\b",
    re.IGNORECASE,
)
# A name behind one of the first kind may be what a question is about; "in Kratie" is not.
_ABOUT = r"(?:about|with|by|for|against)"
_PREPOSITION = rf"(?:{_ABOUT}|in|at|on|from|to|of|near|since|after|before|under|between|during)"
_PART = re.compile(rf"(?:({_PREPOSITION})\s+)?((?:the\s+)?(.+))", re.IGNORECASE)
_MONTH_OR_DAY = either(*MONTHS, *WEEKDAYS)
_FIGURE = re.compile(rf"\b(?:{_MONTH_OR_DAY}|\d[\d.,]*)(?:[\s,]+(?:{_MONTH_OR_DAY}|\d+))*\b")
_BEFORE_VERB = re.compile(
    r"\b(?:do|does|did|has|have|had|will|would|can|could|should)\s+(?:the\s+)?$", re.IGNORECASE
)
_DEMONYM = re.compile(r"\w+(?:ian|ean|can|ese|ish|i)")
# Capitalised because they open the question: not names, though they are no stop words.
_ORDERS = frozenset(
    "tell give name list show find explain describe summarize please must shall".split()
)
# "her" is an object before these ("warned her about"), else a possessive ("her report").
_AFTER_OBJECT = "|".join([*sorted(STOP_WORDS - {"own"}), "yesterday", "today", "last"])
_THIS = either("it", *DEMONSTRATIVES)
_PRONOUN = re.compile(
    rf"""\b(?!IT\b)(?i:
    (?P<object>him|them|her(?=\W*$|\s+(?:{_AFTER_OBJECT})\b)|{_THIS}(?=\W*$))
    |(?P<possessive>{either(*POSSESSIVES)})
    |(?P<subject>he|she|they|it(?!\s+(?:true|clear|known|likely|possible|happen|occur|take)\b))
    )\b""",
    re.VERBOSE,
)
_CLAUSE = re.compile(
    r"\b(?:and|but|or|that|because|when|after|before|if|while|until|why|how)\b|,", re.IGNORECASE
)
_PLACE = r"(?:in|at|near|from|to)"
_THERE = re.compile(r"\bthere(?=\W*\Z)", re.IGNORECASE)
# "Which province had more people?" compares; it does not ask what else there is.
_MORE = re.compile(
    r"\belse\b|\b(?:what|which|any|some|the) others?\b|\b(?:any|some|what)(?:thing)? more\b"
    r"|\bmore(?=\W*\Z| (?:on|about|details?|information)\b)",
    re.IGNORECASE,
)
_WHO_ELSE = re.compile(r"(\w+) else\W*", re.IGNORECASE)
_POINTING = re.compile(rf"\b(?:{_THIS}|there|hers|theirs)\b", re.IGNORECASE)
# "The files" are those spoken of; "the price of rice" says itself what it means.
_DEFINITE = re.compile(r"\bthe\s+(?!\w+\s+of\b)", re.IGNORECASE)
_DEFINITE_WORDS = 3


def understand(question: str, history: Sequence[Turn] = ()) -> Question:
    """Complete `question` from the conversation, and classify what it asks for.

    Raises QuestionError when the question is empty, longer than MAX_CHARACTERS or no text.
    """
    question = _squeezed(question)
    last, reply, told = Question(""), "", ""
    for asked, answered in history[-_REMEMBERED:]:
        with contextlib.suppress(QuestionError):  # It was refused, and so says nothing.
            asked = _squeezed(asked)
            last = _complete(asked, last, reply)
            reply = answered[:_REPLY]
            # Taken as it was typed, it began another subject.
            told = f"{told}\n{reply}" if last.context or last.text not in asked else reply
            last = replace(last, text=re.sub(r"(?i)\belse\s+", "", last.text))
    understood = _complete(question, last, reply)
    text, context, more = understood.text, understood.context, _MORE.search(question)
    return replace(
        understood,
        expects=answer_type(text if more or _VERB_OR_WH.search(text) else context or text),
        alone=bool(context) and not more and _may_stand(text),
        told=told.strip() if more else "",
    )


def _squeezed(question: str) -> str:
    """The question, white space squeezed, if it can be asked."""
    question = " ".join(question.split())
    if not question:
        raise QuestionError(note("question_empty"))
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(note("question_long", n=len(question), most=MAX_CHARACTERS))
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError(note("question_no_text"))
    return question


def _complete(question: str, last: Question, reply: str) -> Question:
    """The question complete in itself, or with the earlier question as its context.

    A turn that needs the topic keeps it for the turns to come.
    """
    topic = last.context or last.text
    rest = _LEAD.sub("", question)
    if not topic:
        return Question(question)
    again = _WHO_ELSE.fullmatch(rest)
    if again and not asks_about_name(last.text):
        repeated, found = re.subn(rf"(?i)\A({again[1]}) ", r"\1 else ", last.text)
        if found:
            return Question(repeated, last.context)
    if not stems(rest) and not _VERB_OR_WH.search(rest):
        return Question(question, topic)
    opened = rest if rest == question else rest[0].upper() + rest[1:]
    pronoun = _PRONOUN.search(opened)
    if not pronoun and not _VERB_OR_WH.search(rest) and len(rest.split()) <= _FRAGMENT_WORDS:
        if rest == question and rest[-1] != "?" and len(stems(rest)) > 2:
            return Question(question)  # Key words of a new search.
        replaced = _replace_part(topic, rest)
        return Question(replaced) if replaced else Question(opened, topic)
    text = _THERE.sub(lambda there: _place(topic) or there.group(), opened)
    if pronoun and not _has_subject(text[: pronoun.start()]):
        meant = _referent(text, pronoun, last, reply)
        if meant:
            suffix = "'s" if pronoun["possessive"] else ""
            text = text[: pronoun.start()] + meant + suffix + text[pronoun.end() :]
            pronoun = _PRONOUN.search(text)
    return Question(text, topic if _leans(text, pronoun) else "")


def _may_stand(question: str) -> bool:
    """Whether a question that seems to need another is complete all the same: "Who brokered the
    ceasefire?" is, if the archive knows of one only."""
    pointing = _PRONOUN.search(question) or _POINTING.search(question)
    return not pointing and len(stems(question)) > 1 and bool(_VERB_OR_WH.search(question))


def _leans(question: str, pronoun: re.Match[str] | None) -> bool:
    """Whether a question cannot be understood without the one before it."""
    if pronoun:
        # Nobody sues "him" in the clause that names him: with a subject, it means another.
        before = question[: pronoun.start()]
        clause = _CLAUSE.split(before)[-1] if pronoun["object"] else ""
        if not _has_subject(before) or _has_subject(clause):
            return True
    if _THERE.search(question):
        return True
    if _names(question):
        return False
    content = len(stems(re.sub(r"(?i)\b(?:how \w+|else)\b", "", question)))
    return bool(
        pronoun
        or _POINTING.search(question)
        or (_DEFINITE.search(question) and content <= _DEFINITE_WORDS)
        or (content <= 1 and not re.search(r"\ban?\b", question))
    )


def _has_subject(before: str) -> bool:
    """Whether `before` has a name that a pronoun may refer to: not one as in "in Japan"."""
    return any(not _after(_PREPOSITION, before[:start]) for start, _ in _names(before))


def _after(what: str, before: str) -> re.Match[str] | None:
    return re.search(rf"\b{what}\s+(?:the\s+)?$", before, re.IGNORECASE)


def _names(question: str) -> list[Span]:
    """The names in a question, dates and words that are capitalised only to open it left out."""
    if question.isupper() and " " in question:
        return []
    found = []
    for start, end in names(question):
        opener = re.split(r"['’]", question[start:end].lower())[0] if start == 0 else ""
        if opener not in STOP_WORDS | _ORDERS and not _FIGURE.fullmatch(question[start:end]):
            found.append((start, end))
    return found


def _replace_part(topic: str, fragment: str) -> str:
    """Put "in Pursat?", "Pursat?" or "in 2023?" in the place of its like in the earlier question.

    Without its like, words behind a preposition are added; for others, "" is returned.
    """
    part = _PART.fullmatch(fragment.rstrip("?!. "))
    if not part:
        return ""
    preposition, thing, bare = part.groups()
    if _FIGURE.fullmatch(bare):
        places = [found.span() for found in _FIGURE.finditer(topic)]
    elif preposition or names(bare) == [(0, len(bare))]:
        places = _names(topic)
    else:
        return ""
    if preposition:
        places = [place for place in places if _after(preposition, topic[: place[0]])]
        about = re.fullmatch(_ABOUT, preposition, re.IGNORECASE)
        if not places and (about or (bare.islower() and topic[1:].islower())):
            # No name: the words up to the next preposition, or the one that may be a place.
            like = rf"\S.*?(?=\s+{_PREPOSITION}\b|\W*\Z)" if about else r"\w+"
            found = re.finditer(rf"\b{preposition}\s+({like})", topic, re.IGNORECASE)
            places = [m.span(1) for m in found if stems(m[1]) and not _FIGURE.fullmatch(m[1])]
        if not places:
            return f"{topic.rstrip('?!. ')} {preposition.lower()} {thing}?"
    if not places:
        return ""
    long = len(bare.split())
    alike = [place for place in places if len(topic[slice(*place)].split()) == long]
    start, end = (alike or places)[-1]
    return re.sub(r"\bthe\s+$", "", topic[:start], flags=re.IGNORECASE) + thing + topic[end:]


def _place(topic: str) -> str:
    """Where something happened in the earlier question, "" when in doubt."""
    found = [span for span in _names(topic) if _after(_PLACE, topic[: span[0]])]
    return f"in {_with_the(topic, *found[0])}" if len(found) == 1 else ""


def _referent(question: str, pronoun: re.Match[str], last: Question, reply: str) -> str:
    """The name that a pronoun of `question` stands for, "" when in doubt.

    It is the subject of the earlier question, or what that is about, or, for a person, the one
    new name of the answer.
    """
    word = pronoun.group().lower()
    person = word in ("he", "him", "his", "she", "her")
    if not person and (word not in ("it", "its") or asks_about_name(last.text)):
        return ""
    asks_what = re.match(r"(?:what|which)\b.*\b(?:did|does|do|has|have)\b", last.text, re.I)
    if word == "it" and asks_what and not _MORE.search(question):
        return ""  # Rather what was done than who did it.
    for text in (last.text, last.context):
        if person and answer_type(text) == "person":
            break  # Rather who did it than whom it was done to.
        found = [name for name in _subjects(text) if name not in question]
        if found:
            return found[0]
    # In an answer, a single capitalised word may only open its sentence, and capitals a report.
    new = {
        name
        for name in _subjects(reply)
        if " " in name and not name.isupper() and name not in str(last)
    }
    return new.pop() if person and len(new) == 1 else ""


def _subjects(text: str) -> list[str]:
    """The names that a text has for its subjects; without any, those that it is about."""
    subjects, abouts = [], []
    for start, end in _names(text):
        if _qualifies(text, start, end):
            continue
        before, name = text[:start], _with_the(text, start, end)
        if _after(_ABOUT, before):
            abouts.append(name)
        elif not _after(rf"(?:{_PREPOSITION}|between\s.*\sand)", before):
            subjects.append(name)
    return subjects or abouts


def _with_the(text: str, start: int, end: int) -> str:
    the = re.search(r"\bthe\s\Z", text[:start], re.IGNORECASE)
    return text[the.start() if the else start : end]


def _qualifies(text: str, start: int, end: int) -> bool:
    """Whether a name only tells more of the word behind it: "the U.S. ambassador", "Thai police",
    "Hun Sen's son"; with "did", a verb follows."""
    following = re.match(r"['’]s?\s|\s+([a-z]\w*)", text[end:])
    if not following or following[1] in STOP_WORDS:
        return False
    single = " " not in text[start:end]
    if following[1] and _BEFORE_VERB.search(text[:start]):
        return single and bool(_DEMONYM.fullmatch(text[start:end]))
    return single or not following[1] or text[:start].lower().endswith("the ")
