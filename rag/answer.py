"""Sentences to an Answer: choose, cite, verify, or say that the archive does not hold it.

Knows neither Gradio nor faiss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.cite import cite, holds
from rag.extract import Sentence
from rag.settings import AskSettings
from rag.types import Answer, Article, Citation, Claim, Hit, Question
from rag.words import words

# Another sentence joins the best one only when it is about as probable an answer.
_CLOSE = 0.8
# Sentences that share so many of their words say the same.
_SAME = 0.8


def extractive(
    asked: str,
    question: Question,
    hits: Sequence[Hit],
    sentences: Sequence[Sentence],
    article: Callable[[str], Article],
    settings: AskSettings,
    notes: Sequence[str] = (),
) -> Answer:
    """Answer in the articles' words, or leave the question unanswered.

    `sentences` come most probable first; the first one's probability is the confidence. Each
    citation is verified against its article; one that fails is dropped and counted.
    """
    confidence = sentences[0].probability if sentences else 0.0
    chosen = _choose(sentences, settings) if confidence >= settings.threshold else []
    cited = [cite(article(s.article_id), (s.start, s.end), label=0) for s in chosen]
    citations = _label([c for c in cited if holds(c, article(c.article_id))])
    reading = sorted(citations, key=lambda citation: citation.label)
    return Answer(
        question=" ".join(asked.split()),
        understood=str(question),
        text=" ".join(f"{citation.quote} [{citation.label}]" for citation in reading),
        status="answered" if citations else "unanswered",
        citations=tuple(citations),
        hits=tuple(hits),
        claims=tuple(Claim(citation.quote, (citation.label,)) for citation in reading),
        confidence=confidence,
        notes=tuple(notes),
        dropped=len(cited) - len(citations),
    )


def _choose(sentences: Sequence[Sentence], settings: AskSettings) -> list[Sentence]:
    """The best sentence, and up to `max_sentences` in all that say something else as well."""
    chosen: list[Sentence] = []
    said: list[set[str]] = []
    for sentence in sentences:
        if sentence.probability < max(settings.threshold, _CLOSE * sentences[0].probability):
            break
        new = set(words(sentence.text))
        # Copies of one report repeat each other; one of them is enough.
        if all(len(new & old) < _SAME * len(new | old) for old in said):
            chosen.append(sentence)
            said.append(new)
        if len(chosen) == settings.max_sentences:
            break
    return chosen


def _label(citations: Sequence[Citation]) -> list[Citation]:
    """Number the citations in reading order; they stay in the order given, best first.

    The article of the best quote is read first, and each article from its beginning.
    """
    articles = list(dict.fromkeys(citation.article_id for citation in citations))
    reading = sorted(citations, key=lambda c: (articles.index(c.article_id), c.start))
    return [replace(citation, label=reading.index(citation) + 1) for citation in citations]
