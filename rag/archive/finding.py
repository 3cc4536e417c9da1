"""Finds articles by their words, without asking anything: a page of those that fit, and counts.

`rag.index.boolean` says what is looked for, and `rag.index.search` which articles have it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.citation import cite
from rag.errors import QuestionError
from rag.index.boolean import parse, wanted
from rag.index.facets import months
from rag.index.listed import Tallied
from rag.index.opened import OpenedIndex
from rag.text.sentences import sentence_spans
from rag.text.words import Term, places
from rag.types import Article, Citation, Filters, Found, Match, Sort
from rag.wording import note

PER_PAGE = 20
MOST_PER_PAGE = 200
_EXCERPTS = 2


def find(
    index: OpenedIndex, words: str, filters: Filters, sort: Sort, page: int, per_page: int
) -> Found:
    """Return a page of the articles that fit `words` (any, if "") and that `filters` leave.

    A page beyond the last is the last. Raises QuestionError for a search that is none.
    """
    search = parse(words)
    if words.strip() and search is None:
        raise QuestionError(note("search_no_words"))
    counted = index.store.tally(search, filters)
    per_page = min(max(per_page, 1), MOST_PER_PAGE)
    pages = max(1, -(-counted.articles // per_page))
    page = min(max(page, 1), pages)
    terms = list(wanted(search)) if search else []
    first = (page - 1) * per_page
    shown = index.store.find(search, filters, sort, first, first + per_page)
    by_month, undated = months_of(counted)
    return Found(
        " ".join(words.split()),
        filters,
        sort,
        counted.articles,
        index.store.facets(Filters()).articles,
        page,
        pages,
        tuple(_match(index, entry.id, terms) for entry in shown),
        sources_of(counted),
        by_month,
        undated,
    )


def sources_of(counted: Tallied) -> dict[str, int]:
    """Return the sources, those of most articles first."""
    return dict(sorted(counted.sources.items(), key=lambda pair: (-pair[1], pair[0])))


def months_of(counted: Tallied) -> tuple[dict[str, int], int]:
    """Return the articles by month, from the first to the last; and those without a day."""
    dated = [month for month in counted.months if month]
    by_month = {month: counted.months.get(month, 0) for month in months(dated)}
    return by_month, counted.months.get("", 0)


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
