"""The facts of a written sentence against its quotes: each number, date and name in its place.

That a fact stands somewhere in a quote is not enough: "27 in Kratie" is not borne out by "312 in
Kratie and 27 in Pursat". What stands around it has to be alike too, more than what stands around
another fact that the sentence does not have. Pure.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.generation.negation import contrary
from rag.text.attribution import speaker
from rag.text.facts import (
    Name,
    date_stands,
    name_stands,
    named,
    number_stands,
    numbers,
    related,
    whens,
)
from rag.text.quantities import Value
from rag.text.sentences import clause_spans, sentence_spans
from rag.text.stems import fold, stems
from rag.text.vocabulary import SAID, either
from rag.types import Article, Span, Verdict

SAYING = frozenset(
    stems(
        "said say according report reported article passage source state stated mention mentioned"
        " note noted add added tell told describe described explain explained claim claimed"
    )
)
"""Words in which a source is named, or that only introduce what it says."""
_BEFORE = 3  # Sentences that may name what is told of.
_NEAR = 4  # Words around a fact that are at home with it.
_AT_HOME = 0.34  # The share of them that a quote must hold, where it is not the best one.
_ELSEWHERE = 1.5  # Words that another fact shares more with the sentence.
_OTHER_DAY = 5.0  # The same for dates, which stand further from what they date.
_COUNTED = 3.0  # Words that the one which a number counts is worth.
_TIMES = frozenset(stems("second minute hour day week month year"))
_CUT = re.compile(r"[,;:()] | and | while | but |[.!?]\s")
_PLACED = re.compile(r"\b(?:in|at|near|from|outside|of|across)(?: the)? $", re.IGNORECASE)
_SAYS = re.compile(
    rf" (?:\w+ly |also |later )?(?:{either(*SAID)}|add|not|urg|warn|claim|stat|announc|ask)"
)
_QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"]")
# What stands between a name and the role of who bears it: "the chief executive of".
_APPOSITION = re.compile(
    r",? (?:(?:the|a|an|its|and|of|for|at|in|from|then) |(?!said|told|met|\w+ed )[a-z-]+ ){0,6}",
)


@dataclass(frozen=True)
class Quote:
    """A sentence of a passage: itself, and the span with the neighbours that it needs."""

    article: Article
    own: str
    span: Span

    @property
    def text(self) -> str:
        return self.article.text[slice(*self.span)]


def wrong_number(text: str, quotes: Sequence[Quote]) -> Verdict | None:
    """What is wrong with the numbers of `text`, held against its quotes, best first; None if
    nothing is."""
    mine = {number.low for number in numbers(text)}
    for number in numbers(text):
        said = text[slice(*number.span)]
        fits, others = [], []
        for rank, quote in enumerate(quotes):
            equal = number_stands(number, text, quote.text)
            spans = [value.span for value in equal]
            if rank == 0 or at_home(around(text, number.span), quote.text):
                fits += [_alike(text, number.span, quote.text, span) for span in spans]
            others += [
                _alike(text, number.span, quote.text, value.span) - _COUNTED * (value.low in mine)
                for value in numbers(quote.text)
                if value.span not in spans
            ]
        if not fits:
            return Verdict("number", f"The number {said} does not stand in what it cites.")
        if max(others, default=0.0) >= max(fits) + _ELSEWHERE:
            return Verdict("number", f"What it cites gives the number {said} for something else.")
        if place := _displaced(text, number, quotes):
            return Verdict("name", f"What it cites gives the number {said}, but not for {place}.")
    return None


def wrong_date(text: str, quotes: Sequence[Quote]) -> Verdict | None:
    """The same for its dates."""
    for when in whens(text):
        said = text[slice(*when.span)]
        fits: list[float] = []
        others: list[float] = []
        for rank, quote in enumerate(quotes):
            same: dict[bool, list[float]] = {True: [], False: [0.0]}
            for one in whens(quote.text):
                given = date_stands(when, text, quote.text[slice(*one.span)], quote.article)
                same[given].append(_alike(text, when.span, quote.text, one.span))
            near = rank == 0 or at_home(around(text, when.span), quote.text)
            if near and date_stands(when, text, quote.text, quote.article):
                fits += same[True] or [_ELSEWHERE]
            others += same[False]
        if not fits:
            return Verdict("date", f"The date {said} does not stand in what it cites.")
        if max(others) >= max(fits) + _OTHER_DAY:
            return Verdict("date", f"What it cites gives the date {said} for something else.")
    return None


def wrong_name(text: str, quotes: Sequence[Quote]) -> Verdict | None:
    """The same for its names."""
    mine = [name for name in named(text) if not _only_opens(name, text, quotes)]
    for name in mine:
        said = text[slice(*name.span)]
        fits: list[float] = []
        others: list[float] = []
        crowd: list[float] = []
        for rank, quote in enumerate(quotes):
            theirs = named(quote.text)
            if name_stands(name, theirs, quote.text, quote.article) and (
                rank == 0 or at_home(around(text, name.span), quote.text)
            ):
                same = [one for one in theirs if _share(one, name)]
                alike = [_alike_name(text, name.span, quote.text, one.span) for one in same]
                fits += [whole for _, whole in alike] or [_ELSEWHERE]
            elif rank == 0 and _speaks(name, quote):
                fits.append(_ELSEWHERE)
            alike = [
                _alike_name(text, name.span, quote.text, one.span)
                for one in theirs
                if not (_opens(one, quote.text) or any(_share(one, other) for other in mine))
            ]
            others += [whole for beside, whole in alike if beside]
            if not quote.text.startswith(quote.own):  # Who "he" is, is said before.
                crowd += [1.0 for _ in alike]
            crowd += [whole for _, whole in alike]
        if not (
            fits
            or _is_source(name, text, quotes)
            or _is_role(name, mine, text, quotes)
            or (not any(crowd) and _is_setting(name, text, quotes[0]))
        ):
            return Verdict("name", f"The name {said} does not stand in what it cites.")
        if fits and max(others, default=0.0) >= max(fits) + _ELSEWHERE:
            return Verdict("name", f"What it cites says so of another name than {said}.")
    if pair := _torn(text, mine, quotes[0]):
        first, second = (text[slice(*name.span)] for name in pair)
        return Verdict("name", f"What it cites does not say so of {first} together with {second}.")
    return None


def wrong_quotation(text: str, quotes: Sequence[Quote]) -> Verdict | None:
    """The same for words that it puts in quotation marks."""
    for match in _QUOTED.finditer(text):
        said = _bare(match[1])
        if " " in said and not any(said in _bare(quote.text) for quote in quotes):
            return Verdict("quotation", "It puts words in quotation marks that the source lacks.")
    return None


def wrong_denial(text: str, quotes: Sequence[Quote]) -> Verdict | None:
    """The same for what it denies."""
    if contrary(text, " ".join(quote.text for quote in quotes)):
        return Verdict("negation", "It denies what its source says, or says what that denies.")
    return None


def around(text: str, span: Span) -> frozenset[str]:
    """The words nearest to a span of its sentence, on either side."""
    before, behind = stems(text[: span[0]]), stems(text[span[1] :])
    return frozenset([*before[-_NEAR:], *behind[:_NEAR]]) - SAYING


def at_home(near: frozenset[str], quote: str) -> bool:
    """Whether a quote speaks of the matter that the words around a fact are about."""
    said = said_in(quote)
    return not near or len(near & said) >= _AT_HOME * len(near)


def said_in(text: str) -> frozenset[str]:
    """The words of a text, as `rag.text.stems.stems` gives them."""
    return frozenset(stems(text))


def _displaced(text: str, number: Value, quotes: Sequence[Quote]) -> str | None:
    """The place that a sentence gives for a number where every clause that has the number names
    another place instead; None for no such place."""
    mine = named(text)
    placed = [name for name in mine if _PLACED.search(text[: name.span[0]])]
    segment = next(s for s in _segments(text) if s[0] <= number.span[0] < s[1])
    near = [name for name in placed if segment[0] <= name.span[0] < segment[1]]
    if not near and len(numbers(text)) > 1:
        return None  # In a list, each number has its own place.
    clauses = [
        (quote.text[slice(*clause)], quote.article)
        for quote in quotes
        for clause in clause_spans(quote.text)
        if number_stands(number, text, quote.text[slice(*clause)])
    ]
    for name in near or placed:
        for clause, article in clauses:
            known = named(clause)
            elsewhere = any(
                _PLACED.search(clause[: one.span[0]])
                and not any(_share(one, other) for other in mine)
                for one in known
            )
            if not elsewhere or name_stands(name, known, clause, article):
                break
        else:
            if clauses:
                return text[slice(*name.span)]
    return None


def _alike(text: str, span: Span, source: str, other: Span) -> float:
    """How much of what stands around a number stands around another: the word that it counts most,
    its segment of the sentence in full, the rest of the source in half."""
    mine, theirs = _segment(text, span), _segment(source, other)
    counted = stems(text[span[1] :])[:1]
    same = counted == stems(source[other[1] :])[:1] and not _TIMES.issuperset(counted)
    return _COUNTED * same + len(mine & theirs) + 0.5 * len(mine & said_in(source) - theirs)


def _alike_name(text: str, span: Span, source: str, other: Span) -> tuple[float, float]:
    """How much the words right beside a name are those beside another, and so the words around."""
    pairs = zip(_beside(text, span), _beside(source, other), strict=True)
    beside = sum(_COUNTED / 2 for a, b in pairs if a and a == b)
    return beside, beside + 0.5 * len(_segment(text, span) & _segment(source, other))


def _beside(text: str, span: Span) -> tuple[str, ...]:
    """The nearest words on either side, "" for none in the segment."""
    before = stems(_CUT.split(text[: span[0]])[-1])[-1:]
    behind = stems(_CUT.split(text[span[1] :])[0])[:1]
    return (before or [""])[0], (behind or [""])[0]


def _segment(text: str, span: Span) -> frozenset[str]:
    """The words between the commas and "and"s on either side."""
    start = max((m.end() for m in _CUT.finditer(text, 0, span[0])), default=0)
    cut = _CUT.search(text, span[1])
    end = cut.start() if cut else len(text)
    return frozenset(stems(text[start : span[0]]) + stems(text[span[1] : end])) - SAYING


def _segments(text: str) -> list[Span]:
    """The spans between commas, "and"s and the like."""
    cuts = [0, *(match.start() for match in _CUT.finditer(text)), len(text)]
    return list(itertools.pairwise(cuts))


def _torn(text: str, mine: Sequence[Name], quote: Quote) -> tuple[Name, Name] | None:
    """Two names in one segment of a sentence that stand in two segments of the quote, each with
    another name that the sentence does not have."""
    theirs = named(quote.own)
    segments = [(a, b) for a, b in _segments(quote.own) if a < b]
    others = [one for one in theirs if not any(_share(one, name) for name in mine)]

    def homes(name: Name) -> set[int]:
        return {
            at
            for at, (start, end) in enumerate(segments)
            if any(_share(one, name) and start <= one.span[0] < end for one in theirs)
        }

    crowded = {
        at
        for at, (start, end) in enumerate(segments)
        if any(start <= one.span[0] < end for one in others)
    }
    for one, other in itertools.combinations(mine, 2):
        if not any(a <= one.span[0] < b and a <= other.span[0] < b for a, b in _segments(text)):
            continue
        here, there = homes(one), homes(other)
        if here and there and not here & there and here | there <= crowded:
            return one, other
    return None


def _share(one: Name, other: Name) -> bool:
    """Whether the last word of one name is a word of the other: titles make no likeness."""
    return any(related(one.words[-1], word) for word in other.words) or any(
        related(other.words[-1], word) for word in one.words
    )


def _only_opens(name: Name, text: str, quotes: Sequence[Quote]) -> bool:
    """Whether it is a word that opens the sentence, which the articles write in lower case."""
    start, end = name.span
    word = text[start:end]
    small = re.compile(rf"\b{re.escape(word.lower())}\b")
    return (
        not text[:start].strip("\"'“‘( ")
        and " " not in word
        and any(small.search(quote.article.text) for quote in quotes)
    )


def _opens(name: Name, quote: str) -> bool:
    """Whether it is one word at the beginning of a sentence, which may be no name."""
    before = quote[: name.span[0]].rstrip(" \n\"'“‘(")
    return len(name.words) == 1 and (not before or before[-1] in ".!?:")


def _speaks(name: Name, quote: Quote) -> bool:
    """Whether it is he who says what is quoted, named further up in the article."""
    who = _speaker(quote)
    return name_stands(name, named(who), who, quote.article)


@functools.lru_cache(maxsize=64)
def _spans(text: str) -> list[Span]:
    return sentence_spans(text)


def _speaker(quote: Quote) -> str:
    text, (start, end) = quote.article.text, quote.span
    return speaker(text, (start, end), start) or speaker(text, (start, end), end - 1)


def _is_source(name: Name, text: str, quotes: Sequence[Quote]) -> bool:
    """Whether a name is the cited article's source or author, who reports."""
    before, behind = text[: name.span[0]].rstrip(), text[name.span[1] :]
    reports = re.search(r"(?:according to|by|told|to|in)(?: the)?$", before, re.I) or re.match(
        r"['’]s\b| (?:article|report|story|piece)"
        r"|(?: \w+)? (?:report|said|say|wrote|quot|confirm|verif|describ|suggest|could|did|was)",
        behind,
    )
    for article in {quote.article.id: quote.article for quote in quotes}.values():
        fields = {*stems(article.source), *stems(article.author)}
        if reports and set(name.words) <= fields:
            return True
    return False


def _is_setting(name: Name, text: str, quote: Quote) -> bool:
    """Whether a name stands in the article's title or first sentence, or in the sentences before:
    what is told is told of it where nothing else is named in its place. What is said is not, if
    its speaker is known."""
    article = quote.article
    if _SAYS.match(text, name.span[1]) and _speaker(quote):
        return False
    spans = _spans(article.text)
    before = [span for span in spans if span[1] <= quote.span[0]]
    near = [article.text[slice(*span)] for span in (*spans[:1], *before[-_BEFORE:])]
    return any(
        name_stands(name, named(text), text, article) for text in (*near, article.title) if text
    )


def _is_role(name: Name, mine: Sequence[Name], text: str, quotes: Sequence[Quote]) -> bool:
    """Whether a name only says who another one is ("Interior Ministry spokesman Khieu Sopheak"),
    and the article says so of him."""
    for other in mine:
        if other is name:
            continue
        first, second = sorted((name.span, other.span))
        between = text[first[1] : second[0]].replace("'s", "")
        if not _APPOSITION.fullmatch(between) or (second == name.span and "," not in between):
            continue
        for quote in quotes:
            if not name_stands(other, named(quote.text), quote.text, quote.article):
                continue
            for start, end in _spans(quote.article.text):
                line = quote.article.text[start:end]
                known = named(line)
                both = (name_stands(one, known, line, quote.article) for one in (name, other))
                if all(both):
                    return True
    return False


def _bare(text: str) -> str:
    """For comparing quotations: without case, marks at the ends, and kinds of quotation marks."""
    text = fold(text).translate(str.maketrans("“”‘’", "\"\"''"))
    return " ".join(text.split()).strip(" .,;:!?'\"")
