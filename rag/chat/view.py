"""`View`: renders the parts of the page for one visitor.

Every answer is verified against its articles each time it is rendered. Chooses articles, exchange
and wording of each part; `rag.chat.html` renders them. Knows nothing of Gradio.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag import citation, pack
from rag.chat import conversation
from rag.chat import html as render
from rag.chat.conversation import Conversation, Exchange, Scope
from rag.chat.place import Place
from rag.chat.service import Service
from rag.chat.uploads import Added
from rag.errors import BylineError
from rag.export import serialize
from rag.export.markdown import conversation_markdown
from rag.export.notebook import Notebook, Pin, as_answers, sound, to_docx, to_markdown
from rag.export.reference import answer_with_references, changed_since
from rag.retrieval.filters import checked
from rag.text.nearest import nearest
from rag.types import Answer, Article, Citation, Filters, Version
from rag.wording import Wording

FOUND = 200
"""Quotes that standing questions found of which the page shows the newest."""


@dataclass(frozen=True)
class View:
    """Renders the page for `visitor` in the language of `say`.

    `feedback`: the name of the file that stores ratings, "" where they are not collected.
    `archives`: whether the server has other archives to go to.
    """

    service: Service
    visitor: str
    say: Wording
    feedback: str = ""
    archives: bool = False

    def masthead(self, place: Place | None = None) -> str:
        """Render the masthead; with the `place` that is shown, the way to the other views too."""
        views = render.views_html(place, self.service.key, self.say) if place else ""
        html = render.masthead_html(self.say, self.service.name, self.archives, views)
        return self._page(html)

    def waiting(self) -> str:
        """Render the progress of opening the archive."""
        return self._page(render.waiting_html(*self.service.progress, self.say))

    def introduction(self) -> str:
        return self._page(render.introduction_html(self.say))

    def welcome(self) -> str:
        """Render the overview and example questions, as far as they are known by now."""
        overview, examples = self.service.overview, self.service.examples or ()
        encoder, key = self.service.archive().index.manifest.encoder.name, self.service.key
        guided = render.guided_html(self.service.guided, self.say)
        welcome = render.welcome_html(overview, examples, encoder, self.say, key)
        return self._page(guided + welcome)

    def writer(self, chosen: str, remark: str = "") -> str:
        """Render the switch that lets the model `chosen` write, "" for none."""
        found = self.service.writers.found
        return self._page(render.writer_html(chosen, found, remark, self.say))

    def queue(self) -> str:
        """Render the list of questions that wait, which the browser fills."""
        return self._page(render.queue_html(self.say))

    def kept(self) -> str:
        """Render the privacy notice."""
        return self._page(render.kept_html(self.feedback, self.say))

    def note(self, text: str) -> str:
        """Render a message of the library in the visitor's language; "" for none."""
        return self._page(render.note_html(self.say.note(text)) if text else "")

    def conversation(self, session: Conversation) -> str:
        """Render all exchanges with their tools; the introduction if there are none."""
        if not session.exchanges:
            return self.introduction()
        return self._page(self._turns(session) + render.conversation_tools_html(self.say))

    def asked(self, session: Conversation, asked: Exchange, remark: str) -> str:
        """Render the exchanges and, below them, a question without an answer, with a remark."""
        return self._below(session, asked, render.note_html(self.say.note(remark)))

    def writing(self, session: Conversation, asked: Exchange) -> str:
        """Render the exchanges and, below them, the answer that a model is still writing."""
        answer, articles = self._verified(asked.answer)
        return self._below(
            session, asked, render.writing_html(answer, articles, asked.number, self.say)
        )

    def reading(self, exchange: Exchange | None) -> tuple[str, str]:
        """Render the passages near a question that nothing answers, or the best quote's article."""
        if exchange is None:
            return "", ""
        answer, articles = self._verified(exchange.answer)
        if not answer.citations:
            return self._page(render.related_html(answer, articles, exchange.number, self.say)), ""
        best = answer.citations[0]
        article = articles[best.article_id]
        view = render.article_html(
            article, citation.shown(answer), best, exchange.number, self.say, called=False
        )
        return "", self._page(view)

    def article(self, session: Conversation, turn: object, place: tuple[object, ...]) -> str:
        """Render the article of a citation: `place` is article id, start and end.

        The browser only names the place: the quote is taken from the conversation.
        """
        exchange = session.exchange(turn)
        if exchange is None:
            return self._missing("other_conversation")
        quotes = citation.shown(exchange.answer)
        links = [c for c in quotes if (c.article_id, c.start, c.end) == place]
        if not links:
            return self._listed(exchange, place)
        article = self.service.article_of(self.visitor, links[0].article_id)
        if article is None or not citation.is_verbatim(links[0], article):
            if found := self.service.changed(links[0]):
                return self._changed(links[0], *found, exchange.number)
            return self._missing("quote_gone" if article else "article_gone")
        shown = citation.shown(
            self._verified(exchange.answer)[0]
        )  # Nothing else is marked as quoted.
        html = render.article_html(article, shown, links[0], exchange.number, self.say)
        return self._page(html)

    def _changed(self, cited: Citation, version: Version, article: Article, turn: int) -> str:
        """Render an article that has changed since it was quoted: what it says now is marked."""
        said = changed_since(cited, version, article, self.say)
        span = nearest(article.text, cited.quote)
        now = citation.cite(article, span, cited.label) if span else None
        quotes = [now] if now else []
        return self._page(render.article_html(article, quotes, now, turn, self.say, note=said))

    def _listed(self, exchange: Exchange, place: tuple[object, ...]) -> str:
        """Render an article of a list, what was looked for marked; `place` is one of the marks, or
        0 to 0 for the first."""
        listing = exchange.answer.listing
        known = [one for one in listing.articles if one == place[0]] if listing else []
        if not listing or not known:
            return self._missing("other_conversation")
        article = self.service.article_of(self.visitor, known[0])
        if article is None:
            return self._missing("article_gone")
        if not citation.fits(listing, article):
            return self._missing("quote_gone")
        marks = citation.mentions(listing, article)
        chosen = [one for one in marks if place[1:] in ((0, 0), (one.start, one.end))]
        if not chosen and place[1:] != (0, 0):
            return self._missing("other_conversation")
        active = chosen[0] if chosen else None
        return self._page(render.article_html(article, marks, active, exchange.number, self.say))

    def checked(self, filters: Filters, scope: Scope) -> Filters:
        """The filters as the archive spells their values. Raises QuestionError for an unknown
        source, article or other value."""
        return checked(self.service.archive_of(self.visitor, scope).index, filters)

    def filters(self, filters: Filters, scope: Scope) -> str:
        """Render the filters as `checked` gives them. Raises QuestionError as it does."""
        archive = self.service.archive_of(self.visitor, scope)
        filters = self.checked(filters, scope)
        facets = archive.index.store.facets(filters)
        title = archive.article(filters.article).headline if filters.article else ""
        total = archive.facets().articles
        return self._page(render.filters_html(facets, filters, total, title, self.say))

    def documents(self, scope: Scope, added: Added | None = None) -> str:
        """Render the visitor's documents, with a report of an upload."""
        collection = self.service.collection(self.visitor)
        own = collection.archive if collection else None
        held = own.info()["articles"] if own else 0
        added = added or Added()
        html = render.documents_html(
            held, scope, added.failures, added.duplicates, added.remarks, self.say
        )
        return self._page(html)

    def batch(self) -> str:
        """Render what there is to know before many questions are asked at once."""
        return self._page(render.batch_html(self.say))

    def standing(self, remark: str = "") -> str:
        """Render the standing questions and what they found; "" where none may be kept."""
        kept, archive = self.service.standing, self.service.archive()
        if kept is None:
            return ""
        try:
            lines, found = kept.questions(), kept.found(archive, FOUND)
        except BylineError as error:
            return self.note(error.message)
        return self._page(render.standing_html(lines, found, archive.sources, remark, self.say))

    def evidence_article(self, place: tuple[object, ...]) -> str:
        """Render the article of a quote that a standing question found, at article id, start and
        end."""
        kept, archive = self.service.standing, self.service.archive()
        for one in kept.found(archive, FOUND) if kept else ():
            quote = one.citation
            if (quote.article_id, quote.start, quote.end) == place:
                return self._page(render.article_html(one.article, (quote,), quote, 0, self.say))
        return self._missing("quote_gone")

    def notebook(self, remark: str = "") -> str:
        """Render the notebook, which the browser fills, with a remark."""
        return self._page(render.notebook_html(self.say, self.say.note(remark)))

    def notebook_file(self, notebook: Notebook, what: str, made: datetime.datetime) -> bytes:
        """Export a notebook: "markdown", "docx" or "evidence", a zip. Each quote is verified."""
        articles = self.pinned_articles(notebook)
        if what == "evidence":
            return self._pack(as_answers(notebook, articles), articles, made)
        export = to_docx if what == "docx" else to_markdown
        return export(notebook, articles, made.date(), self.say)

    def pinned_articles(self, notebook: Notebook) -> dict[str, Article]:
        """The articles of a notebook that are still there, and intact."""
        ids = dict.fromkeys(pin.article_id for pin in notebook.pins)
        found = ((one, self.service.article_of(self.visitor, one)) for one in ids)
        return {one: article for one, article in found if article}

    def pinned(self, pin: Pin) -> str:
        """Render the article of a pinned quote, or why it cannot be shown."""
        article = self.service.article_of(self.visitor, pin.article_id)
        if article is None:
            return self._missing("article_gone")
        if not sound(pin, {article.id: article}):
            found = self.service.changed(pin.citation)
            return self._changed(pin.citation, *found, 0) if found else self._missing("quote_gone")
        cited = citation.cite(article, (pin.start, pin.end), 0)
        return self._page(render.article_html(article, (cited,), cited, 0, self.say))

    def markdown(self, session: Conversation, made: datetime.date) -> bytes:
        """Export the conversation as a Markdown document, in UTF-8."""
        answers = [exchange.answer for exchange in session.exchanges]
        articles = self._articles(session.exchanges)
        text = conversation_markdown(answers, articles, made, self.say)
        return text.encode("utf-8")

    def evidence(self, session: Conversation, turn: object, made: datetime.datetime) -> bytes:
        """Export the evidence pack, a zip, of one exchange, or of all if `turn` is None."""
        chosen = [e for e in session.exchanges if turn is None or e.number == turn]
        answers = [exchange.answer for exchange in chosen]
        articles = self._articles(chosen, serialize.ITEMS)
        return self._pack(answers, articles, made, [exchange.filters for exchange in chosen])

    def _pack(
        self,
        answers: Sequence[Answer],
        articles: Mapping[str, Article],
        made: datetime.datetime,
        filters: Sequence[Filters] = (),
    ) -> bytes:
        archive = self.service.archive()
        return pack.bundle(
            pack.evidence(
                answers, articles, archive.settings, archive.info(), made, filters, archive.unread()
            )
        )

    def _page(self, html: str) -> str:
        return render.page(html, self.say)

    def _missing(self, key: str) -> str:
        return self._page(render.missing_html(self.say(key), self.say))

    def _below(self, session: Conversation, asked: Exchange, body: str) -> str:
        turn = render.turn_html(asked.number, asked.answer.question[:300], body)
        return self._page(self._turns(session) + turn)

    def _turns(self, session: Conversation) -> str:
        return "".join(map(self._turn, session.exchanges))

    def _turn(self, exchange: Exchange) -> str:
        answer, articles = self._verified(exchange.answer)
        body = render.answer_html(answer, articles, exchange.number, self.say)
        shared = exchange.scope == "archive"  # Own documents are neither linked to nor kept.
        gone = any(cited.article_id not in articles for cited in exchange.answer.citations)
        if gone and not shared:
            body += render.note_html(self.say("article_gone"))
        held = {(c.article_id, c.start, c.end) for c in answer.citations}
        for lost in exchange.answer.citations:
            place = lost.article_id, lost.start, lost.end
            if place not in held and (found := self.service.changed(lost)):
                body += render.changed_html(lost, *found, exchange.number, self.say)
        key = self.service.key
        link = conversation.link(answer.understood, exchange.filters, key) if shared else ""
        rated = exchange.rated if self.feedback and shared else None
        if not answer.unasked:
            copied = answer_with_references(answer, articles, self.say)
            absent = answer.absence is not None
            body += render.tools_html(exchange.number, copied, link, rated, self.say, absent)
        return render.turn_html(exchange.number, answer.question, body)

    def _verified(self, answer: Answer) -> tuple[Answer, dict[str, Article]]:
        articles = self.service.articles_of(self.visitor, answer)
        return citation.verified(answer, articles), articles

    def _articles(
        self, exchanges: Sequence[Exchange], listed: int = citation.LISTED
    ) -> dict[str, Article]:
        found: dict[str, Article] = {}
        for exchange in exchanges:
            found |= self.service.articles_of(self.visitor, exchange.answer, listed)
        return found
