"""MultiHop-RAG: news articles, and questions whose evidence is spread over several.

Tang and Yang, COLM 2024, arXiv 2401.15391. Reads its own two JSON files or JSON Lines of them.
"""

from __future__ import annotations

from pathlib import Path

from eval.datasets.records import Files, Record
from eval.datasets.types import Dataset, Fact, Query, spans_of
from rag.ingest.encoding import unify_line_ends
from rag.ingest.records import read_fields
from rag.types import Article

CORPUS = ("corpus.jsonl", "corpus.jsonl.gz", "corpus.json", "corpus.json.gz")
QUERIES = ("queries*.json*", "MultiHopRAG*.json*")
_ARTICLE = "An article has a body, and may have title, source, author, published_at and url."
_QUESTION = (
    "A question has query, question_type and evidence_list, a list of objects with fact and the "
    "url (or title and source) of the article."
)


def load(corpus: Path, queries: Path, files: Files) -> Dataset:
    """Read both files; nothing is relevant to null questions."""
    articles = _Articles(corpus, files)
    found: dict[str, Query] = {}
    for position, record in enumerate(files.records(queries, _QUESTION), start=1):
        query = _query(record, position, articles)
        if query.id in found:
            raise record.error(f"the id {query.id!r} is given twice")
        found[query.id] = query
    name = f"MultiHop-RAG, {queries.name}"
    return Dataset(name, tuple(articles.all), tuple(found.values()), 0, files.sha256)


class _Articles:
    """The articles, looked up by the title, source and URL that a piece of evidence names."""

    def __init__(self, path: Path, files: Files) -> None:
        self.all: list[Article] = []
        self._by_url: dict[str, Article] = {}
        self._by_title: dict[tuple[str, str], Article] = {}
        ids = set()
        for ordinal, record in enumerate(files.records(path, _ARTICLE), start=1):
            article = _article(record, f"{path.name}#{ordinal}")
            url = record.text("url", "")
            if article.id in ids or url in self._by_url:
                raise record.error("the article is given twice")
            ids.add(article.id)
            self.all.append(article)
            if url:
                self._by_url[url] = article
            self._by_title.setdefault(_title(record), article)

    def of(self, evidence: Record) -> Article:
        article = self._by_url.get(evidence.text("url", ""))
        article = article or self._by_title.get(_title(evidence))
        if article is None:
            raise evidence.error("no article of the corpus has its url, or its title and source")
        return article


def _article(record: Record, origin: str) -> Article:
    """The article as `byline build` would read it, so that both index the same."""
    text = unify_line_ends(record.text("body"))
    for name in ("title", "source", "author", "published_at", "url"):
        record.text(name, "")
    fields, _ = read_fields(record.values)
    return Article(text, origin=origin, **fields)  # type: ignore[arg-type]


def _query(record: Record, position: int, articles: _Articles) -> Query:
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


def _fact(evidence: Record, articles: _Articles) -> Fact:
    article, fact = articles.of(evidence), evidence.text("fact")
    if not spans_of(fact, article.text):
        raise evidence.error(f"the fact {fact[:60]!r} does not stand in its article")
    return Fact(fact, article.id)


def _title(record: Record) -> tuple[str, str]:
    return record.text("title", ""), record.text("source", "")
