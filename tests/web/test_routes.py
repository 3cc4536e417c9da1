"""Which of Gradio's routes the server offers: these, and after an upgrade of Gradio no others."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from gradio import Blocks
from gradio.routes import App
from starlette.testclient import TestClient

from eval.trust.routes import OFFERED
from rag import Archive
from rag.chat.access import free_port
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.types import Progress
from rag.web.layout import layout
from rag.web.routes import is_offered
from rag.web.serve import guards

SHUT = [
    "GET /monitoring",
    "GET /gradio_api/proxy={url_path}",
    "GET /gradio_api/file/{path}",
    "POST /gradio_api/component_server",
    "POST /gradio_api/run/{api_name}",
    "POST /gradio_api/vibe-edit",
    "GET /gradio_api/runs",
    "GET /openapi.json",
]


def routes(router: object) -> Iterator[str]:
    """Each route of an app as "GET /path", and those of the routers within it."""
    for route in getattr(router, "routes", ()):
        if within := getattr(route, "original_router", None):
            yield from routes(within)
        for method in getattr(route, "methods", None) or ():
            yield f"{method} {re.sub(r':path}', '}', route.path).rstrip('/') or '/'}"


@contextlib.contextmanager
def listening(**options: Any) -> Iterator[Blocks]:
    """The page, served with its guards; nobody asks it anything."""
    page = layout(Sessions(Service(_nothing)))
    page.launch(
        server_port=free_port("127.0.0.1", 0), app_kwargs={"middleware": guards()},
        prevent_thread_lock=True, quiet=True, ssr_mode=False, **options,
    )  # fmt: skip
    yield page
    page.close(verbose=False)


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with listening() as page:
        yield page.app


def _nothing(_: Progress) -> Archive:
    raise AssertionError("no question is asked")


def test_every_route_of_gradio_is_decided_on(app: App) -> None:
    found = set(routes(app))
    offered = {route for route in found if is_offered(*route.split(" "))}
    assert sorted(offered) == sorted(re.findall(r"(?:GET|HEAD|POST) \S+", OFFERED))
    assert set(SHUT) <= found - offered


def test_what_is_not_offered_is_not_found(app: App) -> None:
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for route in sorted(set(routes(app))):
            method, path = route.split(" ")
            if not is_offered(method, path):
                for asked in (path, f"{path}/"):
                    answer = client.request(method, re.sub(r"{\w+}", "x", asked))
                    assert answer.status_code == 404, route
        for method, path in (("PUT", "/"), ("DELETE", "/config"), ("OPTIONS", "/"), ("GET", "/x")):
            assert client.request(method, path).status_code == 404
        assert client.get("/gradio_api/mcp/").status_code == 404


def test_the_page_and_its_health_are_found(app: App) -> None:
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/config").status_code == 200
        assert "gradio" in client.get("/").text
