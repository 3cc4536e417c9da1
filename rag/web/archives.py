"""The event handlers of the page of all archives, where they are made, updated and deleted.

Knows nothing of where archives are kept and how they are made (`rag.chat.library`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import gradio as gr

from rag.chat import html as render
from rag.chat.html import Doing
from rag.chat.library import Expected, Library
from rag.errors import BylineError, InputError
from rag.ingest.limits import in_bytes
from rag.web import updates
from rag.web.components import FORMATS
from rag.web.desk import Desk
from rag.web.updates import again, text, value
from rag.wording import Wording, note, wording


@dataclass(frozen=True)
class Archives:
    """The handlers of the page of all archives."""

    desk: Desk

    def begin(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """The page of the archive that the address names, or that of all of them."""
        visitor = updates.visitor(request)
        sessions, library = self.desk.sessions, self._library(request)
        if library is None:
            sessions.begin(visitor)
            return self.desk.begin(event, request)
        remark: Any = ""
        if not value(event, "archives"):
            try:
                if sessions.begin(visitor, text(event, "archive")):
                    return self.desk.begin(event, request)
            except BylineError as error:
                remark = error.message
        self.desk.here.add(request.session_hash)
        say, doing = wording(text(event, "language")), Doing(remark=remark)
        told = {"language": say.language, "direction": say.direction, "ask": ""}
        cards, ticker = self._cards(library, doing, say)
        return updates.page(
            courier=gr.HTML(page=told),
            masthead=render.page(render.masthead_html(say), say),
            archives=cards,
            making=self._form(library, doing, say),
            doing=doing,
            ticker=ticker,
            language=say.language,
        )

    def tick(self, language: str, doing: Doing, request: gr.Request) -> tuple[Any, Any]:
        """How far the archives are that are being made."""
        library = self._library(request)
        if library is None or not language:
            return gr.skip(), gr.Timer(active=False)
        return self._cards(library, doing, wording(language))

    def act(
        self, language: str, doing: Doing, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """What a button of a card does: updates of the cards, the form, what is being done, the
        ticker, and the courier."""
        what, archive, name = (text(event, key) for key in ("do", "archive", "name"))

        def act(library: Library) -> Doing:
            if what in ("rename", "delete", "add"):
                return Doing(what, library.entry(archive).id)
            if what == "renamed":
                library.rename(archive, name)
            elif what == "deleted":
                account = updates.visitor(request).account
                if not self.desk.sessions.delete(account, archive):
                    place = str(library.home / archive)
                    return Doing(remark=note("archive_left", folder=place))
            elif what in _ACTS:
                _ACTS[what](library, archive)
            return Doing()

        return self._done(language, doing, request, act)

    def create(
        self, language: str, doing: Doing, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """A new archive of files that the browser is about to send, or of a folder that is there;
        or more files for one that there is. As `act`."""
        path, archive = text(event, "place").strip(), text(event, "archive")
        sent = Expected(_count(value(event, "files")), _count(value(event, "bytes")))
        made: dict[str, Any] = {}  # Tells the form that what it asked for is under way.

        def act(library: Library) -> Doing:
            self.desk.sessions.admit(updates.address(request))
            if not sent.files and not path:
                raise InputError(note("nothing_chosen"))
            named = text(event, "name").strip() or text(event, "folder") or PurePath(path).name
            key = archive or library.create(
                named or wording(language)("archive_new"), [path] if path else []
            )
            if sent.files:
                made["ticket"] = library.receive(key, sent).ticket
            else:
                library.make(key)
            made["archive"] = key
            return Doing()

        cards, form, *others = self._done(language, doing, request, act)
        if made:
            form = gr.HTML(form, upload=made)
        return cards, form, *others

    def received(
        self, language: str, doing: Doing, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """All files have come, or no more will. As `act`."""

        def act(library: Library) -> Doing:
            library.received(text(event, "archive"))
            return doing

        return self._done(language, doing, request, act)

    def _done(
        self,
        language: str,
        doing: Doing,
        request: gr.Request,
        act: Callable[[Library], Doing],
    ) -> tuple[Any, ...]:
        """The page after something was done to the library."""
        library = self._library(request)
        if library is None or not language:
            return *[gr.skip()] * 4, again()
        say, form = wording(language), gr.skip()
        try:
            then = act(library)
            if (then.what == "add") != (doing.what == "add") or not then.what:
                form = self._form(library, then, say)
        except BylineError as error:
            then = doing._replace(remark=error.message)
        cards, ticker = self._cards(library, then, say)
        return cards, form, then, ticker, gr.skip()

    def _library(self, request: gr.Request) -> Library | None:
        return self.desk.sessions.library(updates.visitor(request).account)

    def _cards(self, library: Library, doing: Doing, say: Wording) -> tuple[str, Any]:
        """The archives, and what makes the page look again while something is going on."""
        entries = library.entries()
        size = ""
        if doing.what == "delete" and any(entry.id == doing.archive for entry in entries):
            held = library.bytes(doing.archive)
            size = say.note(in_bytes(held)) if held else ""
        html = render.archives_html(entries, doing, size, say)
        return render.page(html, say), gr.Timer(active=any(entry.busy for entry in entries))

    def _form(self, library: Library, doing: Doing, say: Wording) -> str:
        entries = library.entries()
        name = next((entry.name for entry in entries if entry.id == doing.archive), "")
        html = render.form_html(doing, name, library.by_path, not entries, FORMATS, say)
        return render.page(html, say)


_ACTS: dict[str, Callable[[Library, str], None]] = {
    "make": Library.make,
    "look": Library.look,
    "cancel": Library.cancel,
    "forget": Library.forget,
}


def _count(sent: Any) -> int:
    """A number that the browser sent, 0 for anything else."""
    return sent if isinstance(sent, int) and not isinstance(sent, bool) and sent > 0 else 0
