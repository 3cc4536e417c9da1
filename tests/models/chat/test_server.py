"""Requests to OpenAI-compatible servers, and how their failures are told."""

from __future__ import annotations

import json

import pytest
from asking import ASKED, LABELS, text, until
from scripted import EVENTS, Reply, ScriptedServer

from rag.errors import ModelError
from rag.models.chat import server as servers
from rag.models.chat.client import estimated_tokens
from rag.models.chat.load import load


def test_no_proxy_stands_before_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ScriptedServer("Trains run.") as server:
        assert text(load(server.address)) == "Trains run."


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


def test_a_server_that_is_down_is_told_and_may_come_back() -> None:
    with ScriptedServer("Trains run.") as server:
        client = load(server.address)
    with pytest.raises(ModelError, match="Is it running"):
        text(client)
    with pytest.raises(ModelError, match="Is it running"):
        load(server.base)


@pytest.mark.parametrize(
    "models",
    [
        pytest.param(Reply(raw=b"[]", delay=60), id="sends nothing"),
        pytest.param(Reply(raw=b" " * 2000, pause=0.03, drip=True), id="drips"),
    ],
)
def test_a_server_that_hangs_is_not_waited_for(
    models: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert servers.PATIENCE <= 5
    monkeypatch.setattr(servers, "PATIENCE", 0.3)
    with ScriptedServer(models=models) as server:
        with pytest.raises(ModelError, match="could not be reached"):
            load(server.base)
        until(lambda: server.gone == 1)


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
