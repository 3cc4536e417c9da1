"""The last check before anything is shown.

Drops a quote that is not, character for character, what its article holds at its place, a field
that is not its article's, and a written sentence that has lost a quote behind it. Knows no markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rag.cite import holds, says
from rag.types import Account, Answer, Article, Citation, Claim, Difference, Passage

RELATED = 4
"""Related passages offered when there is no answer."""

Articles = Mapping[str, Article]
Cited = Mapping[int, Citation]
"""Verified citations by their labels."""


def checked(answer: Answer, articles: Articles) -> Answer:
    """The answer without what its articles do not bear out; `text` says what the claims do."""
    cited = {c.label: c for c in answer.citations if _borne_out(c, articles)}
    found = [hit for hit in answer.hits if _borne_out(whole(hit.passage), articles)]
    judged = [_supported(claim, cited, articles) for claim in answer.claims]
    claims = [claim for claim in judged if claim is not None]
    compared = [
        Difference(tuple(a for a in difference.accounts if _is_account(a, cited, articles)))
        for difference in answer.differences
    ]
    lost = len(answer.citations) - len(cited)
    return replace(
        answer,
        text=" ".join(f"{c.text} {''.join(f'[{label}]' for label in c.labels)}" for c in claims),
        citations=tuple(cited.values()),
        hits=tuple(found),
        claims=tuple(claims),
        dropped=answer.dropped + lost,
        differences=tuple(d for d in compared if len(d.accounts) > 1),
        independent=0 if lost else answer.independent,  # What was counted is no longer known.
    )


def shown(answer: Answer) -> tuple[Citation, ...]:
    """What the panel of a checked answer lists: its citations, or else related passages."""
    if answer.status == "answered":
        return tuple(sorted(answer.citations, key=lambda c: c.label))
    return tuple(whole(hit.passage) for hit in answer.hits[:RELATED])


def whole(passage: Passage) -> Citation:
    """A passage as a citation of itself, without a label."""
    return Citation(0, passage.article_id, passage.start, passage.end, passage.text)


def _borne_out(citation: Citation, articles: Articles) -> bool:
    article = articles.get(citation.article_id)
    return article is not None and holds(citation, article)


def _supported(claim: Claim, cited: Cited, articles: Articles) -> Claim | None:
    """The claim with its verified labels; None without any, or if it misquotes what they cite.

    A written sentence was checked against all its quotes together, so it falls with any of them.
    """
    labels = tuple(label for label in claim.labels if label in cited)
    if claim.verdict == "verbatim":
        fits = any(claim.text in cited[label].quote for label in labels)
    elif claim.verdict == "supported":
        fits = labels == claim.labels
    else:
        fits = says(claim, [articles[cited[label].article_id] for label in labels])
    return replace(claim, labels=labels) if labels and fits else None


def _is_account(account: Account, cited: Cited, articles: Articles) -> bool:
    """Whether its words stand in a verified quote, and its speaker in the article."""
    citation = cited.get(account.label)
    if citation is None:
        return False
    start, end = account.span
    named = account.speaker in articles[citation.article_id].text
    return named and 0 <= start < end <= len(citation.quote)
