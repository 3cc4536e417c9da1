"""Answers to questions that count or list articles, from the index: all that fit, none estimated.

`rag.question.listing` says what is asked, `rag.index.lookup` finds it, and `rag.citation` words and
verifies what is said of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.citation import cite, statements, text_of
from rag.index.lookup import Found, holding
from rag.index.opened import OpenedIndex
from rag.index.record import Entry
from rag.question.listing import Request
from rag.text.attribution import Quotation, quotations
from rag.text.fields import is_by
from rag.text.phrases import occurrences
from rag.text.sentences import sentence_spans
from rag.text.stems import names
from rag.types import (
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Hit,
    Listing,
    Note,
    Question,
    Rows,
    Span,
    Tally,
)

QUOTED = 10
"""Articles of a list, the newest, of which a sentence is quoted."""

_HEARD, _VOICES = 40, 5
"""Articles of a topic, the newest, that are read for who speaks, and speakers that are quoted."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The articles that a question counts or lists, and quotes of the newest, best first."""

    listing: Listing
    citations: tuple[Citation, ...]


def list_articles(request: Request, index: OpenedIndex, rows: Rows | None = None) -> Listed:
    """Find all articles that fit `request` among those of the passages `rows` (None: of all)."""
    entries = index.store.entries(rows)
    left = [entry for entry in entries if _fits(request, entry)]
    found = [Found(entry) for entry in left]
    phrases = request.phrases[0] if request.phrases else ()
    for tried in request.phrases:
        found = holding(index, left, tried)
        if found:
            phrases = tried
            break
    listing = Listing(
        request.wanted,
        tuple(one.entry.id for one in found),
        len(entries),
        len({one.entry.report for one in found}),
        phrases,
        request.author,
        request.filters,
        _tallies(one.entry for one in found),
        sum(len(one.in_text) for one in found),
        sum(len(one.in_title) for one in found),
    )
    if request.wanted == "topic":
        return _overview(listing, index, [one.entry for one in found])
    quoted = [index.article(one.entry.id) for one in found[:QUOTED]]
    spans = [_sentence(index, article, one) for article, one in zip(quoted, found, strict=False)]
    cited = [(article, span) for article, span in zip(quoted, spans, strict=True) if span]
    return Listed(listing, tuple(cite(*one, label) for label, one in enumerate(cited, start=1)))


def _overview(listing: Listing, index: OpenedIndex, entries: Sequence[Entry]) -> Listed:
    """The list of a topic with its months, and what those who speak of it most say in the newest
    articles."""
    cited: list[Citation] = []
    voices: list[Account] = []
    for article, one in _heard(listing.phrases, index, entries[:_HEARD]):
        cited.append(cite(article, one.told, len(cited) + 1))
        span = one.span[0] - one.told[0], one.span[1] - one.told[0]
        voices.append(Account(len(cited), span, one.speaker))
    by_month = Counter(entry.published[:7] for entry in entries if entry.published)
    months = tuple(Tally(month, n) for month, n in sorted(by_month.items()))
    if not cited:  # A list quotes its newest article.
        spans = index.memo(sentence_spans, index.article(entries[0].id).text) if entries else []
        cited = [cite(index.article(entries[0].id), span, 1) for span in spans[:1]]
    return Listed(replace(listing, months=months, voices=tuple(voices)), tuple(cited))


def _heard(
    phrases: Sequence[str], index: OpenedIndex, entries: Sequence[Entry]
) -> list[tuple[Article, Quotation]]:
    """The newest quotation with one of `phrases` of each of those who are quoted so most, in most
    articles first; of as many, whoever spoke last. Who is called by the last name is the same."""
    said: dict[str, dict[str, tuple[Article, Quotation]]] = defaultdict(dict)
    for entry in entries:
        article = index.article(entry.id)
        for one in quotations(article.text):
            told = article.text[slice(*one.told)]
            called = names(one.speaker)
            if called and (not phrases or any(occurrences(told, phrase) for phrase in phrases)):
                who = one.speaker[slice(*called[-1])].split()[-1]
                said[who].setdefault(article.id, (article, one))
    most = sorted(said.values(), key=len, reverse=True)[:_VOICES]
    return [next(iter(quoted.values())) for quoted in most]


def listed_answer(
    asked: str, question: Question, hits: Sequence[Hit], listed: Listed, notes: tuple[Note, ...]
) -> Answer:
    """Make the answer of a list: what is counted, of how many; unanswered where nothing fits."""
    said = statements(listed.listing)
    fit = bool(listed.listing.articles)
    claims = tuple(Claim(str(one), (), "count") for one in said) if fit else ()
    return Answer(
        question=" ".join(asked.split()),
        understood=str(question),
        text=text_of(claims),
        status="answered" if fit else "unanswered",
        citations=listed.citations,
        hits=tuple(hits),
        claims=claims,
        confidence=1.0 if fit else 0.0,
        notes=notes if fit else (*notes, *said),
        independent=listed.listing.reports,
        listing=listed.listing,
    )


def _fits(request: Request, entry: Entry) -> bool:
    """Whether an article has the source, author and day that are asked for."""
    filters = request.filters
    if request.author and not is_by(entry.author, request.author):
        return False
    if filters.sources and entry.source not in filters.sources:
        return False
    if not (filters.since or filters.until):
        return True
    last = str(filters.until or entry.published)
    return bool(entry.published) and str(filters.since or "") <= entry.published <= last


def _tallies(entries: Iterable[Entry]) -> tuple[Tally, ...]:
    counted = Counter(entry.source for entry in entries if entry.source)
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Tally(source, n) for source, n in ranked)


def _sentence(index: OpenedIndex, article: Article, found: Found) -> Span | None:
    """The sentence in which the phrase first stands, or else the first of the article, if any."""
    start = found.in_text[0][0] if found.in_text else 0
    spans = index.memo(sentence_spans, article.text)
    return next((span for span in spans if start < span[1]), None)
