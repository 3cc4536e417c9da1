"""The sentences of the passages that were found: what may be quoted, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.text.headings import opens_item
from rag.text.lines import spaced
from rag.text.memo import Memo
from rag.text.sentences import sentence_spans, spans_within
from rag.types import Article, Hit, Span

_SUBHEADING_WORDS = 8
_SENTENCE_ENDS = ".!?…។៕।॥۔؟。！？"
_QUOTES = "\"'”’»)] "


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was read: its place, and the probability that it answers.

    `text` is that of the article with a space for each line break.
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
    the passage of `hit`, in `article`. `spans` are those of the passage's sentences."""

    sentence: Sentence
    before: str
    article: Article
    hit: int
    number: int
    spans: Sequence[Span]


def candidates_of(
    hits: Sequence[Hit], article: Callable[[str], Article], memo: Memo | None = None
) -> list[Candidate]:
    """The sentences of `hits`, each once, in the order of the hits. `memo` remembers those of an
    article."""
    remembered = memo or Memo()
    found: dict[tuple[str, int], Candidate] = {}
    for rank, hit in enumerate(hits):
        passage = hit.passage
        about = article(passage.article_id)
        before = ""
        whole = remembered(sentence_spans, about.text)
        spans = spans_within(whole, passage.start, passage.end)
        for number, (start, end) in enumerate(spans):
            text = spaced(passage.text[start:end])
            where = (passage.article_id, passage.start + start)
            if _is_sentence(text) and where not in found:
                sentence = Sentence(*where, passage.start + end, text)
                found[where] = Candidate(sentence, before, about, rank, number, spans)
            before = text
    return list(found.values())


def headings_of(candidates: Sequence[Candidate]) -> Iterator[str]:
    """For each candidate the heading of the item of a list that it stands in; "" in none."""
    heading, hit = "", -1
    for candidate in candidates:
        text = candidate.article.text
        span = candidate.sentence.start, candidate.sentence.end
        if opens_item(text, span):
            heading = text[slice(*span)].partition("\n")[0]
        elif candidate.hit != hit:
            heading = ""
        hit = candidate.hit
        yield heading


def _is_sentence(text: str) -> bool:
    """Whether a span says something: a short line without a full stop is a subheading."""
    return len(text.split()) > _SUBHEADING_WORDS or text.rstrip(_QUOTES)[-1:] in _SENTENCE_ENDS
