"""The page over an archive in a store: a newer snapshot, a store that is away, and is back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from handlers import ask

from rag import Archive, Article, AskSettings
from rag.chat import service
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.errors import StoreError
from rag.web.desk import Desk
from rag.wording import ENGLISH

T = TypeVar("T")
PROGRAM = os.environ.get("BYLINE_MILVUS_SERVER", "")
RAID = Article("Police in Kratie held 312 people. The river rose.", "Raid", "raid", "The Post")
FLOOD = Article("A flood came to Takeo on Friday.", "Flood", "flood")
QUESTION = "How many people did police in Kratie hold?"
AWAY = ENGLISH.catalogue["notes"]["store_away"]


@pytest.fixture
def desk(built: Archive, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The page, which looks for a newer snapshot at every question."""
    monkeypatch.setattr(service, "LOOK_EVERY", 0.0)
    return Desk(Sessions(Service(lambda _: built, propose=False)))


@pytest.fixture
def built(address, fake_encoder) -> Archive:
    where = address()
    Archive.build([RAID], where, encoder=fake_encoder)
    return Archive.open(where, AskSettings(reader="", threshold=0), fake_encoder)


def test_the_page_takes_up_a_newer_snapshot(desk, built, fake_encoder):
    assert "312" in ask(desk, QUESTION)[0]
    Archive.open(str(built.index.place), encoder=fake_encoder).add([FLOOD])
    assert "Takeo" in ask(desk, "Where did a flood come on Friday?")[0]


def test_the_page_says_that_the_store_is_away_and_answers_when_it_is_back(
    desk, built, fake_encoder
):
    place = built.index.place
    if not hasattr(place, "address"):
        pytest.skip("a folder is never away")
    collection = built.index.manifest.vectors["collection"]
    assert "312" in ask(desk, QUESTION)[0]
    place._engine(lambda client: client.drop_alias(place.address.name))
    place._engine.drop(collection)
    talk = ask(desk, QUESTION)[0]
    assert AWAY in talk
    assert str(place) not in talk
    Archive.build([RAID, FLOOD], str(place), encoder=fake_encoder)
    assert "312" in ask(desk, QUESTION)[0]


@pytest.mark.process
def test_a_store_in_another_program_says_so(tmp_path, fake_encoder):
    where = str(tmp_path / "x.db")
    code = (
        "import sys, time, milvus_lite.db as db; one = db.MilvusLite(sys.argv[1]);"
        " print(1, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, where]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout.readline() == b"1\n"
            with pytest.raises(StoreError, match="open in another program"):
                Archive.build([RAID], where, encoder=fake_encoder)
        finally:
            other.kill()
    Archive.build([RAID], where, encoder=fake_encoder)


# A server that is stopped and started


class Server:
    """A server of Milvus on a port and in a folder of its own. (Two of the package's on one machine
    are in each other's way: their etcd has one port.)"""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        parts = "rootCoord proxy queryCoord queryNode indexNode dataCoord dataNode".split()
        here = [word for part in parts for word in ("--extra-config", f"{part}.ip=127.0.0.1")]
        self._command = [
            PROGRAM,
            "--data",
            str(folder),
            "--proxy-port",
            str(self.port),
            *here,
            *options,
        ]
        self.address = f"milvus+http://127.0.0.1:{self.port}/news"
        self.start()

    def start(self) -> None:
        """Start it, once its port is free: after a kill the system keeps it for a minute, and the
        program would take another."""
        while True:
            with socket.socket() as taken, contextlib.suppress(OSError):
                taken.bind(("127.0.0.1", self.port))
                break
            time.sleep(1)
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, start_new_session=True
        )
        end = time.monotonic() + 180
        while not self._listens():
            assert time.monotonic() < end, "the server does not start; does another run here?"
            time.sleep(1)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def signal(self, number: int) -> None:
        os.killpg(self._process.pid, number)

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    if not PROGRAM:
        pytest.skip("BYLINE_MILVUS_SERVER names no program")
    options = getattr(request, "param", ())
    running = Server(tmp_path / "milvus", *options)
    yield running
    running.stop()
    shutil.rmtree(tmp_path / "milvus", ignore_errors=True)


def eventually(work: Callable[[], T], seconds: float = 180) -> T:
    """The result, as soon as there is one: a server that starts loads its collections first."""
    end = time.monotonic() + seconds
    while True:
        try:
            return work()
        except StoreError:
            if time.monotonic() > end:
                raise
            time.sleep(1)


@pytest.mark.process
def test_a_server_that_is_killed_and_started_again(server, fake_encoder, monkeypatch):
    eventually(lambda: Archive.build([RAID], server.address, encoder=fake_encoder))
    settings = AskSettings(reader="", threshold=0)
    archive = Archive.open(server.address, settings, fake_encoder)
    assert "312" in archive.ask(QUESTION).text
    search = archive.index.store.search

    def killed(*given):
        """In the middle of a question."""
        server.stop()
        return search(*given)

    with monkeypatch.context() as patch:
        patch.setattr(archive.index.store, "search", killed)
        with pytest.raises(StoreError, match="does not answer"):
            archive.ask(QUESTION)
    with pytest.raises(StoreError, match="does not answer"):
        archive.add([FLOOD])
    server.start()
    assert "312" in eventually(lambda: archive.ask(QUESTION)).text
    added = archive.add([FLOOD])
    assert added.search("flood in Takeo")[0].passage.article_id == "flood"


@pytest.mark.process
def test_a_server_that_is_slow(server, fake_encoder):
    eventually(lambda: Archive.build([RAID], server.address, encoder=fake_encoder))
    archive = Archive.open(server.address, AskSettings(reader="", threshold=0), fake_encoder)
    server.signal(signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(StoreError, match="does not answer"):
        archive.ask(QUESTION)
    server.signal(signal.SIGCONT)
    assert time.monotonic() - begun < 60
    assert "312" in eventually(lambda: archive.ask(QUESTION)).text


@pytest.mark.process
@pytest.mark.parametrize("server", [("--authorization-enabled", "true")], indirect=True)
def test_a_wrong_password(server, fake_encoder, monkeypatch):
    monkeypatch.setenv("BYLINE_STORE_TOKEN", "root:Milvus")
    assert (
        eventually(lambda: Archive.build([RAID], server.address, encoder=fake_encoder)).check()
        == []
    )
    for wrong in ("", "root:wrong"):
        monkeypatch.setenv("BYLINE_STORE_TOKEN", wrong)
        with pytest.raises(StoreError, match="BYLINE_STORE_TOKEN") as caught:
            Archive.open(server.address, encoder=fake_encoder)
        assert "wrong" not in str(caught.value)
