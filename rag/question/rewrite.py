"""Understand a question in its conversation: what of it, if anything, the question leans on. Pure.

Knows nothing of the index. A question that leans on an earlier one ("And in Pursat?", "Why?") has
that for its context. One that may be complete all the same is `alone`: `rag.pipeline` reads it as
typed. A pronoun is replaced only after a question about one name, and
nothing else ("Who is Hun Sen?").
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from rag.errors import QuestionError
from rag.question.answer_type import answer_type
from rag.question.courtesy import is_gibberish, is_small_talk
from rag.text.characters import plain
from rag.text.stems import STOP_WORDS, names, stems
from rag.text.vocabulary import POSSESSIVES, QUESTION_WORD, SUBJECT_PRONOUNS, either
from rag.types import Question, Turn
from rag.wording import note

# About what the default encoder reads of a question; an answer to one that it cuts says so.
MAX_CHARACTERS = 1000
_TYPED = 20 * MAX_CHARACTERS  # With white space, before anything of it is read.
# Earlier turns that may still be meant.
_REMEMBERED = 20
_REPLY = 5_000  # Characters of an answer.

_LEAD = re.compile(
    r"\A(?:(?:and|but|or|so|then|also|ok|okay|thanks|thank you|what about|how about)\b[\s,.!]*)+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"\b(?:{QUESTION_WORD}|is|are|was|were|do|does|did|has|have|had"
    r"|can|could|will|would|should|might|(?-i:may))\b",
    re.IGNORECASE,
)
# "That" and "there" have other uses before the end of a question; IT is no pronoun.
_POINTING = re.compile(
    rf"\b(?!IT\b)(?i:{either(*SUBJECT_PRONOUNS, *POSSESSIVES)}|him|them|hers|theirs"
    r"|this|these|those|(?:that|there)(?=\W*\Z))\b"
)
_IT, _PERSON = frozenset(("it", "its")), frozenset(("he", "him", "his", "she", "her"))
# "Which province had more people?" compares; it does not ask what else there is.
_MORE = re.compile(
    r"\belse\b|\b(?:what|which|any|some|the) others?\b|\b(?:any|some|what)(?:thing)? more\b"
    r"|\bmore(?=\W*\Z| (?:on|about|details?|information)\b)",
    re.IGNORECASE,
)
_PREPOSITIONS = frozenset("in at on from to of near since after before under during".split())
_COMPLETE = 4  # Words that say something: with so many, a question needs no name to be complete.


def understand(question: str, history: Sequence[Turn] = ()) -> Question:
    """Give `question` the context that it leans on, and classify what it asks for.

    Raises QuestionError when the question is empty, longer than MAX_CHARACTERS or no text.
    """
    question = _squeezed(question)
    subject = _subject(history)
    text = _with_name(question, subject)
    turns = [] if is_small_talk(text) or is_gibberish(text) or _stands(text) else subject
    if turns and _script(text) != _script(turns[0][0]):
        turns = []  # Words of one language tell nothing of those of another.
    context = [turns[0][0], turns[-1][0]] if turns else []
    more = _MORE.search(text)
    asking = next((t for t in (text, *reversed(context)) if more or _ASKS.search(t)), text)
    return Question(
        text,
        " ".join(dict.fromkeys(context)),
        answer_type(_LEAD.sub("", asking)),
        alone=bool(turns) and not more and not _leans(text),
        told="\n".join(told for _, told in subject).strip() if more else "",
    )


def _squeezed(question: str) -> str:
    """The question in plain characters, white space squeezed, if it can be asked."""
    if len(question) > _TYPED:
        raise QuestionError(note("question_long", n=len(question), most=MAX_CHARACTERS))
    question = " ".join(plain(question).split())
    if not question:
        raise QuestionError(note("question_empty"))
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(note("question_long", n=len(question), most=MAX_CHARACTERS))
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError(note("question_no_text"))
    return question


def _subject(history: Sequence[Turn]) -> list[Turn]:
    """The earlier questions that say something, from the last one that stands by itself, with what
    was told of their subject."""
    turns: list[Turn] = []
    for asked, reply in history[-_REMEMBERED:]:
        with contextlib.suppress(QuestionError):  # It was refused, and so says nothing.
            asked, told = _squeezed(asked), reply[:_REPLY]
            if not _content(asked) or is_small_talk(asked):
                continue
            named = _with_name(asked, turns)
            if _stands(named):
                before = [] if named == asked else [text for _, text in turns]
                turns = [(named, "\n".join((*before, told)))]
            else:
                turns.append((named, told))
    return turns


def _with_name(question: str, turns: Sequence[Turn]) -> str:
    """The question, its pronoun replaced by the one name that the conversation is about."""
    pronoun = _POINTING.search(question)
    about = turns[0][0] if turns else ""
    found = [about[start:end] for start, end in names(about)]
    if not pronoun or len(found) != 1 or stems(about) != stems(found[0]):
        return question
    before, word, after = question[: pronoun.start()], pronoun[0].lower(), question[pronoun.end() :]
    meant = _PERSON if re.match("who", about, re.IGNORECASE) else _IT
    if _antecedent(before) or word not in meant:
        return question
    following = re.match(r"\s+(\w+)", after)
    owns = word in ("his", "its") or (
        word == "her" and following and following[1].lower() not in STOP_WORDS
    )
    return before + found[0] + ("'s" if owns else "") + after


def _leans(question: str) -> bool:
    """Whether a question cannot be understood without the one before it: it has a pronoun that
    none of its names can be meant by, is no sentence, or says next to nothing."""
    rest = _LEAD.sub("", question)
    pointing = _POINTING.search(rest)
    if pointing and not _antecedent(rest[: pointing.start()]):
        return True
    if not _ASKS.search(rest):
        return rest != question or len(_content(rest)) < 2
    return len(_content(rest)) < 2 and not _named(rest)


def _stands(question: str) -> bool:
    """Whether a question is complete in itself without a doubt."""
    if _leans(question) or _POINTING.search(question) or not _ASKS.search(question):
        return False
    return _named(question) or len(_content(question)) >= _COMPLETE


def _antecedent(before: str) -> bool:
    """Whether a pronoun may mean a name before it: not one as in "in Japan"."""
    words = (before[:start].lower().split() for start, _ in names(before))
    return any(word and word[-1] not in _PREPOSITIONS for word in words)


def _script(text: str) -> str:
    """The script of most letters of a text, as Unicode calls it; LATIN where there are none."""
    found = (unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha())
    counted = Counter(found).most_common(1)
    return counted[0][0] if counted else "LATIN"


def _content(question: str) -> list[str]:
    return stems(_MORE.sub("", question))


def _named(question: str) -> bool:
    """Whether there is a name; one capitalised word that opens the question may be none."""
    return any(start > 0 or " " in question[start:end] for start, end in names(question))
