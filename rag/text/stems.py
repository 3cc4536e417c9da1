"""Stem the words of a text for matching, and find its names. Pure.

Stems are compared and never shown. Accents are dropped ("Kratié", "Kratie"), points in acronyms too
("U.S.", "US"), figures stay whole ("1,000"), possessive endings go, and powers have one name
("American", "US"). Soft hyphens and the like are not there, and a word that is hyphenated at the
end of a line is one.
"""

from __future__ import annotations

import re
import threading

import Stemmer

from rag.text.characters import normalized, plain
from rag.text.lines import spaced
from rag.types import Span

# Function words and the words that only make a question: they say nothing of its subject.
STOP_WORDS = frozenset(
    "a about above after again all also am an and any are as at be been before being between both"
    " but by can could did do does doing down during each few for from further had has have having"
    " he her here hers him his how i if in into is it its just me more most my no nor not now of"
    " off on once only or other our out over own same she should so some such than that the their"
    " them then there these they this those through to too under until up us very was we were what"
    " when where which while who whom whose why will with would you your".split()
)
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\w+(?:[-'’]\w+)*")
# Small words inside a name: "Ministry of the Interior", "Mohammed bin Salman".
_PARTICLES = frozenset("of the for de la bin al van von".split())
_ACRONYM = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_COMBINING = re.compile("[\u0300-\u036f]")
# Powers that the news calls by several names.
_ALIASES = re.compile(
    r"\b(?:(?P<usa>USA?|(?i:united states(?: of america)?|americans?))"
    r"|(?P<uk>(?i:united kingdom|britain|british|britons?))"
    r"|(?P<un>(?i:united nations))|(?P<eu>(?i:european union)))\b"
)
_ALIASED = frozenset("united states america kingdom nations european union".split())
"""Words of such names: within one, a text does not have their own stems."""
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|\w+")
# "inter-\nnational" has the words "inter", "national" and "international".
_HYPHENATED = re.compile(r"([^\W\d_]{1,40})-\n[ \t]*([^\W\d_]{1,40})")
# A stemmer is not safe to share between threads.
_local = threading.local()


def fold(text: str) -> str:
    """Lower case, without accents and points in acronyms."""
    return _plain(text).lower()


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text`, stop words dropped, in order.

    The stemmer is Snowball's for English.
    """
    if "-\n" in text:
        text = " ".join([text, *map("".join, _HYPHENATED.findall(text))])
    called = _ALIASES.sub(lambda match: match.lastgroup or "", _plain(text)).lower()
    found = [word for word in _WORD.findall(called) if word not in STOP_WORDS]
    kept = [word for word in found if len(word) > 1 or not word.isascii() or word.isdigit()]
    if not hasattr(_local, "stemmer"):
        # Its cache would keep the words of documents that were removed.
        _local.stemmer = Stemmer.Stemmer("english", 0)
    stemmed: list[str] = _local.stemmer.stemWords(kept)
    return stemmed


def lasting_stems(phrase: str) -> set[str]:
    """Return the stems of `phrase` that every text has in which the phrase stands, whatever is
    before and behind it."""
    words = [word for word in _WORD.findall(fold(phrase)) if word not in _ALIASED]
    powers = _ALIASES.groupindex.keys() & set(stems(phrase))
    return powers.union(*map(stems, words))


def names(text: str) -> list[Span]:
    """Return the spans of names in `text`: runs of capitalised words, question words left out."""
    spans: list[Span] = []
    shouted = text.isupper() and text.count(" ") > 2
    reach = -1  # Where the run, with the particles behind it, ends.
    for token in _TOKEN.finditer(text):
        word = token.group()
        gap = text[reach : token.start()]
        joined = gap == " " or (gap == ". " and text[reach - 2 : reach - 1] in (" ", ""))
        if word[0].isupper() and not _only_opens(word.lower() if shouted else word):
            end = token.end() - (2 if word.endswith(("'s", "’s")) else 0)
            spans.append((spans.pop()[0] if joined else token.start(), end))
            reach = token.end()
        elif joined and word in _PARTICLES:
            reach = token.end()
        else:
            reach = -1
    return spans


def has_word(text: str, word: str) -> bool:
    """Whether `word` occurs in `text`, in this case and not as a part of a longer word.

    A regular expression made of the word would outlast the text in the cache of `re`.
    """
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if _is_boundary(text, at) and _is_boundary(text, end):
            return True
        at = text.find(word, at + 1)
    return False


def _is_boundary(text: str, at: int) -> bool:
    r"""Whether a word begins or ends at a place of a text: \b of a regular expression."""
    before, behind = text[at - 1 : at] if at else "", text[at : at + 1]
    return _is_letter(before) != _is_letter(behind)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _plain(text: str) -> str:
    text = spaced(plain(text))
    text = _ACRONYM.sub(lambda match: match.group().replace(".", ""), text)
    return _COMBINING.sub("", normalized("NFKD", text))


def _only_opens(word: str) -> bool:
    """Whether a word is capitalised only because it opens a sentence: "The", but not "WHO"."""
    first = re.split("['’]", word.lower())[0]
    return first in STOP_WORDS and not (len(word) > 1 and word.isupper())
