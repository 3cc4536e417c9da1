"""Say which articles of an index came, went and changed. Knows nothing of passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rag.index.earlier import Earlier
from rag.index.near_duplicates import are_copies
from rag.text.stems import fold
from rag.types import Article, Changes


def compare(earlier: Earlier | None, articles: Sequence[Article]) -> Changes:
    """Return what `articles`, of distinct ids, change of those that were there.

    An article has changed when its id has another text or title; or, as an id may be made of the
    text, when one went and one came from the same place of the same file, or with the same address,
    and title or wording say that it is the same article.
    """
    records = earlier.records if earlier else {}
    now = {article.id: article for article in articles}
    changed = [
        (id, id)
        for id, article in now.items()
        if id in records and records[id].embedded[:2] != (article.content_hash, article.title)
    ]
    came = {id: article for id, article in now.items() if id not in records}
    gone = sorted(records.keys() - now.keys())
    went = {id: earlier.store.article(id) for id in gone} if earlier else {}
    renewed = _renewed(went, came)
    new = set(renewed.values())
    return Changes(
        came=tuple(id for id in came if id not in new),
        went=tuple(id for id in went if id not in renewed),
        changed=(*changed, *renewed.items()),
    )


def _renewed(went: dict[str, Article], came: dict[str, Article]) -> dict[str, str]:
    """The ids of articles that went, each with that of the one that came in its place."""
    places: dict[str, list[Article]] = defaultdict(list)
    for article in came.values():
        for place in _places(article):
            places[place].append(article)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for article in went.values():
        for other in (other for place in _places(article) for other in places[place]):
            if other.id not in taken and _is_same(article, other):
                found[article.id] = other.id
                taken.add(other.id)
                break
    return found


def _places(article: Article) -> list[str]:
    return [place for place in (f"\0{article.origin}" * bool(article.origin), article.url) if place]


def _is_same(one: Article, other: Article) -> bool:
    """Whether two texts that stood in one place are one article, by title or wording."""
    titles = fold(one.title).split(), fold(other.title).split()
    return bool(titles[0] and titles[0] == titles[1]) or are_copies(one.text, other.text)
