"""What visitors send leaves no trace on the disk, however the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from planted import KINDS, _dangling, _folder_link, _link, state

from rag.chat import own_folder, private
from rag.chat.private import PrivateFolder, sweep

LINKS = (_link, _folder_link, _dangling)
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


def killed(temporary: Path) -> Path:
    """The folder of a process that was killed with all that it started."""
    process = holder(temporary)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    for pid in (*map(int, children.split()), process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    (folder,) = temporary.glob("byline-private-*")
    return folder


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="which processes it started is in /proc")


@pytest.mark.parametrize("kind", KINDS)
def test_what_others_put_beside_visitors_files_stays(
    temporary: Path, tmp_path: Path, kind: Callable[[Path, Path], None]
) -> None:
    outside = letters(tmp_path)
    one = PrivateFolder()
    shared = one.path.parent
    names = ("mine", "visitor-mine") if kind in LINKS else ("mine",)
    for name in names:
        kind(shared / name, outside)
    before = {name: state(shared / name) for name in names}
    one.close()
    assert {path.name: state(path) for path in shared.iterdir()} == before
    assert (outside / "letters.txt").read_text() == "letters"


@LINUX
@pytest.mark.parametrize("kind", KINDS)
def test_what_others_put_beside_them_is_not_swept(
    temporary: Path, tmp_path: Path, kind: Callable[[Path, Path], None]
) -> None:
    outside, shared = letters(tmp_path), killed(temporary)
    kind(shared / "mine", outside)
    before = state(shared / "mine")
    sweep()
    assert {path.name: state(path) for path in shared.iterdir()} == {"mine": before}
    assert (outside / "letters.txt").read_text() == "letters"


@LINUX
def test_the_process_beside_this_one_removes_only_what_is_its_own(temporary: Path) -> None:
    process = holder(temporary)
    (shared,) = temporary.iterdir()
    (shared / "mine").write_text("mine")
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    while len(list(shared.iterdir())) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [path.name for path in shared.iterdir()] == ["mine"]


def test_a_folder_of_others_with_such_a_name_is_not_swept(temporary: Path, tmp_path: Path) -> None:
    """Not one that looks alike, and none behind a link."""
    elsewhere = tmp_path / "elsewhere"
    for folder, mark in ((elsewhere, own_folder.MARK), (temporary / "byline-private-alike", "x")):
        (folder / "visitor-1").mkdir(parents=True)
        (folder / "visitor-1" / "kept.txt").write_text("kept")
        (folder / ".lock").write_text("")
        (folder / mark).write_text(own_folder._SAYS)
    (temporary / "byline-private-other-mark").mkdir()
    (temporary / "byline-private-other-mark" / own_folder.MARK).write_text("another mark")
    (temporary / "byline-private-file").write_text("kept")
    if os.name != "nt":
        (temporary / "byline-private-link").symlink_to(elsewhere)
        (temporary / "byline-private-marked").mkdir()
        (temporary / "byline-private-marked" / own_folder.MARK).symlink_to(
            elsewhere / own_folder.MARK
        )
        letter = letters(tmp_path) / "letters.txt"
        locked = temporary / "byline-private-locked"
        locked.mkdir()
        own_folder.mark(locked)
        (locked / ".lock").symlink_to(letter)  # Locking would empty it.
    mine = PrivateFolder()
    before = sorted(path for folder in (temporary, elsewhere) for path in folder.rglob("*"))
    sweep()
    after = sorted(path for folder in (temporary, elsewhere) for path in folder.rglob("*"))
    assert after == before
    mine.close()
    if os.name != "nt":
        assert letter.read_text() == "letters"


def letters(folder: Path) -> Path:
    """A folder of somebody's, to which links lead."""
    outside = folder / "outside"
    outside.mkdir()
    (outside / "letters.txt").write_text("letters")
    return outside


def test_a_folder_is_made_where_temporary_ones_are(temporary: Path) -> None:
    made = PrivateFolder()
    assert Path(tempfile.gettempdir()) in made.path.parents
    made.close()
