"""A corpus of news articles, one record each, as MultiHop-RAG publishes them."""

from __future__ import annotations

from pathlib import Path

from rag.evaluation.datasets.records import Files, Record
from rag.ingest.encoding import unify_line_ends
from rag.ingest.tables.record import fields_of
from rag.types import Article

NAMES = ("corpus.jsonl", "corpus.jsonl.gz", "corpus.json", "corpus.json.gz")
ARTICLE = "An article has a body, and may have title, source, author, published_at and url."


class Articles:
    """The articles, looked up by the title, source and URL that a piece of evidence names."""

    def __init__(self, path: Path, files: Files) -> None:
        self.all: list[Article] = []
        self._by_url: dict[str, Article] = {}
        self._by_title: dict[tuple[str, str], Article] = {}
        self._by_id: dict[str, Article] = {}
        for ordinal, record in enumerate(files.records(path, ARTICLE), start=1):
            article = _article(record, f"{path.name}#{ordinal}")
            url = record.text("url", "")
            if article.id in self._by_id or url in self._by_url:
                raise record.error("the article is given twice")
            self._by_id[article.id] = article
            self.all.append(article)
            if url:
                self._by_url[url] = article
            self._by_title.setdefault(_title(record), article)

    def of(self, evidence: Record) -> Article:
        if "document" in evidence.values:
            name = evidence.text("document")
            if name not in self._by_id:
                raise evidence.error(f"no article of the corpus has the id {name!r}")
            return self._by_id[name]
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
    return Article(text, origin=origin, **fields_of(record.values))  # type: ignore[arg-type]


def _title(record: Record) -> tuple[str, str]:
    return record.text("title", ""), record.text("source", "")
