"""`Browser`: renders what a visitor looks at in place of the conversation.

Every quote and mark is verified against its article each time. Chooses articles and wording;
`rag.chat.html` renders them. Knows nothing of Gradio.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.archive import Archive
from rag.archive.finding import marks
from rag.chat import html as render
from rag.chat.html.browse import Link
from rag.chat.place import Place
from rag.chat.service import Service
from rag.citation import Articles
from rag.errors import BylineError
from rag.types import Article, Citation, Found
from rag.wording import Wording

_MARKED = 500
"""Places of an article that are marked."""


@dataclass(frozen=True)
class Browser:
    """Renders the articles of an archive for the address of a page."""

    service: Service
    say: Wording

    def page(self, place: Place) -> tuple[str, str]:
        """Render a place, and the article that is open beside it; "" for the conversation."""
        if not place.view:
            return "", ""
        archive = self.service.archive()
        body = self.service.read(self._found, place, archive)
        return render.page(body, self.say), self.article(place)

    def article(self, place: Place) -> str:
        """Render the article that is open at a place; "" where none is."""
        if not place.article:
            return ""
        archive = self.service.archive()
        try:
            article = archive.article(place.article)
        except (KeyError, BylineError):
            missing = render.missing_html(self.say("article_gone"), self.say)
            return render.page(missing, self.say)
        quotes = self._marks(place, article)[:_MARKED]
        active = next((one for one in quotes if one.start == place.at), None)
        html = render.article_html(article, quotes, active, 0, self.say)
        return render.page(html, self.say)

    def _found(self, place: Place, archive: Archive) -> str:
        """A search, or all articles."""
        found, problem = None, ""
        if place.find or place.view == "articles":
            try:
                found = archive.find(
                    place.find, place.sort, place.page, sources=place.source,
                    since=place.since, until=place.until,
                )  # fmt: skip
            except BylineError as error:
                problem = self.say.note(error.message)
        report = archive.reading_report() if place.view == "articles" else None
        articles = _articles(archive, found)
        return render.found_html(
            place, found, articles, self._link(place), self.say, problem, report
        )

    def _link(self, place: Place) -> Link:
        def link(**changes: object) -> str:
            return place.link(self.service.key, **changes)

        return link

    def _marks(self, place: Place, article: Article) -> tuple[Citation, ...]:
        """What is marked in the article that is open."""
        try:
            return marks(place.find, article)
        except BylineError:
            return ()


def _articles(archive: Archive, found: Found | None) -> Articles:
    """The articles of a page; one that fails its check is left out."""
    held: dict[str, Article] = {}
    for match in found.matches if found else ():
        try:
            held[match.article_id] = archive.article(match.article_id)
        except (KeyError, BylineError):
            continue
    return held
