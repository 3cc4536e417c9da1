"""The routes that the server offers; every other one that Gradio brings is not found."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.responses import JSONResponse

from rag.web.local_files import Application, Message, Receive, Send

HEALTH = "/health"
"""Answers as soon as the server does, for whoever watches over it."""
READ = ("GET", "HEAD")
_API = "/gradio_api"
_NAME = "[^/]+"
# Programs (gradio_client) call by the queue as the page does, others by `call`.
_OFFERED = {
    READ: (
        HEALTH,
        "/", "/config", "/theme.css", "/favicon.ico", "/robots.txt",
        "/static/.+", "/assets/.+", "/svelte/.+",
        f"{_API}/(info|app_id|user|token|login_check|startup-events|theme.css|upload_progress)",
        f"{_API}/queue/data", f"{_API}/heartbeat/{_NAME}", f"{_API}/file=.+",
        f"{_API}/call/(v2/)?{_NAME}/{_NAME}",
        "/logout",
    ),
    ("POST",): (
        "/login",
        f"{_API}/queue/join", f"{_API}/(upload|cancel|reset)", f"{_API}/call/(v2/)?{_NAME}",
    ),
}  # fmt: skip
_MCP = rf"{_API}/mcp(/.*)?"
_PATTERNS = {
    method: re.compile(f"(?:{'|'.join(paths)})/?")
    for methods, paths in _OFFERED.items()
    for method in methods
}


def is_offered(method: str, path: str) -> bool:
    """Whether a route is one of the page's or of the calls for programs; MCP's are not counted."""
    pattern = _PATTERNS.get(method)
    return bool(pattern and pattern.fullmatch(path))


@dataclass(frozen=True)
class OfferedRoutes:
    """ASGI middleware that answers 404 to all but the offered routes; `mcp`: whether those of the
    MCP server are offered too."""

    app: Application
    mcp: bool = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        method = scope.get("method", "")  # A web socket has none, and none is offered.
        if method in READ and path == HEALTH:
            await JSONResponse({"status": "ok"})(scope, receive, send)
        elif is_offered(method, path) or (self.mcp and method and re.fullmatch(_MCP, path)):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await JSONResponse({"detail": "Not found."}, 404)(scope, receive, send)
