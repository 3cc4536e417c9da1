"""Citations: quotes made, and verified again before they are shown.

The one owner of "is this quote still the source": a citation holds only while
`article.text[start:end] == quote`. `verified` drops every quote, field and written sentence of an
answer that fails. Pure: knows neither models, index nor markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rag.types import Account, Answer, Article, Citation, Claim, Difference, Passage, Span

RELATED = 4
"""Related passages offered when there is no answer."""

Articles = Mapping[str, Article]
Cited = Mapping[int, Citation]
"""Verified citations by their labels."""


def cite(article: Article, span: Span, label: int) -> Citation:
    """Quote `span` of `article`."""
    start, end = span
    return Citation(label, article.id, start, end, article.text[start:end])


def is_verbatim(citation: Citation, article: Article) -> bool:
    """Verify a quote: whether it is, character for character, the text of `article` at its span."""
    return (
        citation.article_id == article.id
        and 0 <= citation.start < citation.end <= len(article.text)
        and article.text[citation.start : citation.end] == citation.quote
    )


def states_fields(claim: Claim, cited: Iterable[Article]) -> bool:
    """Verify a field claim: whether every marked span, of one or more, is a field of a cited
    article, character for character."""
    fields = {field for a in cited for field in (a.author, a.source, a.title, a.day) if field}
    return bool(claim.marks) and all(
        start >= 0 and claim.text[start:end] in fields for start, end in claim.marks
    )


def verified(answer: Answer, articles: Articles) -> Answer:
    """Verify an answer against its articles: without the citations, hits and claims that fail.

    `text` is made again of the claims that are left, and `dropped` counts the citations lost.
    """
    cited = {c.label: c for c in answer.citations if _is_verified(c, articles)}
    found = [hit for hit in answer.hits if _is_verified(as_citation(hit.passage), articles)]
    judged = [_verified_claim(claim, cited, articles) for claim in answer.claims]
    claims = [claim for claim in judged if claim is not None]
    compared = [
        Difference(tuple(a for a in difference.accounts if _is_account(a, cited, articles)))
        for difference in answer.differences
    ]
    lost = len(answer.citations) - len(cited)
    return replace(
        answer,
        text=text_of(claims),
        citations=tuple(cited.values()),
        hits=tuple(found),
        claims=tuple(claims),
        dropped=answer.dropped + lost,
        differences=tuple(d for d in compared if len(d.accounts) > 1),
        independent=0 if lost else answer.independent,  # What was counted is no longer known.
    )


def text_of(claims: Iterable[Claim]) -> str:
    """Return the text of an answer with these claims: each with its labels."""
    return " ".join(f"{c.text} {''.join(f'[{label}]' for label in c.labels)}" for c in claims)


def shown(answer: Answer) -> tuple[Citation, ...]:
    """Return what the panel of a verified answer lists: its citations, or related passages."""
    if answer.status == "answered":
        return tuple(sorted(answer.citations, key=lambda c: c.label))
    return tuple(as_citation(hit.passage) for hit in answer.hits[:RELATED])


def as_citation(passage: Passage) -> Citation:
    """Return a passage as a citation of itself, without a label."""
    return Citation(0, passage.article_id, passage.start, passage.end, passage.text)


def _is_verified(citation: Citation, articles: Articles) -> bool:
    article = articles.get(citation.article_id)
    return article is not None and is_verbatim(citation, article)


def _verified_claim(claim: Claim, cited: Cited, articles: Articles) -> Claim | None:
    """The claim with its verified labels; None without any, or if it misquotes what they cite.

    A written sentence was checked against all its quotes together, so it falls with any of them.
    """
    labels = tuple(label for label in claim.labels if label in cited)
    if claim.verdict == "verbatim":
        fits = any(claim.text in cited[label].quote for label in labels)
    elif claim.verdict == "supported":
        fits = labels == claim.labels
    else:
        fits = states_fields(claim, [articles[cited[label].article_id] for label in labels])
    return replace(claim, labels=labels) if labels and fits else None


def _is_account(account: Account, cited: Cited, articles: Articles) -> bool:
    """Whether its words are in a verified quote, and its speaker in the article."""
    citation = cited.get(account.label)
    if citation is None:
        return False
    start, end = account.span
    named = account.speaker in articles[citation.article_id].text
    return named and 0 <= start < end <= len(citation.quote)
