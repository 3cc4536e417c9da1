"""The event handlers that choose what is asked: filters, and the visitor's own documents."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from rag.chat import conversation
from rag.chat.conversation import Scope
from rag.errors import BylineError, QuestionError
from rag.types import Filters
from rag.web.desk import Desk
from rag.web.updates import address, again, text, value
from rag.wording import note


@dataclass(frozen=True)
class Selection:
    """The handlers of the filters and of the documents."""

    desk: Desk

    def narrow(
        self,
        language: str,
        filters: Filters,
        scope: Scope,
        event: gr.EventData,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Put other filters in force; those there were stay if these fit nothing."""
        if not language:
            return gr.skip(), gr.skip(), gr.skip(), again()
        view = self.desk.view(language, request)
        try:
            chosen = view.checked(conversation.filters_of(value(event, "filters")), scope)
            page = view.filters(chosen, scope)
        except BylineError as error:
            page, filters, scope = self._within(language, filters, scope, request)
            return view.note(error.message) + page, filters, scope, gr.skip()
        kept = gr.HTML(filters=json.dumps(chosen.values(), ensure_ascii=False))
        return page, chosen, scope, kept

    def choose(
        self, language: str, filters: Filters, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """What is asked: the archive, the visitor's own documents, or both."""
        if not language:
            return gr.skip(), gr.skip(), gr.skip(), again()
        chosen = conversation.scope_of(text(event, "scope"))
        return *self._within(language, filters, chosen, request), gr.skip()

    def add(
        self,
        files: list[str] | None,
        language: str,
        filters: Filters,
        scope: Scope,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        """Put files among the visitor's own documents; with the first, both are asked."""
        here, paths = self.desk.here, [Path(file) for file in files or ()]
        view = self.desk.view(language, request)
        service = view.service

        def tell(stage: str, done: int, total: int) -> None:
            progress((done, total), desc=view.say(f"stage_{stage}"))

        try:
            # Or their connection broke off meanwhile, or they are forgotten here.
            if request.session_hash not in here or not language:
                raise QuestionError(note("visit_ended"))
            service.admit(address(request))
            collection = service.collection(view.visitor)
            first = collection is None or collection.archive is None
            added = service.add(view.visitor, paths, tell, address(request))
            scope = "both" if added.articles and first else scope
            page = view.documents(scope, added)
        except BylineError as error:
            page = view.note(error.message) + view.documents(scope)
        finally:
            if request.session_hash not in here:  # They left meanwhile.
                service.remove(request.session_hash)
            for path in paths:  # Gradio keeps uploads; what was read is in the collection.
                path.unlink(missing_ok=True)
        return page, gr.File(value=None), *self._within(language, filters, scope, request)

    def remove(self, language: str, filters: Filters, request: gr.Request) -> tuple[Any, ...]:
        """Delete the visitor's documents."""
        self.desk.service(request).remove(request.session_hash)
        if not language:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), again()
        within = self._within(language, filters, "archive", request)
        return self.desk.view(language, request).documents("archive"), *within, gr.skip()

    def _within(
        self, language: str, filters: Filters, scope: Scope, request: gr.Request
    ) -> tuple[str, Filters, Scope]:
        """The filters over what is asked; none where they fit nothing of it, and of the archive
        where the visitor's documents are gone."""
        view = self.desk.view(language, request)
        for tried, asked in ((filters, scope), (Filters(), scope)):
            with contextlib.suppress(BylineError):
                return view.filters(tried, asked), tried, asked
        return view.filters(Filters(), "archive"), Filters(), "archive"
