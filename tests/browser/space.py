"""What stands before a Space: a proxy with TLS that tells whose request it forwards, and the site
whose page shows the Space in a frame."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

SITE, SPACE = "huggingface.co", "byline-byline.hf.space"
_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "date",
    "server",
}
_FRAME = (
    "<!doctype html><title>Spaces</title>"
    f'<iframe src="https://{SPACE}/" title="Byline" width="1240" height="760"'
    ' allow="clipboard-read; clipboard-write"'
    ' sandbox="allow-downloads allow-forms allow-popups allow-same-origin allow-scripts"></iframe>'
)


@dataclass
class Proxy:
    """Forwards to the app at `target`; `port` is its own, on which both names are served, and
    `visitor` the address that it tells."""

    target: str
    port: int = 0
    visitor: str = ""
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=None))

    async def answer(self, request: Request) -> Response:
        """The page with the frame, or what the app says."""
        if request.headers["host"] == SITE:
            return HTMLResponse(_FRAME)
        told = {
            "host": SPACE, "x-forwarded-host": SPACE, "x-forwarded-proto": "https",
            "x-forwarded-for": self.visitor,
        }  # fmt: skip
        kept = {k: v for k, v in request.headers.items() if k not in _HOP}
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        asked = self.client.build_request(
            request.method, f"{self.target}{path}", headers=kept | told, content=request.stream()
        )
        reply = await self.client.send(asked, stream=True)
        return StreamingResponse(
            reply.aiter_raw(),
            reply.status_code,
            {k: v for k, v in reply.headers.items() if k not in _HOP},
            background=BackgroundTask(reply.aclose),
        )


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    """A proxy that runs; its certificate is of an authority that nobody knows."""
    one = Proxy(target)
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
    app = Starlette(routes=[Route("/{path:path}", one.answer, methods=methods)])
    config = uvicorn.Config(app, log_level="error", lifespan="off")
    config.load()
    config.ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(SITE, SPACE).configure_cert(config.ssl)
    listening = socket.create_server(("127.0.0.1", 0))
    one.port = listening.getsockname()[1]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
