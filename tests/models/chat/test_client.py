"""The chat-model client, against llama.cpp with a tiny model, and against servers that fail."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import time
from pathlib import Path

import pytest
from asking import ASKED, LABELS, Clock, text, until
from scripted import EVENTS, Reply, ScriptedServer

from rag.errors import ModelError
from rag.models.chat.client import PLACES, ChatClient, estimated_tokens
from rag.models.chat.load import load
from rag.models.chat.local import serve
from rag.models.chat.server import Server


@pytest.fixture(params=["in process", "over the OpenAI API"])
def model(request: pytest.FixtureRequest, tiny: Path) -> ChatClient:
    """The tiny model, reached in both ways; the second server runs only when asked for."""
    if request.param == "in process":
        return load(str(tiny), timeout=60)
    return load(request.getfixturevalue("tiny_server"), timeout=60)


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
    started = time.monotonic()
    assert len(list(model.write(ASKED, 800))) == 800
    whole, started = time.monotonic() - started, time.monotonic()
    for _ in range(5):
        pieces = model.write(ASKED, 800)
        next(pieces)
        pieces.close()
    assert text(model, grammar=LABELS) in ("[1]", "[2]")
    assert time.monotonic() - started < 2 * whole


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
    clock = Clock()
    client = ChatClient(serve(tiny, 8192), context_tokens=8192, timeout=5, clock=clock)
    pieces = client.write(ASKED, 8000)
    next(pieces)
    clock.now = 5.1
    with pytest.raises(ModelError, match=r"within 5 seconds.*more time"):
        list(pieces)
    assert len(text(client, max_tokens=3)) == 3


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


def test_pieces_before_the_failure_stand() -> None:
    with ScriptedServer(Reply("One two", then="die")) as server:
        pieces = load(server.address).write(ASKED, 20)
        assert next(pieces) == "One"
        assert next(pieces) == " two"
        with pytest.raises(ModelError):
            next(pieces)


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
        clock = Clock()
        client = ChatClient(Server(server.base, "It", ""), timeout=5, clock=clock)
        with pytest.raises(ModelError, match=r"within 5 seconds"):
            text(client, max_tokens=1000, stopped=clock.tick)
        assert clock.now >= 5
        until(lambda: server.gone == 1)


@pytest.mark.parametrize(
    "reply",
    [Reply("Never.", delay=60), Reply("One", then="hang")],
    ids=["before the first word", "within the answer"],
)
def test_a_reader_who_stops_is_let_go_and_the_server_told(reply: Reply) -> None:
    with ScriptedServer(reply) as server:
        client, clock = load(server.address), Clock()
        text(client, stopped=lambda: clock.tick() or (clock.now > 5 and bool(server.chats)))
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
        assert server.most == PLACES


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
