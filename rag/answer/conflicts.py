"""Accounts that differ: statements that give another figure, date or name for the same thing. Pure.

Also what a newer article may have taken back (`newer_figure`).

When in doubt nothing differs: a false alarm costs more trust than a miss. So the two must have
different voices (articles, or speakers in one article) and be of the same thing
(`rag.answer.statements`); `rag.text.quantities` knows what makes two figures one.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answer.candidates import Sentence
from rag.answer.statements import NAMED, Meanings, Statement, same_thing, statements
from rag.citation import recency
from rag.question.answer_type import FIGURES
from rag.text.quantities import apart
from rag.text.stems import names, stems
from rag.types import Article, Question, Recency, Span

# One of the first sentences, about as probable as the best, has to answer; others may be anywhere.
_FIRST, _CLOSE = 3, 0.5
_SHOWN = 3  # Accounts.
# A newer figure answers with this share of the best sentence's probability, at least.
_NEWER = 0.1
_FREE = re.compile(r"\b(?:free|no charge|nothing)\b", re.IGNORECASE)
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


def newer_figure(
    question: Question, sentences: Sequence[Sentence], article: Callable[[str], Article]
) -> list[Sentence]:
    """Return the best sentence of a newer article on the names asked about that may answer too, and
    with another figure than the first sentence; [] without one.

    It may be of another thing, so nothing is said to differ; but the older figure is not sure.
    """
    best = sentences[0]
    day, told = article(best.article_id).published, _figure_of(question, best, article)
    named = {stem for span in names(question.text) for stem in stems(question.text[slice(*span)])}
    if day is None or told is None or not named or best.parts:
        return []
    for sentence in sentences[1:]:
        if sentence.probability < _NEWER * best.probability:
            break
        about = article(sentence.article_id)
        if about.published is None or about.published <= day:
            continue
        if named <= set(stems(f"{about.title} {sentence.text}")):
            other = _figure_of(question, sentence, article)
            if apart(told.values, other.values) if other else _is_free(question, sentence):
                return [sentence]
    return []


def _figure_of(
    question: Question, sentence: Sentence, article: Callable[[str], Article]
) -> Statement | None:
    """The figure of a sentence that answers the question; None without one."""
    if question.expects not in FIGURES:
        return None
    return next(statements(question, [sentence], article), None)


def _is_free(question: Question, sentence: Sentence) -> bool:
    """Whether a sentence answers a question for a sum with words for none."""
    marked = (sentence.text[start:end] for start, end in sentence.marks)
    return question.expects == "money" and any(map(_FREE.search, marked))


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
