"""Say which articles of an index came, went and changed. Knows nothing of passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rag.index.earlier import Earlier
from rag.index.near_duplicates import are_copies
from rag.index.spool import Spool
from rag.text.stems import fold
from rag.types import Article, Changes


def compare(earlier: Earlier | None, articles: Spool) -> Changes:
    """Return what `articles`, of distinct ids, change of those that were there.

    An article has changed when its id has another text or title; or, as an id may be made of the
    text, when one went and one came from the same place of the same file, or with the same address,
    and title or wording say that it is the same article.
    """
    records = earlier.records if earlier else {}
    changed, came = list[tuple[str, str]](), list[str]()
    places: dict[str, list[str]] = defaultdict(list)
    for article in articles:
        if known := records.get(article.id):
            if known.embedded[:2] != (article.content_hash, article.title):
                changed.append((article.id, article.id))
            continue
        came.append(article.id)
        for place in _places(article):
            places[place].append(article.id)
    went = sorted(records.keys() - articles.ids())
    renewed = _renewed(earlier, went, places, articles) if earlier else {}
    new = set(renewed.values())
    return Changes(
        came=tuple(id for id in came if id not in new),
        went=tuple(id for id in went if id not in renewed),
        changed=(*changed, *renewed.items()),
    )


def _renewed(
    earlier: Earlier, went: Sequence[str], places: Mapping[str, Sequence[str]], articles: Spool
) -> dict[str, str]:
    """The ids of articles that went, each with that of the one that came in its place; `places`
    are those of the articles that came."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for id in went:
        article = earlier.store.article(id)
        for other in (other for place in _places(article) for other in places.get(place, ())):
            there = articles.get(other) if other not in taken else None
            if there and _is_same(article, there):
                found[id] = other
                taken.add(other)
                break
    return found


def _places(article: Article) -> list[str]:
    return [place for place in (f"\0{article.origin}" * bool(article.origin), article.url) if place]


def _is_same(one: Article, other: Article) -> bool:
    """Whether two texts that stood in one place are one article, by title or wording."""
    titles = fold(one.title).split(), fold(other.title).split()
    return bool(titles[0] and titles[0] == titles[1]) or are_copies(one.text, other.text)
