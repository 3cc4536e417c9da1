"""MultiHop-RAG: news articles, and questions whose evidence is spread over several.

Tang and Yang, COLM 2024, arXiv 2401.15391. Reads its own two JSON files or JSON Lines of them.
"""

from __future__ import annotations

from pathlib import Path

from rag.evaluation.datasets.corpus import Articles
from rag.evaluation.datasets.records import Files, Record
from rag.evaluation.datasets.types import Dataset, Fact, Query, spans_of

QUERIES = ("queries*.json*", "MultiHopRAG*.json*")
_QUESTION = (
    "A question has query, question_type and evidence_list, a list of objects with fact and the "
    "url (or title and source) of the article."
)


def load(corpus: Path, queries: Path, files: Files) -> Dataset:
    """Read both files; nothing is relevant to null questions."""
    articles = Articles(corpus, files)
    found: dict[str, Query] = {}
    for position, record in enumerate(files.records(queries, _QUESTION), start=1):
        query = _query(record, position, articles)
        if query.id in found:
            raise record.error(f"the id {query.id!r} is given twice")
        found[query.id] = query
    name = f"MultiHop-RAG, {queries.name}"
    return Dataset(name, tuple(articles.all), tuple(found.values()), 0, files.sha256)


def _query(record: Record, position: int, articles: Articles) -> Query:
    kind = record.text("question_type").removesuffix("_query")
    evidence = record.objects("evidence_list", "evidence")
    facts = () if kind == "null" else tuple(_fact(piece, articles) for piece in evidence)
    return Query(
        record.text("id", "") or f"mh-{position:04}",
        record.text("query"),
        kind,
        {fact.article_id: 1 for fact in facts},
        facts,
        # The others' answers ("yes", "before") are not the articles' words.
        answers=tuple(filter(None, [record.text("answer", "")])) if kind == "inference" else (),
    )


def _fact(evidence: Record, articles: Articles) -> Fact:
    article, fact = articles.of(evidence), evidence.text("fact")
    if not spans_of(fact, article.text):
        raise evidence.error(f"the fact {fact[:60]!r} does not stand in its article")
    return Fact(fact, article.id)
