"""Nothing leaves the machine: reading, indexing, asking and the chat's handlers open no connection.

A process of its own watches Python's audit events for names looked up and addresses connected to,
and refuses them. It first proves that it would notice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

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
        address = arguments[1]
        away = isinstance(address, tuple) and not is_local(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        away = not is_local(arguments[0])
    else:
        return
    if away:
        seen.append((event, arguments[-1]))
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
from rag.conversation import Conversation
from rag.service import Service
from rag.types import Filters
import app
home = pathlib.Path(sys.argv[1])
archive = Archive.build([Article("Police held 312 people.")], home / "index")
service = Service(lambda progress: archive)
named = lambda **fields: type("Named", (), fields)
visitor = named(session_hash="visitor", client=named(host="127.0.0.1"), headers={})
events = {event.api_name: event.fn for event in app.layout(service).fns.values()}
answer = events["ask"]("How many people did police hold?", visitor)
assert events["search"]("police", visitor)
assert events["article"](answer["hits"][0]["passage"]["article_id"])
desk = app.Desk(service)
page = desk.begin(named(language="km", search="", kept="", filters=""), visitor)
assert "<details" in page[app._PARTS.index("filters")]
asking = [app.QUOTES, "km", Conversation(), Filters(), "archive", False, visitor]
told = list(desk.reply("Who was held?", *asking))
assert len(told) == 2
session = told[-1][4]
(home / "own.txt").write_text("Own title\\n\\nThe ferry sank with 21 people.")
quiet = lambda *_, **__: None
added = desk.add([str(home / "own.txt")], "km", Filters(), "archive", visitor, quiet)
assert added[-1] == "both" and not (home / "own.txt").exists()
asking[4] = "both"
assert len(list(desk.reply("How many people sank with the ferry?", *asking))) == 2
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
