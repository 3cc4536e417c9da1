"""The sentences of the passages that were found: what may be quoted, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.text.sentences import sentence_spans
from rag.types import Article, Hit, Span

_SUBHEADING_WORDS = 8
_SENTENCE_ENDS = ".!?…។៕।॥۔؟。！？"
_QUOTES = "\"'”’»)] "


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was read: its place, and the probability that it answers.

    `marks` are the spans of `text` that carry the answer, and `mark_probability` that they do.
    `parts` are its scores for each part of a question that has several.
    """

    article_id: str
    start: int
    end: int
    text: str
    probability: float = 0.0
    marks: tuple[Span, ...] = ()
    parts: tuple[float, ...] = ()
    mark_probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence to score, the sentence before it, and its place: sentence `number` of
    the passage of `hit`, in `article`."""

    sentence: Sentence
    before: str
    article: Article
    hit: int
    number: int


def candidates_of(hits: Sequence[Hit], article: Callable[[str], Article]) -> list[Candidate]:
    """The sentences of `hits`, each once, in the order of the hits."""
    found: dict[tuple[str, int], Candidate] = {}
    for rank, hit in enumerate(hits):
        passage = hit.passage
        about = article(passage.article_id)
        before = ""
        for number, (start, end) in enumerate(sentence_spans(passage.text)):
            text = passage.text[start:end]
            where = (passage.article_id, passage.start + start)
            if _is_sentence(text) and where not in found:
                sentence = Sentence(*where, passage.start + end, text)
                found[where] = Candidate(sentence, before, about, rank, number)
            before = text
    return list(found.values())


def _is_sentence(text: str) -> bool:
    """Whether a span says something: a short line without a full stop is a subheading."""
    return len(text.split()) > _SUBHEADING_WORDS or text.rstrip(_QUOTES)[-1:] in _SENTENCE_ENDS
