"""The gold questions over the bundled articles: asked, and scored one by one.

Gold points at spans of articles, never at passages, so that cutting the articles differently
cannot change what is right.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import Dataset, Fact, Query, spans_of
from eval.datasets.records import Files
from rag import Answer, Archive, Article
from rag.citation import holds
from rag.errors import InputError
from rag.index.build import articles_hash

ARTICLES = Path(__file__).parents[2] / "index" / "articles"
FOLDER = Path(__file__).parents[1] / "gold"
FILES = ("seed-questions.jsonl", "seed-conversations.jsonl")
TOP = 5


@dataclass(frozen=True)
class Gold:
    """A question, or the turns of a conversation, and what a right answer to the last one is."""

    id: str
    turns: tuple[str, ...]
    answerable: bool
    answers: tuple[str, ...]
    evidence: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Row:
    """The scores of one question; None where a measure does not apply to it."""

    id: str
    conversation: bool
    answerable: bool
    found: bool | None  # Evidence among the TOP first hits.
    first: bool | None  # The first citation overlaps evidence, in its article.
    said: bool | None  # An answer string stands in the answer.
    declined: bool
    broken: int  # Citations that do not hold, dropped ones included.
    confidence: float
    milliseconds: float
    question: str

    @property
    def right(self) -> bool:
        return bool(self.first) if self.answerable else self.declined


def load(path: Path) -> list[Gold]:
    """Read gold questions, one a line, with `question` or `turns`.

    What the chat kept of its readers is read too; a judgement without a right answer (`answerable`
    is null) is no question yet and is left out: see `waiting`.
    """
    golds = []
    for record in _records(path):
        if record["answerable"] is None:
            continue
        turns = tuple(record.get("turns") or [record["question"]])
        golds.append(
            Gold(
                record["id"],
                turns,
                record["answerable"],
                tuple(record["answers"]),
                tuple(record["evidence"]),
            )
        )
    return golds


def waiting(path: Path) -> int:
    """How many judgements of a file wait for somebody to write the right answer."""
    return sum(record["answerable"] is None for record in _records(path))


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        # Not splitlines: JSON text may hold line separators that end no line of the file.
        lines = path.read_text("utf-8").split("\n")
        return [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}). Name a JSON Lines file.") from None


def dataset(articles: Sequence[Article]) -> Dataset:
    """The bundled gold questions over the bundled articles, as a data set."""
    files = Files()
    queries = []
    for path in (FOLDER / name for name in FILES):
        files.text(path)
        for gold in load(path):
            facts = _facts(gold, articles)
            kind = "question" if len(gold.turns) == 1 else "conversation"
            relevant = {fact.article_id: 1 for fact in facts}
            queries.append(
                Query(
                    gold.id, gold.turns[-1], kind, relevant, tuple(facts),
                    answers=gold.answers, turns=gold.turns[:-1],
                )
            )  # fmt: skip
    both = hashlib.sha256(f"{files.sha256} {articles_hash(articles)}".encode()).hexdigest()
    return Dataset("gold questions", tuple(articles), tuple(queries), 0, both)


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
            for fact in _facts(gold, articles)
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
            said=any(says(answer.text, text) for text in gold.answers) if gold.answers else None,
            declined=answer.status == "unanswered",
            broken=answer.dropped + _broken(archive, answer),
            confidence=answer.confidence,
            milliseconds=1000 * seconds,
            question=gold.turns[-1],
        )


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """The averages, as counts out of how many."""
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


def _facts(gold: Gold, articles: Sequence[Article]) -> list[Fact]:
    """The evidence quotes that stand in their article."""
    facts = [
        Fact(piece["quote"], article.id)
        for piece in gold.evidence
        for article in articles
        if (article.origin.partition("#")[0], article.title) == (piece["file"], piece["title"])
        and spans_of(piece["quote"], article.text)
    ]
    if gold.answerable and not facts:
        raise InputError(
            f"{gold.id}: no evidence quote stands in its article. Name the index that was asked "
            "with --index, or correct the quote."
        )
    return facts


def _inside(span: tuple[str, int, int], found: Sequence[Any]) -> bool:
    article_id, start, end = span
    return any(x.article_id == article_id and x.start <= start and end <= x.end for x in found)


def _overlap(span: tuple[str, int, int], found: Sequence[Any]) -> bool:
    article_id, start, end = span
    return any(x.article_id == article_id and x.start < end and start < x.end for x in found)


def says(said: str, text: str) -> bool:
    """Whether `text` stands in what was said as whole words: "20" is not in "2017"."""
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said) is not None


def _broken(archive: Archive, answer: Answer) -> int:
    return sum(not holds(c, archive.article(c.article_id)) for c in answer.citations)


def _share(values: Iterator[bool | None]) -> str:
    known = [bool(value) for value in values]
    return f"{sum(known)} of {len(known)}"
