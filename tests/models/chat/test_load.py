"""From a name to a chat model: files, addresses that are refused, and a hub."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub
import pytest
from asking import LABELS, text
from scripted import ScriptedServer

from rag.errors import ModelError, SettingsError
from rag.models.chat.client import ChatClient
from rag.models.chat.load import load


def test_a_model_is_loaded_once_by_all_threads(tiny: Path) -> None:
    found: list[ChatClient] = []
    threads = [
        threading.Thread(target=lambda: found.append(load(str(tiny), context_tokens=700)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({id(client) for client in found}) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.1:8080/v1#m",
        "https://models.example/v1",
        "http://0.0.0.0:8080/v1",
        "http://[2001:db8::1]/v1",
        "http://localhost.example/v1",
        "HTTP://127.0.0.1.example:1/v1",
        "http://2130706433/v1",
    ],
)
def test_another_machine_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match=r"article text would be sent there.*--allow-remote"):
        load(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://me:sesame@127.0.0.1:1/v1",
        "http://sesame@127.0.0.1:1/v1",
        "http://127.0.0.1:1/v1?api_key=sesame",
        "http://127.0.0.1\\@sesame.example/v1",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(address, allow_remote=True)
    assert "sesame" not in str(error.value)


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="no address"):
        load("http://127.0.0.1:port/v1")


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm:cloud", "GLM-Cloud"])
def test_a_model_that_ollama_runs_elsewhere_is_refused(name: str) -> None:
    with ScriptedServer("Hello.", models=[{"id": name}]) as server:
        for address in (server.base, f"{server.base}#{name}"):
            with pytest.raises(SettingsError, match="--allow-remote"):
                load(address)
            assert load(address, allow_remote=True).name == name
        assert not server.chats


def test_the_key_of_the_environment_is_sent_and_shows_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer("Trains run.", key="sesame") as server:
        with pytest.raises(ModelError, match="BYLINE_API_KEY"):
            load(server.address)
        monkeypatch.setenv("BYLINE_API_KEY", "sesame\n")
        client = load(server.address)
        assert text(client) == "Trains run."
    assert "sesame" not in caplog.text + repr(client) + repr(vars(client)) + repr(client._server)


def test_a_key_that_is_none_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_API_KEY", "sesa\nme")
    with pytest.raises(SettingsError, match="BYLINE_API_KEY") as error:
        load("http://127.0.0.1:1/v1")
    assert "sesa" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["hf://owner/model", "hf://owner/model/readme.md", "hf:///x/y.gguf"]
)
def test_a_file_of_a_hub_needs_its_whole_name(name: str) -> None:
    with pytest.raises(ModelError, match=r"hf://OWNER/NAME/FILE\.gguf"):
        load(name)


@pytest.fixture
def hub(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A hub on loopback with one file; the methods and paths that it was asked for."""
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            found = self.path == "/owner/model/resolve/main/tiny.gguf"
            content = tiny.read_bytes() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(content)))
            if found:
                self.send_header("ETag", '"0123456789abcdef"')
                self.send_header("X-Repo-Commit", "0" * 40)
            else:
                missing = "EntryNotFound" if "/owner/model/" in self.path else "RepoNotFound"
                self.send_header("X-Error-Code", missing)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    fetch = functools.partial(
        huggingface_hub.hf_hub_download, endpoint=endpoint, cache_dir=tmp_path, token=False
    )
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fetch)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    yield asked
    server.shutdown()
    server.server_close()


def test_a_file_of_a_hub_is_downloaded_and_runs(hub: list[str]) -> None:
    client = load("hf://owner/model/tiny.gguf", context_tokens=516)
    assert text(client, grammar=LABELS) in ("[1]", "[2]")
    assert "GET /owner/model/resolve/main/tiny.gguf" in hub
    before = len(hub)
    assert load("hf://owner/model/tiny.gguf", context_tokens=516) is client
    assert len(hub) == before


@pytest.mark.parametrize("path", ["owner/model/other.gguf", "owner/none/tiny.gguf"])
def test_a_file_that_a_hub_has_not_is_told(hub: list[str], path: str) -> None:
    with pytest.raises(ModelError, match=r"could not be downloaded \(.*404.*Check the name"):
        load(f"hf://{path}")
    assert hub


def test_a_hub_that_cannot_be_reached_is_told(
    hub: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"could not be downloaded.*connection"):
        load("hf://owner/model/tiny.gguf", context_tokens=517)
    assert not hub
