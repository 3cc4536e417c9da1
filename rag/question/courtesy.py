"""Whether a text is no question at all: a greeting, thanks, or letters without a word. Pure."""

from __future__ import annotations

import re
import unicodedata

from rag.text.stems import STOP_WORDS
from rag.text.vocabulary import QUESTION_WORD

_COURTESY = frozenset(
    "hello hi hey hiya howdy yo greetings good morning afternoon evening night day bye goodbye"
    " thanks thank thx ty cheers much many lot ok okay yes yeah no great nice fine well cool wow"
    " awesome lol sorry welcome please help helpful test testing byline"
    " bonjour bonsoir salut coucou merci beaucoup hola danke".split()
)
_ADDRESSED = frozenset(("you", "your"))
# Said of whoever is addressed as "you", and of nothing that articles tell.
_OF_YOU = frozenset(
    "robot bot human machine real name love like see later soon doing today".split()
)
# Whole phrases, as their words say something elsewhere or stand in a script without word breaks.
_PHRASES = (
    "good job", "well done", "nice one", "what's up", "whats up", "sup", "hello world",
    "got it", "i see", "never mind", "no problem", "au revoir",
    "សួស្តី", "សួស្ដី", "ជំរាបសួរ", "ជម្រាបសួរ", "អរគុណច្រើន", "អរគុណ", "លាហើយ", "ជំរាបលា",
    "السلام علیکم", "سلام", "آداب", "ہیلو", "بہت شکریہ", "شکریہ", "خدا حافظ", "مہربانی",
)  # fmt: skip
_PHRASE = re.compile("|".join(sorted(map(re.escape, _PHRASES), key=len, reverse=True)))
_VOWEL = re.compile(r"[aeiouy]")
# Other neighbours on a keyboard have no vowel among them.
_MASHED = re.compile(r"asdf|qwer|[^aeiouy\W\d]{6}|(\w)\1{3}")


def is_small_talk(question: str) -> bool:
    """Whether a text is a greeting, thanks or the like: nothing but such words, or about "you"."""
    text = question.lower().replace("’", "'")
    if _PHRASE.search(text) and not _letters(_PHRASE.sub(" ", text)):
        return True
    words = set(re.findall(r"(?<!['’])\b\w+", text))
    addressed = bool(words & _ADDRESSED)
    if not words <= STOP_WORDS | _COURTESY | (_OF_YOU if addressed else frozenset()):
        return False
    asks = re.search(QUESTION_WORD, question, re.IGNORECASE)
    return addressed or (not asks and bool(words & _COURTESY))


def is_gibberish(question: str) -> bool:
    """Whether a text is no words: signs alone, or Latin letters as fingers fall on keys, each
    "word" without a vowel, of neighbouring keys, or with one letter four times. Capitals may
    stand for a name, and a number may be asked for."""
    words = _letters(question).split()
    if not words:
        return not any(character.isdigit() for character in question)
    return all(map(_is_mashed, words))


def _is_mashed(word: str) -> bool:
    if not (word.isascii() and word.islower()) or len(word) == 2:  # "us", "tv"
        return False
    return len(word) == 1 or bool(_MASHED.search(word)) or not _VOWEL.search(word)


def _letters(text: str) -> str:
    """The letters of a text with the marks that belong to them, the rest as blanks."""
    kept = (c if unicodedata.category(c)[0] in "LM" else " " for c in text)
    return "".join(kept).strip()
