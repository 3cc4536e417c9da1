"""The headers by which a browser is told what the page may do, and who may show it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders

from rag.web.local_files import Application, Message, Receive, Send

# Gradio makes functions of the scripts that its components bring, which needs 'unsafe-eval', and
# sets styles on elements. No script stands in the page but those with which it is served.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{hashes}; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors {parents}"
)
_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def policy(parents: Iterable[str] = (), page: bytes = b"") -> str:
    """The Content-Security-Policy of a page as it is served: its own scripts run, and no other."""
    scripts = dict.fromkeys(_SCRIPT.findall(page))
    digests = (base64.b64encode(hashlib.sha256(one).digest()).decode() for one in scripts)
    hashes = "".join(f" 'sha256-{digest}'" for digest in digests)
    return _POLICY.format(hashes=hashes, parents=" ".join(["'self'", *parents]))


@dataclass(frozen=True)
class SecurityHeaders:
    """ASGI middleware that adds them to every answer; `parents`: sites that may show the page in a
    frame besides the server itself."""

    app: Application
    parents: Sequence[str] = ()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        held: list[Message] = []  # The beginning of a page, until all of it is there.
        body: list[bytes] = []

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_ALWAYS)
                if headers.get("content-type", "").startswith("text/html"):
                    held.append(message)
                    return
                headers["content-security-policy"] = policy(self.parents)
            elif held:
                body.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                start, page = held.pop(), b"".join(body)
                MutableHeaders(scope=start)["content-security-policy"] = policy(self.parents, page)
                await send(start)
                message = {"type": "http.response.body", "body": page}
            await send(message)

        await self.app(scope, receive, guarded)
