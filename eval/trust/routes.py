"""Asks every route of the running app, with and without login, from elsewhere: a table."""

from __future__ import annotations

import contextlib
import http.client
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from eval.runs.serving import served
from eval.trust.trials import Found, Plan

OFFERED = """
GET /                           HEAD /
GET /config                     GET /theme.css
GET /favicon.ico                GET /robots.txt
GET /static/{path}              GET /assets/{path}
GET /svelte/{path}
POST /login                     GET /logout
GET /gradio_api/info            GET /gradio_api/app_id
GET /gradio_api/user            GET /gradio_api/token
GET /gradio_api/login_check     GET /gradio_api/startup-events
GET /gradio_api/theme.css       GET /gradio_api/upload_progress
GET /gradio_api/heartbeat/{session_hash}
GET /gradio_api/file={path_or_url}
HEAD /gradio_api/file={path_or_url}
GET /gradio_api/queue/data      POST /gradio_api/queue/join
POST /gradio_api/upload         POST /gradio_api/cancel
POST /gradio_api/reset
POST /gradio_api/call/{api_name}
GET /gradio_api/call/{api_name}/{event_id}
POST /gradio_api/call/v2/{api_name}
GET /gradio_api/call/v2/{api_name}/{event_id}
"""
"""The routes that the server offers, besides its health."""
OPEN = frozenset({
    "GET /", "HEAD /", "GET /theme.css", "GET /favicon.ico", "GET /robots.txt",
    "GET /static/{path}", "GET /assets/{path}", "GET /svelte/{path}", "POST /login",
    "GET /logout", "GET /gradio_api/app_id", "GET /gradio_api/user", "GET /gradio_api/token",
    "GET /gradio_api/startup-events", "GET /gradio_api/theme.css",
    "GET /gradio_api/heartbeat/{session_hash}",
    "POST /gradio_api/cancel", "POST /gradio_api/reset",
})  # fmt: skip
"""Routes that need no login: what the page of the login is made of, what says who is in, and what
ends the work of a page for who knows its session, a random number that only that page has."""
ELSEWHERE = {
    "foreign Host": ({"Host": "evil.example"}, 421),
    "foreign Origin": ({"Origin": "http://evil.example"}, 403),
    "Origin null": ({"Origin": "null"}, 403),
}
"""What a request from elsewhere says, and with what it is refused."""
_SECONDS = 120


def measure(plan: Plan, found: Found) -> None:
    """Count each route as often as it is asked; `counts` has the status of each that is open."""
    with tempfile.TemporaryDirectory() as folder:
        accounts = Path(folder) / "accounts"
        accounts.touch(0o600)
        accounts.write_text("ann:secret\n", "utf-8")
        with served(["--no-examples", "--auth-file", str(accounts)]) as server:
            address = urlsplit(server.address).netloc
            inside = {"Cookie": _login(address)}
            for route in sorted({" ".join(pair) for pair in _pairs()}):
                _ask(address, route, inside, found)
            for said in server.tracebacks():
                found.fault(f"the server printed: {said}")
    plan.keep(found)


def _pairs() -> list[tuple[str, str]]:
    words = OFFERED.split()
    return list(zip(words[::2], words[1::2], strict=True))


def _ask(address: str, route: str, inside: Mapping[str, str], found: Found) -> None:
    for login in ({}, inside):
        for name, (headers, status) in ELSEWHERE.items():
            found.tried += 1
            said = _status(address, route, {**login, **headers})
            if said != status:
                found.fault(f"{route}, {name}, {'with' if login else 'no'} login: {said}")
    found.tried += 1
    said = _status(address, route, {})
    if (said != 401) != (route in OPEN):
        found.fault(f"{route}, no login: {said}")
    if said != 401:
        found.counts[f"{route}, no login"] = said


def _status(address: str, route: str, headers: Mapping[str, str]) -> int:
    """The status of an answer; what follows is not waited for."""
    method, path = route.split(" ")
    for place in ("path_or_url", "path", "session_hash", "api_name", "event_id"):
        path = path.replace(f"{{{place}}}", "x")
    connection = http.client.HTTPConnection(address, timeout=_SECONDS)
    with contextlib.closing(connection):
        connection.request(method, path, headers=dict(headers))
        return connection.getresponse().status


def _login(address: str) -> str:
    connection = http.client.HTTPConnection(address, timeout=60)
    with contextlib.closing(connection):
        body = urlencode({"username": "ann", "password": "secret"})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/login", body, kind)
        answer = connection.getresponse()
        assert json.load(answer) == {"success": True}
        cookies = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)
