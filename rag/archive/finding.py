"""Finds articles by their words, without asking anything: a page of those that fit, and counts.

`rag.index.boolean` says what is looked for, and `rag.index.search` which articles have it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rag.citation import cite
from rag.errors import QuestionError
from rag.index.boolean import parse, wanted
from rag.index.facets import months
from rag.index.opened import OpenedIndex
from rag.index.record import Entry
from rag.text.sentences import sentence_spans
from rag.text.words import Term, places
from rag.types import Article, Citation, Filters, Found, Match, Sort
from rag.wording import note

PER_PAGE = 20
MOST_PER_PAGE = 200
_EXCERPTS = 2
_MARKS = re.compile(r"\A\W+")


def find(
    index: OpenedIndex, words: str, filters: Filters, sort: Sort, page: int, per_page: int
) -> Found:
    """Return a page of the articles that fit `words` (any, if "") and that `filters` leave.

    A page beyond the last is the last. Raises QuestionError for a search that is none.
    """
    search = parse(words)
    if words.strip() and search is None:
        raise QuestionError(note("search_no_words"))
    entries = index.store.find(search, filters)
    per_page = min(max(per_page, 1), MOST_PER_PAGE)
    pages = max(1, -(-len(entries) // per_page))
    page = min(max(page, 1), pages)
    terms = list(wanted(search)) if search else []
    shown = _sorted(entries, sort)[(page - 1) * per_page : page * per_page]
    by_month, undated = months_of(entries)
    return Found(
        " ".join(words.split()),
        filters,
        sort,
        len(entries),
        len(index.store.entries()),
        page,
        pages,
        tuple(_match(index, entry.id, terms) for entry in shown),
        dict(Counter(entry.source for entry in entries).most_common()),
        by_month,
        undated,
    )


def months_of(entries: Iterable[Entry]) -> tuple[dict[str, int], int]:
    """Count articles by month, from the first to the last; and those without a day."""
    by_month = Counter(entry.published[:7] for entry in entries)
    undated = by_month.pop("", 0)
    return {month: by_month[month] for month in months(by_month)}, undated


def marks(words: str, article: Article) -> tuple[Citation, ...]:
    """Return where what a search looks for stands in the text of an article, unlabelled."""
    search = parse(words)
    spans = places(article.text, wanted(search)) if search else []
    return tuple(cite(article, span, 0) for span in spans)


def _match(index: OpenedIndex, article_id: str, terms: Sequence[Term]) -> Match:
    if not terms:
        return Match(article_id)
    article = index.article(article_id)
    in_text = places(article.text, terms)
    sentences = index.memo(sentence_spans, article.text) if in_text else []
    held = [one for one in sentences if any(one[0] <= start < one[1] for start, _ in in_text)]
    excerpts = tuple(cite(article, span, 0) for span in held[:_EXCERPTS])
    return Match(article_id, tuple(in_text), tuple(places(article.title, terms)), excerpts)


def _sorted(entries: Sequence[Entry], sort: Sort) -> Sequence[Entry]:
    """Articles that are newest first, undated last, in another order."""
    if sort == "oldest":
        dated = sum(bool(entry.published) for entry in entries)
        return [*entries[:dated][::-1], *entries[dated:]]
    if sort == "newest":
        return entries
    fields = ((one.source if sort == "source" else one.title, one) for one in entries)
    ranked = sorted(fields, key=lambda pair: (not pair[0], _MARKS.sub("", pair[0]).casefold()))
    return [one for _, one in ranked]
