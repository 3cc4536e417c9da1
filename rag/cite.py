"""Spans to verified citations. Pure: knows neither models nor index.

A citation is a claim to verify: it holds only while `article.text[start:end] == quote`.
"""

from __future__ import annotations

from rag.types import Article, Citation, Span


def cite(article: Article, span: Span, label: int) -> Citation:
    """Quote `span` of `article`."""
    start, end = span
    return Citation(label, article.id, start, end, article.text[start:end])


def holds(citation: Citation, article: Article) -> bool:
    """Whether the quote stands in `article`, character for character, where it says."""
    return (
        citation.article_id == article.id
        and 0 <= citation.start < citation.end <= len(article.text)
        and article.text[citation.start : citation.end] == citation.quote
    )
