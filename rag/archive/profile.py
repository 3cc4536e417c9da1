"""What the articles have of a name: how many, who says what, in whose words, and when."""

from __future__ import annotations

from rag.archive.finding import months_of, sources_of
from rag.citation import cite
from rag.discover.sayings import sayings
from rag.errors import QuestionError
from rag.index.boolean import phrase
from rag.index.opened import OpenedIndex
from rag.text.attribution import Quotation
from rag.types import Article, Filters, Profile, Saying
from rag.wording import note

READ = 500
"""Articles, the newest, that are read for quotations."""
_NEWEST = 10


def profile(index: OpenedIndex, name: str, filters: Filters, read: int = READ) -> Profile:
    """Return what the articles that `filters` leave have of the one called `name`.

    Raises QuestionError for a name without a word.
    """
    name = " ".join(name.split())
    search = phrase(name)
    if search is None:
        raise QuestionError(note("search_no_words"))
    entries = index.store.find(search, filters, stop=read)
    counted = index.store.tally(search, filters)
    said: list[Saying] = []
    about: list[Saying] = []
    for entry in entries:
        article = index.article(entry.id)
        mine, others = sayings(name, article)
        said += [_saying(one, article) for one in mine]
        about += [_saying(one, article) for one in others]
    months, undated = months_of(counted)
    return Profile(
        name,
        counted.articles,
        index.store.facets(Filters()).articles,
        len(entries),
        tuple(said),
        tuple(about),
        tuple(entry.id for entry in entries[:_NEWEST]),
        sources_of(counted),
        months,
        undated,
    )


def _saying(one: Quotation, article: Article) -> Saying:
    start, end = one.span
    return Saying(cite(article, one.told, 0), (start - one.told[0], end - one.told[0]), one.speaker)
