"""Files that visitors upload: where they lie, who may send them, and how much."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import anyio
import gradio as gr
import pytest
from limits import RateLimitItemPerMinute
from starlette.testclient import TestClient
from threads import apart

from rag.chat.access import free_port
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.web import uploading
from rag.web.layout import layout
from rag.web.presence import Presence
from rag.web.serve import guards

ROUTE = "/gradio_api/upload"


def send(client: TestClient, *files: tuple[str, bytes], **more: str):
    form = [("files", (name, io.BytesIO(data))) for name, data in files]
    return client.post(ROUTE, files=form, params={"upload_id": "x"}, **more)


def app(auth: list[tuple[str, str]] | None = None) -> gr.Blocks:
    sessions = Sessions(Service(lambda progress: pytest.fail("no question is asked")))
    page = layout(sessions)
    page.launch(
        server_port=free_port("127.0.0.1", 0), app_kwargs={"middleware": guards(False, sessions)},
        prevent_thread_lock=True, quiet=True, ssr_mode=False, auth=auth,
    )  # fmt: skip
    return page


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "received"))
    page = app()
    with TestClient(page.app, "http://127.0.0.1") as client:
        yield client
    page.close(verbose=False)


def test_the_same_file_of_two_visitors_is_two_files(client: TestClient) -> None:
    paths = [Path(send(client, ("river.txt", b"It rose.")).json()[0]) for _ in range(2)]
    assert paths[0] != paths[1]
    assert {path.name for path in paths} == {"river.txt"}
    paths[0].unlink()
    assert paths[1].read_bytes() == b"It rose."


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("a|b?.txt", "a_b_.txt"),
        ("អត្ថបទ.txt", "អត្ថបទ.txt"),
        ("é" * 300 + ".txt", "é" * 90 + ".txt"),
    ],
)
def test_names_lead_nowhere_else(client: TestClient, sent: str, kept: str) -> None:
    (path,) = map(Path, send(client, (sent, b"x")).json())
    assert path.name == kept
    assert path.parents[1].name == "received"


def test_too_large_a_file_and_too_many_bytes_are_refused(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(client, ("a", b"x" * 20_000_001)).status_code == 413
    monkeypatch.setattr(uploading, "AT_ONCE", 3_000_000)
    assert send(client, ("a", b"x" * 2_000_000), ("b", b"x" * 2_000_000)).status_code == 413
    monkeypatch.setattr(uploading, "OF_AN_ADDRESS", RateLimitItemPerMinute(2, 10))
    statuses = [send(client, ("a", b"x" * 1_500_000)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    monkeypatch.setattr(uploading, "IN_ALL", 1_000_000)
    assert send(client, ("a", b"x")).status_code == 507
    kept = [path for path in (tmp_path / "received").rglob("*") if path.is_file()]
    assert len(kept) == 2


def test_files_that_nobody_read_go(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = map(Path, send(client, ("a.txt", b"x")).json())
    monkeypatch.setattr(uploading, "_KEPT", -1)
    send(client, ("b.txt", b"x"))
    assert not path.parent.exists()


def test_what_is_no_form_is_refused(client: TestClient) -> None:
    for kind in ("multipart/form-data", "text/plain"):
        answer = client.post(ROUTE, content=b"x", headers={"content-type": kind})
        assert answer.status_code in (200, 400)
        assert answer.status_code == 400 or answer.json() == []


def test_who_is_not_logged_in_uploads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "received"))
    page = app([("ann", "secret")])
    with TestClient(page.app, "http://127.0.0.1") as client:
        assert send(client, ("a.txt", b"x")).status_code == 401
        assert client.get(f"{ROUTE}_progress").status_code == 401
        assert not (tmp_path / "received").exists() or not any((tmp_path / "received").iterdir())
        client.post("/login", data={"username": "ann", "password": "secret"})
        assert send(client, ("a.txt", b"x")).status_code == 200
        assert '"done"' in client.get(f"{ROUTE}_progress").text
    page.close(verbose=False)


def test_a_page_is_open_as_long_as_its_connection() -> None:
    """The heartbeat of Gradio's page, whose end deletes the documents."""
    sessions = Sessions(Service(lambda progress: pytest.fail("no question is asked")))
    seen = []

    async def inner(scope, receive, send):
        seen.append(dict(sessions.capacity.connected))

    presence = Presence(inner, sessions.capacity.connected)
    for path in ("/gradio_api/heartbeat/abc", "/gradio_api/heartbeat/abc/", "/other"):
        apart(anyio.run, presence, {"type": "http", "path": path}, None, None)
    assert seen == [{"abc": 1}, {"abc": 1}, {}]
    assert not sessions.capacity.connected
