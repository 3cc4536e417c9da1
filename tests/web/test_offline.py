"""Nothing leaves the machine: reading, indexing, asking, the chat's handlers and its server open no
connection, whatever a visitor sends.

A process of its own watches Python's audit events for names looked up and addresses connected to,
and refuses them. It first proves that it would notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from threads import apart

from eval.load.visitor import Visitor, read_page
from rag import Archive, Article

pytestmark = [pytest.mark.models, pytest.mark.process]

ROOT = Path(__file__).parents[2]

GUARD = """
import ipaddress, socket, sys

seen = []

def is_local(host):
    if isinstance(host, bytes):
        host = host.decode("latin-1")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", None, "localhost")

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        asked = arguments[1]
        away = isinstance(asked, tuple) and not is_local(asked[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        asked = arguments[0]
        away = not is_local(asked)
    else:
        return
    if away:
        seen.append((event, asked))
        raise OSError("the test keeps this process from the network")

sys.addaudithook(watch)
"""
ATTEMPTS = """
for attempt in (
    lambda: socket.socket().connect(("192.0.2.1", 80)),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53)),
):
    try: attempt()
    except OSError: pass
print([event for event, _ in seen])
"""
LIBRARY = """
from rag import Archive, read_articles
home = sys.argv[1]
Archive.build(read_articles("index/articles"), home)
archive = Archive.open(home)
assert archive.ask("How many people did police in Kratie arrest?").status == "answered"
assert archive.search("ceasefire")
print(seen)
"""
CHAT = """
import pathlib
from rag import Archive, Article
from rag.chat.conversation import Conversation
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.types import Filters
from rag.web.answering import Answering
from rag.web.components import Components
from rag.web.desk import Desk
from rag.web.layout import layout
from rag.web.selection import Selection
home = pathlib.Path(sys.argv[1])
archive = Archive.build([Article("Police held 312 people.")], home / "index")
service = Service(lambda progress: archive)
named = lambda **fields: type("Named", (), fields)
visitor = named(session_hash="visitor", username=None, client=named(host="127.0.0.1"), headers={})
events = {event.api_name: event.fn for event in layout(Sessions(service)).fns.values()}
answer = events["ask"]("How many people did police hold?", visitor)
assert events["search"]("police", visitor)
assert events["article"](answer["hits"][0]["passage"]["article_id"], visitor)
desk = Desk(Sessions(service))
page = desk.begin(named(language="km", search="", kept="", filters=""), visitor)
assert "<details" in page[list(Components.__annotations__).index("filters")]
asking = ["", "km", Conversation(), Filters(), "archive"]
reply = lambda question: list(
    Answering(desk).reply(*asking, named(question=question, alone=False, id=1), visitor)
)
told = reply("Who was held?")
assert len(told) == 2
session = told[-1][3]
(home / "own.txt").write_text("Own title\\n\\nThe ferry sank with 21 people.")
quiet = lambda *_, **__: None
added = Selection(desk).add([str(home / "own.txt")], "km", Filters(), "archive", visitor, quiet)
assert added[-1] == "both" and not (home / "own.txt").exists()
asking[4] = "both"
assert len(reply("How many people sank with the ferry?")) == 2
for what in ("markdown", "all"):
    assert desk.save("km", session, named(what=what), visitor)
service.close()
print(seen)
"""


def watched(script, *arguments):
    """What the guard saw of `script`; nothing tells it to stay offline but our own code."""
    free = {k: v for k, v in os.environ.items() if "OFFLINE" not in k and "ANALYTICS" not in k}
    result = subprocess.run(
        [sys.executable, "-c", GUARD + script, *arguments],
        cwd=ROOT, env=free, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[-1]


def test_the_guard_notices():
    assert watched(ATTEMPTS) == "['socket.connect', 'socket.getaddrinfo', 'socket.sendto']"


@pytest.mark.parametrize("script", [LIBRARY, CHAT], ids=["library", "chat"])
def test_no_connection_is_opened(script, tmp_path):
    assert watched(script, str(tmp_path)) == "[]"


# What a visitor may send to the server

SERVE = """
import json, safehttpx
real = safehttpx.get, safehttpx.async_validate_url
import app
import rag.web.serve
home, without = sys.argv[1:]
if "requests" in without:
    rag.web.serve.LocalFilesOnly = lambda app: app
if "fetching" in without:
    safehttpx.get, safehttpx.async_validate_url = real
app.main(["--index", home, "--port", "0", "--no-examples"])
print(json.dumps([str(details) for _, details in seen]))
"""
WITH_META = {"meta": {"_type": "gradio.FileData"}}
HOST = "example.com"
ROUTES = [
    "/gradio_api/file=http://example.com/x",
    "/gradio_api/file=https://example.com/x",
    "/gradio_api/file=HTTP://EXAMPLE.COM/x",
    "/gradio_api/file=http:/example.com/x",
    "/gradio_api/file=ftp://example.com/x",
    "/gradio_api/file=//example.com/x",
    "/gradio_api/file=%5C%5Cexample.com%5Cx",
    "/gradio_api/file=%20http://example.com/x",
    "/gradio_api/file=%09http://example.com/x",
    "/gradio_api/file=http%3A%2F%2Fexample.com%2Fx",
    "/gradio_api/file=http%253A%252F%252Fexample.com%252Fx",
    "/gradio_api/file=http://huggingface.co/x",
    "/gradio_api/file=http://user@example.com:8080/x",
    "/gradio_api/file=http://192.0.2.1/x",
    "/gradio_api/%66ile=http://example.com/x",
    "/gradio_api//file=http://example.com/x",
    "/gradio_api/file/http://example.com/x",
    "/gradio_api/proxy=https://example.hf.space/x",
    "/gradio_api/proxy=http://example.com/x",
]
FETCHED = [
    {"path": "http://example.com/x.txt"},
    {"path": "https://example.com/x.txt"},
    {"path": "http://huggingface.co/x.txt"},
    {"path": "http://192.0.2.1/x.txt"},
    {"path": "http://example.com/x.txt", "url": "http://example.com/x.txt"},
]
"""File values for which Gradio makes a connection, if it is let."""
NAMED = [
    *FETCHED,
    {"path": "HTTP://example.com/x.txt"},
    {"path": " http://example.com/x.txt"},
    {"path": "http%3A%2F%2Fexample.com/x.txt"},
    {"path": "%" + "25" * 50 + "68ttp://example.com/x.txt"},
    {"path": "ftp://example.com/x.txt"},
    {"path": "//example.com/x.txt"},
    {"path": "x.txt", "url": "http://example.com/x.txt"},
    {"url": "http://example.com/x.txt"},
]


@dataclass
class Server:
    """The real server, without some of what keeps it from the network; `seen` when it has ended."""

    process: subprocess.Popen[str]
    address: str
    seen: list[str] | None = None

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """The status and what is answered; the path is sent as it is."""
        connection = http.client.HTTPConnection(self.address.partition("//")[2].strip("/"))
        sent = None if body is None else json.dumps(body)
        with contextlib.closing(connection):
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read().decode()

    def config(self) -> dict[str, Any]:
        return json.loads(self.request("GET", "/config")[1])

    def run(self, event: dict[str, Any], value: Any, session: str) -> None:
        """Set off an event with a value for each of its inputs, and wait for its end."""
        status, _ = self.request("POST", "/gradio_api/queue/join", join(event, value, session))
        assert status == 200
        assert (
            "process_completed"
            in self.request("GET", f"/gradio_api/queue/data?session_hash={session}")[1]
        )

    def end(self) -> list[str]:
        """The addresses and names beyond this machine that it asked for."""
        if self.seen is None:
            self.process.terminate()
            output, _ = self.process.communicate(timeout=120)
            self.seen = json.loads(output.splitlines()[-1])
        return self.seen


def join(event: dict[str, Any], value: Any, session: str) -> dict[str, Any]:
    return {
        "data": [value] * len(event["inputs"]),
        "event_data": value,
        "fn_index": event["id"],
        "session_hash": session,
    }


@pytest.fixture(scope="module")
def serve(tmp_path_factory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("home")
    Archive.build([Article("Police held 312 people.")], home)
    started = []

    def start(without: str = "") -> Server:
        temporary = tmp_path_factory.mktemp("server")
        log = temporary / "log.txt"
        free = {k: v for k, v in os.environ.items() if "OFFLINE" not in k and "ANALYTICS" not in k}
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", GUARD + SERVE, home, without],
            cwd=ROOT, env=free | {"TMPDIR": str(temporary)}, text=True,
            stdout=subprocess.PIPE, stderr=log.open("w"),
        )  # fmt: skip
        started.append(process)
        for line in process.stdout:
            if found := re.match(r"Byline is at (\S+)", line):
                return Server(process, found[1])
        raise AssertionError(log.read_text())

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def server(serve) -> Iterator[Server]:
    """The whole server, which at its end has asked for nothing beyond this machine."""
    server = serve()
    yield server
    assert server.end() == []


def test_a_server_fetches_nothing_that_a_visitor_names(server):
    for route in ROUTES:
        for method in ("GET", "HEAD"):
            assert 400 <= server.request(method, route)[0] < 500, route
    config = server.config()
    for event in config["dependencies"]:
        for value in NAMED:
            for given in (value, value | WITH_META, [value | WITH_META], {"deep": [value]}):
                body = join(event, given, "somebody")
                calls = [("queue/join", body)]
                calls += [(f"call/{event['api_name']}", body)]
                calls += [
                    (f"call/v2/{event['api_name']}", {"question": given, "article_id": given})
                ]
                for call, sent in calls:
                    status, said = server.request("POST", f"/gradio_api/{call}", sent)
                    assert (status, "other machines" in said) == (403, True), (call, sent)


def test_own_documents_are_still_added(server):

    async def visit() -> str:
        async with Visitor(await read_page(server.address)) as visitor:
            deadline = time.monotonic() + 120
            while "filters" not in visitor.parts and time.monotonic() < deadline:
                async for _ in visitor.set_off("courier", "begin", said={"language": "en"}):
                    pass
            async with httpx.AsyncClient(base_url=server.address, trust_env=False) as client:
                sent = {"files": ("own file 100%.txt", b"The ferry sank with 21 people.")}
                (path,) = (await client.post("/gradio_api/upload", files=sent)).json()
                url = f"{server.address.rstrip('/')}/gradio_api/file={path}"
                got = await client.get("/gradio_api/file=" + path.replace("%", "%25"))
            assert got.text == "The ferry sank with 21 people."
            file = {"path": path, "url": url, "orig_name": "own file 100%.txt"} | WITH_META
            async for _ in visitor.set_off("files", "upload", {"files": [file]}):
                pass
            return str(visitor.parts["documents"])

    assert "1 article of your own" in apart(asyncio.run, visit())


@pytest.mark.parametrize("without", ["requests", "requests, fetching"])
def test_what_gradio_fetches_through_is_closed_too(serve, without):
    """Without that either, each of these requests is seen to ask for an address."""
    server = serve(without)
    config = server.config()
    files = {c["id"] for c in config["components"] if c["type"] in ("file", "textbox", "api")}
    events = [event for event in config["dependencies"] if files & set(event["inputs"])]
    upload = next(event for event in events if "upload" in str(event["targets"]))
    sent = []
    for number, value in enumerate(FETCHED):
        host = f"value{number}.huggingface.co" if "hugging" in value["path"] else "192.0.2.1"
        host = host if HOST not in value["path"] else f"value{number}.{HOST}"
        given = json.loads(re.sub(r"//[^/]+", f"//{host}", json.dumps(value))) | WITH_META
        server.run(upload, [given], f"value{number}")
        sent.append(host)
    for number, event in enumerate(events):
        sent.append(f"event{number}.{HOST}")
        given = {"path": f"http://{sent[-1]}/x.txt"} | WITH_META
        file = "upload" in str(event["targets"])
        server.run(event, [given] if file else given, f"event{number}")
    for number, start in enumerate(("file=http://", "file=https://")):
        sent.append(f"route{number}.{HOST}")
        server.request("GET", f"/gradio_api/{start}{sent[-1]}/x.txt")
    seen = " ".join(server.end())
    assert [host in seen for host in sent] == [("fetching" in without)] * len(sent)
