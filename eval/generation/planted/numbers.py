"""Replaces numbers, months and weekdays so that a sentence becomes false. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.text.quantities import amounts
from rag.text.vocabulary import MONTH, MONTHS, SMALL_NUMBERS, TENS, WEEKDAYS
from rag.types import Span

_MONTH = rf"{MONTH}\b"
_WORDS = (*SMALL_NUMBERS[2:], TENS[0])
# A figure that counts nothing: part of a name, a range, a time, an ordinal; or one with an article.
_BEFORE = re.compile(r"(?:[\w.:–/-]|\b[Aa]n? )$")
_BEHIND = re.compile(r"[:\w]|[–/-]\d|[.,]\d| ?[ap]\.?m\b")
# With "at least 270" 200 is as true, with "about 270" 271, and with "up to 270" 300.
_RISES = re.compile(
    r"\b(?:more than|over|at least|above|minimum(?: price)? of|about|around|roughly|some|estimated"
    r"|approximately|nearly|almost) ?[$€£]?$",
    re.IGNORECASE,
)
_RISES_BEHIND = re.compile(r" (?:or more\b|of (?:the|its|his|her|their)\b)")
_FALLS = re.compile(
    r"\b(?:up to|at most|less than|fewer than|under|below|as many as) ?[$€£]?$", re.IGNORECASE
)
_ROUGH = 1.3
"""By how much a number that is said roughly or with a bound must move to be wrong."""
_NEAR = 50
"""Numbers of the article take each other's place up to this factor: 2 armies are never 80,000."""


@dataclass(frozen=True)
class Number:
    """A number that can be changed. Only those of one `kind` take each other's place."""

    span: Span
    kind: str
    size: float


def numbers(text: str) -> list[Number]:
    """The numbers of a text that count something, and the days and years of its dates."""
    found = []
    for value in amounts(text):
        start, end = value.span
        before, said, behind = text[:start], text[start:end], text[end:]
        in_name = said[0].isupper() and (start > 0 or behind[1:2].isupper())
        if value.low <= 1 or in_name or _BEFORE.search(before) or _BEHIND.match(behind):
            continue
        kind = "percent" if value.unit == "percent" else "figure"
        if re.fullmatch(r"1\d{3}|20\d\d", said):
            kind = "year"
        elif re.search(rf"\b{_MONTH} $", before) or re.match(rf" (?:of )?{_MONTH}", behind):
            kind = "day"
        found.append(Number(value.span, kind, value.low))
    return found


def number_changes(text: str, article: str, chance: random.Random) -> list[tuple[Span, str]]:
    """One change of each number, month and weekday: to one of the article or to a near one."""
    found, others = numbers(text), numbers(article)
    taken = {number.size for number in found}
    changes = []
    for number in found:
        size, said = number.size, text[slice(*number.span)]
        alike = {
            n.size for n in others if n.kind == number.kind and _NEAR > n.size / size > 1 / _NEAR
        }
        false = [n for n in alike.union(_near(number)) - taken if _is_false(text, number, n)]
        if false:
            changes.append((number.span, _spell(said, number.kind, chance.choice(sorted(false)))))
    for listed in (MONTHS, WEEKDAYS):
        words = "|".join(word for word in listed if word != "May")
        for match in re.finditer(rf"\b(?:{words})\b", text):
            new = chance.choice([word for word in listed if word not in text])
            changes.append((match.span(), new))
    return chance.sample(changes, len(changes))


def _near(number: Number) -> Iterable[float]:
    """Sizes near a number's: a little more or less, another first digit, or a zero added."""
    size = number.size
    if number.kind == "day":
        return range(2, 29)
    if number.kind == "year":
        return range(int(size) - 10, int(size) + 11)
    digits = f"{size:.12g}"
    steps = (-2, -1, 1, 2) if size < 1000 else ()
    return [float(f"{int(digits[0]) % 9 + 1}{digits[1:]}"), 10 * size, *(size + n for n in steps)]


def _is_false(text: str, number: Number, new: float) -> bool:
    """Whether another size makes the sentence false, given the words around the number."""
    before, behind = text[: number.span[0]], text[number.span[1] :]
    if new <= 1 or (number.kind == "percent" and new >= 100):
        return False
    if _FALLS.search(before):
        return new < number.size / _ROUGH
    if _RISES.search(before) or _RISES_BEHIND.match(behind):
        return new > number.size * _ROUGH
    return True


def _spell(said: str, kind: str, size: float) -> str:
    """A size in the format of the words that it replaces."""
    if not said[0].isdigit() and size in range(2, len(_WORDS) + 2):
        word = _WORDS[int(size) - 2]
        return word.capitalize() if said[0].isupper() else word
    return f"{size:.12g}" if kind in ("day", "year") else f"{size:,.12g}"
