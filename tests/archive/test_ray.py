"""A build on a real Ray cluster: a head and a second raylet, which joins by address."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import pytest
from ray.exceptions import RayTaskError

from rag import Archive, read_articles
from rag.archive.cluster import connection, stages
from rag.errors import ClusterError, EncoderError
from rag.index.journal import Journal, digest_of
from rag.index.manifest import EncoderFacts
from rag.models import loaded
from rag.protocols import TextEncoder

pytestmark = [pytest.mark.models, pytest.mark.process]

ROOT = Path(__file__).parents[2]
SECONDS = 400
"""What anything here may take on a machine that does much else."""
JOURNAL = "vectors.journal"
# Reads, cuts and embeds, and builds nothing of it, so that the journal stays.
EMBED = """
import sys
from pathlib import Path
from rag import BuildSettings, read_articles
from rag.archive import cluster
from rag.models import loaded

if __name__ == "__main__":
    settings = BuildSettings()
    encoder = loaded.load_encoder(settings.encoder, settings.precision)
    path, home, address = sys.argv[1:]
    with cluster.embedded(
        read_articles(path), Path(home), None, encoder, settings, address
    ) as articles:
        count = len(list(articles))
    print(count)
"""


class Cluster(NamedTuple):
    """A head and a second raylet of one CPU each, what processes need to join, and their folder."""

    address: str
    head: psutil.Process
    second: psutil.Process
    environment: dict[str, str]

    def workers(self) -> list[psutil.Process]:
        """The processes that embed, those of the head first."""
        found = []
        for node in (self.head, self.second):
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [one for one in node.children(recursive=True) if _embeds(one)]
        return found


def _embeds(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):  # As what just ended is.
        return "Encode" in " ".join(process.cmdline())
    return False


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _until(what: Callable[[], object], said: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """The cluster, with a token. Its processes are ended one by one, by their ids."""
    folder = tmp_path_factory.mktemp("ray")
    (folder / "token").write_text(secrets.token_hex(16))
    environment = {
        **os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(folder / "token"),
        "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HOME": str(folder),
        "HF_HUB_OFFLINE": "1", "RAY_worker_register_timeout_seconds": str(SECONDS),
    }  # fmt: skip
    address = f"127.0.0.1:{_port()}"
    started: list[psutil.Process] = []

    def start(*options: str) -> psutil.Process:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block",
                   "--num-cpus=1", "--object-store-memory=100000000", *options]  # fmt: skip
        with (folder / f"out-{len(started)}").open("wb") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        one = psutil.Process(process.pid)
        started.append(one)
        return one

    try:
        # Sockets have short names: the folder of pytest may be too long for them.
        port = address.rpartition(":")[2]
        head = start("--head", f"--port={port}", "--disable-usage-stats", "--dashboard-port=0",
                     "--include-dashboard=false", f"--temp-dir=/tmp/byline-{port}")  # fmt: skip
        out = folder / "out-0"
        _until(lambda: "runtime started" in out.read_text(), out.read_text())
        second = start(f"--address={address}")
        out = folder / "out-1"
        _until(lambda: "runtime started" in out.read_text(), out.read_text())
        yield Cluster(address, head, second, environment)
    finally:
        _end(started)


def _end(started: list[psutil.Process]) -> None:
    """End processes with all that they began."""
    all_of_them = []
    for process in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            all_of_them += [*process.children(recursive=True), process]
    for process in all_of_them:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(all_of_them, timeout=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Articles of many passages, in files of several kinds, one of which cannot be read."""
    folder = tmp_path_factory.mktemp("articles")
    chance = random.Random(0)
    names = [line.split(" ")[0] for line in (ROOT / "README.md").read_text().splitlines() if line]

    def text(sentences: int) -> str:
        return " ".join(
            f"The {chance.choice(names)} council of district {n} said on Monday that "
            f"{chance.randrange(10_000)} people had signed for road {chance.randrange(900)}."
            for n in range(sentences)
        )

    for n in range(48):
        page = f"Roads of district {n}\n\nBy Ann Lee\n\n{text(60)}"
        (folder / f"{n:02}.txt").write_text(page)
    rows = [{"title": f"Row {n}", "text": text(40), "mood": "dry"} for n in range(8)]
    (folder / "rows.jsonl").write_text("\n".join([*map(json.dumps, rows), "broken"]))
    (folder / "twice.txt").write_text((folder / "00.txt").read_text())
    (folder / "empty.txt").write_text("")
    (folder / "metadata.csv").write_text("file,source\n01.txt,The Post\ngone.txt,Nobody\n")
    return folder


@pytest.fixture(scope="module")
def model() -> TextEncoder:
    return loaded.load_encoder("all-MiniLM-L6-v2", "auto")


@pytest.fixture(scope="module")
def local(folder, model, tmp_path_factory) -> Archive:
    """What a build here makes of the articles."""
    home = tmp_path_factory.mktemp("local") / "index"
    return Archive.build(read_articles(folder), home, encoder=model)


def run(*arguments: object, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a Python of its own."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)], env=environment, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a process, and what it said."""
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out + err


def journalled(home: Path, encoder: TextEncoder) -> tuple[int, int]:
    """The records of a journal, and the texts that they are of."""
    with Journal(home, EncoderFacts.of(encoder)) as journal:
        return len(journal), len(set(journal))


def same(one: Archive, other: Archive) -> None:
    """Assert that two indexes hold the same, vectors up to rounding."""
    a, b = one.index.manifest, other.index.manifest
    assert (a.articles_sha256, a.passages, a.encoder) == (b.articles_sha256, b.passages, b.encoder)
    assert one.reading_report() == other.reading_report()
    assert list(one.articles()) == list(other.articles())
    stores = one.index.store, other.index.store
    vectors = [store.take(np.arange(a.passages)) for store in stores]
    np.testing.assert_allclose(*vectors, atol=2e-3)
    spans = [store.passages(range(a.passages)) for store in stores]
    assert spans[0] == spans[1]


def test_killed_driver_worker_and_node(cluster, folder, local, model, tmp_path):
    """What was embedded before stays, what was in hand is embedded by others, nothing twice."""
    home = tmp_path / "index"
    script = tmp_path / "embed.py"
    script.write_text(EMBED)
    texts = local.info()["passages"]
    journal = home / JOURNAL

    def begun(share: float) -> Callable[[], bool]:
        size = share * texts * 4 * model.dimension
        return lambda: journal.exists() and journal.stat().st_size > size

    def embed() -> subprocess.Popen[str]:
        return run(script, folder, home, cluster.address, environment=cluster.environment)

    first = embed()
    _until(lambda: begun(0.02)() or first.poll() is not None, "nothing was embedded")
    assert first.poll() is None, said(first)
    first.kill()
    first.communicate()
    _until(lambda: not cluster.workers(), "the workers of a driver that died live on")
    kept, distinct = journalled(home, model)
    assert 0 < kept < texts

    again = embed()
    share = kept / texts
    _until(lambda: begun(share + 0.05)() or again.poll() is not None, "no more was embedded")
    assert again.poll() is None, said(again)
    cluster.workers()[0].kill()
    _until(lambda: begun(share + 0.1)() or again.poll() is not None, "no more was embedded")
    assert again.poll() is None, said(again)
    on_second = cluster.second.children(recursive=True)
    (raylet,) = (one for one in on_second if one.name() == "raylet")
    raylet.kill()
    out, err = again.communicate(timeout=SECONDS)
    assert again.returncode == 0, err
    assert out.split()[-1] == str(len(list(read_articles(folder))))
    _, alive = psutil.wait_procs(on_second, timeout=60)
    assert alive == []
    _until(lambda: not cluster.workers(), "workers live on after the build")

    records, distinct = journalled(home, model)
    assert records == distinct  # None was embedded twice.
    built = Archive.build(read_articles(folder), home, encoder=model)
    same(built, local)
    assert built.changes().embedded == texts


def test_the_result_is_that_of_a_local_build(cluster, folder, local, tmp_path):
    """On the node that is left, with the command line; and again, with nothing to do."""
    home = tmp_path / "index"
    report = tmp_path / "report.json"
    command = ["-m", "rag", "build", folder, "--index", home, "--ray", cluster.address]
    code, out = said(run(*command, "--report", report, environment=cluster.environment))
    assert code == 0, out
    assert "Indexed 56 articles" in out
    same(Archive.open(home), local)
    assert not (home / JOURNAL).exists()
    (folder / "01.txt").touch()
    code, out = said(run(*command, environment=cluster.environment))
    assert code == 0, out
    assert "No article came, changed or went" in out


def test_an_archive_in_milvus_is_built_on_a_cluster(cluster, folder, local, tmp_path, monkeypatch):
    """With a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    environment = {**cluster.environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = ["-m", "rag", "build", folder, "--store", tmp_path / "x.db", "--ray", cluster.address]
    code, out = said(run(*command, environment=environment))
    assert code == 0, out
    built = Archive.open(tmp_path / "x.db")
    same(built, local)
    assert built.check() == []
    assert not list((tmp_path / "cache").rglob(JOURNAL))


def test_another_token_is_refused(cluster, folder, tmp_path):
    other = {**cluster.environment, "RAY_AUTH_TOKEN": "0" * 32}
    command = ["-m", "rag", "build", folder, "--index", tmp_path / "x", "--ray", cluster.address]
    code, out = said(run(*command, environment=other))
    assert code == 2
    assert "did not let Byline in" in out
    assert "RAY_AUTH_TOKEN_PATH" in out
    assert "Traceback" not in out


def test_articles_that_a_node_cannot_see_are_told(cluster, tmp_path):
    """As on another machine: the build sees a folder that the node, with other rights, does not."""
    script = tmp_path / "hidden.py"
    script.write_text(
        "import sys\n"
        "from rag import read_articles, BuildSettings\n"
        "from rag.ingest.folder import Folder\n"
        "from rag.__main__ import main\n"
        "portion = Folder.portion\n"
        "def elsewhere(self, names):\n"
        "    found = portion(self, names)\n"
        "    found._files = {name: path / 'gone' for name, path in found._files.items()}\n"
        "    return found\n"
        "Folder.portion = elsewhere\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("Held\n\nPolice held 312 people on Sunday.")
    command = [script, "build", tmp_path / "files", "--index", tmp_path / "index"]
    code, out = said(run(*command, "--ray", cluster.address, environment=cluster.environment))
    assert code == 2
    assert "a.txt is here, but not on every node of the cluster" in out


BUSY = """
import sys
import ray
from rag.archive.cluster import run
from rag.archive.cluster.connection import connected
from rag.errors import ClusterError

run._PATIENCE = 1
with connected(sys.argv[1]):
    @ray.remote
    class Other:
        def here(self):
            return True
    cpus = int(ray.cluster_resources()["CPU"])
    others = [Other.options(num_cpus=1).remote() for _ in range(cpus)]
    ray.get([one.here.remote() for one in others])
    try:
        run._room(False)
    except ClusterError as error:
        print(error)
"""


def test_a_busy_cluster_is_told_and_not_waited_for(cluster, tmp_path):
    (tmp_path / "busy.py").write_text(BUSY)
    code, out = said(run(tmp_path / "busy.py", cluster.address, environment=cluster.environment))
    assert code == 0, out
    assert "No node of the cluster has room for a worker" in out


def test_other_versions_are_told(cluster, tmp_path):
    script = tmp_path / "versions.py"
    script.write_text(
        "import sys, ray\nray.__version__ = '2.59.1'\n"
        "from rag.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    command = [script, "build", ROOT / "index" / "articles", "--index", tmp_path / "index"]
    code, out = said(run(*command, "--ray", cluster.address, environment=cluster.environment))
    assert code == 2
    assert "another version of Ray or Python" in out
    assert "2.59.1" in out


def test_interrupted_a_local_cluster_leaves_no_process(folder, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": "/tmp"}
    command = ["-m", "rag", "build", folder, "--index", tmp_path / "index", "--ray", "local"]
    build = run(*command, environment=environment)
    journal = tmp_path / "index" / JOURNAL
    _until(lambda: build.poll() is not None or journal.exists(), "it was not begun")
    begun = psutil.Process(build.pid).children(recursive=True)
    (raylet,) = (one for one in begun if one.name() == "raylet")
    (own,) = {*re.findall(r"/tmp/byline\w+", " ".join(raylet.cmdline()))}
    assert Path(own).stat().st_mode & 0o077 == 0  # Nobody else reads what lies in it.
    build.send_signal(signal.SIGINT)
    code, out = said(build)
    assert code == 130, out
    assert "the index is as it was before" in out
    _, alive = psutil.wait_procs(begun, timeout=60)
    assert alive == []


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:1", "No Ray cluster answers at 127.0.0.1:1"),
        ("nowhere", "Write HOST:PORT"),
        ("ray://127.0.0.1:10001", "Write HOST:PORT"),
        ("127.0.0.1:99999", "No Ray cluster answers"),
    ],
)
def test_an_address_without_a_cluster_is_an_error(address, message):
    with pytest.raises(ClusterError, match=message), connection.connected(address):
        pass


def test_without_ray_the_remedy_is_to_install_it(monkeypatch):
    monkeypatch.setattr(connection.importlib.util, "find_spec", lambda name: None)
    with (
        pytest.raises(ClusterError, match=r"pip install 'byline\[ray\]'"),
        connection.connected("local"),
    ):
        pass


def test_the_keeper_gives_each_text_to_one_worker(tmp_path, model):
    facts = EncoderFacts.of(model)
    keeper = stages.Keeper(tmp_path, facts)
    a, b, c = (digest_of(text) for text in "abc")
    vectors = model.encode_passages(["a", "b"])
    assert keeper.claim([a, b], b"one") == [a, b]
    assert keeper.claim([b, c], b"two") == [c]
    assert keeper.claim([a, b], b"one") == [a, b]  # Its worker died, and another does the same.
    keeper.add([a, b], vectors)
    keeper.add([a, b], vectors)  # As when what was answered is lost, and asked again.
    assert keeper.embedded() == 2
    assert keeper.claim([a, b], b"three") == []
    for _ in range(3):
        assert keeper.claim([c], b"two") == [c]
    with pytest.raises(ClusterError, match="Give the nodes more memory"):
        keeper.claim([c], b"two")
    assert journalled(tmp_path, model) == (2, 2)


def test_a_node_with_another_byline_or_model_is_told(model):
    with pytest.raises(ClusterError, match="another version than here"):
        stages.check_code("other")
    facts = dataclasses.replace(EncoderFacts.of(model), probe=(0.5,) * 8)
    with pytest.raises(EncoderError, match="Use one model on all nodes"):
        stages._same_encoder("all-MiniLM-L6-v2", facts)


def test_what_a_task_raised_is_told_without_its_traceback():
    error = RayTaskError("read", "Traceback of a worker", ClusterError("Install the same."))
    wrapped = error.as_instanceof_cause()
    assert isinstance(wrapped, ClusterError)
    assert str(wrapped) != "Install the same."
    assert str(connection._told(wrapped, "10.0.0.5:6379")) == "Install the same."


def test_known_articles_are_left_out():
    digests = [hashlib.sha256(bytes([n])).digest() for n in range(200)]
    known = stages.Digests(digests[:100])
    assert [one in known for one in digests] == [True] * 100 + [False] * 100
    assert digests[0] not in stages.Digests([])
    assert digests[0].hex() in stages.FileDigests(digests[:1])
    assert digests[1].hex() not in stages.FileDigests(digests[:1])
