"""An upload, and the making of its archive, killed at any moment: nothing is lost or half made.

`BYLINE_KILLS` is how often; the default is for a suite that is run often.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag import Archive
from rag.chat.library import Library, Maker

KILLS = int(os.environ.get("BYLINE_KILLS", "4"))
ROOT = Path(__file__).parents[3]
FILES = 40
# Uploads files to an archive in blocks, and makes it.
_UPLOAD = """
import sys
from pathlib import Path

from rag.chat.library import Expected, Library, Maker
from test_upload_killed import FILES, text

home, round = Path(sys.argv[1]), int(sys.argv[2])
maker = Maker()
library = Library(home, maker)
archive = library.entries()[0].id if round else library.create("Kampot")
print("ready", flush=True)
data = [text(round, n).encode() for n in range(FILES)]
incoming = library.receive(archive, Expected(len(data), sum(map(len, data))))
for n, one in enumerate(data):
    with incoming.file(f"{round}/{n}.txt") as write:
        for start in range(0, len(one), 100):
            write(one[start : start + 100])
library.received(archive)
job = maker.wait(library.entry(archive).index)
assert job.state == "done", job.failure
maker.close()
"""


def text(round: int, n: int) -> str:
    words = [f"word{random.Random(n).randrange(900)}" for _ in range(200)]
    return f"Story {n} of day {round}\n\n" + " ".join(words) + f" ends {round} {n}.\n"


def started(home: Path, round: int) -> subprocess.Popen[str]:
    path = os.pathsep.join(map(str, (ROOT, Path(__file__).parent)))
    child = subprocess.Popen(
        [sys.executable, "-c", _UPLOAD, str(home), str(round)],
        env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.models
@pytest.mark.process
def test_an_upload_killed_at_random_moments(tmp_path):
    home, chance = tmp_path / "library", random.Random(KILLS)
    start = time.monotonic()
    assert started(home, 0).wait() == 0
    took = time.monotonic() - start
    (index,) = home.glob("*/index")
    folder = index.parent
    there = {article.id for article in Archive.open(index).articles()}
    assert len(there) == FILES
    for kill in range(1, KILLS + 1):
        child = started(home, kill)
        time.sleep(chance.uniform(0, took))
        child.send_signal(signal.SIGKILL)
        child.wait()
        again = Library(home, Maker())
        entry = again.entry(folder.name)
        taken = list((folder / "files").rglob("*.txt"))
        again.close()
        assert len(taken) % FILES == 0  # All of an upload, or nothing of it.
        for file in taken:
            round, n = int(file.parent.name), int(file.stem)
            assert file.read_text() == text(round, n)
        assert not (folder / "incoming").exists()
        assert not (folder / "taking.json").exists()
        assert entry.can_be_asked
        opened = Archive.open(index)
        assert opened.check() == []
        now = {article.id for article in opened.articles()}
        assert there <= now
        assert len(now) % FILES == 0
        there = now
    last = Library(home, Maker())
    last.make(folder.name)
    assert last._maker.wait(index, seconds=3600).state == "done"  # All files of all uploads.
    assert len(list(Archive.open(index).articles())) == len(taken)
    last.close()
