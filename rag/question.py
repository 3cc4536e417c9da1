"""What a question asks for: the conversation put in, and the kind of words that would answer.

Pure; knows nothing of the index. A pronoun or a part ("And in Pursat?") is put in its place only
where the earlier question leaves no doubt; otherwise the earlier question goes along as context.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

from rag.errors import QuestionError
from rag.kinds import asks_about_name, kind_asked
from rag.types import Question, Span, Turn
from rag.words import STOP_WORDS, names, words

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
    r"\b(?:who|whom|whose|what|when|where|why|how|which|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|will|would|should|might|(?-i:may))\b",
    re.IGNORECASE,
)
# A name behind one of the first kind may be what a question is about; "in Kratie" is not.
_ABOUT = r"(?:about|with|by|for|against)"
_PREPOSITION = rf"(?:{_ABOUT}|in|at|on|from|to|of|near|since|after|before|under|between|during)"
_PART = re.compile(rf"(?:({_PREPOSITION})\s+)?((?:the\s+)?(.+))", re.IGNORECASE)
_MONTH_OR_DAY = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
)
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
_PRONOUN = re.compile(
    rf"""\b(?!IT\b)(?i:
    (?P<object>him|them|her(?=\W*$|\s+(?:{_AFTER_OBJECT})\b)|(?:it|this|that|these|those)(?=\W*$))
    |(?P<possessive>his|her|its|their)
    |(?P<subject>he|she|they|it(?!\s+(?:true|clear|known|likely|possible|happen|occur|take)\b))
    )\b""",
    re.VERBOSE,
)
_CLAUSE = re.compile(
    r"\b(?:and|but|or|that|because|when|after|before|if|while|until|why|how)\b|,", re.IGNORECASE
)
_POINTING = re.compile(r"\b(?:it|this|that|these|those|there|else|more|hers|theirs)\b", re.I)
# "The files" are those spoken of; "the price of rice" says itself what it means.
_DEFINITE = re.compile(r"\bthe\s+(?!\w+\s+of\b)", re.IGNORECASE)
_DEFINITE_WORDS = 3


def understand(question: str, history: Sequence[Turn] = ()) -> Question:
    """Put the conversation into `question` and see what it asks for.

    Raises QuestionError when the question is empty, longer than MAX_CHARACTERS or no text.
    """
    question = _squeezed(question)
    topic = reply = ""
    for asked, answered in history[-_REMEMBERED:]:
        with contextlib.suppress(QuestionError):  # It was refused, and so says nothing.
            text, context = _complete(_squeezed(asked), topic, reply)
            # A turn that leans on the topic leaves it in place for the turns to come.
            topic, reply = context or text, answered[:_REPLY]
    text, context = _complete(question, topic, reply)
    asking = text if _VERB_OR_WH.search(text) else context or text
    return Question(text, context, kind_asked(asking), alone=bool(context) and _may_stand(text))


def _squeezed(question: str) -> str:
    """The question, white space squeezed, if it can be asked."""
    question = " ".join(question.split())
    if not question:
        raise QuestionError("The question is empty. Type a question about the articles.")
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(question):,} characters; at most {MAX_CHARACTERS:,} can be "
            "read. Ask for one thing at a time."
        )
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError("The question holds bytes that are no text. Type it in UTF-8.")
    return question


def _complete(question: str, topic: str, reply: str) -> tuple[str, str]:
    """Return the question complete in itself, and the earlier question if it still leans on it."""
    rest = _LEAD.sub("", question)
    if not topic:
        return question, ""
    if not words(rest) and not _VERB_OR_WH.search(rest):
        return question, topic
    opened = rest if rest == question else rest[0].upper() + rest[1:]
    pronoun = _PRONOUN.search(opened)
    if not pronoun and not _VERB_OR_WH.search(rest) and len(rest.split()) <= _FRAGMENT_WORDS:
        if rest == question and rest[-1] != "?" and len(words(rest)) > 2:
            return question, ""  # Key words of a new search.
        replaced = _replace_part(topic, rest)
        return (replaced, "") if replaced else (opened, topic)
    rest = opened
    own = [rest[start:end] for start, end in _names(rest)]
    if pronoun and not _has_subject(rest[: pronoun.start()]):
        meant = _referent(topic, reply, own, pronoun)
        if meant:
            suffix = "'s" if pronoun["possessive"] else ""
            return rest[: pronoun.start()] + meant + suffix + rest[pronoun.end() :], ""
    return rest, topic if _leans(rest, pronoun, bool(own)) else ""


def _may_stand(question: str) -> bool:
    """Whether a question that seems to lean on another is complete all the same: "Who brokered
    the ceasefire?" says enough, if the archive knows of one only."""
    pointing = _PRONOUN.search(question) or _POINTING.search(question)
    return not pointing and len(words(question)) > 1 and bool(_VERB_OR_WH.search(question))


def _leans(question: str, pronoun: re.Match[str] | None, named: bool) -> bool:
    """Whether a question cannot be understood without the one before it."""
    if pronoun and pronoun["object"]:
        # Nobody sues "him" in the clause that names him: with a subject, it means another.
        before = question[: pronoun.start()]
        return not _has_subject(before) or _has_subject(_CLAUSE.split(before)[-1])
    if re.search(r"\bthere\W*$", question, re.IGNORECASE):
        return True
    if named:
        return False
    content = len(words(re.sub(r"\bhow \w+", "", question, flags=re.IGNORECASE)))
    return bool(
        pronoun
        or _POINTING.search(question)
        or (_DEFINITE.search(question) and content <= _DEFINITE_WORDS)
        or (content <= 1 and not re.search(r"\ban?\b", question))
    )


def _has_subject(before: str) -> bool:
    """Whether a name stands there that a pronoun may refer to: not one as in "in Japan"."""
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
        if not places and bare.islower() and topic[1:].islower():
            # All in lower case: the one word behind the same preposition stands for a name.
            places = [m.span(1) for m in re.finditer(rf"\b{preposition}\s+(\w+)", topic, re.I)]
            places = [(start, end) for start, end in places if words(topic[start:end])]
    else:
        return ""
    if preposition:
        places = [place for place in places if _after(preposition, topic[: place[0]])]
        if not places:
            return f"{topic.rstrip('?!. ')} {preposition.lower()} {thing}?"
    if not places:
        return ""
    long = len(bare.split())
    alike = [place for place in places if len(topic[slice(*place)].split()) == long]
    start, end = (alike or places)[-1]
    return re.sub(r"\bthe\s+$", "", topic[:start], flags=re.IGNORECASE) + thing + topic[end:]


def _referent(topic: str, reply: str, own: Sequence[str], pronoun: re.Match[str]) -> str:
    """The name that a pronoun stands for, "" when in doubt.

    It is the subject of the earlier question, or what that is about, or, for a person, the one
    new name of the answer.
    """
    word = pronoun.group().lower()
    if word in ("this", "that", "these", "those"):
        return ""
    if word in ("it", "its") and asks_about_name(topic):
        return ""
    asks_what = re.match(r"(?:what|which)\b.*\b(?:did|does|do|has|have)\b", topic, re.IGNORECASE)
    if word == "it" and pronoun["subject"] and asks_what:
        return ""  # Rather what was done than who did it.
    subjects, abouts = [], []
    for start, end in _names(topic):
        before = topic[:start]
        if topic[start:end] in own or _qualifies(topic, start, end):
            continue
        the = re.search(r"\bthe\s$", before, re.IGNORECASE)
        name = (the.group() if the else "") + topic[start:end]
        if _after(_ABOUT, before):
            abouts.append(name)
        elif not _after(rf"(?:{_PREPOSITION}|between\s.*\sand)", before):
            subjects.append(name)
    found = subjects or abouts
    if found:
        several = word in ("they", "them", "their") and len(found) > 1
        return "" if several else found[0]
    if word in ("it", "its", "they", "them", "their"):
        return ""
    # In an answer, a single capitalised word may only open its sentence.
    new = {
        reply[start:end]
        for start, end in names(reply)
        if " " in reply[start:end]
        and reply[start:end] not in topic
        and reply[end : end + 2] not in ("'s", "’s")
    }
    return new.pop() if len(new) == 1 else ""


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
