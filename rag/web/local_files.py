"""Refuses requests that name a file of another machine, before Gradio reads them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from starlette.responses import JSONResponse

from rag.text.outside import NestedTooDeep, json_value

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LARGEST = 8_000_000
"""Bytes of a request that is no upload: a page sends the conversation that its browser kept."""
_FILE_ROUTE = re.compile(r"/file=(?P<file>.*)", re.IGNORECASE | re.DOTALL)
# A drive of Windows has one letter; what follows "//" is a host, to a browser and to Windows.
_ADDRESS = re.compile(r"[\s\0-\x20]*([a-z][a-z0-9+.-]+:|[\\/]{2})", re.IGNORECASE)
_REFUSED = JSONResponse({"detail": "Files of other machines are not fetched."}, 403)
_TOO_LARGE = JSONResponse({"detail": "The request is too large."}, 413)


class LocalFilesOnly:
    """ASGI middleware that refuses requests which name a file by its address on the network.

    It looks at the path of a file route, and at every file value in a JSON body. Gradio's
    other routes that fetch are not offered (`rag.web.routes`).
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _names_address(scope["path"]):
            await _REFUSED(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD") or _is_upload(scope):
            await self.app(scope, receive, send)
        else:
            body = await _body(receive)
            if body is None:  # They left.
                return
            if len(body) > LARGEST:
                await _TOO_LARGE(scope, receive, send)
                return
            if _holds_address(body):
                await _REFUSED(scope, receive, send)
                return
            unread = [{"type": "http.request", "body": body, "more_body": False}]

            async def again() -> Message:
                return unread.pop() if unread else await receive()

            await self.app(scope, again, send)


def _is_address(value: object) -> bool:
    """Whether a text is a URL or names a host, however it is percent-encoded."""
    if not isinstance(value, str):
        return False
    for _ in range(5):
        if (decoded := unquote(value)) == value:
            return bool(_ADDRESS.match(value))
        value = decoded
    return True  # Nothing that is meant well is encoded so often.


def _names_address(path: str) -> bool:
    file = _FILE_ROUTE.search(path)
    return bool(file and _is_address(file["file"]))


def _is_upload(scope: Message) -> bool:
    kinds = [value for name, value in scope["headers"] if name.lower() == b"content-type"]
    return bool(kinds) and kinds[0].lower().startswith(b"multipart/form-data")


def _holds_address(body: bytes) -> bool:
    """Whether a JSON body holds a file value whose path or URL is an address.

    The page sends with an upload the URL under which this server gives it back.
    """
    try:
        waiting = [json_value(body)]
    except NestedTooDeep:
        return True
    except ValueError:
        return False
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            path, url = value.get("path"), value.get("url")
            own = isinstance(path, str) and unquote(str(url)).endswith(f"/file={unquote(path)}")
            if _is_address(path) or (_is_address(url) and not own):
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False


async def _body(receive: Receive) -> bytes | None:
    """The body of a request, no more than the first block beyond what one may have; None where it
    breaks off."""
    parts, more, size = [], True, 0
    while more and size <= LARGEST:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts)
