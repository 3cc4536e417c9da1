"""Questions that an archive answers, made from its own sentences, to show what can be asked.

Each is tried on the archive, and kept if it is answered, with confidence, by the sentence that it
was made from. English; articles in other languages give none. Knows nothing of the index.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.discover.question_templates import WORTH, questions
from rag.discover.story import Story
from rag.text.sentences import sentence_spans
from rag.text.stems import names
from rag.types import Answer, Article, Span

_LONGEST = 80  # Characters of a question.
_READ = 8_000  # Characters of an article: the story stands at its beginning.
_SENTENCE = 400  # Characters.
_PER_ARTICLE = 3
_BATCH = 8
_ASKED = 24
_ENOUGH = 6
_CONFIDENT = 0.6
_NAMELESS = 0.2
_KNOWN = 0.1  # What a question gains by a name that the archive speaks of much.

Ask = Callable[[Sequence[str]], Sequence[Answer]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, its form, and the sentence of an article (a span) that it was made from."""

    question: str
    form: str
    article_id: str
    span: Span


def candidates(article: Article) -> Iterator[Candidate]:
    """The questions that the sentences of an article give, in order."""
    if article.language and not article.language.lower().startswith("en"):
        return
    text = article.text[:_READ]
    story, made = Story(text), set[str]()
    for span in sentence_spans(text):
        sentence = text[slice(*span)]
        if len(sentence) > _SENTENCE or not sentence.rstrip("”\"'’").endswith((".", "?", "!")):
            continue
        for form, question in questions(story, sentence):
            if question not in made and _reads_well(question):
                made.add(question)
                yield Candidate(question, form, article.id, span)


def proposed(articles: Iterable[Article], leading: Iterable[str]) -> list[Candidate]:
    """The questions to try, in turn of each form and at most a few of an article; first those
    that say a `leading` name."""
    known = tuple(leading)

    def rank(one: Candidate) -> tuple[float, str, str]:
        gain = _KNOWN * any(name in one.question for name in known)
        return -_worth(one) - gain, one.article_id, one.question

    by_form: dict[str, list[Candidate]] = defaultdict(list)
    for article in articles:
        best: dict[str, Candidate] = {}
        for one in sorted(candidates(article), key=rank):
            best.setdefault(one.form, one)
        for one in list(best.values())[:_PER_ARTICLE]:
            by_form[one.form].append(one)
    turns = [
        (turn, rank(one), one)
        for formed in by_form.values()
        for turn, one in enumerate(sorted(formed, key=rank))
    ]
    unique: dict[str, Candidate] = {}
    for *_, one in sorted(turns, key=lambda entry: entry[:2]):
        unique.setdefault(one.question, one)
    return list(unique.values())[:_ASKED]


def answered(tried: Sequence[Candidate], ask: Ask) -> list[Candidate]:
    """Those that their own sentence answers, best first; once there are enough, no more are
    asked."""
    good: list[tuple[float, Candidate]] = []
    for first in range(0, len(tried), _BATCH):
        batch = tried[first : first + _BATCH]
        answers = ask([one.question for one in batch])
        good += [
            (_worth(one) * answer.confidence, one)
            for one, answer in zip(batch, answers, strict=True)
            if answer.confidence >= _CONFIDENT and _is_from(one, answer)
        ]
        if len(varied([one for _, one in good], _ENOUGH)) == _ENOUGH:
            break
    return [one for _, one in sorted(good, key=lambda entry: (-entry[0], entry[1].question))]


def varied(good: Sequence[Candidate], n: int) -> list[Candidate]:
    """At most `n` of them, each of another article and no form more than twice; of one form each
    as far as that goes."""
    chosen: list[Candidate] = []
    forms, used = Counter[str](), set[str]()
    for of_a_form in (1, 2):
        for one in good:
            new = one.article_id not in used and forms[one.form] < of_a_form
            if new and len(chosen) < n:
                chosen.append(one)
                forms[one.form] += 1
                used.add(one.article_id)
    return chosen


def _worth(one: Candidate) -> float:
    """What a question shows; without a name it could be of any article."""
    return WORTH[one.form] - _NAMELESS * (not names(one.question))


def _reads_well(question: str) -> bool:
    return len(question) <= _LONGEST and not re.search(r"[“”\"()\n]|  ", question)


def _is_from(one: Candidate, answer: Answer) -> bool:
    """Whether the best evidence of an answer is the sentence of the question."""
    if answer.status != "answered" or not answer.citations:
        return False
    best, (start, end) = answer.citations[0], one.span
    return best.article_id == one.article_id and best.start < end and start < best.end
