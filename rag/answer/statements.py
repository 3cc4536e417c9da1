"""Statements: the values that sentences give in answer to a question, and whether two of them are
of the same thing. Pure, but for the vectors of single words.

Two statements are of the same thing when they have the same words of the question, or some that
mean alike ("killed", "died"), and nothing tells one from the other: a name, a time, a period, a
possibility or a plan, a denial. In doubt they are of two things.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer.candidates import Sentence
from rag.question.answer_type import FIGURES, answer_spans, counted
from rag.text.attribution import SAID_ON, speaker
from rag.text.facts import partial_dates, proper_names
from rag.text.quantities import Value, are_one, dates, figures, meet
from rag.text.sentences import clause_spans
from rag.text.stems import names, stems
from rag.types import Article, Question, Span, Vectors

NAMED = frozenset({"person", "name", "place"})
"""The answer types that are names."""

# Words whose cosine is so high mean alike, by the default encoder: "killed" and "died" (.79),
# "arrested" and "detained" (.73), but not "killed" and "injured" (.40), "began" and "ended" (.34).
_ALIKE = 0.55
# Words of the question that do not say what it is about.
_ASKING = frozenset(
    stems(
        "how many much long old large tall number total percentage percent share amount"
        " people minute hour day week month year"
    )
)
# What makes two figures those of two things: a period, a possibility or a plan, a denial.
_RESERVATION = re.compile(
    r"\b(?:this|last|past|next|per|each|every|an?|first|second|third)"
    r" (?:hour|day|week|month|quarter|season|year)\b"
    r"|\b(?:would|could|may|might|should|if|not|never|since|each)\b|n['’]t\b"
    r"|\b(?:was|were) to\b"
    r"|(?<!as )(?<!than )\b(?:(?:plann|expect|want|hop|fear|deni)ed|expects?|wants?|fears?)\b",
    re.IGNORECASE,
)
# What a figure counts follows it, in the same phrase.
_PHRASE_END = re.compile(r"[,;:.()] | (?:in|of|for|at|on|to|from|with|and|or|by) ")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Statement:
    """A clause of a sentence that gives one value; `values` are its readings and conversions."""

    sentence: Sentence
    within: Span
    values: tuple[Value, ...]
    article: Article

    @property
    def text(self) -> str:
        return self.sentence.text[slice(*self.within)]

    @property
    def context(self) -> str:
        """What may name the people and places that the statement is about."""
        return f"{self.article.title} {self.sentence.text}"

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

    @functools.cached_property
    def reservations(self) -> set[str]:
        told = self.text.replace(self.speaker, "") if self.speaker else self.text
        return {match.group().lower() for match in _RESERVATION.finditer(told)}

    @functools.cached_property
    def times(self) -> set[str]:
        """The dates, but for the value and the day on which it was said."""
        spans = [date.span for date in partial_dates(self.text) if self._tells(date.span)]
        return {self.text[start:end].lower().rstrip(".") for start, end in spans}

    @functools.cached_property
    def names(self) -> set[str]:
        """The stems of the names, but for the value's, the speaker's and where it was said."""
        found = [name.stems for name in proper_names(self.text) if self._tells(name.span)]
        return {stem for name in found for stem in name}.difference(stems(self.speaker))

    def _tells(self, span: Span) -> bool:
        first = self.within[0]
        own = meet((span[0] + first, span[1] + first), self.span)
        return not (own or SAID_ON.search(self.text[: span[0]]))


class Meanings:
    """Which words of a question a text has: the same, or some that mean alike.

    `embed` gives unit rows of words, shape (n, dimension); without it only the same words count.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Vectors] | None = None) -> None:
        self._embed = embed

    def found(self, asked: Mapping[str, str], text: str) -> frozenset[str]:
        """Return the stems of `asked`, each with its word, that `text` has."""
        told = content(text)
        missing = [stem for stem in asked if stem not in told]
        # A word that is found as itself is no other one too.
        others = [word for stem, word in told.items() if stem not in asked]
        alike: set[str] = set()
        if self._embed and missing and others:
            vectors = self._embed([*(asked[stem] for stem in missing), *others])
            nearest = (vectors[: len(missing)] @ vectors[len(missing) :].T).max(axis=1)
            alike = {stem for stem, near in zip(missing, nearest, strict=True) if near >= _ALIKE}
        return frozenset(alike.union(asked).difference(set(missing) - alike))


def statements(
    question: Question, sentences: Sequence[Sentence], article: Callable[[str], Article]
) -> Iterator[Statement]:
    """Yield what the sentences state in answer to `question`, in their order; of one sentence first
    what is marked."""
    published = [article(sentence.article_id).published for sentence in sentences]
    # A date without a year may be of any of these; any will do where none is known.
    years = frozenset(day.year for day in published if day) or frozenset({2000})
    for sentence in sentences:
        about, found = article(sentence.article_id), []
        for start, end in clause_spans(sentence.text):
            read = _values(question, sentence.text[start:end], years)
            values = [replace(v, span=(v.span[0] + start, v.span[1] + start)) for v in read]
            if not are_one(values, sentence.text):
                values = [v for v in values if _is_marked(v, sentence)]
            if values and are_one(values, sentence.text):
                found.append(Statement(sentence, (start, end), tuple(values), about))
        yield from sorted(found, key=lambda one: not _is_marked(one.values[0], sentence))


def same_thing(
    question: Question, a: Statement, b: Statement, meanings: Meanings, loosely: bool = False
) -> bool:
    """Whether two statements answer the question for the same people, places and times.

    `loosely`: one may name more than the other, as long as they do not exclude each other.
    """
    if a.reservations != b.reservations:
        return False
    asked = set(stems(question.text))
    named_a, named_b = a.names - asked, b.names - asked
    if loosely:
        both = ((a.times, b.times), (named_a, named_b))
        fit = all(not one or not other or one & other for one, other in both)
    else:
        known_a, known_b = (set(stems(statement.context)) for statement in (a, b))
        fit = a.times == b.times and named_a <= known_b and named_b <= known_a
    return fit and same_act(question, (a.text, a.context), (b.text, b.context), meanings)


def same_act(
    question: Question, a: tuple[str, str], b: tuple[str, str], meanings: Meanings
) -> bool:
    """Whether two texts, each with its context, have the same words of the question, one at least,
    and name the same of those that it names; a name may be in the context, and by its last word."""
    named = [stems(question.text[start:end]) for start, end in names(question.text)]
    known_a, known_b = (
        {name[-1] for name in named if name and name[-1] in stems(context)} for _, context in (a, b)
    )
    if known_a != known_b:
        return False
    no_act = _ASKING.union(*named)
    acts = {stem: word for stem, word in content(question.text).items() if stem not in no_act}
    found = meanings.found(acts, a[0])
    return bool(found) and found == meanings.found(acts, b[0])


def content(text: str) -> dict[str, str]:
    """The stems of the words of a text, each with its word in lower case."""
    words = [match.group().lower() for match in _WORD.finditer(text)]
    return {stem: word for word in words for stem in stems(word)}


def _is_marked(value: Value, sentence: Sentence) -> bool:
    return any(meet(value.span, mark) for mark in sentence.marks)


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
