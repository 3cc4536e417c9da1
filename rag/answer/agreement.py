"""Which reports support an answer: those that state the same of the same thing, copies as one."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.candidates import Sentence
from rag.answer.statements import NAMED, Meanings, same_act, same_thing, statements
from rag.index.opened import OpenedIndex
from rag.question.answer_type import FIGURES
from rag.text.attribution import speaker
from rag.text.quantities import alike
from rag.text.stems import stems
from rag.types import Citation, Question

# Sentences that share so many of their words say the same.
_SAME = 0.8
# A sentence supports the answer when it is so probable beside the best one.
_SUPPORTS = 0.5


def supporting_reports(
    question: Question,
    citations: Sequence[Citation],
    chosen: Sequence[Sentence],
    sentences: Sequence[Sentence],
    index: OpenedIndex,
    meanings: Meanings,
) -> set[str]:
    """Return the reports that say what the best sentence says; of a question in several parts, all
    that are cited too."""
    if not citations:
        return set()
    best = chosen[0]
    cited = citations if best.parts else citations[:1]
    articles = {citation.article_id for citation in cited}
    for other in sentences:
        close = other.probability >= _SUPPORTS * best.probability
        new = other.article_id not in articles and not _relayed(best, other, index)
        if close and new and _supports(question, best, other, index, meanings):
            articles.add(other.article_id)
    return {index.report(article_id) for article_id in articles}


def repeats(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences share so many words that they say the same."""
    mine, theirs = set(stems(one.text)), set(stems(other.text))
    return len(mine & theirs) >= _SAME * len(mine | theirs)


def _supports(
    question: Question, best: Sentence, other: Sentence, index: OpenedIndex, meanings: Meanings
) -> bool:
    """Whether `other` states what `best` does: the same value, or else the words that answer."""
    if question.expects in FIGURES:
        mine = next(statements(question, [best], index.article), None)
        theirs = list(statements(question, [other], index.article))
        if mine and theirs:
            return any(
                alike(mine.values, one.values)
                and same_thing(question, mine, one, meanings, loosely=True)
                for one in theirs
            )
    if repeats(best, other):
        return True
    told_a, told_b = (
        (s.text, f"{index.article(s.article_id).title} {s.text}") for s in (best, other)
    )
    return _has_answer(question, best, other) and same_act(question, told_a, told_b, meanings)


def _has_answer(question: Question, best: Sentence, other: Sentence) -> bool:
    """Whether `other` has the words that answer in `best`; of a name the last one."""
    told = set(stems(other.text))
    marked = [stems(best.text[start:end]) for start, end in best.marks]
    wanted = [words[-1:] if question.expects in NAMED else words for words in marked]
    return bool(wanted) and all(words and told.issuperset(words) for words in wanted)


def _relayed(one: Sentence, other: Sentence, index: OpenedIndex) -> bool:
    """Whether one has what it says from the other's source, and says so."""
    for sentence, source in ((one, other), (other, one)):
        text, named = index.article(sentence.article_id).text, index.article(source.article_id)
        who = speaker(text, (sentence.start, sentence.end), sentence.start)
        if who and named.source and set(stems(named.source)) <= set(stems(who)):
            return True
    return False
