"""Which reports support an answer: those that say what its best sentence says, copies as one."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answer.extract import Sentence
from rag.index.opened import OpenedIndex
from rag.text.stems import stems
from rag.types import Citation

# Sentences that share so many of their words say the same.
_SAME = 0.8
# An article supports the answer too when it marks the same words in a sentence this probable.
_SUPPORTS = 0.5


def supporting_reports(
    citations: Sequence[Citation],
    chosen: Sequence[Sentence],
    sentences: Sequence[Sentence],
    index: OpenedIndex,
) -> set[str]:
    """Return the reports that say what the best sentence says; of a question in several parts, all
    that are cited too."""
    if not citations:
        return set()
    cited = citations if chosen[0].parts else citations[:1]
    articles = {citation.article_id for citation in cited}
    said = _marked(chosen[0])
    for sentence in sentences:
        close = sentence.probability >= _SUPPORTS * chosen[0].probability
        if close and (repeats(sentence, chosen[0]) or (said and said == _marked(sentence))):
            articles.add(sentence.article_id)
    return {index.report(article_id) for article_id in articles}


def repeats(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences share so many words that they say the same."""
    mine, theirs = set(stems(one.text)), set(stems(other.text))
    return len(mine & theirs) >= _SAME * len(mine | theirs)


def _marked(sentence: Sentence) -> set[str]:
    return {word for start, end in sentence.marks for word in stems(sentence.text[start:end])}
