"""By which names the server is reached, and from which pages: what else comes is refused.

A page of another site may lead its reader's browser here: by a name of its own that it has resolve
to this machine, or by posting from where it stands. Both are told by a header that no script of a
page can write, `Host` and `Origin`.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from rag.errors import SettingsError
from rag.web.local_files import Application, Message, Receive, Send

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_SPACE_PAGE = "https://huggingface.co"
"""The site on whose pages a Space stands in a frame."""
_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7",
)  # fmt: skip
"""The networks in which the proxy of a Space is: nobody else reaches one there."""
_FORWARDED = ("forwarded", "x-gradio-server")
"""Headers of which Gradio, or another, makes addresses; `X-Forwarded-` begins the others."""


@dataclass(frozen=True)
class Reach:
    """From where the server is reached.

    `hosts`: names besides those of this machine and addresses in numbers, which no name server can
    turn to it. `proxies`: networks whose `X-Forwarded-` headers are believed. `parents`: sites that
    may show the page in a frame, and post to it.
    """

    hosts: frozenset[str] = frozenset()
    proxies: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()

    def knows(self, host: str) -> bool:
        """Whether a `Host` header names this server."""
        name = _name(host)
        return name in _HERE | _machine() | self.hosts or _is_number(name)

    def admits(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` may send to the server that it calls `host`."""
        place = origin.partition("://")[2]
        own = place.lower() == host.lower() != ""
        return own or _name(place) in self.hosts or origin in self.parents


ALONE = Reach()
"""By the names of this machine, without a proxy."""


def reach(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Reach:
    """As the options and, on a Space, the environment say. Raises SettingsError for no address."""
    for proxy in options.proxy:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise SettingsError(
                f"--proxy takes the address of a proxy in numbers, as 127.0.0.1 or 10.0.0.0/8, "
                f"not {proxy!r}."
            ) from None
    hosts = {name.lower() for name in options.allow_host}
    if "SPACE_ID" not in environ or not environ.get("SPACE_HOST"):
        return Reach(frozenset(hosts), tuple(options.proxy))
    hosts |= {name.strip().lower() for name in environ["SPACE_HOST"].split(",")}
    return Reach(frozenset(hosts - {""}), (*options.proxy, *_PRIVATE), (_SPACE_PAGE,))


class Forwarded:
    """ASGI middleware that believes of a proxy that is named whose request it passes on, and takes
    away from every other request what says so."""

    def __init__(self, app: Application, proxies: Sequence[str]) -> None:
        self.app = app
        self.behind = ProxyHeadersMiddleware(app, list(proxies))  # type: ignore[arg-type]
        self.networks = [ipaddress.ip_network(one) for one in proxies]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        believed = self._is_proxy(scope)
        if believed and (host := headers.get("x-forwarded-host", "")):
            headers["host"] = host.partition(",")[0].strip()
        for name in {name.decode("latin-1").lower() for name, _ in headers.raw}:
            kept = believed and name in ("x-forwarded-for", "x-forwarded-proto")
            if name in _FORWARDED or (name.startswith("x-forwarded-") and not kept):
                del headers[name]
        through = self.behind if believed else self.app
        await through(scope, receive, send)  # type: ignore[arg-type]

    def _is_proxy(self, scope: Message) -> bool:
        try:
            address = ipaddress.ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            return False
        return any(address in network for network in self.networks)


@dataclass(frozen=True)
class KnownHosts:
    """ASGI middleware that refuses a request by a name that is not the server's, and one that a
    page of another site sends."""

    app: Application
    reach: Reach

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        # A browser says of every request whose page sent it; of a link, nothing else does.
        elsewhere = headers.get("sec-fetch-site", "") in ("cross-site", "same-site")
        if len(hosts) != 1 or not self.reach.knows(hosts[0]):
            why = "Not a name of this server. Let it be reached by others with --allow-host NAME."
            await _refuse(scope, receive, send, 421, why)
        elif not all(self.reach.admits(one, hosts[0]) for one in origins):
            await _refuse(
                scope, receive, send, 403, "Pages of other sites may not send to this server."
            )
        elif elsewhere and scope["path"].rstrip("/") == "/logout":
            await _refuse(scope, receive, send, 403, "Pages of other sites may not log you out.")
        else:
            await self.app(scope, receive, send)


def _name(host: str) -> str:
    """The name in a `Host` header, without its port; "" for what is none."""
    try:
        found = urlsplit(f"//{host}")
        return (found.hostname or "") if found.netloc == host and "@" not in host else ""
    except ValueError:
        return ""


def _is_number(name: str) -> bool:
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _machine() -> frozenset[str]:
    """What this machine calls itself, alone and in its local network."""
    name = socket.gethostname().lower()
    return frozenset({name, f"{name}.local"})


async def _refuse(scope: Message, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await JSONResponse({"detail": why}, status)(scope, receive, send)
