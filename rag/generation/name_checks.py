"""Checks of a written sentence's names in its quotes: each must occur there, said of the same.

A name may also be that of the article's source, of the speaker or of the report's setting, or the
role of another name. Pure.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.generation.context import (
    context_words,
    name_likeness,
    same_bearer,
    segment_spans,
    shares_context,
)
from rag.generation.fact_checks import ELSEWHERE
from rag.generation.source import Quote
from rag.text.attribution import speaker
from rag.text.facts import Facts, Name, name_occurs
from rag.text.stems import has_word, stems
from rag.text.vocabulary import SAID, either
from rag.types import Verdict
from rag.wording import note

_BEFORE = 3  # Sentences before a quote that may name what it reports on.
_SAYS = re.compile(
    rf" (?:\w+ly |also |later )?(?:{either(*SAID)}|add|not|urg|warn|claim|stat|announc|ask)"
)
# What lies between a name and the role of who bears it: "the chief executive of".
_APPOSITION = re.compile(
    r",? (?:(?:the|a|an|its|and|of|for|at|in|from|then) |(?!said|told|met|\w+ed )[a-z-]+ ){0,6}",
)
_REPORTS_BEFORE = re.compile(r"(?:according to|by|told|to|in)(?: the)?$", re.IGNORECASE)
_REPORTS_BEHIND = re.compile(
    r"['’]s\b| (?:article|report|story|piece)"
    r"|(?: \w+)? (?:report|said|say|wrote|quot|confirm|verif|describ|suggest|could|did|was)"
)


@dataclass
class _Occurrences:
    """How alike the contexts of one name and of the quotes' names are.

    `same`: where the quotes name the same. `rivals`: other names with a like word right beside
    them. `all_others`: all other names, since the sentence may be about one of these.
    """

    same: list[float] = field(default_factory=list)
    rivals: list[float] = field(default_factory=list)
    all_others: list[float] = field(default_factory=list)


def wrong_name(written: Facts, quotes: Sequence[Quote]) -> Verdict | None:
    """A name that the quotes lack, or of which they do not say so."""
    text = written.text
    mine = [name for name in written.names if not _is_common_word(name, text, quotes)]
    for name in mine:
        said = text[slice(*name.span)]
        found = _occurrences(name, mine, text, quotes)
        if not (
            found.same
            or _is_publisher(name, text, quotes)
            or _is_role(name, mine, text, quotes)
            or (not any(found.all_others) and _is_setting(name, text, quotes[0]))
        ):
            return Verdict("name", note("name_absent", name=said))
        if found.same and max(found.rivals, default=0.0) >= max(found.same) + ELSEWHERE:
            return Verdict("name", note("name_another", name=said))
    if pair := _separated(text, mine, quotes[0].own):
        first, second = (text[slice(*name.span)] for name in pair)
        return Verdict("name", note("names_apart", first=first, second=second))
    return None


def _occurrences(
    name: Name, mine: Sequence[Name], text: str, quotes: Sequence[Quote]
) -> _Occurrences:
    """Where the quotes have a name of the sentence, whose names are `mine`, and where others."""
    found = _Occurrences()
    for rank, quote in enumerate(quotes):
        theirs = quote.whole.names
        if name_occurs(name, quote.whole, quote.article) and (
            rank == 0 or shares_context(context_words(text, name.span), quote.whole.stems)
        ):
            same = [one for one in theirs if same_bearer(one, name)]
            alike = [name_likeness(text, name.span, quote.text, one.span) for one in same]
            found.same += [whole for _, whole in alike] or [ELSEWHERE]
        elif rank == 0 and _is_speaker(name, quote):
            found.same.append(ELSEWHERE)
        alike = [
            name_likeness(text, name.span, quote.text, one.span)
            for one in theirs
            if not _opens_sentence(one, quote.text)
            and not any(same_bearer(one, other) for other in mine)
        ]
        found.rivals += [whole for beside, whole in alike if beside]
        if not quote.text.startswith(quote.own.text):  # Who "he" is, is said before.
            found.all_others += [1.0 for _ in alike]
        found.all_others += [whole for _, whole in alike]
    return found


def _separated(text: str, mine: Sequence[Name], quote: Facts) -> tuple[Name, Name] | None:
    """Two names in one segment of a sentence that are in two segments of the quote, each with
    another name that the sentence does not have."""
    segments = [(a, b) for a, b in segment_spans(quote.text) if a < b]
    others = [one for one in quote.names if not any(same_bearer(one, name) for name in mine)]

    def segments_of(names: Sequence[Name]) -> set[int]:
        return {
            number
            for number, (start, end) in enumerate(segments)
            if any(start <= name.span[0] < end for name in names)
        }

    crowded = segments_of(others)
    for one, other in itertools.combinations(mine, 2):
        if not any(a <= one.span[0] < b and a <= other.span[0] < b for a, b in segment_spans(text)):
            continue
        here, there = (
            segments_of([their for their in quote.names if same_bearer(their, name)])
            for name in (one, other)
        )
        if here and there and not here & there and here | there <= crowded:
            return one, other
    return None


def _is_common_word(name: Name, text: str, quotes: Sequence[Quote]) -> bool:
    """Whether it is a word that opens the sentence, which the articles write in lower case."""
    start, end = name.span
    word = text[start:end]
    return (
        not text[:start].strip("\"'“‘( ")
        and " " not in word
        and any(has_word(quote.article.text, word.lower()) for quote in quotes)
    )


def _opens_sentence(name: Name, quote: str) -> bool:
    """Whether it is one word at the beginning of a sentence, which may be no name."""
    before = quote[: name.span[0]].rstrip(" \n\"'“‘(")
    return len(name.stems) == 1 and (not before or before[-1] in ".!?:")


def _is_speaker(name: Name, quote: Quote) -> bool:
    """Whether it names the speaker of the quote, named further up in the article."""
    return name_occurs(name, Facts(_speaker(quote)), quote.article)


def _speaker(quote: Quote) -> str:
    text, (start, end) = quote.article.text, quote.span
    return speaker(text, (start, end), start) or speaker(text, (start, end), end - 1)


def _is_publisher(name: Name, text: str, quotes: Sequence[Quote]) -> bool:
    """Whether a name is the cited article's source or author, who reports."""
    before, behind = text[: name.span[0]].rstrip(), text[name.span[1] :]
    if not (_REPORTS_BEFORE.search(before) or _REPORTS_BEHIND.match(behind)):
        return False
    articles = {quote.article.id: quote.article for quote in quotes}.values()
    return any(
        set(name.stems) <= {*stems(article.source), *stems(article.author)} for article in articles
    )


def _is_setting(name: Name, text: str, quote: Quote) -> bool:
    """Whether a name occurs in the article's title or first sentence, or in the sentences before.

    A report is about its setting where nothing else is named in its place. A statement is not, if
    its speaker is known.
    """
    if _SAYS.match(text, name.span[1]) and _speaker(quote):
        return False
    source = quote.source
    before = sum(end <= quote.span[0] for _, end in source.spans)
    near = [*source.sentences[:1], *source.sentences[:before][-_BEFORE:], source.title]
    return any(name_occurs(name, one, source.article) for one in near if one.text)


def _is_role(name: Name, mine: Sequence[Name], text: str, quotes: Sequence[Quote]) -> bool:
    """Whether a name only says who another one is ("Interior Ministry spokesman Khieu Sopheak"),
    and the article says so too."""
    for other in mine:
        if other is name:
            continue
        first, second = sorted((name.span, other.span))
        between = text[first[1] : second[0]].replace("'s", "")
        if not _APPOSITION.fullmatch(between) or (second == name.span and "," not in between):
            continue
        for quote in quotes:
            if name_occurs(other, quote.whole, quote.article) and any(
                name_occurs(name, sentence, quote.article)
                and name_occurs(other, sentence, quote.article)
                for sentence in quote.source.sentences
            ):
                return True
    return False
