"""Read what a page declares of its article in JSON-LD, by schema.org's names.

Knows nothing of the page's text. Of a page's objects, the article is one that stands for itself or
is the page's main entity, never one that is merely linked, listed or a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.ingest.text_page.lines import same
from rag.text.outside import json_value

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE = re.compile(r"\w*(?:Article|BlogPosting|Report)")
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage")
_MOST = 10_000
"""Objects that are looked at."""


class Linked:
    """The JSON-LD of a page whose headline is `title`."""

    def __init__(self, tree: HtmlElement, title: str = "") -> None:
        self._items = list(_items(tree))
        articles = [one for one in self._items if any(map(_ARTICLE.fullmatch, _kinds(one)))]
        named = [one for one in articles if title and same(_text(one.get("headline")), title)]
        self._articles = named or articles
        self._title = title

    @property
    def published(self) -> str:
        """The day of publication, as written; "" where several articles differ in theirs."""
        dates = {_text(one.get("datePublished")) for one in self._articles}
        return dates.pop() if len(dates) == 1 else ""

    @property
    def body(self) -> str:
        """The article's text; "" where several articles have one."""
        bodies = list(filter(None, (_text(one.get("articleBody")) for one in self._articles)))
        return bodies[0] if len(bodies) == 1 else ""

    @property
    def authors(self) -> list[str]:
        """The names of the first article's authors that has any."""
        return next(filter(None, (_names(one.get("author")) for one in self._articles)), [])

    @property
    def section(self) -> str:
        """The section of the paper: the first that the article names, else of its breadcrumbs."""
        for article in self._articles:
            if sections := _names(article.get("articleSection")):
                return sections[0]
        return next(filter(None, map(self._of_breadcrumbs, self._items)), "")

    @property
    def is_live(self) -> bool:
        """Whether the article is a live blog."""
        return any("LiveBlogPosting" in _kinds(one) for one in self._articles)

    @property
    def is_paid(self) -> bool:
        """Whether the article is declared not to be free to read."""
        free = [one.get("isAccessibleForFree") for one in self._articles]
        return any(one is False or str(one).lower() == "false" for one in free)

    def _of_breadcrumbs(self, item: dict[str, Any]) -> str:
        """The last step of a trail but the site's front page and the article itself."""
        steps = item.get("itemListElement") if "BreadcrumbList" in _kinds(item) else None
        steps = steps if isinstance(steps, list) else []
        names = [_step(one) for one in steps if isinstance(one, dict)]
        if names and (same(names[-1], self._title) or len(names) > 2):
            del names[-1]
        return names[-1] if len(names) > 1 else ""


def _items(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects of a page, and those that they hold as the page's own."""
    seen = 0
    for script in tree.iter("script"):
        if script.get("type", "").strip().lower() != "application/ld+json":
            continue
        try:
            waiting = [json_value(script.text or "", strict=False)]
        except ValueError:
            continue
        while waiting and seen < _MOST:
            seen += 1
            item = waiting.pop()
            if isinstance(item, list):
                waiting.extend(reversed(item[:_MOST]))
            elif isinstance(item, dict):
                yield item
                waiting.extend(item[name] for name in reversed(_HOLDERS) if name in item)


def _kinds(item: dict[str, Any]) -> Sequence[str]:
    kinds = item.get("@type")
    return [one for one in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(one, str)]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _names(value: object) -> list[str]:
    """The names of one or several things, each a name or an object that has one."""
    values = value if isinstance(value, list) else [value]
    found = [_text(one.get("name") if isinstance(one, dict) else one) for one in values[:_MOST]]
    return list(filter(None, found))


def _step(item: dict[str, Any]) -> str:
    """The name of a step of a trail, its own or its page's."""
    page = item.get("item")
    return _text(item.get("name")) or (_text(page.get("name")) if isinstance(page, dict) else "")
