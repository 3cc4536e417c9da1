"""`Browser`: renders what a visitor looks at in place of the conversation.

Every quote and mark is verified against its article each time. Chooses articles and wording;
`rag.chat.html` renders them. Knows nothing of Gradio.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.archive import Archive
from rag.archive.finding import marks
from rag.chat import html as render
from rag.chat.html.browse import Link
from rag.chat.place import Place
from rag.chat.service import Service
from rag.citation import Articles, cite
from rag.discover.sayings import sayings
from rag.errors import BylineError
from rag.types import Article, Citation
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
        made = {"names": self._names, "name": self._profile}.get(place.view, self._found)
        body = self.service.read(made, place, archive)
        shown = f'<div class="place" data-shown="{place.view}">{body}</div>'
        return render.page(shown, self.say), self.article(place)

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
        articles = _held(archive, (one.article_id for one in found.matches) if found else ())
        return render.found_html(
            place, found, articles, self._link(place), self.say, problem, report
        )

    def _names(self, place: Place, archive: Archive) -> str:
        """The names that the articles speak of, if they were read by now."""
        names = archive.names() if self.service.overview else None
        return render.names_html(names, place, self._link(place), self.say)

    def _profile(self, place: Place, archive: Archive) -> str:
        """The page of a name."""
        try:
            found = archive.profile(
                place.name, sources=place.source, since=place.since, until=place.until
            )
        except BylineError as error:
            problem = render.note_html(self.say.note(error.message))
            return problem + self._names(place, archive)
        ids = (one.citation.article_id for one in (*found.said, *found.about))
        articles = _held(archive, ids)
        return render.profile_html(found, articles, place, self._link(place), self.say)

    def _link(self, place: Place) -> Link:
        def link(**changes: object) -> str:
            return place.link(self.service.key, **changes)

        return link

    def _marks(self, place: Place, article: Article) -> tuple[Citation, ...]:
        """What is marked in the article that is open: what was searched for, or what the one
        whose page it is open from is quoted with, and what others say of them."""
        if place.view == "name":
            mine, about = sayings(place.name, article)
            spans = sorted({one.told for one in (*mine, *about)})
            return tuple(cite(article, span, 0) for span in spans)
        try:
            return marks(place.find, article)
        except BylineError:
            return ()


def _held(archive: Archive, ids: Iterable[str]) -> Articles:
    """The articles with these ids; one that fails its check is left out."""
    held: dict[str, Article] = {}
    for one in dict.fromkeys(ids):
        try:
            held[one] = archive.article(one)
        except (KeyError, BylineError):
            continue
    return held
