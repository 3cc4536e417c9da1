"""What one person is quoted with in an article, and what others say of them. English. Pure.

`rag.text.attribution` finds the quotations and who the article says speaks. Whose words they are is
decided here, in doubt nobody's: the full name, or the surname alone in an article that has the full
name and no other bearer of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from rag.text.attribution import Quotation, quotations
from rag.text.person_titles import split_titles
from rag.text.stems import names
from rag.text.words import places, term, words
from rag.types import Article

# What may stand behind the name of a speaker: "Tim Cook of Apple", "Tim Cook himself".
_BEHIND = frozenset("of from at in on for with himself herself itself also later then".split())
# What makes the words somebody else's: "a lawyer for Tim Cook".
_BEFORE = frozenset("of for from at with against to by about on in behind".split())


def sayings(name: str, article: Article) -> tuple[list[Quotation], list[Quotation]]:
    """Return the quotations of an article that are the words of the one called `name`, and those of
    others that name them."""
    found = list(quotations(article.text))
    if not found:
        return [], []
    alone = _surname(name, article.text)
    mine = [one for one in found if _is(one.speaker, name) or (alone and _is(one.speaker, alone))]
    called = [term(one) for one in (name, alone) if one]
    about = [
        one
        for one in found
        if one.speaker and one not in mine and places(article.text[slice(*one.span)], called)
    ]
    return mine, about


def _surname(name: str, text: str) -> str:
    """The last word of a person's name, if an article may call them so: it has the full name, and
    nobody else in it has that surname; else ""."""
    surname = name.split()[-1]
    if " " not in name or not surname[:1].isupper():
        return ""
    bearers = {
        tuple(words(part))
        for start, end in names(text)
        for part in split_titles(text[start:end])
        if " " in part and part.split()[-1] == surname
    }
    full = tuple(words(name))
    return surname if bearers and all(one[-len(full) :] == full for one in bearers) else ""


def _is(speaker: str, name: str) -> bool:
    """Whether a speaker, as an article names one, is the one called `name`: behind what he or she
    is, and not another who belongs to them."""
    said, wanted = list(words(speaker)), list(words(name))
    if not wanted:
        return False
    for at in range(len(said) - len(wanted) + 1):
        if said[at : at + len(wanted)] != wanted:
            continue
        before, behind = said[:at], said[at + len(wanted) :]
        if _BEFORE.isdisjoint(before) and (not behind or behind[0] in _BEHIND):
            return len(wanted) > 1 or _is_alone(speaker, name)
    return False


def _is_alone(speaker: str, name: str) -> bool:
    """Whether a single word is a name by itself in a speaker: "Mr. Cook", not "Ann Cook"."""
    parts: Iterable[str] = (
        part for start, end in names(speaker) for part in split_titles(speaker[start:end])
    )
    return any(list(words(part)) == list(words(name)) for part in parts)
