"""What is wrong with a pack besides its quotes: all that it says and that its articles, or its own
quotes, do not bear out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from rag.citation import fits, mentions, recency, statements, states_field, text_of
from rag.pack.contents import Pack, Source
from rag.text.corrections import correction
from rag.text.fields import is_within
from rag.text.lines import on_one_line
from rag.text.phrases import occurrences
from rag.types import Answer, Article, Citation, Claim, Difference, Filters, Listing

NOT_OF_THE_TEXT = frozenset({"id", "content_hash", "origin"})
"""Fields by which an article is found, and the file that it was read from: the same article may
stand elsewhere under another name."""
FIELDS = tuple(field.name for field in fields(Source) if field.name not in NOT_OF_THE_TEXT)
"""What a pack says of an article, and what is compared with it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The article that a pack quotes: `same` text, or an `other` text under its id."""

    source: Source
    same: Article | None
    other: Article | None


def problems(pack: Pack, found: Mapping[str, Found], asked: bool = False) -> Iterator[str]:
    """Yield the problems of a pack other than its quotes; `asked`: whether its questions without
    an answer were asked again."""
    if not pack.answers:
        yield "it has no answer"
    elif not pack.articles and any(answer.absence for answer in pack.answers):
        if not asked:
            yield "it quotes nothing: only the index can be asked again, with --index DIR"
    elif not pack.articles:
        yield "it names no article, so there is nothing in it to verify"
    yield from _article_problems(pack, found)
    for number, answer in enumerate(pack.answers, start=1):
        filters, related = pack.filters[number - 1], pack.related[number - 1]
        for problem in (
            *_answer_problems(answer, found),
            *(f"no article {one}" for one in related if one not in found),
            *(
                f"its filters leave out article {one}"
                for one in _outside(answer, filters, related, found)
            ),
        ):
            yield f"answer {number}: {problem}"


def _article_problems(pack: Pack, found: Mapping[str, Found]) -> Iterator[str]:
    """The articles that the archive does not have, or of which it says something else."""
    there = Counter(known.same.id for known in found.values() if known.same)
    yield from (f"article {one}: it comes under several ids" for one, n in there.items() if n > 1)
    told = {c.article_id for answer in pack.answers for c in answer.citations}
    told |= {one for answer in pack.answers if answer.listing for one in answer.listing.articles}
    for one, known in found.items():
        if known.same:
            said, held = known.source, known.same
            differ = [name for name in FIELDS if differs(said, held, name)]
            if differ:
                yield f"article {one}: the archive gives another {' and '.join(differ)}"
        elif one not in told:  # Else the quote, or the list, is said to lack it.
            yield f"article {one}: the archive has no article with this text"


def differs(source: Source, article: Article, field: str) -> bool:
    """Whether a pack says something else in a field of an article, and not nothing at all."""
    if getattr(source, field) is None:
        return False
    held = correction(article.text) if field == "corrected" else getattr(article, field)
    said = source.corrected if field == "corrected" else getattr(source.article(), field)
    return bool(said != held)


def _answer_problems(answer: Answer, found: Mapping[str, Found]) -> Iterator[str]:
    cited = {citation.label: citation for citation in answer.citations}
    for claim in answer.claims:
        if problem := _claim_problem(claim, answer, cited, found):
            yield f"“{claim.text[:60]}” {problem}"
    if on_one_line(answer.text) != text_of(answer.claims):
        yield "its text is not what its claims say"
    for difference in answer.differences:
        yield from _difference_problems(difference, cited, found)
    if answer.listing:
        yield from _list_problems(answer, answer.listing, found)


def _claim_problem(
    claim: Claim, answer: Answer, cited: Mapping[int, Citation], found: Mapping[str, Found]
) -> str:
    """Why a claim does not follow from what it cites or counts; "" if it does."""
    if (claim.verdict == "supported") != (answer.mode == "generated"):
        return "is a model's sentence in an answer of quotes, or the reverse"
    if claim.verdict == "count":
        counted = answer.listing is not None and claim.text in statements(answer.listing)
        return "" if counted and not claim.labels else "is not what its list says"
    if not claim.labels or any(label not in cited for label in claim.labels):
        return "cites what is not there"
    quotes = [cited[label] for label in claim.labels]
    if claim.verdict == "verbatim" and any(claim.text != quote.quote for quote in quotes):
        return "is not the quote that it cites"
    sources = [found[q.article_id].source.article() for q in quotes if q.article_id in found]
    if claim.verdict == "field" and not all(states_field(claim, one) for one in sources):
        return "is not what the article's fields say"
    return ""


def _difference_problems(
    difference: Difference, cited: Mapping[int, Citation], found: Mapping[str, Found]
) -> Iterator[str]:
    """The problems of conflicting accounts."""
    if len({(account.label, account.span) for account in difference.accounts}) < 2:
        yield "accounts are said to differ, and there are not two"
    articles = []
    for account in difference.accounts:
        citation = cited.get(account.label)
        start, end = account.span
        if citation is None or not start < end <= len(citation.quote):
            yield "an account that differs is in no quote"
            continue
        known = found.get(citation.article_id)
        if known is None or known.same is None:
            continue
        articles.append(known.same)
        if account.speaker not in known.same.text:
            yield f"the article does not name {account.speaker[:60]}"
    marks = tuple(account.recency for account in difference.accounts)
    if len(articles) == len(marks) and marks != recency([one.published for one in articles]):
        yield "accounts that differ are not as new as it says"


def _list_problems(answer: Answer, listing: Listing, found: Mapping[str, Found]) -> Iterator[str]:
    """The problems of a list: articles that do not belong there, and what is counted of them."""
    said = tuple(claim.text for claim in answer.claims if claim.verdict == "count")
    if said and said != statements(listing):
        yield "what it counts is not said in whole"
    known = [found.get(one) for one in dict.fromkeys(listing.articles)]
    articles = [one.source.article(one.same.text) for one in known if one and one.same]
    n, sound = len(listing.articles), sum(fits(listing, article) for article in articles)
    if sound < n:
        yield f"missing, altered or not fitting: {n - sound} of the {n} articles that it counts"
    if listing.searched < n or not bool(n) <= listing.reports <= n:
        yield "it counts more articles than were looked through, or more reports than articles"
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
    sources = Counter(article.source for article in articles if article.source)
    if {tally.source: tally.articles for tally in listing.sources} != sources:
        yield "the articles that it counts are from other sources"


def _outside(
    answer: Answer, filters: Filters, related: tuple[str, ...], found: Mapping[str, Found]
) -> Iterator[str]:
    """The articles that an answer names and that its filters leave out."""
    if filters.article not in found:  # A copy of the article that was chosen may stand for it.
        filters = replace(filters, articles=None)
    listed = answer.listing.articles if answer.listing else ()
    for one in dict.fromkeys((*(c.article_id for c in answer.citations), *listed, *related)):
        known = found.get(one)
        if known is None:
            continue
        same = known.same if known.same and known.same.id == one else known.source.article()
        if not is_within(filters, same):
            yield one
