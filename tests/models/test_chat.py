"""The chat-model client, against llama.cpp with a tiny model, and against servers that fail."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import huggingface_hub
import psutil
import pytest
import tiny_gguf
import xllamacpp
from scripted import Reply, ScriptedServer

from rag.errors import ModelError, SettingsError
from rag.models.chat import client as generate
from rag.models.chat.client import ChatClient, Turns, estimated_tokens, load

ASKED = [{"role": "user", "content": "What happened in Kampot?"}]
LABELS = 'root ::= "[1]" | "[2]"'


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf.make(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="session")
def tiny_server(tiny: Path) -> Iterator[str]:
    """The address of a llama.cpp server that another program could run: no key."""
    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.verbosity, params.ui = str(tiny), 2048, -1, False
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server  # It runs as long as it is referred to.


@pytest.fixture(params=["in process", "over the OpenAI API"])
def model(request: pytest.FixtureRequest, tiny: Path) -> ChatClient:
    """The tiny model, reached in both ways; the second server runs only when asked for."""
    if request.param == "in process":
        return load(str(tiny), timeout=60)
    return load(request.getfixturevalue("tiny_server"), timeout=60)


def text(client: ChatClient, **options: object) -> str:
    return "".join(client.write(ASKED, **({"max_tokens": 20} | options)))


# llama.cpp


def test_writes_the_same_again_within_its_tokens(model: ChatClient) -> None:
    pieces = list(model.write(ASKED, 20))
    assert len(pieces) == 20
    assert text(model) == "".join(pieces)
    assert model.name == "tiny.gguf"


@pytest.mark.parametrize("turn", range(3))
def test_keeps_to_a_grammar(model: ChatClient, turn: int) -> None:
    assert text(model, grammar=LABELS) in ("[1]", "[2]")


def test_counts_tokens_as_the_model_does(model: ChatClient) -> None:
    assert model.count_tokens("the") == 2
    assert model.count_tokens("ទឹក") == len("ទឹក".encode())
    assert model.count_tokens("") == 0


def test_stops_when_the_reader_does(model: ChatClient) -> None:
    seen: list[str] = []
    for piece in model.write(ASKED, 1500, stopped=lambda: len(seen) >= 5):
        seen.append(piece)
    assert len(seen) == 5
    assert len(text(model, max_tokens=3)) == 3


def test_a_closed_iterator_frees_the_model(model: ChatClient) -> None:
    for _ in range(3):
        pieces = model.write(ASKED, 1500)
        next(pieces)
        pieces.close()
    started = time.monotonic()
    assert text(model, grammar=LABELS) in ("[1]", "[2]")
    assert time.monotonic() - started < 5


def test_readers_at_once_get_what_they_would_get_alone(model: ChatClient) -> None:
    asked = [[{"role": "user", "content": f"Question {n}"}] for n in range(6)]
    alone = ["".join(model.write(one, 30)) for one in asked]
    together: dict[int, str] = {}

    def read(n: int) -> None:
        together[n] = "".join(model.write(asked[n], 30))

    threads = [threading.Thread(target=read, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [together[n] for n in range(6)] == alone


def test_the_deadline_ends_an_answer_of_llama_cpp(tiny: Path) -> None:
    client = load(str(tiny), context_tokens=8192, timeout=0.3)
    pieces, started = [], time.monotonic()
    with pytest.raises(ModelError, match=r"within 0\.3 seconds.*model_timeout"):
        pieces.extend(client.write(ASKED, 8000))
    assert 0.25 < time.monotonic() - started < 1.5
    assert pieces


def test_half_a_letter_ends_in_an_answer_or_a_message(model: ChatClient) -> None:
    with contextlib.suppress(ModelError):
        list(model.write([{"role": "user", "content": "\ud800"}], 5))
    with contextlib.suppress(ModelError):
        model.count_tokens("\ud800")
    assert len(text(model, max_tokens=3)) == 3


def test_a_prompt_beyond_the_context_is_told(model: ChatClient) -> None:
    with pytest.raises(ModelError, match=r"exceeds the available context size.*context_tokens"):
        list(model.write([{"role": "user", "content": "x " * 5000}], 5))


def test_a_grammar_that_is_none_is_told(model: ChatClient) -> None:
    with pytest.raises(ModelError, match="grammar"):
        list(model.write(ASKED, 5, grammar="root ::= ("))


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


# Model files


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
    monkeypatch.setattr(generate, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000000000\n")
    (tmp_path / "memory.current").write_text("950000000\n")
    (tmp_path / "memory.stat").write_text("anon 7\ninactive_file 40000000\nactive_file 20000000\n")
    with pytest.raises(ModelError, match=r"0\.11 GB are free"):
        load(str(tiny), context_tokens=514)
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert generate._cores() == 1
    assert load(str(tiny), context_tokens=514).context == 514


def test_without_llama_cpp_the_remedy_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError, match=r"pip install 'byline\[local\]'"):
        load(str(tiny), context_tokens=515)


# Addresses


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


def test_no_proxy_stands_before_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ScriptedServer("Trains run.") as server:
        assert text(load(server.address)) == "Trains run."


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


def test_a_key_that_the_server_repeats_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_API_KEY", "sesame")

    def echo(body: object) -> Reply:
        said = {"error": {"message": f"bad header {server.requests[-1].headers['authorization']}"}}
        return Reply(raw=json.dumps(said).encode(), status=400)

    with ScriptedServer(echo, key="sesame") as server:
        client = load(server.address)
        with pytest.raises(ModelError, match="400: bad header Bearer …") as error:
            text(client)
    assert "sesame" not in str(error.value)


def test_a_key_that_is_none_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYLINE_API_KEY", "sesa\nme")
    with pytest.raises(SettingsError, match="BYLINE_API_KEY") as error:
        load("http://127.0.0.1:1/v1")
    assert "sesa" not in str(error.value)


# What servers are


def test_a_server_of_another_kind() -> None:
    rows = [{"id": "first", "max_model_len": 1000}, {"id": "second"}]
    with ScriptedServer("Trains run [1].", models=rows) as server:
        first, second = load(server.base), load(f"{server.base}#second")
        assert (first.name, first.context) == ("first", 1000)
        assert (second.name, second.context) == ("second", 4096)
        assert text(second, grammar=LABELS) == "Trains run [1]."
        assert second.count_tokens("abcdef 12") == estimated_tokens("abcdef 12") == 5
    (asked,) = server.chats
    assert asked["model"] == "second"
    assert asked["messages"] == ASKED
    assert asked["temperature"] == 0
    assert not {"grammar", "chat_template_kwargs", "cache_prompt"} & asked.keys()


def test_llama_cpp_is_known_by_its_properties() -> None:
    with ScriptedServer("[1]", llama=512) as server:
        client = load(server.address)
        assert client.context == 512
        assert client.count_tokens("three words here") == 3
        assert text(client, grammar=LABELS) == "[1]"
    assert server.chats[0]["grammar"] == LABELS
    assert server.chats[0]["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_reply_that_is_no_stream_is_read() -> None:
    with ScriptedServer(Reply("Trains run.", stream=False)) as server:
        assert text(load(server.address)) == "Trains run."


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        pytest.param(["<think>No.</think>", "Yes."], "Yes.", id="whole tags"),
        pytest.param(["<th", "ink>N", "o.</t", "hin", "k>Yes."], "Yes.", id="split tags"),
        pytest.param(list("A<think>b</think>C<d<think>e</think>"), "AC<d", id="letters"),
        pytest.param(["Yes <thi"], "Yes <thi", id="no tag after all"),
        pytest.param(["Yes.<think>never closed"], "Yes.", id="never closed"),
    ],
)
def test_thoughts_are_not_shown(pieces: list[str], shown: str) -> None:
    with ScriptedServer(Reply(pieces=pieces)) as server:
        assert text(load(server.address)) == shown


def test_reasoning_is_not_shown() -> None:
    events = [
        {"choices": [{"delta": {"role": "assistant", "content": None}}]},
        {"choices": [{"delta": {"reasoning_content": "Hm."}}]},
        {"choices": [{"delta": {"content": "Yes."}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"completion_tokens": 2}},
    ]
    raw = ": ping\r\n\r\n" + "".join(f"data: {json.dumps(event)}\r\n\r\n" for event in events)
    with ScriptedServer(Reply(raw=raw.encode(), kind="text/event-stream")) as server:
        assert text(load(server.address)) == "Yes."


# How servers fail

EVENTS = "text/event-stream"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(Reply("One two", then="die"), "broke off", id="dies"),
        pytest.param(
            Reply(raw=b'data: {"choices": [{"delta": {"content": "One"}}]}\n\n', kind=EVENTS),
            r"\(the answer broke off\)",
            id="ends early",
        ),
        pytest.param(Reply(raw=b"<html>Hello</html>", kind="text/html"), "OpenAI", id="a page"),
        pytest.param(Reply(raw=b"\x00\xff" * 999, kind=EVENTS), "OpenAI", id="rubbish"),
        pytest.param(Reply(raw=b"data: {'a'\n\n", kind=EVENTS), "OpenAI", id="no JSON"),
        pytest.param(Reply(raw=b"[" * 99999), "OpenAI", id="deep JSON"),
        pytest.param(Reply(raw=b""), "OpenAI", id="nothing"),
        pytest.param(Reply(raw=b"data: [DONE]\n\n", kind=EVENTS), "OpenAI", id="no answer"),
        pytest.param(
            Reply(raw=b'data: {"choices": [{"delta": {"content": [1]}}]}\n\n', kind=EVENTS),
            "OpenAI",
            id="no text",
        ),
        pytest.param(
            Reply(raw=b'data: {"error": {"message": "out of memory"}}\n\n', kind=EVENTS),
            "out of memory",
            id="an error among the events",
        ),
        pytest.param(
            Reply(raw=b'{"error": "overloaded"}', status=503), "503: overloaded", id="overloaded"
        ),
        pytest.param(Reply(raw=b"no", status=403), "BYLINE_API_KEY", id="forbidden"),
        pytest.param(Reply(raw=b"no", status=404), "It has: scripted", id="no such model"),
        pytest.param(Reply(raw=b"oops", status=500), "500", id="failed without a word"),
        pytest.param(
            Reply(raw=b"", status=307, headers={"Location": "http://192.0.2.1/"}),
            "not followed",
            id="sends elsewhere",
        ),
        pytest.param(Reply(pieces=["x" * 200] * 20), "more than 1664 characters", id="no end"),
        pytest.param(Reply(raw=b"x" * 5_000_000, kind=EVENTS), "no end", id="a line without end"),
    ],
)
def test_a_server_that_fails_is_told(reply: Reply, message: str) -> None:
    with ScriptedServer([reply, "Trains run."]) as server:
        client = load(server.address, timeout=20)
        with pytest.raises(ModelError, match=message):
            text(client)
        assert text(client) == "Trains run."
    assert [asked.path for asked in server.requests].count("/v1/chat/completions") == 2


def test_pieces_before_the_failure_stand() -> None:
    with ScriptedServer(Reply("One two", then="die")) as server:
        pieces = load(server.address).write(ASKED, 20)
        assert next(pieces) == "One"
        assert next(pieces) == " two"
        with pytest.raises(ModelError):
            next(pieces)


def test_a_server_that_is_down_is_told_and_may_come_back() -> None:
    with ScriptedServer("Trains run.") as server:
        client = load(server.address)
    with pytest.raises(ModelError, match="Is it running"):
        text(client)
    with pytest.raises(ModelError, match="Is it running"):
        load(server.base)


def test_a_server_that_hangs_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert generate.PATIENCE <= 5
    monkeypatch.setattr(generate, "PATIENCE", 0.3)
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        address = f"http://127.0.0.1:{hangs.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match="could not be reached"):
            load(address)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "models",
    [
        pytest.param(Reply(raw=b"<html></html>"), id="a page"),
        pytest.param(Reply(raw=b"no", status=500), id="failed"),
        pytest.param(Reply(raw=b"[]"), id="a list"),
        pytest.param([], id="none"),
    ],
)
def test_a_server_without_models_is_told_and_not_remembered(models: object) -> None:
    with ScriptedServer(models=models) as server:
        with pytest.raises(ModelError, match=r"OpenAI-compatible|no model"):
            load(server.base)
        server._models = [{"id": "late"}]
        assert load(server.base).name == "late"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply("Never.", delay=60), id="sends nothing"),
        pytest.param(Reply("One two", then="hang"), id="hangs"),
        pytest.param(Reply("One " * 500, pause=0.03), id="is slow"),
        pytest.param(Reply(raw=b"x" * 999, kind=EVENTS, pause=0.03, drip=True), id="drips"),
    ],
)
def test_the_deadline_holds(reply: Reply) -> None:
    with ScriptedServer(reply) as server:
        client = load(server.address, timeout=0.5)
        started = time.monotonic()
        with pytest.raises(ModelError, match=r"within 0\.5 seconds"):
            text(client, max_tokens=1000)
        assert 0.45 < time.monotonic() - started < 1.2
        until(lambda: server.gone == 1)


@pytest.mark.parametrize(
    "reply",
    [Reply("Never.", delay=60), Reply("One", then="hang")],
    ids=["before the first word", "within the answer"],
)
def test_a_reader_who_stops_is_let_go_and_the_server_told(reply: Reply) -> None:
    with ScriptedServer(reply) as server:
        client = load(server.address)
        started = time.monotonic()
        text(client, stopped=lambda: time.monotonic() - started > 0.3)
        assert time.monotonic() - started < 0.8
        until(lambda: server.gone == 1)


def test_a_server_writes_so_many_answers_at_once_and_no_more() -> None:
    with ScriptedServer(Reply("One two three", pause=0.1)) as server:
        client = load(server.address)
        threads = [threading.Thread(target=text, args=(client,)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(server.chats) == 10
        assert server.most == generate.PLACES


# The queue


def until(happened: object, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_turns_come_in_order_and_those_who_leave_are_passed_over() -> None:
    turns, order, gone = Turns(1), [], threading.Event()
    assert turns.take(60, lambda: False)

    def wait(n: int) -> None:
        if turns.take(60, gone.is_set if n % 3 == 0 else lambda: False):
            order.append(n)
            time.sleep(0.002)
            turns.leave()

    threads = []
    for n in range(12):
        threads.append(threading.Thread(target=wait, args=(n,)))
        threads[-1].start()
        until(lambda waiting=n + 1: len(turns._waiting) == waiting)
    gone.set()
    until(lambda: len(turns._waiting) == 8)
    turns.leave()
    for thread in threads:
        thread.join(10)
    assert order == [n for n in range(12) if n % 3]
    assert turns.take(60, lambda: False)


def test_the_wait_for_a_turn_has_an_end() -> None:
    turns = Turns(1)
    assert turns.take(0.1, lambda: False)
    with pytest.raises(ModelError, match="busy"):
        turns.take(0.1, lambda: False)
    turns.leave()
    assert turns.take(0.1, lambda: True)


def test_a_turn_that_comes_as_the_reader_goes_is_passed_on() -> None:
    turns = Turns(1)
    assert turns.take(60, lambda: False)

    def stopped() -> bool:
        turns.leave()
        return True

    assert not turns.take(60, stopped)
    assert turns.take(60, lambda: True)


def test_turns_are_never_lost_nor_doubled() -> None:
    turns, lock, now, most = Turns(3), threading.Lock(), [0], [0]

    def read(n: int) -> None:
        for k in range(20):
            started = time.monotonic()
            if turns.take(60, lambda s=started, k=k: (n + k) % 3 == 0 and time.monotonic() > s):
                with lock:
                    now[0] += 1
                    most[0] = max(most[0], now[0])
                time.sleep(0.001)
                with lock:
                    now[0] -= 1
                turns.leave()

    threads = [threading.Thread(target=read, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most[0] == 3
    assert turns._free == 3


# A hub


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


# The estimate


@pytest.mark.parametrize(
    "said",
    [
        "All human beings are born free and equal in dignity and rights.",
        "On 23 October 1991, 18 countries signed; 22,000 people (4.5%) came home by 1993-05-28.",
        "មនុស្សទាំងអស់ កើតមកមានសេរីភាព និងសមភាព ក្នុងផ្នែកសេចក្ដីថ្លៃថ្នូរនិងសិទ្ធិ។",
        "تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔",
        "\ud800",
        "",
    ],
    ids=["English", "figures", "Khmer", "Urdu", "half a letter", "nothing"],
)
def test_the_estimate_is_not_below_the_words_and_not_above_the_bytes(said: str) -> None:
    size = len(said.encode("utf-8", "surrogatepass"))
    assert len(re.findall(r"\w+|[^\w\s]", said)) <= estimated_tokens(said) <= size


# A real model

REAL = os.environ.get("BYLINE_TEST_MODEL", "")


@pytest.mark.skipif(not REAL, reason="BYLINE_TEST_MODEL names no model")
def test_a_real_model_answers() -> None:
    client = load(REAL, timeout=300)
    asked = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
    assert "Paris" in "".join(client.write(asked, 10))
    assert "".join(client.write(asked, 10, grammar=LABELS)) in ("[1]", "[2]")
    said = "Prime Minister Hun Sen spoke in Phnom Penh on 2 March 2017."
    assert client.count_tokens(said) <= estimated_tokens(said)
