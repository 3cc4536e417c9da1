"""Judges one answer against gold: right sentences, marked words, and the kind of failure.

Gold is words of a paragraph (SQuAD) or facts of articles. A sentence is right if it holds all of
those words, or shares half of the shorter of the two with a fact: facts are sentences, which may
be cut differently. A sentence that a model wrote is right if one of the quotes it cites is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from eval.answers import marked
from eval.answers.gold import says
from eval.datasets import Query, spans_of
from eval.runs.saved import Answered, Row
from rag import Answer, Article
from rag.citation import is_verbatim
from rag.types import Citation, Span

NOT_FOUND = "not found"
OTHER_SENTENCE = "found, other sentence of the right passage"
OTHER_PASSAGE = "found, other passage"
NOTHING_SHOWN = "found, nothing shown"
FAILURES = (NOT_FOUND, OTHER_SENTENCE, OTHER_PASSAGE, NOTHING_SHOWN)


class _Place(Protocol):
    """A passage or a citation."""

    @property
    def article_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Gold:
    """The gold spans of a question: for each fact, every place where it occurs."""

    def __init__(self, query: Query, articles: Mapping[str, Article]) -> None:
        self._whole = bool(query.words)
        self.facts: list[list[tuple[str, Span]]] = [
            [
                (fact.article_id, span)
                for span in spans_of(fact.text, articles[fact.article_id].text)
            ]
            for fact in query.facts
        ]
        if query.words:  # Any of them will do.
            self.facts = [[(query.about, span) for span in query.words]]

    def shown(self, places: Sequence[_Place]) -> list[bool]:
        """For each fact, whether one of the places shows it."""
        return [any(self._shows(at, fact) for at in places) for fact in self.facts]

    def right(self, place: _Place) -> bool:
        """Whether a place shows a fact."""
        return any(self.shown([place]))

    def _shows(self, place: _Place, fact: Iterable[tuple[str, Span]]) -> bool:
        return any(
            place.article_id == article_id
            and (_contains if self._whole else _overlaps)((place.start, place.end), span)
            for article_id, span in fact
        )


def judge(
    query: Query, answer: Answer, articles: Mapping[str, Article], milliseconds: float
) -> Row:
    """Judge the answer to a question and return its row.

    Its sentences are in the order of their rank if they are quotes, of reading if written.
    """
    gold, best = Gold(query, articles), _best_words(answer)
    shown = gold.shown(answer.citations)
    sentences = _sentences(answer, gold)
    right = [bool(at["right"]) for at in sentences]
    return Row(
        id=query.id,
        query=query.text,
        kind=query.kind or query.topic,
        milliseconds=round(milliseconds, 3),
        measures=_measures(query, answer, right, best) if query.relevant else {},
        passages=sentences,
        articles=list(dict.fromkeys(c.article_id for c in answer.citations)),
        missed=_missed(query, shown),
        answer=Answered(
            answerable=bool(query.relevant),
            confidence=answer.confidence,
            status=answer.status,
            marked=best,
            facts=len(query.facts),
            found=sum(shown) if query.facts else 0,
            broken=_broken(answer, articles),
            failure=_failure(gold, answer) if query.relevant and not any(right[:1]) else "",
        ),
    )


def _sentences(answer: Answer, gold: Gold) -> list[dict[str, Any]]:
    """The sentences shown: quotes, or written sentences, each with its first right quote, or its
    first."""
    if answer.mode == "extractive":
        return [_quote(citation, gold) for citation in answer.citations]
    found = []
    for claim in answer.claims:
        quotes = [_quote(c, gold) for c in answer.citations if c.label in claim.labels]
        best = next((quote for quote in quotes if quote["right"]), quotes[0] if quotes else None)
        found.append({**(best or {"right": False, "quote": ""}), "sentence": claim.text})
    return found


def _quote(citation: Citation, gold: Gold) -> dict[str, Any]:
    return {
        "article": citation.article_id, "start": citation.start, "end": citation.end,
        "label": citation.label, "right": gold.right(citation), "quote": citation.quote,
    }  # fmt: skip


def _broken(answer: Answer, articles: Mapping[str, Article]) -> int:
    """Citations that were dropped or do not hold, and labels that cite nothing."""
    known = {citation.label for citation in answer.citations}
    return (
        answer.dropped
        + sum(not _holds(citation, articles) for citation in answer.citations)
        + sum(label not in known for claim in answer.claims for label in claim.labels)
    )


def _measures(query: Query, answer: Answer, right: Sequence[bool], best: str) -> dict[str, float]:
    values = {"first right": float(any(right[:1])), "any right": float(any(right))}
    if query.words:
        values["EM"] = marked.exact(best, query.answers)
        values["F1"] = marked.f1(best, query.answers)
    elif query.answers:
        written = answer.mode == "generated"
        shown = [claim.text for claim in answer.claims if written]
        shown = shown or [citation.quote for citation in answer.citations]
        values["answer string shown"] = float(
            any(says(one.casefold(), text.casefold()) for one in shown for text in query.answers)
        )
    return values


def _missed(query: Query, shown: Sequence[bool]) -> list[str]:
    if query.words:
        return [] if all(shown) else [" / ".join(query.answers)]
    return [fact.text for fact, found in zip(query.facts, shown, strict=True) if not found]


def _failure(gold: Gold, answer: Answer) -> str:
    """Classify why the first sentence is not right."""
    holding = [hit.passage for hit in answer.hits if gold.right(hit.passage)]
    if not holding:
        return NOT_FOUND
    if not answer.citations:
        return NOTHING_SHOWN
    first = answer.citations[0]
    beside = any(
        passage.article_id == first.article_id
        and _contains((passage.start, passage.end), (first.start, first.end))
        for passage in holding
    )
    return OTHER_SENTENCE if beside else OTHER_PASSAGE


def _holds(citation: Citation, articles: Mapping[str, Article]) -> bool:
    article = articles.get(citation.article_id)
    return article is not None and is_verbatim(citation, article)


def _best_words(answer: Answer) -> str:
    """The words marked in the best sentence; "" where none are."""
    label = answer.citations[0].label if answer.citations else None
    for claim in answer.claims:
        if label in claim.labels and claim.marks:
            return " ".join(claim.text[start:end] for start, end in claim.marks)
    return ""


def _contains(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _overlaps(a: Span, b: Span) -> bool:
    """Whether they share at least half of the shorter."""
    return 2 * (min(a[1], b[1]) - max(a[0], b[0])) >= min(a[1] - a[0], b[1] - b[0])
