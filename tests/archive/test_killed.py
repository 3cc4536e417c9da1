"""Killed at random moments of an add, a removal or a rollback, an index answers as before or after
it, and what was removed does not come back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Archive, Article
from rag.index import snapshot

ROOT = Path(__file__).parents[2]
TRIES = int(os.environ.get("BYLINE_KILLS", "4"))
"""Moments at which each change is killed; 17 of each make about fifty."""
PHRASE = "xylomarb"
SECRET = Article(f"The mayor owned a {PHRASE} in Kep.", "Kep", "secret")
FILLING = [Article(f"Story {n} tells of the river. " * 9, f"{n}", f"{n:03}") for n in range(150)]
MORE = Article("A flood came to Takeo.", "Flood", "flood")

# One process imports everything; each try is a child of it, so that what is killed is the change.
_DIE = """
import os, random, shutil, signal, sys, time
from pathlib import Path

work, change, tries, *places = sys.argv[1:]
sys.path[:0] = places
from fakes import FakeEncoder
from test_killed import MORE
from rag import Archive

def run(home):
    if change == "rollback":
        Archive.rollback(home)
    else:
        archive = Archive.open(home, encoder=FakeEncoder())
        archive.add([MORE]) if change == "add" else archive.remove(["secret"])

def started(home):
    child = os.fork()
    if not child:
        try:
            run(home)
        finally:
            os._exit(0)
    return child

base = Path(work) / "base"
whole = Path(work) / "whole"
shutil.copytree(base, whole)
begun = time.monotonic()
os.waitpid(started(whole), 0)
took = time.monotonic() - begun
chance = random.Random(change)
for number in range(int(tries)):
    home = Path(work) / f"try-{number}"
    shutil.copytree(base, home)
    child = started(home)
    time.sleep(chance.uniform(0, 1.1 * took))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.process
@pytest.mark.parametrize("change", ["add", "remove", "rollback"])
def test_a_change_killed_at_any_moment_is_made_or_not(tmp_path, fake_encoder, change):
    base = tmp_path / "base"
    Archive.build([SECRET, *FILLING[:100]], base, encoder=fake_encoder)
    before = Archive.build([SECRET, *FILLING], base, encoder=fake_encoder)
    places = (ROOT, ROOT / "tests", Path(__file__).parent)
    command = [sys.executable, "-c", _DIE, tmp_path, change, str(TRIES), *places]
    subprocess.run(command, check=True, timeout=300)
    after = Archive.open(tmp_path / "whole", encoder=fake_encoder)
    states = [_ids(before), _ids(after)]
    assert states[0] != states[1]
    for home in sorted(tmp_path.glob("try-*")):
        archive = Archive.open(home, encoder=fake_encoder)
        assert _ids(archive) in states
        assert archive.check() == []
        made = _ids(archive) == states[1]
        if change == "remove" and made:
            archive.remove(["secret"])  # Sweeps what was left, and changes nothing else.
            assert not any(
                PHRASE.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file()
            )
            assert "secret" not in _ids(Archive.rollback(home))
            again = Archive.build([SECRET, *FILLING], home, encoder=fake_encoder)
            assert "secret" not in _ids(again)
        if change == "rollback":
            assert _ids(Archive.rollback(home)) == states[not made]
        if change == "add":
            assert "flood" in _ids(archive.add([MORE]))
        assert {path.name for path in home.iterdir()} == {"CURRENT", "snapshots", ".lock"}
        kept = snapshot.earlier(home)
        there = {path.name for path in (home / "snapshots").iterdir()}
        if change != "rollback" and (made or change == "add"):
            assert there == {snapshot.in_force(home), kept[0].name}
        shutil.rmtree(home)


def _ids(archive: Archive) -> list[str]:
    return [article.id for article in archive.articles()]
