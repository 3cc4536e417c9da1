"""What visitors send leaves no trace on the disk, however the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rag.chat import private
from rag.chat.private import PrivateFolder, sweep

pytestmark = pytest.mark.process

_HOLDER = """
import sys, tempfile, time
tempfile.tempdir = sys.argv[1]
from rag.chat.private import PrivateFolder
folder = PrivateFolder()
(folder.path / "secret.txt").write_text("secret")
print("there", flush=True)
time.sleep(600)
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    """A process that has a document of somebody's."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(private.__file__).parents[2])},
    )
    assert process.stdout
    assert process.stdout.readline() == "there\n"
    return process


def until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while any(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(folder.iterdir()) == []


def test_folders_share_one_that_goes_with_the_last(temporary: Path) -> None:
    one, two = PrivateFolder(), PrivateFolder()
    (shared,) = temporary.iterdir()
    assert {one.path.parent, two.path.parent} == {shared}
    if os.name != "nt":
        assert shared.stat().st_mode & 0o077 == 0
    (one.path / "a").write_text("a")
    one.close()
    one.close()
    assert not one.path.exists()
    assert two.path.is_dir()
    del two  # As when nobody closes it.
    assert list(temporary.iterdir()) == []


def test_nothing_outlasts_a_process_that_is_killed(temporary: Path) -> None:
    process = holder(temporary)
    assert [path.name for path in temporary.rglob("*.txt")] == ["secret.txt"]
    process.kill()
    process.wait()
    until_gone(temporary)


@pytest.mark.skipif(sys.platform != "linux", reason="which processes it started is in /proc")
def test_what_is_killed_with_all_that_it_started_is_swept_at_the_next_start(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = holder(temporary)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    guards = [int(pid) for pid in children.split()]
    sweep()
    assert any(temporary.iterdir())  # It is in use.
    for pid in (*guards, process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    assert [path.name for path in temporary.rglob("*.txt")] == ["secret.txt"]
    sweep()
    assert list(temporary.iterdir()) == []


def test_only_what_is_its_own_is_swept(temporary: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".lock").write_text("")
    (elsewhere / "kept.txt").write_text("kept")
    (temporary / "byline-private-foreign").mkdir()
    (temporary / "byline-private-foreign" / "kept.txt").write_text("kept")
    (temporary / "byline-private-file").write_text("kept")
    if os.name != "nt":
        (temporary / "byline-private-link").symlink_to(elsewhere)
    mine = PrivateFolder()
    before = sorted(path for path in temporary.rglob("*"))
    sweep()
    assert sorted(path for path in temporary.rglob("*")) == before
    assert (elsewhere / "kept.txt").is_file()
    mine.close()


def test_a_folder_is_made_where_temporary_ones_are(temporary: Path) -> None:
    made = PrivateFolder()
    assert Path(tempfile.gettempdir()) in made.path.parents
    made.close()
