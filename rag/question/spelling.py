"""Reads a misspelt name in a question as the one that the articles have. Pure.

A near form is one edit away (Damerau 1964): a letter dropped, added or replaced, or two swapped.
All edits of a word are looked up, so that the look-up takes the same time however many words the
articles have (Norvig 2007).
"""

from __future__ import annotations

import itertools
import re
import string
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.question.answer_type import asks_about_name
from rag.question.lexicon import WORD, Lexicon
from rag.question.parse import unquoted
from rag.text.characters import plain
from rag.text.stems import STOP_WORDS, fold, names, stems
from rag.types import Note, Question, Span
from rag.wording import note

# Shorter words nearly all have several near forms.
_SHORTEST = 4
# A name that a few passages mention less often may be near by chance.
_MENTIONS = 3
_SUGGESTED = 3
_HYPHENATED = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A word that no article holds: its place, and the words before and after it, "" for none, in
    its name or, where nothing is capitalised, in the question. `alone`: whether it may be a name
    by itself."""

    span: Span
    before: str
    after: str
    alone: bool


def respelt(question: Question, lexicon: Lexicon) -> Question:
    """Read each misspelt name of `question` as the one that is meant; notes say so.

    Where it is not sure which, notes suggest names. A word that the articles hold, one in
    quotation marks, a figure, and a lower-case word beside capitalised ones stay as they are.
    """
    text, notes = _respelt(question.text, lexicon)
    context, more = _respelt(question.context, lexicon)
    notes = tuple(dict.fromkeys((*question.notes, *notes, *more)))
    return replace(question, text=text, context=context, notes=notes)


def _respelt(text: str, lexicon: Lexicon) -> tuple[str, tuple[Note, ...]]:
    notes: tuple[Note, ...] = ()
    # From the end, so that the places of the others stay.
    for word in reversed(list(_unknown(text, lexicon))):
        start, end = word.span
        name, suggested = _meant(text[start:end], word, lexicon)
        token = next(m for m in _HYPHENATED.finditer(text) if m.start() <= start < m.end())
        written, before, after = token.group(), text[token.start() : start], text[end : token.end()]
        found = [
            note("name_near", written=written, near=f"{before}{near}{after}") for near in suggested
        ]
        if name:
            found = [note("name_read_as", written=written, read=f"{before}{name}{after}")]
            text = text[:start] + name + text[end:]
        notes = (*found, *notes)
    return text, notes


def absent_names(text: str, lexicon: Lexicon) -> list[str]:
    """Return the words of the names in a question that no article has; not its first word, which
    is capitalised in any case, and none that the encoder knows whole: it knows "Japan" to be near
    "Japanese". Of one that asks who a person is, the whole name, if no article has it in one piece.
    What an archive says of others is no answer to it."""
    bare = unquoted(text)
    if asks_about_name(bare):
        whole = " ".join(bare[start:end] for start, end in names(bare))
        held = (" ".join(found.split()).casefold() for found in lexicon.texts(whole))
        return [] if any(whole.casefold() in found for found in held) else [whole]
    return [
        word.group()
        for run in names(bare)
        for word in WORD.finditer(bare, *run)
        if word.start() > 0 and word.group()[0].isupper() and len(word.group()) >= _SHORTEST
        and fold(word.group()) not in STOP_WORDS and not lexicon.occurs(word.group())
        and not lexicon.whole(word.group())
    ]  # fmt: skip


def _unknown(text: str, lexicon: Lexicon) -> Iterator[_Unknown]:
    """The words of a question that may be misspelt names, in order."""
    bare = unquoted(text)
    lower = bare.islower()
    for run in [(0, len(bare))] if lower else names(bare):
        found = list(WORD.finditer(bare, *run))
        beside = ["" if lower and m.group() in STOP_WORDS else m.group() for m in found]
        for match, before, after in zip(found, ["", *beside], [*beside[1:], ""], strict=False):
            word = match.group()
            if len(word) < _SHORTEST or fold(word) in STOP_WORDS or lexicon.occurs(word):
                continue
            if lower or word[0].isupper():
                yield _Unknown(match.span(), before, after, lower or len(found) == 1)


def _meant(written: str, word: _Unknown, lexicon: Lexicon) -> tuple[str, list[str]]:
    """The name that is meant by a word, "" for none, and otherwise those that may be.

    Meant is the only near form that an article has beside the same neighbour: "Ellison" by "Elison"
    after "Caroline". Of a name of one word it is the only near form, if it is mentioned often
    enough and the encoder does not know the word as it is written.
    """
    near = _near(written, lexicon)
    attested = [name for name in near if _attested(name, word, lexicon)]
    if len(attested) == 1:
        return attested[0], []
    if lexicon.whole(written):
        return "", []
    if word.alone and len(near) == 1 and sum(near.values()) >= _MENTIONS:
        return next(iter(near)), []
    return "", sorted(attested or near, key=lambda name: -near[name])[:_SUGGESTED]


def _near(written: str, lexicon: Lexicon) -> Counter[str]:
    """The names of the articles that are one edit away from a word, as they are spelt there, each
    with its mentions in a few passages."""
    forms = defaultdict[str, set[str]](set)
    for edit in _edits(fold(written)):
        if lexicon.occurs(edit):
            forms[stems(edit)[0]].add(edit)
    upper, lower = defaultdict[str, Counter[str]](Counter), Counter[str]()
    for alike in forms.values():
        for text in lexicon.texts(next(iter(alike))):
            for spelt, form in _words(text):
                if form in alike and spelt[0].isupper():
                    upper[form][spelt] += 1
                elif form in alike:
                    lower[form] += 1
    return Counter(
        {
            spelt.most_common(1)[0][0]: spelt.total()
            for form, spelt in upper.items()
            if spelt.total() > lower[form]
        }
    )


def _attested(name: str, word: _Unknown, lexicon: Lexicon) -> bool:
    """Whether an article has a name beside a neighbour of the word that it may stand for."""
    pairs = [(word.before, name), (name, word.after)]
    return any(
        (fold(one), fold(other)) in itertools.pairwise(form for _, form in _words(text))
        for one, other in pairs
        if one and other
        for text in lexicon.texts(f"{one} {other}")
    )


def _words(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text as they are spelt, and folded."""
    for word in WORD.findall(plain(text)):
        yield word, word.lower() if word.isascii() else fold(word)


def _edits(word: str) -> set[str]:
    """The words one edit away from `word` that begin as it does: the first letter is seldom wrong
    (Pollock and Zamora 1984)."""
    letters = {*string.ascii_lowercase, *word}
    found = set()
    for i in range(1, len(word) + 1):
        before, after = word[:i], word[i:]
        found |= {before + letter + after for letter in letters}
        if after:
            found |= {before + after[1:], before[:-1] + after[0] + before[-1] + after[1:]}
            found |= {before + letter + after[1:] for letter in letters}
    return {edit for edit in found if edit[0] == word[0]} - {word}
