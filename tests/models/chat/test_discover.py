"""Language models that are found on this machine: real servers at real ports, and files."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scripted import Reply, ScriptedServer

from rag.models.chat import discover as module
from rag.models.chat.discover import PORTS, discover
from rag.models.chat.load import load


def port_of(server: ScriptedServer) -> int:
    return int(server.base.rsplit(":", 1)[1].removesuffix("/v1"))


@contextmanager
def silent() -> Iterator[int]:
    """The port of a program that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def names(folder: Path, **ports: int) -> list[tuple[str, str]]:
    return [(one.name, one.program) for one in discover(folder, ports or {"none": 1})]


def test_llama_cpp_is_found_by_itself_and_can_write(tiny_server: str, tmp_path: Path) -> None:
    port = int(tiny_server.rsplit(":", 1)[1].removesuffix("/v1"))
    (one,) = discover(tmp_path, {"llama.cpp": port})
    assert (one.name, one.program) == ("tiny.gguf", "llama.cpp")
    client = load(one.reference)
    assert client.name == "tiny.gguf"
    assert "".join(client.write([{"role": "user", "content": "Hello"}], 5))


def test_a_file_is_found_and_can_write(tiny: Path) -> None:
    (one,) = discover(tiny.parent, {"none": 1})
    assert (one.name, one.program) == ("tiny.gguf", "")
    assert "".join(load(one.reference).write([{"role": "user", "content": "Hello"}], 5))


def test_the_usual_ports_of_this_machine_are_looked_at_and_nothing_else(tmp_path, monkeypatch):
    asked = []

    def note(address, *_, **more):
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", note)
    assert discover(tmp_path) == ()
    assert sorted(asked) == [("127.0.0.1", port) for port in (1234, 8080, 11434)]
    assert sorted(PORTS.values()) == [1234, 8080, 11434]


def test_models_that_do_not_write_or_run_elsewhere_are_left_out(tmp_path: Path) -> None:
    rows = [
        {"id": name} for name in ("llama3.2:1b", "nomic-embed-text", "gpt-oss:120b-cloud", "qwen3")
    ]
    with ScriptedServer(models=rows) as server:
        found = names(tmp_path, Ollama=port_of(server))
    assert found == [("llama3.2:1b", "Ollama"), ("qwen3", "Ollama")]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"<html>Tomcat</html>", kind="text/html"),
        Reply(raw=b"{}", status=404),
        Reply(raw=b"no", status=401),
        Reply(raw=b"", status=302, headers={"Location": "http://192.0.2.1/v1/models"}),
        Reply(raw=b'{"data": "x"}'),
        Reply(raw=b'{"object": "list", "data": [{"id": 5}, {}, "x", null]}'),
        Reply(raw=b"{" * 9_000_000),
        Reply(raw=b'{"data": []}' * 100, drip=True, pause=0.05),
    ],
    ids="page missing closed elsewhere text nothing endless slow".split(),
)
def test_what_else_listens_there_is_left_out(tmp_path: Path, reply: Reply) -> None:
    with ScriptedServer(models=reply) as server:
        assert names(tmp_path, Ollama=port_of(server)) == []


def test_a_program_that_says_nothing_keeps_nobody_waiting(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    with silent() as port, ScriptedServer(models=[{"id": "m"}]) as server:
        assert names(tmp_path, Ollama=port, other=port_of(server)) == [("m", "other")]


def test_no_key_is_sent_to_what_was_not_chosen(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("BYLINE_API_KEY", "sesame")
    with ScriptedServer(models=[{"id": "m"}]) as server:
        assert names(tmp_path, Ollama=port_of(server))
        assert all("authorization" not in request.headers for request in server.requests)


def test_files_of_a_folder(tmp_path: Path) -> None:
    for name in (
        "b.GGUF", "a.gguf", "notes.txt", "mmproj-a.gguf", "nomic-embed.gguf",
        "big-00001-of-00002.gguf", "big-00002-of-00002.gguf",
    ):  # fmt: skip
        (tmp_path / name).touch()
    (tmp_path / "folder.gguf").mkdir()
    (tmp_path / "gone.gguf").symlink_to(tmp_path / "none")
    assert names(tmp_path) == [("a.gguf", ""), ("b.GGUF", ""), ("big-00001-of-00002.gguf", "")]
    assert names(tmp_path / "none") == []


def test_a_name_with_any_letters_reaches_the_server_as_it_is(tmp_path: Path) -> None:
    name = "ميم/ü#1 50%"
    with ScriptedServer("Hello.", models=[{"id": name}]) as server:
        (one,) = discover(tmp_path, {"Ollama": port_of(server)})
        assert one.name == "ü#1 50%"
        list(load(one.reference).write([{"role": "user", "content": "Hello"}], 5))
        assert server.chats[0]["model"] == name
