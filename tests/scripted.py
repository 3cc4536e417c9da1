"""An OpenAI-compatible server on loopback that answers, or fails, as a test tells it to.

with ScriptedServer("Trains run again [1].") as server:
    client = load(server.address)
"""

from __future__ import annotations

import json
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeAlias

EVENTS = "text/event-stream"


@dataclass(frozen=True)
class Reply:
    """How a question is answered: `text` in `pieces`, its words unless given, as a stream.

    `delay` and `pause`: seconds before the reply begins, and after each piece. `then`: what comes
    after the last piece: "end", "hang" (nothing more, until the client goes), or "die" (the
    connection is cut). `stream` False: one JSON body. `raw`: bytes sent in place of everything,
    under `status` and `kind`; `drip` sends them one by one, `pause` between them.
    """

    text: str = ""
    pieces: Sequence[str] = ()
    delay: float = 0.0
    pause: float = 0.0
    then: str = "end"
    stream: bool = True
    raw: bytes | None = None
    drip: bool = False
    status: int = 200
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)


Scripted: TypeAlias = str | Reply
Replies: TypeAlias = Scripted | Sequence[Scripted] | Callable[[dict[str, Any]], Scripted]


@dataclass(frozen=True)
class Request:
    """What the server was asked: `path`, and the JSON `body`, None without one."""

    path: str
    headers: dict[str, str]
    body: Any


class ScriptedServer:
    """Speaks /v1/models and /v1/chat/completions; a context manager.

    `replies`: the one for every question; a list, taken in order, of which the last one stays;
    or a function from a request's body. `llama`: the context that it says it has as llama.cpp's
    server does, with /props and with /tokenize (a token a word); 0 for a server of another kind.
    `key`: what it wants as a key. `models`: rows of /v1/models, or what it sends there instead.
    `requests` are recorded; `gone` counts the clients that hung up before their answer's end;
    `most` is how many answers were written at once.
    """

    def __init__(
        self,
        replies: Replies = "",
        *,
        llama: int = 0,
        key: str = "",
        models: Sequence[dict[str, Any]] | Reply = ({"id": "scripted"},),
    ) -> None:
        self.requests: list[Request] = []
        self.gone = self.most = 0
        self._replies, self._llama, self._key, self._models = replies, llama, key, models
        self._asked = self._now = 0
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True

    @property
    def address(self) -> str:
        """What `--model` takes: the server's address, and its model's name."""
        return f"{self.base}#scripted"

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def chats(self) -> list[Any]:
        """The bodies of the questions."""
        return [asked.body for asked in self.requests if asked.path == "/v1/chat/completions"]

    def __enter__(self) -> ScriptedServer:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, to: _Handler, request: Request) -> None:
        """Answer one request, as long as the client waits for it."""
        self.requests.append(request)
        try:
            self._answer(to, request)
        except OSError:
            with self._lock:
                self.gone += 1

    def _answer(self, to: _Handler, request: Request) -> None:
        if self._key and request.headers.get("authorization") != f"Bearer {self._key}":
            to.send(Reply(raw=b'{"error": {"message": "Invalid API Key"}}', status=401))
        elif request.path == "/v1/models":
            rows = self._models
            to.send(rows if isinstance(rows, Reply) else _json({"object": "list", "data": rows}))
        elif request.path == "/props" and self._llama:
            to.send(_json({"default_generation_settings": {"n_ctx": self._llama}}))
        elif request.path == "/tokenize" and self._llama:
            to.send(_json({"tokens": [0] * len(request.body["content"].split())}))
        elif request.path == "/v1/chat/completions":
            self._chat(to, request.body)
        else:
            to.send(Reply(raw=b'{"error": {"message": "not found"}}', status=404))

    def _chat(self, to: _Handler, body: dict[str, Any]) -> None:
        with self._lock:
            said = self._replies
            if callable(said):
                reply = said(body)
            elif isinstance(said, str | Reply):
                reply = said
            else:
                reply = said[min(self._asked, len(said) - 1)]
            self._asked += 1
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            to.send(Reply(reply) if isinstance(reply, str) else reply)
        finally:
            with self._lock:
                self._now -= 1

    def wait(self, seconds: float, client: socket.socket) -> None:
        """Sleep; OSError as soon as the client has gone or the server closes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._closing.is_set():
                raise OSError("the server closes")
            readable, _, _ = select.select([client], [], [], min(left, 0.02))
            if readable and not client.recv(1, socket.MSG_PEEK):
                raise OSError("the client has gone")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    scripted: ScriptedServer

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.close_connection = True
        self.scripted.answer(self, Request(self.path, headers, body))

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""

    def send(self, reply: Reply) -> None:
        """Send a reply. Raises OSError when the client has gone."""
        self.scripted.wait(reply.delay, self.connection)
        plain = reply.raw is not None or not reply.stream
        self.send_response(reply.status)
        kind = "application/json" if plain else EVENTS
        self.send_header("Content-Type", reply.kind or kind)
        self.send_header("Connection", "close")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if not plain:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if reply.raw is not None:
            step = 1 if reply.drip else max(1, len(reply.raw))
            for start in range(0, len(reply.raw), step):
                self._put(reply.raw[start : start + step], reply.pause)
        elif not reply.stream:
            message = {"role": "assistant", "content": reply.text}
            self._put(json.dumps(_choice("message", message, "stop")).encode(), 0)
        else:
            for piece in reply.pieces or re.findall(r"\s*\S+", reply.text):
                self._chunk(json.dumps(_choice("delta", {"content": piece})), reply.pause)
            if reply.then == "end":
                self._chunk(json.dumps(_choice("delta", {}, "stop")), 0)
                self._chunk("[DONE]", 0)
                self._put(b"0\r\n\r\n", 0)
            elif reply.then == "hang":
                self.scripted.wait(600, self.connection)

    def _chunk(self, event: str, pause: float) -> None:
        data = f"data: {event}\n\n".encode()
        self._put(f"{len(data):x}\r\n".encode() + data + b"\r\n", pause)

    def _put(self, data: bytes, pause: float) -> None:
        self.wfile.write(data)
        self.wfile.flush()
        self.scripted.wait(pause, self.connection)


def _handler(server: ScriptedServer) -> type[_Handler]:
    return type("Handler", (_Handler,), {"scripted": server})


def _json(value: object) -> Reply:
    return Reply(raw=json.dumps(value).encode())


def _choice(kind: str, message: dict[str, str], finish: str | None = None) -> dict[str, object]:
    return {"choices": [{"index": 0, kind: message, "finish_reason": finish}]}
