"""Accounts that differ: sentences that give another figure, date or name for the same thing. Pure.

When in doubt nothing differs: a false alarm costs more trust than a miss. So the two must have
different voices (articles, or speakers in one article), hold the same words of the question, and
name the same people, places and times; `rag.text.quantities` knows what makes two figures one.
An update is not told from a contradiction: where the text dates the two figures they are two
things, otherwise both are shown, and their articles' dates tell the reader which is newer.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer.extract import Sentence
from rag.question.answer_type import FIGURES, answer_spans, counted
from rag.text.attribution import SAID_ON, speaker
from rag.text.quantities import Value, apart, are_one, dates, figures, meet
from rag.text.sentences import clause_spans
from rag.text.stems import names, stems
from rag.types import Article, Question, Span

# One of the first sentences, about as probable as the best, has to answer; others may be anywhere.
_FIRST, _CLOSE = 3, 0.5
_SHOWN = 3  # Accounts.
_NAMED = frozenset({"person", "name", "place"})
# Sentences that differ in a name only share so many words, and that share of all.
_LEAST, _ALIKE = 3, 0.8

# Words of the question that do not say what it is about.
_ASKING = frozenset(
    stems("how many much long old number total people minute hour day week month year")
)
_SAME_WORDS = {"kill": "die", "dead": "die", "death": "die"}
# What makes two figures those of two things: a year, a period, a possibility, a denial.
_QUALIFIED = re.compile(
    r"\b(?:1\d|20)\d\d\b|\b(?:dai|week|month|year)ly\b|\bannual|\baverag\w+"
    r"|\b(?:this|last|past|next|per|each|every|an?|first|second|third)"
    r" (?:hour|day|week|month|quarter|season|year|half)\b"
    r"|\b(?:will|would|could|may|might|should|if|not|never)\b|n['’]t\b",
    re.IGNORECASE,
)
# What a figure counts follows it, in the same phrase.
_PHRASE_END = re.compile(r"[,;:.()] | (?:in|of|for|at|on|to|from|with|and|or|by) ")


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence says to the question: the words at `span` of its text, and who says so.

    `speaker` is as the article names it, "" where the article speaks itself.
    """

    sentence: Sentence
    span: Span
    speaker: str


@dataclass(frozen=True)
class _Clause:
    """A clause of a sentence that gives one value; `values` are its readings and conversions."""

    sentence: Sentence
    within: Span
    values: tuple[Value, ...]
    article: Article

    @property
    def text(self) -> str:
        return self.sentence.text[slice(*self.within)]

    @property
    def span(self) -> Span:
        """The place of the value in the sentence."""
        start, end = self.values[0].span[0], self.values[-1].span[1]
        closes = "(" in self.sentence.text[start:end] and self.sentence.text.startswith(")", end)
        return start, end + closes

    @property
    def value(self) -> str:
        return self.sentence.text[slice(*self.span)]

    @functools.cached_property
    def speaker(self) -> str:
        start = self.sentence.start
        clause = start + self.within[0], start + self.within[1]
        return speaker(self.article.text, clause, start + self.span[0])


def differing(
    question: Question, sentences: Sequence[Sentence], article: Callable[[str], Article]
) -> list[Said]:
    """Return the best account and those that differ from it, at most three; [] if none does.

    `sentences` come most probable first. No two of the accounts returned agree.
    """
    if question.expects not in FIGURES | _NAMED:
        return []
    clauses = list(_clauses(question, sentences, article))
    close = [s for s in sentences[:_FIRST] if s.probability >= _CLOSE * sentences[0].probability]
    best = next((clause for clause in clauses if clause.sentence in close), None)
    if best is None:
        return []
    told = [best]
    for clause in clauses:
        new = all(_differ(clause, one, question.expects) for one in told)
        if new and _same_thing(question, best, clause):
            told.append(clause)
    found = [Said(clause.sentence, clause.span, clause.speaker) for clause in told[:_SHOWN]]
    return found if len(found) > 1 else []


def _clauses(
    question: Question, sentences: Sequence[Sentence], article: Callable[[str], Article]
) -> Iterator[_Clause]:
    """The clauses that answer with one value, in the order of the sentences."""
    years = _years(sentences, article)
    for sentence in sentences:
        for start, end in clause_spans(sentence.text):
            found = _values(question, sentence.text[start:end], years)
            values = [replace(v, span=(v.span[0] + start, v.span[1] + start)) for v in found]
            if not are_one(values, sentence.text):
                values = [v for v in values if any(meet(v.span, m) for m in sentence.marks)]
            if values and are_one(values, sentence.text):
                about = article(sentence.article_id)
                yield _Clause(sentence, (start, end), tuple(values), about)


def _years(sentences: Sequence[Sentence], article: Callable[[str], Article]) -> frozenset[int]:
    """The years that a date without one may be of: any will do where none is known."""
    published = [article(sentence.article_id).published for sentence in sentences]
    return frozenset(day.year for day in published if day) or frozenset({2000})


def _values(question: Question, text: str, years: frozenset[int]) -> list[Value]:
    """The values of the kind asked for in the `text` of a clause."""
    if question.expects == "date":
        return dates(text, years)
    if question.expects in FIGURES:
        return _figures(question, text)
    asked = set(stems(question.text))
    days = answer_spans(Question("", expects="date"), text)
    found = [span for span in names(text) if not asked & set(stems(text[slice(*span)]))]
    return [Value(span) for span in found if not any(meet(span, day) for day in days)]


def _figures(question: Question, text: str) -> list[Value]:
    """The figures of a clause; after "How many …?" those that count the same things."""
    shown = answer_spans(question, text)
    if question.expects == "number" and (things := counted(question)):
        behind = ((span, _PHRASE_END.split(text[span[1] :], maxsplit=1)[0]) for span in shown)
        shown = [span for span, phrase in behind if things & set(stems(phrase))]
    return figures(text, shown, question.expects)


def _differ(a: _Clause, b: _Clause, kind: str) -> bool:
    """Whether neither value fits the other."""
    if kind in _NAMED:
        return not set(stems(a.value)) & set(stems(b.value))
    return apart(a.values, b.values)


def _same_thing(question: Question, a: _Clause, b: _Clause) -> bool:
    """Whether two voices answer the question for the same people, places and times."""
    one_article = a.sentence.article_id == b.sentence.article_id
    if one_article and a.speaker == b.speaker:
        return False
    if question.expects in _NAMED:
        return _differ_in_name_only(a, b)
    asked = _content(question.text) - _ASKING
    if _circumstances(a, asked) != _circumstances(b, asked):
        return False
    told_a, told_b = (_content(clause.text) for clause in (a, b))
    if one_article and _side_by_side(a.sentence, b.sentence):
        return bool(asked & told_a and told_a & told_b)
    named = {w for start, end in names(question.text) for w in stems(question.text[start:end])}
    known_a, known_b = (
        named & (told | set(stems(clause.article.title)))
        for clause, told in ((a, told_a), (b, told_b))
    )
    same = asked & told_a - named == asked & told_b - named and known_a == known_b
    said = asked & told_a & told_b
    return bool(same and said - named)


def _differ_in_name_only(a: _Clause, b: _Clause) -> bool:
    rest_a, rest_b = (set(stems(c.text)) - set(stems(c.value)) for c in (a, b))
    both = len(rest_a & rest_b)
    return both >= max(_LEAST, _ALIKE * len(rest_a | rest_b))


def _side_by_side(a: Sentence, b: Sentence) -> bool:
    """Whether one follows the other in a paragraph: they need not repeat what they speak of."""
    return a != b and max(a.start, b.start) - min(a.end, b.end) <= 1


def _content(text: str) -> set[str]:
    return {_SAME_WORDS.get(word, word) for word in stems(text)}


def _circumstances(clause: _Clause, asked: set[str]) -> set[str]:
    """What tells a clause's thing from others: names, but for the question's, and _QUALIFIED."""
    text, first = clause.text, clause.within[0]
    found = {match.group().lower() for match in _QUALIFIED.finditer(text)}
    for start, end in names(text):
        known = meet((start + first, end + first), clause.span) or SAID_ON.search(text[:start])
        if not known:
            found.update(stems(text[start:end]))
    return found - asked - set(stems(clause.speaker))
