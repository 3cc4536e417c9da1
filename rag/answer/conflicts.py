"""Accounts that differ: statements that give another figure, date or name for the same thing. Pure.

When in doubt nothing differs: a false alarm costs more trust than a miss. So the two must have
different voices (articles, or speakers in one article) and be of the same thing
(`rag.answer.statements`); `rag.text.quantities` knows what makes two figures one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answer.candidates import Sentence
from rag.answer.statements import NAMED, Meanings, Statement, same_thing, statements
from rag.citation import recency
from rag.question.answer_type import FIGURES
from rag.text.quantities import apart
from rag.text.stems import stems
from rag.types import Article, Question, Recency, Span

# One of the first sentences, about as probable as the best, has to answer; others may be anywhere.
_FIRST, _CLOSE = 3, 0.5
_SHOWN = 3  # Accounts.
# Sentences that differ in a name only share so many words, and that share of all.
_LEAST, _ALIKE = 3, 0.8


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence says to the question: the words at `span` of its text, who says so, and how
    new it is (see `rag.types.Account`)."""

    sentence: Sentence
    span: Span
    speaker: str
    recency: Recency = ""


def differing(
    question: Question,
    sentences: Sequence[Sentence],
    article: Callable[[str], Article],
    meanings: Meanings,
) -> list[Said]:
    """Return the best account and those that differ from it, at most three; [] if none does.

    They come newest first where the days of their articles are known, else most probable first.

    `sentences` come most probable first. No two of the accounts returned agree.
    """
    if question.expects not in FIGURES | NAMED:
        return []
    found = list(statements(question, sentences, article))
    close = [s for s in sentences[:_FIRST] if s.probability >= _CLOSE * sentences[0].probability]
    best = next((statement for statement in found if statement.sentence in close), None)
    if best is None:
        return []
    told = [best]
    for statement in found:
        new = all(_differ(statement, one, question.expects) for one in told)
        if new and _comparable(question, best, statement, meanings):
            told.append(statement)
    if len(told) < 2:
        return []
    marks = recency([one.article.published for one in told[:_SHOWN]])
    said = [
        (one.article.published, Said(one.sentence, one.span, one.speaker, mark))
        for one, mark in zip(told, marks, strict=False)
    ]
    if any(marks):
        said.sort(key=lambda dated: dated[0] or datetime.date.min, reverse=True)
    return [one for _, one in said]


def _differ(a: Statement, b: Statement, kind: str) -> bool:
    """Whether neither value fits the other."""
    if kind in NAMED:
        return not set(stems(a.value)) & set(stems(b.value))
    return apart(a.values, b.values)


def _comparable(question: Question, a: Statement, b: Statement, meanings: Meanings) -> bool:
    """Whether two voices speak of the same thing."""
    one_article = a.sentence.article_id == b.sentence.article_id
    one_voice = a.speaker == b.speaker or set(stems(a.speaker)) & set(stems(b.speaker))
    if one_article and one_voice:
        return False
    if question.expects in NAMED:
        return _differ_in_name_only(a, b)
    if one_article and a.speaker and b.speaker and _side_by_side(a.sentence, b.sentence):
        # They need not repeat what they speak of.
        return bool(set(stems(question.text)) & set(stems(a.text)) & set(stems(b.text)))
    return same_thing(question, a, b, meanings)


def _differ_in_name_only(a: Statement, b: Statement) -> bool:
    rest_a, rest_b = (set(stems(c.text)) - set(stems(c.value)) for c in (a, b))
    both = len(rest_a & rest_b)
    return both >= max(_LEAST, _ALIKE * len(rest_a | rest_b))


def _side_by_side(a: Sentence, b: Sentence) -> bool:
    """Whether one follows the other in a paragraph."""
    return a != b and max(a.start, b.start) - min(a.end, b.end) <= 1
