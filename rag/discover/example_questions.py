"""Questions that an archive answers, made from its own sentences, to show what can be asked.

Each is asked of the archive, and kept if it is answered, with confidence, by the sentence that it
was made from. English; articles in other languages give none. Knows nothing of the index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.discover.entities import Entity
from rag.discover.question_templates import FORMS, in_article, questions
from rag.text.sentences import sentence_spans
from rag.types import Answer, Article, Span

_LONGEST, _SENTENCE = 80, 400  # Characters of a question, and of a sentence.
_READ = 8_000  # Characters of an article: the story is told at its beginning.
_BATCH, _ASKED, _ENOUGH = 8, 24, 6
_CONFIDENT = 0.6

Ask = Callable[[Sequence[str]], Sequence[Answer]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question made from a sentence (a span), and in how many `articles` its names are."""

    question: str
    form: str
    article_id: str
    span: Span
    articles: int = 0


def candidates(articles: Iterable[Article], names: Sequence[Entity]) -> Iterator[Candidate]:
    """The questions that the sentences of articles give about `names`."""
    known = {form: one for one in reversed(names) for form in one.forms}
    for article in articles:
        if not (article.language or "en").lower().startswith("en"):
            continue
        text = article.text[:_READ]
        here = in_article(text, known)
        for span in sentence_spans(text):
            sentence = text[slice(*span)]
            if len(sentence) <= _SENTENCE and re.search(r"[.?!][”\"'’]*$", sentence):
                for form, question, asked in questions(sentence, text, here):
                    if len(question) <= _LONGEST:
                        n = sum(len(one.articles) for one in asked)
                        yield Candidate(question, form, article.id, span, n)


def proposed(articles: Iterable[Article], names: Sequence[Entity]) -> list[Candidate]:
    """The questions to ask, in turn of each form; of a form, first those of most articles."""
    forms, seen, turns = Counter[str](), set[object](), list[tuple[int, int, Candidate]]()
    for one in sorted(candidates(articles, names), key=lambda one: (-one.articles, one.article_id)):
        if not seen & (keys := {one.question, (one.form, one.article_id)}):
            forms[one.form] += 1
            turns.append((forms[one.form], FORMS.index(one.form), one))
            seen |= keys
    return [one for *_, one in sorted(turns, key=lambda turn: turn[:2])][:_ASKED]


def answered(proposals: Sequence[Candidate], ask: Ask) -> list[str]:
    """Those that their own sentence answers, each of another article, in order; once there are
    enough, no more are asked."""
    good: dict[str, str] = {}
    for first in range(0, len(proposals), _BATCH):
        batch = proposals[first : first + _BATCH]
        for one, answer in zip(batch, ask([one.question for one in batch]), strict=True):
            if _is_answer(answer, one):
                good.setdefault(one.article_id, one.question)
        if len(good) >= _ENOUGH:
            break
    return list(good.values())


def _is_answer(answer: Answer, one: Candidate) -> bool:
    """Whether the best evidence of a confident answer is the sentence of the question."""
    if answer.confidence < _CONFIDENT or answer.status != "answered" or not answer.citations:
        return False
    best, (start, end) = answer.citations[0], one.span
    return best.article_id == one.article_id and best.start < end and start < best.end
