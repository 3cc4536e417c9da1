"""Tells which pages are open: as long as their browser holds the connection that Gradio has for
that, a visitor's documents are kept."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rag.web.local_files import Application, Message, Receive, Send

_ROUTE = re.compile(r"/gradio_api/heartbeat/(?P<session>[^/]+)/?")


@dataclass(frozen=True)
class Presence:
    """ASGI middleware that counts in `connected` the connections of each session."""

    app: Application
    connected: Counter[str]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        route = _ROUTE.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await self.app(scope, receive, send)
            return
        session = route["session"]
        self.connected[session] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.connected[session] -= 1
            if not self.connected[session]:
                del self.connected[session]
