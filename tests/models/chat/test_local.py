"""llama.cpp in this process: the file, the memory, and who may reach it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import httpx
import psutil
import pytest
import tiny_gguf
from asking import text

from rag.errors import ModelError
from rag.models.chat import local
from rag.models.chat.load import load


def test_the_context_is_the_least_of_three(tiny: Path, tiny_server: str) -> None:
    assert load(str(tiny), context_tokens=1024).context == 1024
    assert load(str(tiny), context_tokens=20_000).context == tiny_gguf.TRAINED
    assert load(tiny_server, context_tokens=4096).context == 2048


def test_the_server_in_process_is_closed_to_others(tiny: Path) -> None:
    client = load(str(tiny), timeout=60)
    root = client._server._root
    assert httpx.URL(root).host == "127.0.0.1"
    for path in ("/props", "/v1/models", "/slots"):
        reply = httpx.get(root + path, headers={"Origin": "http://evil.example"}, trust_env=False)
        assert reply.status_code == 401
        assert reply.headers.get("access-control-allow-origin", "") == ""
    assert httpx.get(root, trust_env=False).status_code in (401, 404)


def test_the_key_shows_nowhere(
    tiny: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client = load(str(tiny), context_tokens=600)
    text(client)
    with pytest.raises(ModelError) as error:
        list(client.write([{"role": "user", "content": "x " * 5000}], 5))
    key = client._server._options["headers"]["Authorization"].removeprefix("Bearer ")
    assert len(key) > 30
    output = capfd.readouterr()
    shown = [caplog.text, str(error.value), repr(client), repr(client._server), *output]
    assert not any(key in one for one in shown)
    assert output.err == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "There is no model file", id="missing"),
        pytest.param(b"", "no GGUF file", id="empty"),
        pytest.param(b"PK\x03\x04" + bytes(1000), "no GGUF file", id="another format"),
        pytest.param(b"GGUF", "cut short or damaged", id="only the magic"),
        pytest.param(b"GGUF\x03\0\0\0" + bytes(range(256)) * 9, "cut short", id="rubbish behind"),
        pytest.param(b"GGUF\x03\0\0\0" + bytes(4000), "cut short", id="nothing behind"),
    ],
)
def test_a_file_that_is_no_model_is_told(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        load(str(path))


@pytest.mark.parametrize("part", [0.003, 0.02, 0.5, 0.999])
def test_a_model_cut_short_is_told_and_loads_when_whole(
    tiny: Path, tmp_path: Path, part: float
) -> None:
    whole, path = tiny.read_bytes(), tmp_path / "model.gguf"
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(ModelError, match="cut short"):
        load(str(path), context_tokens=512)
    path.write_bytes(whole)
    assert load(str(path), context_tokens=512).name == "model.gguf"


def test_too_little_memory_is_told_before_loading(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Little:
        available = 100_000_000

    monkeypatch.setattr(psutil, "virtual_memory", Little)
    with pytest.raises(ModelError, match=r"0\.27 GB.*0\.10 GB are free.*smaller model"):
        load(str(tiny), context_tokens=513)


def test_the_limits_of_a_container_count(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000000000\n")
    (tmp_path / "memory.current").write_text("950000000\n")
    (tmp_path / "memory.stat").write_text("anon 7\ninactive_file 40000000\nactive_file 20000000\n")
    with pytest.raises(ModelError, match=r"0\.11 GB are free"):
        load(str(tiny), context_tokens=514)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert local._cores() == 1
    assert load(str(tiny), context_tokens=514).context == 514


def test_without_llama_cpp_the_remedy_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError, match=r"pip install 'byline\[local\]'"):
        load(str(tiny), context_tokens=515)
