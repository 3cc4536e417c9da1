"""Templates that turn an English sentence into questions which it answers. Pure.

Each name of the sentence is replaced by one letter, so that a template is one pattern: "Rubio urged
Thailand to …" is "X urged Y to …" and gives "What did Marco Rubio urge Thailand to do?". There is
no parser: a subject is taken only where nothing else can be one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from rag.discover.entities import ROLE, Entity, split_titles
from rag.text.stems import names
from rag.text.vocabulary import MONTH, TWO_TO_TWELVE, WEEKDAY, either

_FIRST, _NAME = 0xE000, "[\ue000-\uf8ff]"  # Private-use letters, one for each name of a sentence.
_NO_SUBJECT = "of|for|by|with|and|or|to|from|in|at|on|about|than|against|not|never|if|whether"
_ADVERB = rf"(?: (?:also|later|has|have|had|earlier|today|yesterday|(?:on )?{WEEKDAY}|\w+ly))*"
# At the beginning of a clause and behind at most four words; "X, a spokesman for Y, ".
_WHO = (
    r"(?:^|[,;:—–“”\"(] ?|\b(?:that|when|while|but|because|after|as) )"
    rf"(?:(?!(?:{_NO_SUBJECT})\b)[\w’'-]+ ){{0,4}}(?P<who>{_NAME})(?:, [^,]{{2,60}},)?{_ADVERB}"
)
_BE = "(?:is|are|was|were|has|have|had|will|would|could|can|should|must|may|might)"
_DATE = rf"(?:on|in) (?:(?:\d\d? )?{MONTH}|(?:19|20)\d\d)\b"
_COUNT = rf"(?:\d[\d,]*|\w+s of|{either(*TWO_TO_TWELVE)}|\d[\d.]* [mb]illion)"

_TEMPLATES = tuple(
    (form, re.compile(pattern.replace("NAME", _NAME)), question)
    for form, pattern, question in (
        ("say", rf"{_WHO} (?:said|argued|claimed|warned|announced|explained|insisted),?(?: that)?"
         rf" (?:(?:the )?(?P<topic>NAME)|the (?P<thing>[a-z-]+ [a-z-]+)) {_BE}\b",
         "What did {who} say about {topic}?"),
        ("urge", rf"{_WHO} (?P<verb>urge|order|invite|advise|warn|ask)e?d (?:the )?"
         r"(?P<whom>NAME(?: and NAME)?) to (?!the\b|be\b)[a-z]",
         "What did {who} {verb} {whom} to do?"),
        ("accuse", rf"{_WHO} accused (?:the )?(?P<whom>NAME) of [a-z]",
         "What did {who} accuse {whom} of?"),
        ("accuse", rf"{_WHO} (?P<be>is|was) (?P<of>accused of|charged with|convicted of) [a-z]",
         "What {be} {who} {of}?"),
        ("how many", rf"\b{_COUNT} (?P<what>NAME|(?:[a-z-]+ )?(?:[A-Z]?[a-z]+s|(?:wo)?men|people))"
         rf"(?:, [^,]{{3,50}},)? (?P<be>were|have been) (?P<done>[a-z]+ed){_ADVERB}"
         r" in (?:the )?(?P<where>NAME)(?=[,.;])", "How many {what} {be} {done} in {where}?"),
        ("when", rf"{_WHO} was (?P<done>born|founded|launched|arrested|killed|elected|created)\b"
         rf"[^,;.]{{0,30}}? {_DATE}", "When was {who} {done}?"),
        ("agree", rf"{_WHO} (?P<verb>agree|promise|refuse|pledge|vow|threaten|offer)e?d to "
         r"(?!comment|respond|answer|say|speak|disclose|discuss|be|do|the)[a-z]",
         "What did {who} {verb} to do?"),
        ("office", rf"NAME, (?:the )?(?P<role>(?i:(?!an? |retired |former )(?:[a-z]+ ){{0,2}}"
         rf"{ROLE})) (?P<of>of|for|at) (?:the )?(?P<what>NAME)(?=[,.])",
         "Who is the {role} {of} {what}?"),
        ("who is", r"(?P<person>NAME), (?:who is (?:an? )?|an? )(?:[\w’'-]+ ){0,4}?"
         r"(?:\w+(?:[eo]r|ist|ian|man|woman|ant)|critic|chief|president)\b[^.;]{3,90}[,.]",
         "Who is {person}?"),
    )
)  # fmt: skip
FORMS = tuple(dict.fromkeys(form for form, *_ in _TEMPLATES))
"""The forms of question, those first that show most of what can be asked."""

Made = Iterator[tuple[str, str, list[Entity]]]


def questions(sentence: str, article: str, known: Mapping[str, Entity]) -> Made:
    """The form, words and `known` names of each question that a sentence of an article gives."""
    masked, found = _masked(sentence, known)
    for form, pattern, question in _TEMPLATES if found else ():
        for match in pattern.finditer(masked):
            groups = match.groupdict()
            thing, person = groups.get("thing"), groups.get("person")
            if thing:
                groups["topic"] = f"the {thing}"
            filled = question.format_map(groups)
            asked = {letter: found[ord(letter) - _FIRST] for letter in re.findall(_NAME, filled)}
            apart = len(set(asked.values())) == len(asked)
            again = not thing or article.lower().count(thing.split()[-1]) > 1
            if apart and again and (not person or is_person(asked[person], article)):
                for letter, one in asked.items():
                    filled = filled.replace(letter, f"the {one.name}" if one.definite else one.name)
                yield form, filled, list(asked.values())


def in_article(text: str, known: Mapping[str, Entity]) -> Mapping[str, Entity]:
    """The `known` names in an article, by their forms there; a person also by the surname."""
    parts = {part for a, b in names(text) for part in split_titles(text[a:b])}
    found = {part: known[part] for part in sorted(parts) if part in known}
    full = {one for form, one in found.items() if " " in form and is_person(one, text)}
    surnames = Counter(one.name.split()[-1] for one in full)
    plain = {form: one for form, one in found.items() if not one.name.endswith(f" {form}")}
    return plain | {name: one for one in full if surnames[name := one.name.split()[-1]] == 1}


def _masked(sentence: str, known: Mapping[str, Entity]) -> tuple[str, list[Entity]]:
    """The sentence with a letter for each known name and its title, and the names."""
    masked, reach, found = "", 0, list[Entity]()
    for start, end in names(sentence):
        parts = split_titles(sentence[start:end])
        if parts and parts[-1] in known and sentence[:end].endswith(parts[-1]):
            masked += sentence[reach:start] + chr(_FIRST + len(found))
            found.append(known[parts[-1]])
            reach = end
    return masked + sentence[reach:], found


def is_person(one: Entity, article: str) -> bool:
    """Whether an article uses the last of two or three words alone, as it does with surnames."""
    tokens = one.name.split()
    alone = article.count(tokens[-1]) > article.count(one.name)
    return 2 <= len(tokens) <= 3 and alone and not one.definite and "of" not in tokens
