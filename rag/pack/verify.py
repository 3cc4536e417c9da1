"""Verifies a pack: each quote against its article, and the claims against the quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from rag.citation import (
    fits,
    mentions,
    names_its_page,
    place_of,
    statements,
    states_fields,
    text_of,
)
from rag.errors import InputError
from rag.export.reference import changed_since, page_in_words
from rag.pack.contents import Pack, Source, parse
from rag.text.corrections import correction
from rag.text.fields import is_within
from rag.text.lines import on_one_line
from rag.text.phrases import occurrences
from rag.types import Answer, Article, Citation, Claim, Filters, Listing, Version

Find: TypeAlias = Callable[[str], Article | None]
"""Looks an article up, by its id or by its content hash; None if unknown."""
Changed: TypeAlias = Callable[[Citation], tuple[Version, Article] | None]
"""Looks up the earlier text in which a quote stood, and the article as it is now."""
Status: TypeAlias = Literal["holds", "changed", "misquoted", "altered", "missing"]
_FIELDS = ("title", "source", "author", "published", "url")


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on one quote: `answer` counts from 1, `remark` explains the status.

    `status` is "holds", "changed" (the quote stood in an earlier text of the article, which is
    kept), "misquoted" (the article is the one quoted, and says something else there), "altered"
    (the article has another text now) or "missing" (there is none).
    """

    answer: int
    label: int
    article_id: str
    title: str
    status: Status
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of verifying a pack. `problems` are faults of the pack itself; `written` counts
    the sentences of a model, which are not verified again, `lists` the lists of articles: each
    article of them was, but not that no other belongs there."""

    quotes: tuple[Checked, ...]
    problems: tuple[str, ...]
    written: int
    lists: int = 0

    @property
    def holds(self) -> bool:
        """Whether every quote holds and nothing else is wrong."""
        return not self.problems and all(quote.status == "holds" for quote in self.quotes)


@dataclass(frozen=True, slots=True)
class _Found:
    """The article that a pack quotes: `same` text, or an `other` text under its id."""

    source: Source
    same: Article | None
    other: Article | None


def verify(
    pack: Mapping[str, Any],
    by_id: Find,
    by_hash: Find,
    changed: Changed = lambda cited: None,
) -> Proof:
    """Verify every quote of a pack, and that its claims follow from its quotes.

    An article is found by the hash of its text, whatever its id. Raises InputError for what is no
    pack.
    """
    try:
        read = parse(pack)
    except ValueError as error:
        raise InputError(
            f"This is no evidence pack: {error}. Get it again from whoever made it."
        ) from None
    found = {source.id: _find(source, by_id, by_hash) for source in read.articles.values()}
    return Proof(
        tuple(_quotes(read, found, changed)),
        tuple(_problems(read, found)),
        sum(claim.verdict == "supported" for answer in read.answers for claim in answer.claims),
        sum(answer.listing is not None for answer in read.answers),
    )


def _find(source: Source, by_id: Find, by_hash: Find) -> _Found:
    named = by_id(source.id)
    for article in (named, by_hash(source.content_hash)):
        if article and article.content_hash == source.content_hash:
            return _Found(source, article, None)
    return _Found(source, None, named)


def _quotes(pack: Pack, found: Mapping[str, _Found], changed: Changed) -> Iterator[Checked]:
    for number, answer in enumerate(pack.answers, start=1):
        for citation in sorted(answer.citations, key=lambda citation: citation.label):
            known = found.get(citation.article_id)
            title = (known.source.title or known.source.origin) if known else ""
            status: Status
            earlier = changed(citation) if known and not known.same else None
            if earlier and known and earlier[0].article.content_hash == known.source.content_hash:
                status, remark = "changed", changed_since(citation, *earlier)
            else:
                status, remark = _status(citation, known)
            yield Checked(number, citation.label, citation.article_id, title, status, remark)


def _status(citation: Citation, known: _Found | None) -> tuple[Status, str]:
    """The status of a quote, and a remark on it."""
    if known is None:
        return "missing", "the pack does not say what article this is"
    article = known.same or known.other
    if article is None:
        return "missing", "there is no article with this text or this id"
    in_place = article.text[citation.start : citation.end] == citation.quote
    if known.same and in_place and not names_its_page(citation, article):
        place = page_in_words(*place_of(article, (citation.start, citation.end)))
        return "misquoted", f"the quote stands there, but on {place or 'no page'}"
    if known.same:
        if in_place:
            under = f"the article now has the id {article.id}"
            return "holds", under if article.id != citation.article_id else ""
        return "misquoted", f"the article says something else there; {_place(citation, article)}"
    place = "the quote still stands at its place" if in_place else _place(citation, article)
    return "altered", f"the article has another text than the one quoted; {place}"


def _place(citation: Citation, article: Article) -> str:
    """A remark on where else in the article the quote occurs."""
    start = article.text.find(citation.quote)
    if start < 0:
        return "the quote stands nowhere in it"
    return f"the quote stands at characters {start} to {start + len(citation.quote)}"


def _problems(pack: Pack, found: Mapping[str, _Found]) -> Iterator[str]:
    """The problems of a pack other than its quotes."""
    for known in found.values():
        differ = [f for f in _FIELDS if known.same and _differs(known.source, known.same, f)]
        if differ:
            yield f"article {known.source.id}: the archive gives another {' and '.join(differ)}"
        notice = known.source.corrected
        if notice and known.same and notice != correction(known.same.text):
            yield f"article {known.source.id}: it does not say that it was corrected so"
    for number, answer in enumerate(pack.answers, start=1):
        cited = {citation.label: citation for citation in answer.citations}
        for claim in answer.claims:
            if problem := _claim_problem(claim, answer, cited, found):
                yield f"answer {number}: “{claim.text[:60]}” {problem}"
        if on_one_line(answer.text) != text_of(answer.claims):
            yield f"answer {number}: its text is not what its claims say"
        yield from (f"answer {number}: {p}" for p in _account_problems(answer, cited, found))
        if answer.listing:
            yield from (f"answer {number}: {p}" for p in _list_problems(answer.listing, found))
        for one in _outside(answer, pack.filters[number - 1], found):
            yield f"answer {number}: its filters leave out article {one}"
    for number, related in enumerate(pack.related, start=1):
        yield from (f"answer {number}: no article {i}" for i in related if i not in found)


def _outside(answer: Answer, filters: Filters, found: Mapping[str, _Found]) -> Iterator[str]:
    """The articles that an answer quotes or counts and that its filters leave out."""
    if filters.article not in found:  # A copy of the article that was chosen may stand for it.
        filters = replace(filters, articles=None)
    listed = answer.listing.articles if answer.listing else ()
    for one in dict.fromkeys((*(c.article_id for c in answer.citations), *listed)):
        known = found.get(one)
        if known is None:
            continue
        same = known.same if known.same and known.same.id == one else known.source.article()
        if not is_within(filters, same):
            yield one


def _differs(source: Source, article: Article, field: str) -> bool:
    return bool(getattr(source.article(), field) != getattr(article, field))


def _claim_problem(
    claim: Claim, answer: Answer, cited: Mapping[int, Citation], found: Mapping[str, _Found]
) -> str:
    """Why a claim does not follow from what it cites or counts; "" if it does."""
    if claim.verdict == "count":
        counted = answer.listing is not None and claim.text in statements(answer.listing)
        return "" if counted and not claim.labels else "is not what its list says"
    if not claim.labels or any(label not in cited for label in claim.labels):
        return "cites what is not there"
    quotes = [cited[label] for label in claim.labels]
    if claim.verdict == "verbatim" and all(claim.text not in quote.quote for quote in quotes):
        return "is not in a quote that it cites"
    sources = [found[q.article_id].source.article() for q in quotes if q.article_id in found]
    if claim.verdict == "field" and not states_fields(claim, sources):
        return "is not what the article's fields say"
    return ""


def _list_problems(listing: Listing, found: Mapping[str, _Found]) -> Iterator[str]:
    """The problems of a list: articles that do not belong there, and what is counted of them."""
    known = [found.get(one) for one in dict.fromkeys(listing.articles)]
    articles = [one.source.article(one.same.text) for one in known if one and one.same]
    n, sound = len(listing.articles), sum(fits(listing, article) for article in articles)
    if sound < n:
        yield f"missing, altered or not fitting: {n - sound} of the {n} articles that it counts"
    sources = Counter(article.source for article in articles if article.source)
    times = (
        sum(len(mentions(listing, article)) for article in articles),
        sum(
            len(occurrences(one.title, phrase))
            for one in articles
            for phrase in listing.phrases[:1]
        ),
    )
    if times != (listing.in_texts, listing.in_titles):
        yield "what it looks for stands there another number of times"
    if {tally.source: tally.articles for tally in listing.sources} != sources:
        yield "the articles that it counts are from other sources"


def _account_problems(
    answer: Answer, cited: Mapping[int, Citation], found: Mapping[str, _Found]
) -> Iterator[str]:
    """The problems of conflicting accounts."""
    for account in (a for difference in answer.differences for a in difference.accounts):
        citation = cited.get(account.label)
        start, end = account.span
        if citation is None or not start < end <= len(citation.quote):
            yield "an account that differs is in no quote"
            continue
        known = found.get(citation.article_id)
        if known and known.same and account.speaker not in known.same.text:
            yield f"the article does not name {account.speaker[:60]}"
