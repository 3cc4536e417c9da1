"""`Contents`: what an index holds, as the part of `rag.Archive` that asks nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from typing_extensions import Unpack

from rag.answer.listing import list_articles
from rag.archive import upkeep
from rag.archive.finding import PER_PAGE, find
from rag.archive.profile import READ, profile
from rag.citation import articles_of, is_verbatim
from rag.errors import BylineError
from rag.export import serialize
from rag.export.glance import glance
from rag.index.opened import OpenedIndex
from rag.ingest import Report
from rag.question.listing import Request
from rag.retrieval.filters import Day, Fields, Names, allowed, parse_filters
from rag.types import (
    Answer,
    Article,
    Changes,
    Citation,
    Copies,
    Facets,
    Filters,
    Found,
    Hit,
    Listing,
    Profile,
    Sort,
    Version,
)


class Contents:
    """The articles of an opened index, how they were read, and what a build would change."""

    def __init__(self, index: OpenedIndex) -> None:
        self.home = index.home
        self.index = index

    def article(self, article_id: str) -> Article:
        """Return an article, its text verified against its content hash. KeyError if unknown."""
        return self.index.article(article_id)

    def intact(self, article_id: str) -> Article | None:
        """Return an article as `article` does; None if it is unknown or fails its check."""
        try:
            return self.article(article_id)
        except (KeyError, BylineError):
            return None

    def articles_of(self, answer: Answer) -> dict[str, Article]:
        """Return the articles that an answer speaks of, by id, as far as they are intact."""
        found = ((one, self.intact(one)) for one in articles_of(answer))
        return {article_id: article for article_id, article in found if article}

    def by_hash(self, content_hash: str) -> Article | None:
        """Return the article whose text has this SHA-256, of several the first by id, or None."""
        alike = self.index.store.hashes({"": content_hash})
        ids = sorted(one for one, found in alike.items() if found == content_hash)
        return self.article(ids[0]) if ids else None

    def report(self, article_id: str) -> str:
        """Return the id of the report that an article is a copy of: its own, if of none.

        Articles with one report are copies of one text. KeyError if unknown.
        """
        return self.index.report(article_id)

    def articles(self) -> Iterator[Article]:
        """Yield every article, by id."""
        return self.index.store.articles()

    @property
    def sources(self) -> dict[str, int]:
        """Each source with the number of its articles."""
        return self.index.store.sources()

    def find(
        self,
        words: str = "",
        sort: Sort = "newest",
        page: int = 1,
        per_page: int = PER_PAGE,
        sources: Names = None,
        since: Day = None,
        until: Day = None,
        articles: Names = None,
        **fields: Unpack[Fields],
    ) -> Found:
        """Return a page of the articles that have `words` in title or text: all of them, whatever
        their case; "exact phrases", spring* for the beginning of a word, AND, OR, NOT and brackets.

        Without words, of all articles. The filters are as for `rag.Archive.search`. Raises
        QuestionError for a search or a filter that is none.
        """
        filters = parse_filters(self.index, sources, since, until, articles, **fields)
        return find(self.index, words, filters, sort, page, per_page)

    def profile(
        self, name: str, read: int = READ, sources: Names = None, since: Day = None,
        until: Day = None, **fields: Unpack[Fields],
    ) -> Profile:  # fmt: skip
        """Return what the articles have of a name: how many, by source and month; what the one
        who is called so is quoted with, and what others are quoted with of them.

        Quotations are taken from the newest `read` articles with the name. The filters are as for
        `find`. Raises QuestionError for a filter that is none, or a name without a word.
        """
        filters = parse_filters(self.index, sources, since, until, None, **fields)
        return profile(self.index, name, filters, read)

    def to_json(self, found: Answer | Found | Profile | Sequence[Hit]) -> dict[str, Any]:
        """What was answered or found as JSON values, with `articles`: by id, what is known of
        each; and the `glance` of an answer, the line that opens it, or None."""
        if isinstance(found, Answer):
            body, ids = serialize.to_json(found), articles_of(found, listed=serialize.ITEMS)
            cited = {c.article_id: self.article(c.article_id) for c in found.citations}
            body["glance"] = serialize.to_json(glance(found, cited))
        elif isinstance(found, Profile):
            cited_in = (one.citation.article_id for one in (*found.said, *found.about))
            body, ids = serialize.to_json(found), [*cited_in, *found.newest]
        elif isinstance(found, Found):
            body, ids = serialize.to_json(found), [one.article_id for one in found.matches]
        else:
            body = {"hits": [serialize.to_json(hit) for hit in found]}
            ids = [hit.passage.article_id for hit in found]
        named = dict.fromkeys(ids)
        return {**body, "articles": {i: serialize.about(self.article(i)) for i in named}}

    def facets(
        self,
        sources: Names = None,
        since: Day = None,
        until: Day = None,
        articles: Names = None,
        **fields: Unpack[Fields],
    ) -> Facets:
        """Return how many articles the filters of `search` leave, and how many each other choice
        would. Raises QuestionError as `search` does."""
        filters = parse_filters(self.index, sources, since, until, articles, **fields)
        return self.index.store.facets(filters)

    def info(self) -> dict[str, Any]:
        """Return what the index holds and how it was built, as its manifest says."""
        return self.index.info()

    def reading_report(self) -> Report | None:
        """Return what became of the files that were read; None if it was not built from files."""
        return self.index.reading(Report.parse)

    def unread(self) -> dict[str, str]:
        """Return each file that could not be read when the index was built, with the reason."""
        report = self.reading_report()
        failed = report.failed if report else ()
        return {one.file: "; ".join(map(str, one.failures)) for one in failed}

    def check(self) -> list[str]:
        """Read every byte of the snapshot and return what is wrong: nothing, if all is well."""
        return self.index.check()

    def changes(self) -> Changes:
        """Return what the build of the snapshot in force changed of the one before."""
        return self.index.changes()

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """Return the earlier texts of an article, the last replaced first. An article may be named
        by the id that it had with an earlier text."""
        return self.index.store.versions(article_id)

    def changed(self, cited: Citation) -> tuple[Version, Article] | None:
        """Return the earlier text in which a quote stood, and the article as it is now; None where
        no earlier text holds it."""
        for version in self.versions(cited.article_id):
            if is_verbatim(cited, version.article):
                return version, self.article(version.current)
        return None

    def recount(self, listing: Listing, filters: Filters) -> Listing:
        """Count again what a list counts, among the articles that `filters` leave."""
        named = listing.filters
        first, last = named.since or datetime.date.min, named.until or datetime.date.max
        phrases = (listing.phrases,) if listing.phrases else ()
        request = Request(
            listing.wanted, phrases, listing.author, set(named.sources), [(first, last)]
        )
        return list_articles(request, self.index, allowed(self.index, filters).rows).listing

    def duplicates(self) -> list[Copies]:
        """Return the articles that are copies of one text, or nearly, and those that were read more
        than once."""
        return self.index.copies()

    def preview(self, articles: Iterable[Article]) -> Changes:
        """Return what a build of `articles` would change of what the index holds now; passages are
        not counted. Nothing is written."""
        return upkeep.preview(articles, self.index.place)
