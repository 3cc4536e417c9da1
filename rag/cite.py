"""Spans to verified citations. Pure: knows neither models nor index.

A citation is a claim to verify: it holds only while `article.text[start:end] == quote`.
"""

from __future__ import annotations

from collections.abc import Iterable

from rag.types import Article, Citation, Claim, Span


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


def says(claim: Claim, cited: Iterable[Article]) -> bool:
    """Whether every marked span, of one or more, is, character for character, a field of a cited
    article."""
    fields = {field for a in cited for field in (a.author, a.source, a.title, a.day) if field}
    return bool(claim.marks) and all(
        start >= 0 and claim.text[start:end] in fields for start, end in claim.marks
    )
