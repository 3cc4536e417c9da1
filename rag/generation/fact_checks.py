"""Checks of a written sentence's numbers, dates, quotations and negations in its quotes.

That a fact occurs somewhere in a quote is not enough: its context has to be alike too, more than
that of another fact that the sentence does not have. Each check returns what is wrong, None if
nothing is; quotes come best first. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.generation.context import (
    COUNTED_WEIGHT,
    context_words,
    likeness,
    same_bearer,
    segment_spans,
    shares_context,
)
from rag.generation.negation import contradicts
from rag.generation.source import Quote
from rag.text.facts import Facts, date_occurs, equal_numbers, name_occurs
from rag.text.quantities import Value
from rag.text.stems import fold
from rag.types import Verdict
from rag.wording import note

ELSEWHERE = 1.5
"""Words that the context of another fact shares more with the sentence."""
_OTHER_DATE = 5.0  # The same for dates, which lie further from what they date.
_IN_PLACE = re.compile(r"\b(?:in|at|near|from|outside|of|across)(?: the)? $", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"]")


def wrong_number(written: Facts, quotes: Sequence[Quote]) -> Verdict | None:
    """A number that the quotes lack, or have for something else or another place."""
    text = written.text
    mine = {number.low for number in written.numbers}
    for number in written.numbers:
        said = text[slice(*number.span)]
        fits, others = [], []
        for rank, quote in enumerate(quotes):
            equal = equal_numbers(number, text, quote.whole)
            spans = [value.span for value in equal]
            if rank == 0 or shares_context(context_words(text, number.span), quote.whole.stems):
                fits += [likeness(text, number.span, quote.whole, span) for span in spans]
            others += [
                likeness(text, number.span, quote.whole, value.span)
                - COUNTED_WEIGHT * (value.low in mine)
                for value in quote.whole.numbers
                if value.span not in spans
            ]
        if not fits:
            return Verdict("number", note("number_absent", number=said))
        if max(others, default=0.0) >= max(fits) + ELSEWHERE:
            return Verdict("number", note("number_elsewhere", number=said))
        if place := _wrong_place(written, number, quotes):
            return Verdict("name", note("number_displaced", number=said, place=place))
    return None


def wrong_date(written: Facts, quotes: Sequence[Quote]) -> Verdict | None:
    """A date that the quotes lack, or have for something else."""
    text = written.text
    for date in written.dates:
        said = text[slice(*date.span)]
        fits: list[float] = []
        others: list[float] = []
        for rank, quote in enumerate(quotes):
            same: dict[bool, list[float]] = {True: [], False: [0.0]}
            for one in quote.whole.dates:
                given = Facts(quote.text[slice(*one.span)])
                alike = likeness(text, date.span, quote.whole, one.span)
                same[date_occurs(date, text, given, quote.article)].append(alike)
            near = rank == 0 or shares_context(context_words(text, date.span), quote.whole.stems)
            if near and date_occurs(date, text, quote.whole, quote.article):
                fits += same[True] or [ELSEWHERE]
            others += same[False]
        if not fits:
            return Verdict("date", note("date_absent", date=said))
        if max(others) >= max(fits) + _OTHER_DATE:
            return Verdict("date", note("date_elsewhere", date=said))
    return None


def wrong_quotation(written: Facts, quotes: Sequence[Quote]) -> Verdict | None:
    """Words in quotation marks that the quotes lack."""
    for match in _QUOTED.finditer(written.text):
        said = _bare(match[1])
        if " " in said and not any(said in _bare(quote.text) for quote in quotes):
            return Verdict("quotation", note("quotation_absent"))
    return None


def wrong_negation(written: Facts, quotes: Sequence[Quote]) -> Verdict | None:
    """A negation that the quotes lack, or one of theirs that is left out."""
    if contradicts(written.text, " ".join(quote.text for quote in quotes)):
        return Verdict("negation", note("negated"))
    return None


def _wrong_place(written: Facts, number: Value, quotes: Sequence[Quote]) -> str | None:
    """The place that a sentence gives for a number where every clause of the quotes that has the
    number names another place instead; None for no such place."""
    text = written.text
    places = [name for name in written.names if _IN_PLACE.search(text[: name.span[0]])]
    segment = next(s for s in segment_spans(text) if s[0] <= number.span[0] < s[1])
    near = [name for name in places if segment[0] <= name.span[0] < segment[1]]
    if not near and len(written.numbers) > 1:
        return None  # In a list, each number has its own place.
    clauses = [
        (clause, quote.article)
        for quote in quotes
        for clause in quote.clauses
        if equal_numbers(number, text, clause)
    ]
    for name in near or places:
        if clauses and all(
            _names_another_place(clause, written) and not name_occurs(name, clause, article)
            for clause, article in clauses
        ):
            return text[slice(*name.span)]
    return None


def _names_another_place(clause: Facts, written: Facts) -> bool:
    """Whether a clause names a place that the sentence does not name."""
    return any(
        _IN_PLACE.search(clause.text[: one.span[0]])
        and not any(same_bearer(one, other) for other in written.names)
        for one in clause.names
    )


def _bare(text: str) -> str:
    """For comparing quotations: without case, marks at the ends, and kinds of quotation marks."""
    text = fold(text).translate(str.maketrans("“”‘’", "\"\"''"))
    return " ".join(text.split()).strip(" .,;:!?'\"")
