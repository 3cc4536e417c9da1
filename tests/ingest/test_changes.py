"""Changes of files are noticed, by events or without, and not before they have settled."""

from __future__ import annotations

import shutil
import threading
import time

import pytest
from asking import until

from rag.ingest import changes
from rag.ingest.changes import Listing, changed, listing


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "news"
    (made / "deep").mkdir(parents=True)
    (made / "a.txt").write_text("Rain.")
    return made


@pytest.fixture(params=[True, False], ids=["events", "polling"])
def events(request, monkeypatch):
    """With what the system tells, and without, as on a network share."""
    monkeypatch.setattr(changes, "_SETTLED", 0.1)
    if not request.param:
        monkeypatch.setattr(changes._Handler, "_set", lambda *_: None)
        for name in ("on_created", "on_modified", "on_moved", "on_deleted"):
            monkeypatch.setattr(changes._Handler, name, lambda *_: None)
    return request.param


class Waiting:
    """Waits for a change in a thread of its own."""

    def __init__(self, paths, every, again=False):
        self.found: list[Listing] = []
        self._told = (paths, listing(paths), every, again)
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self):
        self.found.append(changed(*self._told))


def names(found):
    return {path.rpartition("/")[2] for path, _, _ in found.files}


@pytest.mark.parametrize("what", ["new", "written", "removed", "moved", "deep", "metadata"])
def test_a_change_is_noticed(folder, events, what):
    waiting = Waiting([str(folder)], 60 if events else 1)
    time.sleep(0.5)
    assert waiting.found == []
    if what == "removed":
        (folder / "a.txt").unlink()
    elif what == "moved":
        (folder / "a.txt").rename(folder / "b.txt")
    else:
        name = {"written": "a.txt", "deep": "deep/b.txt", "metadata": "metadata.csv"}
        (folder / name.get(what, "b.txt")).write_text("Rain fell.")
    until(lambda: waiting.found)
    assert waiting.found[0] == listing([str(folder)])


def test_hidden_files_are_no_change(folder, events):
    before = listing([str(folder)])
    (folder / ".a.txt.part").write_text("half")
    (folder / ".git").mkdir()
    (folder / ".git" / "index").write_text("x")
    assert listing([str(folder)]) == before
    assert names(before) == {"a.txt"}


def test_a_file_that_is_being_written_is_waited_for(folder, monkeypatch):
    monkeypatch.setattr(changes, "_SETTLED", 0.4)
    waiting = Waiting([str(folder)], 60)
    time.sleep(0.3)
    with (folder / "b.txt").open("w") as file:
        for _ in range(10):
            file.write("Rain fell. ")
            file.flush()
            time.sleep(0.1)
            assert waiting.found == []
    until(lambda: waiting.found)
    assert (str(folder / "b.txt"), 110) in {one[:2] for one in waiting.found[0].files}


def test_files_that_never_settle_are_read_all_the_same(folder, events, monkeypatch):
    monkeypatch.setattr(changes, "_SETTLING", 0.5)
    counts = iter(range(1_000_000))
    monkeypatch.setattr(
        changes, "listing", lambda paths: Listing(frozenset({("a", next(counts), 0)}))
    )
    assert changed([str(folder)], Listing(frozenset()), 1).files


def test_a_folder_that_is_gone_is_missing_and_noticed_when_it_is_back(folder, events):
    paths = [str(folder)]
    waiting = Waiting(paths, 1)
    time.sleep(0.3)
    shutil.move(folder, folder.with_name("away"))
    until(lambda: waiting.found)
    assert waiting.found == [Listing(frozenset(), (str(folder),))]
    waiting = Waiting(paths, 1)
    time.sleep(0.3)
    shutil.move(folder.with_name("away"), folder)
    until(lambda: waiting.found)
    assert waiting.found[0].missing == ()
    assert names(waiting.found[0]) == {"a.txt"}


def test_a_single_file_is_watched(folder, events):
    path = folder / "a.txt"
    waiting = Waiting([str(path)], 1)
    time.sleep(0.3)
    path.write_text("Snow fell.")
    until(lambda: waiting.found)
    assert names(waiting.found[0]) == {"a.txt"}


def test_a_wait_can_end_without_a_change(folder, events):
    before = listing([str(folder)])
    assert changed([str(folder)], before, 1, again=True) == before
