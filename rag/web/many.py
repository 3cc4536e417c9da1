"""The event handlers of many questions at once, and of the standing questions of an archive.

Knows nothing of how questions are read and kept (`rag.chat.questions`, `rag.chat.standing`).
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from rag.chat import html as render
from rag.chat.batch import answers
from rag.chat.conversation import Scope
from rag.chat.questions import Line, Questions, read_questions
from rag.chat.standing import Standing
from rag.chat.view import View
from rag.errors import BylineError, QuestionError
from rag.export.sheet import SHEETS, Row, rows_of
from rag.types import Answer, Filters, Turn
from rag.web import updates
from rag.web.desk import Desk
from rag.web.updates import again, text, value
from rag.wording import note

MOST = 500
"""Questions that a file may have here; the command line asks any number."""
_KINDS = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_EXAMPLE = "\ufeffquestion,source,since,until\r\nWho …?,,2024-01-01,\r\nWhen did …?,,,\r\n"


@dataclass(frozen=True)
class Many:
    """The handlers of both folds. `stops`: what ends a batch, by the visitor who waits for it."""

    desk: Desk
    stops: dict[str | None, threading.Event] = field(default_factory=dict)

    def batch(
        self, file: str | None, language: str, filters: Filters, scope: Scope, request: gr.Request
    ) -> Iterator[tuple[Any, Any, Any]]:
        """Ask the questions of a file, one after the other: updates of what is said of them, of the
        file, and of the rows of their sheet."""
        if not file:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        path, visitor = Path(file), request.session_hash
        view = self.desk.view(language, request)
        stopped = threading.Event()
        try:
            if visitor not in self.desk.here or not language:
                raise QuestionError(note("visit_ended"))
            if self.stops.setdefault(visitor, stopped) is not stopped:
                raise QuestionError(note("batch_under_way"))
            archive = view.service.archive_of(view.visitor, scope)
            questions = read_questions(path, path.name, 4 * MOST).checked(archive.index, filters)
            path.unlink(missing_ok=True)  # Gradio keeps uploads.
            if questions.problems:
                html = render.problems_html(questions.problems, view.say)
                yield self._page(html, view), gr.File(value=None), gr.skip()
                return
            yield from self._asked(_few(questions), view, filters, scope, request, stopped)
        except BylineError as error:
            html = render.problems_html([error.message], view.say)
            yield self._page(html, view), gr.File(value=None), gr.skip()
        finally:
            path.unlink(missing_ok=True)
            if self.stops.get(visitor) is stopped:
                del self.stops[visitor]

    def _asked(
        self,
        lines: Sequence[Line],
        view: View,
        filters: Filters,
        scope: Scope,
        request: gr.Request,
        stopped: threading.Event,
    ) -> Iterator[tuple[Any, Any, Any]]:
        """Updates for each question that was asked, and then for all of them."""
        service, say = view.service, view.say
        archive = service.archive_of(view.visitor, scope)
        total = sum(len(line.turns) for line in lines)
        rows: list[Row] = []
        asked = answered = 0
        remark = ""

        def ask(question: str, history: Sequence[Turn], within: Filters) -> Answer:
            service.admit(updates.address(request))
            growing = archive.pipeline.stream(question, history, within, written=False)
            return [*service.stream(growing)][-1]

        try:
            html = render.batch_running_html(0, total, say)
            yield render.page(html, say), gr.File(value=None), ()
            for line, answer in answers(archive, lines, ask, filters):
                found = service.articles_of(view.visitor, answer)
                rows += rows_of(answer, found, line.number, say)
                asked, answered = asked + 1, answered + (answer.status == "answered")
                html = render.batch_running_html(asked, total, say)
                yield render.page(html, say), gr.skip(), gr.skip()
                if stopped.is_set() or request.session_hash not in self.desk.here:
                    break
        except BylineError as error:  # What was answered is kept.
            remark = say.note(error.message)
        html = render.batch_done_html(asked, answered, total, remark, say)
        yield self._page(html, view), gr.skip(), tuple(rows)

    def stop(self, request: gr.Request) -> None:
        """End a batch after the question that is being asked."""
        if stopped := self.stops.get(request.session_hash):
            stopped.set()

    def save(
        self, language: str, rows: Sequence[Row], event: gr.EventData, request: gr.Request
    ) -> Any:
        """A file for the browser to save: the sheet of a batch, or a table to begin with."""
        if not language:
            return again()
        made = datetime.datetime.now().astimezone()
        ending = f".{text(event, 'what')}"
        if ending not in SHEETS:
            content, ending, name = _EXAMPLE.encode(), ".csv", "byline-questions.csv"
        else:
            say = self.desk.view(language, request).say
            content, name = SHEETS[ending](rows, say), f"byline-{made:%Y-%m-%d}{ending}"
        return updates.file(name, _KINDS[ending], content, made)

    def add(self, language: str, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """Keep a question, to be asked of what is new."""

        def change(standing: Standing, view: View) -> None:
            view.service.admit(updates.address(request))
            line = Line(0, (text(event, "question"),), text(event, "source"))
            standing.add(line, view.service.archive())

        return self._changed(language, request, change)

    def remove(self, language: str, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """Keep a question no longer."""
        question = text(event, "what")
        return self._changed(language, request, lambda standing, _: standing.remove(question))

    def look(self, language: str, request: gr.Request) -> tuple[Any, Any]:
        """Ask the questions of what is new now."""

        def change(standing: Standing, view: View) -> None:
            service = view.service
            service.admit(updates.address(request))
            service.read(standing.ask, service.archive(), standing.questions())

        return self._changed(language, request, change)

    def show(self, language: str, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """The article of a quote that was found."""
        if not language:
            return gr.skip(), again()
        place = tuple(value(event, name) for name in ("article", "start", "end"))
        return self.desk.view(language, request).evidence_article(place), gr.skip()

    def _changed(self, language: str, request: gr.Request, change: Any) -> tuple[Any, Any]:
        """The standing questions after something was done to them."""
        if not language:
            return gr.skip(), again()
        view = self.desk.view(language, request)
        standing = view.service.standing
        remark = ""
        try:
            if standing:
                change(standing, view)
        except BylineError as error:
            remark = view.say.note(error.message)
        return view.standing(remark), gr.skip()

    def _page(self, html: str, view: View) -> str:
        """What is said of a batch, and below it what the fold is for."""
        return render.page(html + render.batch_html(view.say), view.say)


def _few(questions: Questions) -> tuple[Line, ...]:
    """The lines of a file. Raises QuestionError for too many."""
    lines = questions.required()
    if len(lines) > MOST:
        raise QuestionError(note("too_many_lines", n=len(lines), most=MOST))
    return lines
