"""The true sentences: paraphrases written by hand, or verbatim sentences of articles."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets.gold import FOLDER
from eval.generation.planted.names import NameBook
from eval.generation.planted.numbers import numbers
from rag.evaluation import datasets
from rag.text.sentences import sentence_spans
from rag.types import Article

VERBATIM = 60
DATA = 200
Evidence = tuple[str, int, int]
"""A span of an article: its id, start and end."""


@dataclass(frozen=True)
class Sentence:
    """A true sentence, and the spans of evidence that support it."""

    id: str
    text: str
    evidence: tuple[Evidence, ...]
    origin: str


def chance(*parts: object) -> random.Random:
    """A random generator seeded by `parts`, the same on every machine."""
    return random.Random(" ".join(map(str, parts)))  # noqa: S311


def written(articles: Sequence[Article], split: str = "all") -> list[Sentence]:
    """The bundled written sentences of a half, "dev" or "test", or of both."""
    by_place = {(a.origin.partition("#")[0], a.title): a for a in articles}
    found = []
    for line in (FOLDER / "written.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if split in ("all", record["split"]):
            evidence = []
            for piece in record["evidence"]:
                article = by_place[piece["file"], piece["title"]]
                span = datasets.spans_of(piece["quote"], article.text)[0]
                evidence.append((article.id, *span))
            found.append(Sentence(record["id"], record["text"], tuple(evidence), "written"))
    return found


def verbatim(
    articles: Sequence[Article], count: int, origin: str, seed: int, split: str = "all"
) -> list[Sentence]:
    """`count` sentences of the articles that hold a number or a name, in turn for each half."""
    book = NameBook(articles)
    found = []
    for article in articles:
        for start, end in sentence_spans(article.text):
            text = " ".join(article.text[start:end].split())
            if _stands_alone(text) and (numbers(text) or book.find(text)):
                found.append((text, (article.id, start, end)))
    chosen = chance(seed, origin).sample(found, min(count, len(found)))
    return [
        Sentence(f"{origin[0]}-{n:03}", text, (evidence,), origin)
        for n, (text, evidence) in enumerate(chosen, 1)
        if split in ("all", ("test", "dev")[n % 2])
    ]


def from_data(data: Path, seed: int) -> tuple[list[Sentence], list[Article]]:
    """Verbatim sentences of a data set, and the articles that they come from.

    Where the data has facts (MultiHop-RAG), these; else any sentence with a number or a name.
    """
    dataset = datasets.load(data)
    facts = {(fact.article_id, fact.text) for query in dataset.queries for fact in query.facts}
    if not facts:
        chosen = chance(seed).sample(dataset.articles, min(DATA, len(dataset.articles)))
        return verbatim(chosen, DATA, "data", seed), chosen
    by_id = {article.id: article for article in dataset.articles}
    sentences = [
        Sentence(f"d-{n:03}", text, ((id, *spans[0]),), "data")
        for n, (id, text) in enumerate(chance(seed).sample(sorted(facts), min(DATA, len(facts))), 1)
        if (spans := datasets.spans_of(text, by_id[id].text))
    ]
    return sentences, [by_id[id] for id in dict.fromkeys(s.evidence[0][0] for s in sentences)]


def _stands_alone(text: str) -> bool:
    """Whether a text is a complete sentence of usual length, no question, its quotes closed."""
    closed = text.count('"') % 2 == 0 and text.count("“") == text.count("”")
    return text[-1:] in ".”\"'" and closed and "?" not in text and 6 <= len(text.split()) <= 45
