"""The parts of the page for one visitor, each checked again against the articles when it is made.

Owns which articles, exchange and wording go into which part. Knows nothing of Gradio, and leaves
the HTML itself to `rag.chat.html`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from rag import citation, pack
from rag.chat import conversation
from rag.chat import html as render
from rag.chat.conversation import Conversation, Exchange, Scope
from rag.chat.service import Service
from rag.chat.uploads import Added
from rag.export.markdown import conversation_markdown
from rag.retrieval.filters import checked
from rag.types import Answer, Article, Filters
from rag.wording import Wording


@dataclass(frozen=True)
class View:
    """What a visitor sees, in the language of `say`.

    `feedback`: the name of the file that judgements of answers go to, "" where none are asked for.
    """

    service: Service
    visitor: str
    say: Wording
    feedback: str = ""

    def masthead(self) -> str:
        return self._page(render.masthead_html(self.say))

    def waiting(self) -> str:
        """How far the opening of the archive is."""
        return self._page(render.waiting_html(*self.service.progress, self.say))

    def introduction(self) -> str:
        return self._page(render.introduction_html(self.say))

    def welcome(self) -> str:
        """What there is to ask, as far as that is known by now."""
        overview, examples = self.service.overview, self.service.examples or ()
        encoder = self.service.archive().info()["encoder"]["name"]
        return self._page(render.welcome_html(overview, examples, encoder, self.say))

    def kept(self) -> str:
        """What is kept, and where."""
        return self._page(render.kept_html(self.feedback, self.say))

    def note(self, text: str) -> str:
        """A remark of the library's, in the visitor's language."""
        return self._page(render.note_html(self.say.note(text)) if text else "")

    def conversation(self, session: Conversation) -> str:
        """All exchanges, with what can be done with them; the introduction without any."""
        if not session.exchanges:
            return self.introduction()
        return self._page(self._turns(session) + render.conversation_tools_html(self.say))

    def asked(self, session: Conversation, asked: Exchange, remark: str) -> str:
        """The exchanges and, below them, a question that is not answered, with a remark."""
        return self._below(session, asked, render.note_html(self.say.note(remark)))

    def writing(self, session: Conversation, asked: Exchange) -> str:
        """The exchanges and, below them, what a model has written of an answer so far."""
        answer, articles = self._checked(asked.answer)
        return self._below(
            session, asked, render.writing_html(answer, articles, asked.number, self.say)
        )

    def reading(self, exchange: Exchange | None) -> tuple[str, str]:
        """The panel of an exchange, and its best quote in the whole article."""
        if exchange is None:
            return "", ""
        answer, articles = self._checked(exchange.answer)
        panel = render.sources_html(answer, articles, exchange.number, self.say)
        if not answer.citations:
            return self._page(panel), ""
        best = answer.citations[0]
        article = articles[best.article_id]
        view = render.article_html(
            article, citation.shown(answer), best, exchange.number, self.say, called=False
        )
        return self._page(panel), self._page(view)

    def article(self, session: Conversation, turn: object, place: tuple[object, ...]) -> str:
        """The article behind a link of the conversation: `place` is its id, start and end.

        The browser only names it: the conversation knows the quote.
        """
        exchange = session.exchange(turn)
        quotes = citation.shown(exchange.answer) if exchange else ()
        links = [c for c in quotes if (c.article_id, c.start, c.end) == place]
        if not links or not exchange:
            return self._missing("other_conversation")
        article = self.service.article_of(self.visitor, links[0].article_id)
        if article is None:
            return self._missing("article_gone")
        if not citation.is_verbatim(links[0], article):
            return self._missing("quote_gone")
        shown = citation.shown(
            self._checked(exchange.answer)[0]
        )  # Nothing else is marked as quoted.
        html = render.article_html(article, shown, links[0], exchange.number, self.say)
        return self._page(html)

    def filters(self, filters: Filters, scope: Scope) -> str:
        """The filters in force and the choices. Raises QuestionError for one that fits nothing."""
        archive = self.service.archive_of(self.visitor, scope)
        facets = archive.index.store.facets(checked(archive.index, filters))
        title = archive.article(filters.article).headline if filters.article else ""
        total = archive.facets().articles
        return self._page(render.filters_html(facets, filters, total, title, self.say))

    def documents(self, scope: Scope, added: Added | None = None) -> str:
        """The visitor's own documents, and what became of those just added."""
        collection = self.service.collection(self.visitor)
        own = collection.archive if collection else None
        held = own.info()["articles"] if own else 0
        failures = added.failures if added else ()
        duplicates = added.duplicates if added else ()
        html = render.documents_html(held, scope, failures, duplicates, self.say)
        return self._page(html)

    def markdown(self, session: Conversation, made: datetime.date) -> bytes:
        """The conversation as a Markdown document."""
        answers = [exchange.answer for exchange in session.exchanges]
        articles = self._articles(session.exchanges)
        text = conversation_markdown(answers, articles, made, self.say)
        return text.encode("utf-8")

    def evidence(self, session: Conversation, turn: object, made: datetime.datetime) -> bytes:
        """The evidence pack, a zip, of one exchange, or of all where `turn` is None."""
        chosen = [e for e in session.exchanges if turn is None or e.number == turn]
        archive = self.service.archive()
        return pack.bundle(
            pack.evidence(
                [exchange.answer for exchange in chosen],
                self._articles(chosen),
                archive.settings,
                archive.info(),
                made,
                [exchange.filters for exchange in chosen],
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
        answer, articles = self._checked(exchange.answer)
        body = render.answer_html(answer, articles, exchange.number, self.say)
        shared = exchange.scope == "archive"  # Own documents are neither linked to nor kept.
        gone = any(cited.article_id not in articles for cited in exchange.answer.citations)
        if gone and not shared:
            body += render.note_html(self.say("article_gone"))
        link = conversation.link(answer.understood, exchange.filters) if shared else ""
        rated = exchange.rated if self.feedback and shared else None
        body += render.tools_html(exchange.number, link, rated, self.say)
        return render.turn_html(exchange.number, answer.question, body)

    def _checked(self, answer: Answer) -> tuple[Answer, dict[str, Article]]:
        articles = self.service.articles_of(self.visitor, answer)
        return citation.verified(answer, articles), articles

    def _articles(self, exchanges: Sequence[Exchange]) -> dict[str, Article]:
        found: dict[str, Article] = {}
        for exchange in exchanges:
            found |= self.service.articles_of(self.visitor, exchange.answer)
        return found
