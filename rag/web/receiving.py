"""Receives the files of an archive, one a request, and streams each to disk.

A request is let in by the ticket of an upload that was begun in the page, which nobody can guess.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import unquote

from anyio import to_thread

from rag.chat.library import Incoming, Libraries
from rag.errors import InputError
from rag.web.local_files import Application, Message, Receive, Send

_ROUTE = re.compile(r"/archives/files/(?P<ticket>[\w-]+)")


class _BrokenOff(Exception):
    """The connection ended before the file did."""


class ReceivedFiles:
    """ASGI middleware that takes the files of archives, and passes on everything else."""

    def __init__(self, app: Application, libraries: Libraries) -> None:
        self.app = app
        self.libraries = libraries

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        route = _ROUTE.search(scope["path"]) if scope["type"] == "http" else None
        if route is None or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        incoming = self.libraries.incoming(route["ticket"])
        if incoming is None:
            await _answer(send, HTTPStatus.NOT_FOUND)
            return
        try:
            await _take(incoming, _name(scope), receive)
        except _BrokenOff:
            return
        except InputError:  # The page is told why when it asks what became of the upload.
            failed = incoming.failure is not None
            await _answer(send, HTTPStatus.INSUFFICIENT_STORAGE if failed else HTTPStatus.GONE)
            return
        await _answer(send, HTTPStatus.NO_CONTENT)


async def _take(incoming: Incoming, name: str, receive: Receive) -> None:
    """Write a file as it comes. Raises InputError, and _BrokenOff."""
    with incoming.file(name) as write:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _BrokenOff
            if block := message.get("body", b""):
                await to_thread.run_sync(write, block)
            more = message.get("more_body", False)


def _name(scope: Message) -> str:
    """The name of the file, with its folders, which is percent-encoded in a header."""
    names = [value for name, value in scope["headers"] if name.lower() == b"x-file-name"]
    return unquote(names[0].decode("ascii", "replace")) if names else ""


async def _answer(send: Send, status: HTTPStatus) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
