"""Who reaches the server, under which name, from which page, and with which login."""

from __future__ import annotations

import argparse
import base64
import hashlib
import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from test_routes import listening

from eval.trust.routes import OFFERED, OPEN
from rag.arguments import app_parser
from rag.errors import SettingsError
from rag.web.headers import policy
from rag.web.logins import FAILURES, SlowLogins
from rag.web.reach import Reach, reach
from rag.web.serve import guards

SPACE = {"SPACE_ID": "ann/byline", "SPACE_HOST": "ann-byline.hf.space"}


def options(*arguments: str) -> argparse.Namespace:
    return app_parser().parse_args(arguments)


# By which name


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:7860", True),
        ("localhost", True),
        ("LOCALHOST:7860", True),
        ("[::1]:7860", True),
        ("192.168.1.7:7860", True),
        ("news.example.org", True),
        ("News.Example.ORG:443", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("news.example.org.evil.example", False),
        ("evil.example@127.0.0.1", False),
        ("127.0.0.1/evil.example", False),
        ("127.0.0.1#evil.example", False),
        ("", False),
        (":7860", False),
        ("[::1", False),
    ],
)
def test_a_server_is_known_by_its_names_and_by_numbers(host, known):
    assert reach(options("--allow-host", "news.example.org"), {}).knows(host) is known


@pytest.mark.parametrize(
    ("origin", "admitted"),
    [
        ("http://127.0.0.1:7860", True),
        ("https://news.example.org", True),
        ("http://127.0.0.1:3000", False),
        ("http://localhost:7860", False),
        ("https://news.example.org.evil.example", False),
        ("https://huggingface.co", False),
        ("null", False),
        ("", False),
        ("file://", False),
        ("http://[", False),
        ("http://127.0.0.1:7860/", False),
    ],
)
def test_a_page_of_another_site_may_not_send(origin, admitted):
    chosen = reach(options("--allow-host", "news.example.org"), {})
    assert chosen.admits(origin, "127.0.0.1:7860") is admitted


def test_a_space_is_known_to_its_host_and_to_the_page_that_shows_it():
    space = reach(options(), SPACE)
    assert space.knows("ann-byline.hf.space")
    assert space.admits("https://ann-byline.hf.space", "ann-byline.hf.space")
    assert space.admits("https://huggingface.co", "ann-byline.hf.space")
    assert not space.knows("bob-byline.hf.space")
    assert not space.admits("https://bob-byline.hf.space", "ann-byline.hf.space")
    assert "frame-ancestors 'self' https://huggingface.co" in policy(space.parents)
    assert reach(options(), {"SPACE_HOST": "evil.example"}) == Reach()


@pytest.mark.parametrize("proxy", ["proxy.example.org", "10.0.0.1/8", "*", ""])
def test_a_proxy_is_named_by_its_address(proxy):
    with pytest.raises(SettingsError, match="--proxy"):
        reach(options("--proxy", proxy), {})


# Through which proxy


async def _told(request: Request) -> JSONResponse:
    kept = {name: value for name, value in request.headers.items() if "forward" in name}
    return JSONResponse([request.client.host, str(request.url), kept])


FORWARDED = {
    "x-forwarded-for": "6.6.6.6, 192.0.2.7",
    "x-forwarded-host": "news.example.org",
    "x-forwarded-proto": "https",
    "x-forwarded-prefix": "/evil",
    "forwarded": "host=evil.example",
    "x-gradio-server": "http://evil.example",
}


@pytest.mark.parametrize(
    ("peer", "told"),
    [
        ("10.1.2.3", ["192.0.2.7", "https://news.example.org/health"]),
        ("192.0.2.9", ["192.0.2.9", "http://127.0.0.1/health"]),
    ],
)
def test_what_a_proxy_says_is_believed_of_one_that_is_named(peer, told):
    chosen = reach(options("--proxy", "10.0.0.0/8", "--allow-host", "news.example.org"), {})
    routes = [Route("/config", _told)]
    app = Starlette(routes=routes, middleware=guards(reached=chosen))
    client = TestClient(app, base_url="http://127.0.0.1", client=(peer, 1))
    host, url, kept = client.get("/config", headers=FORWARDED).json()
    assert [host, url.replace("/config", "/health")] == told
    assert set(kept) <= {"x-forwarded-for", "x-forwarded-proto"}
    assert bool(kept) is (peer == "10.1.2.3")


def test_a_proxy_cannot_call_the_server_by_another_name():
    chosen = reach(options("--proxy", "10.0.0.0/8"), {})
    app = Starlette(routes=[Route("/config", _told)], middleware=guards(reached=chosen))
    client = TestClient(app, base_url="http://127.0.0.1", client=("10.0.0.1", 1))
    assert client.get("/config", headers=FORWARDED).status_code == 421


# Logins


def test_an_address_that_fails_often_waits():
    right = {"password": "right"}

    async def login(request: Request) -> JSONResponse:
        found = request.query_params.get("password") == "right"
        return JSONResponse({}, 200 if found else 400)

    routes = [Route("/login", login, methods=["POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(SlowLogins, wait=0)])
    client = TestClient(app, client=("192.0.2.7", 1))
    for _ in range(3):
        for _ in range(FAILURES - 1):
            assert client.post("/login").status_code == 400
        assert client.post("/login", params=right).status_code == 200  # Which begins anew.
    assert [client.post("/login").status_code for _ in range(FAILURES + 2)] == [
        *[400] * FAILURES, 429, 429,
    ]  # fmt: skip
    refused = client.post("/login/", params=right)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")
    assert TestClient(app, client=("192.0.2.8", 1)).post("/login", params=right).status_code == 200
    near, far = (TestClient(app, client=(f"2001:db8::{n}", 1)) for n in "12")
    assert {near.post("/login").status_code for _ in range(FAILURES)} == {400}
    assert far.post("/login").status_code == 429


# What a browser is told


def test_only_the_scripts_that_a_page_is_served_with_run():
    page = b"<script>a()</script><script type='module' src='x.js'></script><p onclick='b()'>"
    digest = base64.b64encode(hashlib.sha256(b"a()").digest()).decode()
    assert f"script-src 'self' 'unsafe-eval' 'sha256-{digest}';" in policy((), page)
    assert policy().count("sha256") == 0
    assert "'unsafe-inline'" not in policy((), page).partition("script-src")[2].partition(";")[0]


def test_a_page_that_comes_in_parts_is_read_as_one():
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse("<p>é</p><script>a()</script>")

    app = Starlette(routes=[Route("/", page)], middleware=guards())
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.get("/").text == "<p>é</p><script>a()</script>"
    assert "sha256-" in client.get("/").headers["content-security-policy"]
    assert client.head("/").status_code == 200


# Every route that is offered, before the real app


@pytest.fixture(scope="module")
def app() -> Iterator[object]:
    with listening(auth=[("ann", "secret")]) as page:
        yield page.app


def every_route() -> list[tuple[str, str]]:
    found = re.findall(r"(GET|HEAD|POST) (\S+)", OFFERED)
    return [(method, re.sub(r"{\w+}", "x", path)) for method, path in found]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
@pytest.mark.parametrize("login", [False, True])
def test_no_route_is_reached_from_elsewhere(app, sent, status, login):
    with TestClient(app, base_url="http://127.0.0.1") as client:
        if login:
            assert client.post("/login", data={"username": "ann", "password": "secret"}).is_success
        for method, path in [*every_route(), ("GET", "/health"), ("GET", "/none")]:
            answer = client.request(method, path, headers=sent)
            assert answer.status_code == status, (method, path)
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_routes_that_need_no_login_are_those_that_are_listed(app):
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        found, heartbeat = set(), "GET /gradio_api/heartbeat/{session_hash}"
        for route in re.findall(r"(?:GET|HEAD|POST) \S+", OFFERED):
            method, path = route.split(" ")
            if route == heartbeat:  # It never ends; who holds it open is told nothing.
                continue
            answer = client.request(method, re.sub(r"{\w+}", "x", path))
            if answer.status_code != 401:
                found.add(route)
            assert "frame-ancestors 'self'" in answer.headers["content-security-policy"], route
        assert found == OPEN - {heartbeat}
        assert client.get("/health").status_code == 200
        assert client.get("/").text.count("Police") == 0


def test_logging_out_leads_nowhere_else(app):
    for sent in (
        {},
        {"x-forwarded-host": "evil.example"},
        {"x-gradio-server": "http://evil.example"},
    ):
        with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
            for path in ("/logout", "/logout?next=//evil.example", "/logout/?_target_url=//evil"):
                answer = client.get(path, headers=sent)
                where = answer.headers.get("location", "")
                assert answer.status_code in (302, 307), path
                assert re.match(r"http://127\.0\.0\.1(/|$)", where) or where == "/", (path, where)
            assert (
                client.get("/logout", headers={"sec-fetch-site": "cross-site"}).status_code == 403
            )
