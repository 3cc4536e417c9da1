"""Citations: quotes made, and verified again before they are shown.

The one owner of "is this quote still the source": a citation holds only while
`article.text[start:end] == quote`. `verified` drops every quote, field, count and written sentence
of an answer that fails. Pure: knows neither models, index nor markup.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Literal, TypeAlias, get_args

from rag.text.fields import is_by, is_within
from rag.text.lines import on_one_line
from rag.text.phrases import occurrences
from rag.types import (
    FIELDS,
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Listing,
    Note,
    Passage,
    Recency,
    Span,
)
from rag.wording import note

RELATED = 4
"""Related passages offered when there is no answer."""
LISTED = 200
"""Articles of a list that a page shows; of the others it says how many they are."""

StatedField: TypeAlias = Literal["author", "published", "source", "title"]
"""A field of an article that an answer may state in a sentence."""
Articles = Mapping[str, Article]
Cited = Mapping[int, Citation]
"""Verified citations by their labels."""


def cite(article: Article, span: Span, label: int) -> Citation:
    """Quote `span` of `article`."""
    start, end = span
    quote = article.text[start:end]
    return Citation(label, article.id, start, end, quote, *place_of(article, span))


def cited_span(citation: Citation, span: Span) -> Citation:
    """Return the words at `span` of a quote as a citation of themselves, under its label."""
    start, end = span
    first = citation.start
    return replace(citation, start=first + start, end=first + end, quote=citation.quote[start:end])


def place_of(article: Article, span: Span) -> tuple[str, float | None]:
    """Return the page or pages on which a span stands, and how sure the recognition of their text
    was; ("", None) in an article without pages."""
    pages = article.pages_at(*span)
    names = dict.fromkeys(page.name for page in (*pages[:1], *pages[-1:]))
    sure = (page.certainty for page in pages if page.certainty is not None)
    return "–".join(names), min(sure, default=None)


def is_verbatim(citation: Citation, article: Article) -> bool:
    """Verify a quote: whether it is, character for character, the text of `article` at its span,
    and the page, where it names one, that on which it stands."""
    return (
        citation.article_id == article.id
        and 0 <= citation.start < citation.end <= len(article.text)
        and article.text[citation.start : citation.end] == citation.quote
        and names_its_page(citation, article)
    )


def names_its_page(citation: Citation, article: Article) -> bool:
    """Verify the page of a quote, and the certainty of its text, where it says them."""
    page, certainty = place_of(article, (citation.start, citation.end))
    return citation.page in ("", page) and citation.certainty in (None, certainty)


def field_statement(
    field: StatedField, article: Article, several: bool = False
) -> tuple[Note, tuple[Span, ...]]:
    """Return the sentence that states a field of an article, and the spans of it that are words of
    fields; an empty one where the field is empty. `several`: others are stated beside it."""
    pieces = _pieces(field, article, several)
    ends = list(accumulate(map(len, pieces)))
    return Note("".join(pieces)), tuple(zip(ends[:-1:2], ends[1::2], strict=True))


def title_of(article: Article) -> Note:
    """Return what a sentence calls an article: its title, or else the file that it is from."""
    title = article.title or article.origin
    return note("title", title=title) if title else note("the_article")


def _pieces(field: StatedField, article: Article, several: bool) -> list[str]:
    """What states a field of an article, every second piece its words; none without the field."""
    called, source, day = title_of(article), article.source, article.day
    if field == "author" and article.author:
        return [f"{called} was written by ", article.author, "."]
    if field == "published" and day:
        return [f"{called} was published on ", day, *([" by ", source] if source else []), "."]
    if field == "source" and source:
        return [f"{called} was published by ", source, "."]
    if field == "title" and article.title:
        return [f"{'One' if several else 'The'} headline is “", article.title, "”."]
    return []


def states_field(claim: Claim, article: Article) -> bool:
    """Verify a field claim: whether it is, to the character, a sentence that states a field of the
    article, with the field's words marked. Nothing else may stand beside them."""
    stated = (
        field_statement(field, article, several)
        for field in get_args(StatedField)
        for several in (False, True)
    )
    return any((claim.text, claim.marks) == one for one in stated if one[1])


def fits(listing: Listing, article: Article) -> bool:
    """Verify an entry of a list: whether an article has what it is counted for."""
    written = not listing.author or is_by(article.author, listing.author)
    texts = (article.title, article.text)
    held = (any(occurrences(text, phrase) for text in texts) for phrase in listing.phrases)
    return is_within(listing.filters, article) and written and all(held)


def mentions(listing: Listing, article: Article) -> tuple[Citation, ...]:
    """Return where the first phrase of a list stands in the text of an article, unlabelled."""
    spans = occurrences(article.text, listing.phrases[0]) if listing.phrases else []
    return tuple(cite(article, span, 0) for span in spans)


def statements(listing: Listing) -> tuple[Note, ...]:
    """Return what a list says as a whole, sentence by sentence: the count, and of what."""
    n, total = len(listing.articles), listing.searched
    phrases = [f"“{phrase}”" for phrase in listing.phrases]
    scope = "; ".join(_scope(listing))
    if not n:
        return (note("listing_none", n=total, scope="; ".join([*phrases, *_scope(listing)])),)
    said = []
    if listing.wanted == "mentions" and phrases:
        times, titles = listing.in_texts, listing.in_titles
        said.append(note("listing_mentions", n=times, titles=titles, phrases=phrases[0]))
    if phrases:
        key = "listing_holding_all" if len(phrases) > 1 else "listing_holding"
        said.append(note(key, n=n, total=total, phrases=", ".join(phrases)))
        said += [note("listing_only", scope=scope)] * bool(scope)
    elif scope:
        said.append(note("listing_fitting", n=n, total=total, scope=scope))
    else:
        said.append(note("listing_every", n=n))
    if listing.wanted == "sources":
        named = ", ".join(f"{one.source} ({one.articles})" for one in listing.sources)
        said.append(note("listing_sources", n=len(listing.sources), sources=named))
    said += [note("listing_copies", n=listing.reports)] * (listing.reports < n)
    return tuple(said)


def _scope(listing: Listing) -> Iterator[str]:
    """What an article must have to be counted, besides words."""
    yield from listing.filters.sources
    yield from (value for field in FIELDS for value in listing.filters.of(field))
    if listing.author:
        yield listing.author
    days = [str(day or "…") for day in (listing.filters.since, listing.filters.until)]
    if days != ["…", "…"]:
        yield " – ".join(dict.fromkeys(days))


def articles_of(answer: Answer, listed: int = LISTED) -> list[str]:
    """Return the ids of the articles that an answer speaks of, of its list the first `listed`."""
    ids = [citation.article_id for citation in answer.citations]
    ids += [hit.passage.article_id for hit in answer.hits]
    ids += [near.article_id for near in answer.absence.near] if answer.absence else ()
    ids += answer.listing.articles[:listed] if answer.listing else ()
    return list(dict.fromkeys(ids))


def verified(answer: Answer, articles: Articles) -> Answer:
    """Verify an answer against its articles: without the citations, hits and claims that fail.

    `text` is made again of the claims that are left, and `dropped` counts the citations lost. A
    list falls with any of its first `LISTED` articles: then what it counts is no longer so.
    """
    cited = {c.label: c for c in answer.citations if _is_verified(c, articles)}
    found = [hit for hit in answer.hits if _is_verified(as_citation(hit.passage), articles)]
    listing = answer.listing if _holds(answer.listing, articles) else None
    if listing and listing.voices:
        heard = tuple(one for one in listing.voices if _is_account(one, cited, articles))
        listing = replace(listing, voices=heard)
    absence = answer.absence
    if absence:
        near = tuple(one for one in absence.near if _is_verified(one, articles))
        absence = replace(absence, near=near)
    counted = set(statements(listing)) if listing else set()
    judged = [_verified_claim(claim, cited, articles, counted) for claim in answer.claims]
    claims = [claim for claim in judged if claim is not None]
    compared = [
        _dated([a for a in difference.accounts if _is_account(a, cited, articles)], cited, articles)
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
        listing=listing,
        absence=absence,
    )


def text_of(claims: Iterable[Claim]) -> str:
    """Return the text of an answer with these claims, as it is shown: each on one line, with its
    labels, if it has any."""
    labelled = ((on_one_line(c.text), "".join(f"[{label}]" for label in c.labels)) for c in claims)
    return " ".join(f"{text} {labels}" if labels else text for text, labels in labelled)


def shown(answer: Answer) -> tuple[Citation, ...]:
    """Return what can be opened of a verified answer: its citations, or the passages near it."""
    if answer.status == "answered":
        return tuple(sorted(answer.citations, key=lambda c: c.label))
    return answer.absence.near if answer.absence else ()


def recency(published: Sequence[datetime.date | None]) -> tuple[Recency, ...]:
    """Say of each of several days whether it is the newest; "" of all when they are one day or one
    of them is not known."""
    days = [day for day in published if day]
    known = len(days) == len(published) and len(set(days)) > 1
    return tuple(
        "" if not known else "newest" if day == max(days) else "earlier" for day in published
    )


def as_citation(passage: Passage) -> Citation:
    """Return a passage as a citation of itself, without a label."""
    return Citation(0, passage.article_id, passage.start, passage.end, passage.text)


def _is_verified(citation: Citation, articles: Articles) -> bool:
    article = articles.get(citation.article_id)
    return article is not None and is_verbatim(citation, article)


def _holds(listing: Listing | None, articles: Articles) -> bool:
    """Whether each of the first `LISTED` articles of a list is there and fits."""
    first = [articles.get(one) for one in listing.articles[:LISTED]] if listing else []
    return listing is not None and all(one is not None and fits(listing, one) for one in first)


def _verified_claim(
    claim: Claim, cited: Cited, articles: Articles, counted: Collection[str]
) -> Claim | None:
    """The claim with its verified labels; None without any, or if it misquotes what they cite.

    A written sentence was checked against all its quotes together, so it falls with any of them. A
    count cites nothing: it must be one of those that were `counted`.
    """
    if claim.verdict == "count":
        return replace(claim, labels=()) if claim.text in counted else None
    labels = tuple(label for label in claim.labels if label in cited)
    if claim.verdict == "verbatim":
        fits = all(claim.text == cited[label].quote for label in labels)
    elif claim.verdict == "supported":
        fits = labels == claim.labels
    else:
        fits = all(states_field(claim, articles[cited[label].article_id]) for label in labels)
    return replace(claim, labels=labels) if labels and fits else None


def _dated(accounts: Sequence[Account], cited: Cited, articles: Articles) -> Difference:
    """The difference of verified accounts, by the days of their articles."""
    marks = recency([articles[cited[a.label].article_id].published for a in accounts])
    return Difference(
        tuple(replace(a, recency=mark) for a, mark in zip(accounts, marks, strict=True))
    )


def _is_account(account: Account, cited: Cited, articles: Articles) -> bool:
    """Whether its words are in a verified quote, and its speaker in the article."""
    citation = cited.get(account.label)
    if citation is None:
        return False
    start, end = account.span
    named = account.speaker in articles[citation.article_id].text
    return named and 0 <= start < end <= len(citation.quote)
