"""The folder protocol: every byte is accounted for, and only a whole snapshot is ever read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rag import Archive, Article
from rag.errors import SnapshotError
from rag.index import pointer, snapshot


@pytest.fixture
def home(tmp_path):
    """An index of two small files, one of them in a folder."""
    home = tmp_path / "index"
    commit(home, b"first")
    return home


def commit(home: Path, content: bytes) -> None:
    with snapshot.draft(home) as draft:
        (draft.path / "sub").mkdir()
        (draft.path / "a.bin").write_bytes(content)
        (draft.path / "sub" / "b.bin").write_bytes(b"other")
        draft.commit({"made": "for a test"})


def faults(home: Path) -> str:
    """What opening or checking says is wrong, "" when nothing is."""
    try:
        return "; ".join(snapshot.check(*snapshot.current(home)))
    except SnapshotError as error:
        return str(error)


def files(home: Path) -> list[Path]:
    return [p for p in sorted(home.rglob("*")) if p.is_file() and p.name != ".lock"]


def flips(path: Path, positions: Sequence[int] = ()) -> Iterator[int]:
    """Flip one bit of each byte in turn, or of those at `positions`, and mend it again."""
    whole = path.read_bytes()
    for i in positions or range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1 << i % 8]) + whole[i + 1 :])
        yield i
    path.write_bytes(whole)


def test_what_was_committed_is_in_force(home):
    path, manifest = snapshot.current(home)
    assert (path / "a.bin").read_bytes() == b"first"
    assert manifest["made"] == "for a test"
    assert manifest["snapshot"] == path.name
    assert {name: facts["bytes"] for name, facts in manifest["files"].items()} == {
        "a.bin": 5,
        "sub/b.bin": 5,
    }
    assert snapshot.check(path, manifest) == []


def test_every_flipped_bit_is_found(home):
    names = []
    for path in files(home):
        for i in flips(path):
            assert faults(home), f"{path.name}, byte {i}"
        names.append(path.name)
    assert names == ["CURRENT", "a.bin", "manifest.json", "b.bin"]
    assert not faults(home)


@pytest.mark.parametrize("name", ["CURRENT", "a.bin", "manifest.json", "b.bin"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data + b"x", id="byte appended"),
        pytest.param(lambda data: data + b"\n", id="line end appended"),
        pytest.param(lambda data: data[:-1], id="last byte removed"),
        pytest.param(lambda data: data[1:], id="first byte removed"),
        pytest.param(lambda data: b"", id="emptied"),
        pytest.param(lambda data: None, id="missing"),
    ],
)
def test_a_file_of_another_length_is_found_by_opening(home, name, change):
    (path,) = (path for path in files(home) if path.name == name)
    changed = change(path.read_bytes())
    path.unlink() if changed is None else path.write_bytes(changed)
    with pytest.raises(SnapshotError, match=f"byline build ARTICLES --index {home}$"):
        snapshot.current(home)


@pytest.mark.parametrize("name", ["extra", "sub/extra", "sub/manifest.json", ".hidden"])
def test_an_extra_file_is_found_by_check(home, name):
    path, manifest = snapshot.current(home)
    (path / name).touch()
    assert snapshot.check(path, manifest) == [f"{name} does not belong there"]


def test_check_names_every_problem(home):
    path, manifest = snapshot.current(home)
    (path / "a.bin").write_bytes(b"f1rst")
    (path / "sub" / "b.bin").rename(path / "c.bin")
    assert snapshot.check(path, manifest) == [
        "a.bin was altered",
        "c.bin does not belong there",
        "sub/b.bin is missing",
    ]


@pytest.mark.parametrize(
    "pointer",
    [
        pytest.param({"snapshot": "../x"}, id="above"),
        pytest.param({"snapshot": ".."}, id="dots"),
        pytest.param({"snapshot": "."}, id="dot"),
        pytest.param({"snapshot": ""}, id="empty name"),
        pytest.param({"snapshot": "/etc"}, id="absolute"),
        pytest.param({"snapshot": "a/../b"}, id="path"),
        pytest.param({"snapshot": "\0"}, id="NUL"),
        pytest.param({"snapshot": "\ud800"}, id="no character"),
        pytest.param({"snapshot": "x" * 5000}, id="too long a name"),
        pytest.param({"snapshot": "elsewhere"}, id="no such snapshot"),
        pytest.param({"snapshot": 5}, id="number"),
        pytest.param({"snapshot": None}, id="null"),
        pytest.param({}, id="no name"),
        pytest.param([], id="list"),
        pytest.param("text", id="text"),
    ],
)
def test_current_that_names_no_snapshot_is_an_error(home, pointer):
    # What "../x" would lead to is there, and has to stay unread.
    shutil.copytree(snapshot.current(home)[0], home / "x")
    (home / "CURRENT").write_text(json.dumps(pointer))
    with pytest.raises(SnapshotError, match=r"is damaged: .* byline build"):
        snapshot.current(home)


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\xff\xfe", b"null", b"{", b"[" * 100_000, b'{"snapshot":' * 100_000],
    ids=lambda data: repr(data[:20]),
)
def test_current_that_cannot_be_read_is_an_error(home, data):
    (home / "CURRENT").write_bytes(data)
    with pytest.raises(SnapshotError, match="CURRENT names no snapshot"):
        snapshot.current(home)


FILE = {"bytes": 1, "sha256": ""}


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"format_version": ' + b"1" * 5000 + b"}",
        {},
        {"files": []},
        {"files": {"a": 1}},
        {"files": {"a": {"bytes": "many", "sha256": ""}}},
        {"files": {"": FILE}},
        {"files": {"../x": FILE}},
        {"files": {"/etc/passwd": FILE}},
        {"files": {"a\0": FILE}},
        {"files": {"a": FILE}},
    ],
    ids=lambda data: repr(data)[:40],
)
def test_a_manifest_that_is_none_is_an_error(home, data):
    """Its hash is right: whoever made the index made CURRENT, too."""
    if isinstance(data, dict):
        data = json.dumps({"format_version": snapshot.FORMAT_VERSION, "snapshot": "s"} | data)
        data = data.encode()
    (home / "snapshots" / "s").mkdir()
    (home / "snapshots" / "s" / "manifest.json").write_bytes(data)
    now = pointer.Pointer("s", hashlib.sha256(data).hexdigest())
    (home / "CURRENT").write_bytes(pointer.to_bytes(now, None))
    with pytest.raises(SnapshotError, match=r"is damaged: .* byline build"):
        snapshot.current(home)


def test_no_index_is_an_error_that_says_how_to_build_one(tmp_path):
    with pytest.raises(SnapshotError, match=r"no index in .* Build one with: byline build"):
        snapshot.current(tmp_path)


@pytest.mark.parametrize("version", [1, 99], ids=["earlier", "later"])
def test_another_format_version_is_an_error_that_names_both(tmp_path, monkeypatch, version):
    with monkeypatch.context() as other:
        other.setattr(snapshot, "FORMAT_VERSION", version)
        commit(tmp_path, b"of another time")
    mine = snapshot.FORMAT_VERSION
    remedy = rf"has format {version}, .* reads {mine}\. Build it again with: byline build ARTICLES"
    with pytest.raises(SnapshotError, match=remedy):
        snapshot.current(tmp_path)


def test_a_new_snapshot_replaces_the_old_one_and_one_is_kept(home):
    old, _ = snapshot.current(home)
    assert snapshot.earlier(home) is None
    commit(home, b"second")
    new, _ = snapshot.current(home)
    assert (new / "a.bin").read_bytes() == b"second"
    assert snapshot.in_force(home) == new.name
    kept, _ = snapshot.earlier(home)
    assert kept == old
    commit(home, b"third")
    assert snapshot.earlier(home)[0] == new
    assert {*(home / "snapshots").iterdir()} == {new, snapshot.current(home)[0]}


def test_rolling_back_puts_the_earlier_snapshot_in_force_and_keeps_the_later(home):
    old, _ = snapshot.current(home)
    commit(home, b"second")
    new, _ = snapshot.current(home)
    snapshot.roll_back(home)
    assert snapshot.current(home)[0] == old
    assert snapshot.earlier(home)[0] == new
    assert not faults(home)
    snapshot.roll_back(home)
    assert snapshot.current(home)[0] == new


def test_without_an_earlier_snapshot_there_is_nothing_to_roll_back(home, tmp_path):
    with pytest.raises(SnapshotError, match="no earlier snapshot to go back to"):
        snapshot.roll_back(home)
    with pytest.raises(SnapshotError, match=r"no index in .* Build one"):
        snapshot.roll_back(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    assert not faults(home)


def test_a_damaged_index_is_rolled_back_to_the_whole_one(home):
    commit(home, b"second")
    (snapshot.current(home)[0] / "a.bin").write_bytes(b"")
    assert "bytes instead of" in faults(home)
    snapshot.roll_back(home)
    assert (snapshot.current(home)[0] / "a.bin").read_bytes() == b"first"
    assert snapshot.earlier(home) is None
    assert len([*(home / "snapshots").iterdir()]) == 1


def test_a_damaged_earlier_snapshot_is_not_rolled_back_to(home):
    old, _ = snapshot.current(home)
    commit(home, b"second")
    (old / "a.bin").write_bytes(b"")
    with pytest.raises(SnapshotError, match=r"a\.bin has 0 bytes"):
        snapshot.roll_back(home)
    assert (snapshot.current(home)[0] / "a.bin").read_bytes() == b"second"
    commit(home, b"third")  # Keeps the second, which is whole.
    snapshot.roll_back(home)
    assert (snapshot.current(home)[0] / "a.bin").read_bytes() == b"second"


def test_two_snapshots_are_put_in_force_in_one_step(home):
    with snapshot.draft(home) as draft:
        (draft.path / "a.bin").write_bytes(b"second")
        before = snapshot.Draft(home)
        (before.path / "a.bin").write_bytes(b"first, without what was removed")
        snapshot.put_in_force(home, draft.seal({}), before.seal({}))
    assert (snapshot.current(home)[0] / "a.bin").read_bytes() == b"second"
    assert (snapshot.earlier(home)[0] / "a.bin").read_bytes().endswith(b"removed")
    assert len([*(home / "snapshots").iterdir()]) == 2


def test_a_snapshot_of_another_format_is_not_kept(home, monkeypatch):
    monkeypatch.setattr(snapshot, "FORMAT_VERSION", snapshot.FORMAT_VERSION + 1)
    commit(home, b"second")
    assert snapshot.earlier(home) is None


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_build_that_fails_leaves_the_old_snapshot_and_nothing_else(home, error):
    before = files(home)
    with pytest.raises(error), snapshot.draft(home) as draft:  # noqa: PT012
        (draft.path / "vectors.faiss").write_bytes(b"half")
        raise error
    assert files(home) == before
    assert not faults(home)


def test_a_first_build_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), snapshot.draft(tmp_path) as draft:  # noqa: PT012
        (draft.path / "vectors.faiss").write_bytes(b"half")
        raise RuntimeError
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_a_build_that_fails_leaves_what_came_into_its_folder_meanwhile(home):
    with pytest.raises(RuntimeError), snapshot.draft(home) as draft:  # noqa: PT012
        (draft.path / "mine.txt").write_bytes(b"mine")
        raise RuntimeError
    assert (draft.path / "mine.txt").read_bytes() == b"mine"


def test_a_damaged_index_is_not_swept_but_replaced(home):
    path, _ = snapshot.current(home)
    (path / "a.bin").write_bytes(b"")
    with pytest.raises(RuntimeError), snapshot.draft(home):
        raise RuntimeError
    assert path.exists()
    commit(home, b"second")
    assert not faults(home)
    assert not path.exists()
    assert snapshot.earlier(home) is None


def test_a_second_build_at_the_same_time_is_refused(home):
    with snapshot.draft(home) as draft:
        with pytest.raises(SnapshotError, match="Another build is at work"):
            commit(home, b"second")
        assert draft.path.exists()
    assert snapshot.current(home)[1]["made"] == "for a test"
    commit(home, b"third")


def test_a_home_that_is_a_file_is_an_error_with_a_remedy(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SnapshotError, match=r"cannot be written .* Name a folder"):
        commit(tmp_path / "file", b"")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_is_read_only_is_an_error_with_a_remedy(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(SnapshotError, match=r"cannot be written .* Name a folder"):
        commit(tmp_path / "index", b"")


def test_removing_an_index_leaves_what_is_not_its_own(home, tmp_path):
    (home / "feedback.jsonl").write_text("{}\n")
    (home / "mine.txt").write_text("mine")
    (home / "snapshots" / "notes").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("{}")
    (home / "calibration.json").symlink_to(elsewhere)
    snapshot.remove(home)
    left = sorted(path.relative_to(home).as_posix() for path in home.rglob("*"))
    assert left == ["calibration.json", "mine.txt", "snapshots", "snapshots/notes"]
    assert elsewhere.read_text() == "{}"
    snapshot.remove(home)  # It is no index any more.
    assert (home / "mine.txt").exists()


def test_an_index_that_was_removed_leaves_no_folder(home):
    snapshot.remove(home)
    assert not home.exists()
    snapshot.remove(home)


def test_an_index_is_not_removed_while_it_is_built(home):
    with snapshot.draft(home), pytest.raises(SnapshotError, match="Wait for it to end"):
        snapshot.remove(home)
    assert snapshot.current(home)


@pytest.fixture
def small_index(tmp_path, fake_encoder):
    Archive.build([Article("The mayor left. He ran.")], tmp_path, encoder=fake_encoder)
    return tmp_path


def test_a_flipped_bit_in_any_file_of_an_index_is_found_and_named(small_index):
    """Opening reads most files, so what is altered must not surface as another error."""
    names = []
    for path in files(small_index):
        size = path.stat().st_size
        # The whole of a header, then samples.
        some = [*range(min(size, 40)), *range(40, size, 97 if size < 4000 else 997)]
        for i in flips(path, some):
            try:
                problems = Archive.open(small_index).check()
            except SnapshotError as error:
                problems = [str(error)]
            assert problems, f"{path.name}, byte {i}"
        names.append(path.name)
    assert {"CURRENT", "manifest.json", "vectors.faiss", "archive.sqlite"} < set(names)
    assert Archive.open(small_index).check() == []
