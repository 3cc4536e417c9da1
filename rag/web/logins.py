"""Slows down who guesses passwords."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import JSONResponse

from rag.web.local_files import Application, Message, Receive, Send

FAILURES, MINUTES = 5, 5
"""Logins that may fail from one address in so many minutes."""
WAIT = 1.0
"""Seconds after which it is told that one failed."""


class SlowLogins:
    """ASGI middleware that tells late that a login failed, and lets an address that failed often
    try no more for a while."""

    def __init__(self, app: Application, wait: float = WAIT) -> None:
        self.app = app
        self.wait = wait
        self._limit = RateLimitItemPerMinute(FAILURES, MINUTES)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        tried = scope["type"] == "http" and scope["method"] == "POST"
        if not tried or scope["path"].rstrip("/") != "/login":
            await self.app(scope, receive, send)
            return
        address = _network(scope)
        # Counted before it is known to fail: many at once are not let in together.
        if not self._limiter.hit(self._limit, address):
            why = {"detail": f"Too many logins failed. Try again in {MINUTES} minutes."}
            later = {"retry-after": str(60 * MINUTES)}
            await JSONResponse(why, 429, later)(scope, receive, send)
            return

        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] < 400:
                    self._limiter.clear(self._limit, address)
                else:
                    await asyncio.sleep(self.wait)
            await send(message)

        await self.app(scope, receive, late)


def _network(scope: Message) -> str:
    """Whose login it is: an address or, of those that are given out by whole networks, the net."""
    host: str = (scope.get("client") or ("",))[0]
    try:
        address: Any = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((host, 64), strict=False)) if address.version == 6 else host
