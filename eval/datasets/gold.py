"""The gold questions over the bundled articles.

Gold points at spans of articles, never at passages, so that cutting the articles differently
cannot change what is right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import Article
from rag.errors import InputError
from rag.evaluation.datasets.records import Files
from rag.evaluation.datasets.types import Dataset, Fact, Query, spans_of
from rag.index.build import articles_hash

ARTICLES = Path(__file__).parents[2] / "index" / "articles"
FOLDER = Path(__file__).parents[1] / "gold"
FILES = ("seed-questions.jsonl", "seed-conversations.jsonl")


@dataclass(frozen=True)
class Gold:
    """A question, or the turns of a conversation, and what a right answer to the last one is."""

    id: str
    turns: tuple[str, ...]
    answerable: bool
    answers: tuple[str, ...]
    evidence: tuple[dict[str, str], ...]


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


def dataset(articles: Sequence[Article]) -> Dataset:
    """The bundled gold questions over the bundled articles, as a data set."""
    files = Files()
    queries = []
    for path in (FOLDER / name for name in FILES):
        files.text(path)
        for gold in load(path):
            facts = facts_of(gold, articles)
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


def facts_of(gold: Gold, articles: Sequence[Article]) -> list[Fact]:
    """The evidence quotes of a question that occur in their article. Raises InputError for none."""
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


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        # Not splitlines: JSON text may hold line separators that end no line of the file.
        lines = path.read_text("utf-8").split("\n")
        return [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}). Name a JSON Lines file.") from None
