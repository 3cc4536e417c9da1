"""Asks the gold questions over the bundled articles and scores each answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eval.datasets.gold import Gold, facts_of
from rag import Answer, Archive
from rag.citation import is_verbatim
from rag.evaluation.answering.said import said_at
from rag.evaluation.datasets import spans_of

TOP = 5


@dataclass(frozen=True)
class Row:
    """The scores of one question; None where a measure does not apply to it."""

    id: str
    conversation: bool
    answerable: bool
    found: bool | None  # Evidence among the TOP first hits.
    first: bool | None  # The first citation overlaps evidence, in its article.
    said: bool | None  # An answer string occurs in the answer.
    declined: bool
    broken: int  # Citations that do not hold, dropped ones included.
    confidence: float
    milliseconds: float
    question: str

    @property
    def right(self) -> bool:
        return bool(self.first) if self.answerable else self.declined


def score(archive: Archive, golds: Sequence[Gold]) -> Iterator[Row]:
    """Ask each question and yield its scores."""
    articles = list(archive.articles())
    texts = {article.id: article.text for article in articles}
    for gold in golds:
        history: list[tuple[str, str]] = []
        for turn in gold.turns:
            began = time.perf_counter()
            answer = archive.ask(turn, history)
            seconds = time.perf_counter() - began
            history.append((turn, answer.text))
        spans = [
            (fact.article_id, *span)
            for fact in facts_of(gold, articles)
            for span in spans_of(fact.text, texts[fact.article_id])
        ]
        hits = [hit.passage for hit in answer.hits[:TOP]]
        first = answer.citations[:1]
        yield Row(
            id=gold.id,
            conversation=len(gold.turns) > 1,
            answerable=gold.answerable,
            found=any(_inside(span, hits) for span in spans) if gold.answerable else None,
            first=any(_overlap(span, first) for span in spans) if gold.answerable else None,
            said=any(said_at(text, answer.text) for text in gold.answers) if gold.answers else None,
            declined=answer.status == "unanswered",
            broken=answer.dropped + _broken(archive, answer),
            confidence=answer.confidence,
            milliseconds=1000 * seconds,
            question=gold.turns[-1],
        )


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Summarise rows, as counts out of how many."""
    single = [row for row in rows if not row.conversation]
    answerable = [row for row in single if row.answerable]
    unanswerable = [row for row in single if not row.answerable]
    conversations = [row for row in rows if row.conversation]
    times = sorted(row.milliseconds for row in rows)
    return {
        f"evidence in the top {TOP}": _share(row.found for row in answerable),
        "first citation right": _share(row.first for row in answerable),
        "answer string in the answer": _share(row.said for row in answerable),
        "unanswerable declined": _share(row.declined for row in unanswerable),
        "answerable declined": _share(row.declined for row in answerable),
        "conversations right": _share(row.right for row in conversations),
        "broken citations": sum(row.broken for row in rows),
        "median milliseconds": round(times[len(times) // 2]) if times else None,
    }


def _inside(span: tuple[str, int, int], found: Sequence[Any]) -> bool:
    article_id, start, end = span
    return any(x.article_id == article_id and x.start <= start and end <= x.end for x in found)


def _overlap(span: tuple[str, int, int], found: Sequence[Any]) -> bool:
    article_id, start, end = span
    return any(x.article_id == article_id and x.start < end and start < x.end for x in found)


def _broken(archive: Archive, answer: Answer) -> int:
    return sum(not is_verbatim(c, archive.article(c.article_id)) for c in answer.citations)


def _share(values: Iterator[bool | None]) -> str:
    known = [bool(value) for value in values]
    return f"{sum(known)} of {len(known)}"
