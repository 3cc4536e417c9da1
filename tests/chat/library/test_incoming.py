"""Files that are uploaded to an archive: their names, their bounds, and that nothing is left."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from rag.chat.library import Expected, Incoming, Room
from rag.chat.library.folder import ArchiveFolder, Description
from rag.chat.library.incoming import safe_name
from rag.errors import InputError


@pytest.fixture
def folder(tmp_path):
    return ArchiveFolder.new(tmp_path / "library", Description("Kampot"))


def coming(folder, files=1, size=100, room=None):
    return Incoming(folder, Expected(files, size), room or Room())


def send(incoming, name, *blocks):
    receive(incoming, name, blocks)


def receive(incoming, name, blocks):
    with incoming.file(name) as write:
        for block in blocks:
            write(block)


def files(folder):
    return {
        path.relative_to(folder.home).as_posix(): path.read_bytes()
        for path in folder.home.rglob("*")
        if path.is_file() and path.name not in ("archive.json", "files.json")
    }


def test_files_are_in_the_archive_once_all_have_come(folder):
    incoming = coming(folder, files=2)
    send(incoming, "2024/may/a.txt", b"one ", b"two")
    assert incoming.files == 1
    send(incoming, "b.txt", b"three")
    assert not folder.files.exists()
    incoming.end(keep=True)
    assert files(folder) == {"files/2024/may/a.txt": b"one two", "files/b.txt": b"three"}
    assert folder.uploaded() == ["2024/may/a.txt", "b.txt"]
    assert not folder.incoming.exists()


def test_a_file_that_broke_off_is_sent_again(folder):
    incoming = coming(folder)

    def broken_off():
        yield b"half"
        raise RuntimeError("the connection is gone")

    with pytest.raises(RuntimeError):
        receive(incoming, "a.txt", broken_off())
    assert files(folder) == {}
    send(incoming, "a.txt", b"whole")
    send(incoming, "a.txt", b"whole again")
    incoming.end(keep=True)
    assert files(folder) == {"files/a.txt": b"whole again"}


def test_what_was_cancelled_leaves_nothing(folder):
    incoming = coming(folder, files=3)
    send(incoming, "a.txt", b"one")
    incoming.end(keep=False)
    assert files(folder) == {}
    assert not folder.incoming.exists()
    with pytest.raises(InputError, match="has ended"):
        send(incoming, "b.txt", b"two")
    assert files(folder) == {}


def test_less_than_was_promised_is_not_kept(folder):
    incoming = coming(folder, files=3)
    send(incoming, "a.txt", b"one")
    with pytest.raises(InputError, match="2 files did not arrive"):
        incoming.end(keep=True)
    assert files(folder) == {}


def test_files_that_are_there_are_kept_and_those_of_a_name_replaced(folder):
    first = coming(folder, files=2)
    send(first, "a.txt", b"old")
    send(first, "b.txt", b"stays")
    first.end(keep=True)
    second = coming(folder)
    send(second, "a.txt", b"new")
    second.end(keep=True)
    assert files(folder) == {"files/a.txt": b"new", "files/b.txt": b"stays"}
    assert sorted(folder.uploaded()) == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("room", "files", "size"),
    [(Room(bytes=99), 1, 100), (Room(files=1), 2, 5)],
    ids=["bytes", "files"],
)
def test_what_would_not_fit_is_refused_before_it_comes(folder, room, files, size):
    with pytest.raises(InputError, match="takes at most"):
        coming(folder, files, size, room)
    assert not folder.incoming.exists()


def test_what_is_larger_than_was_said_ends_the_upload(folder):
    incoming = coming(folder, files=2, size=10, room=Room(bytes=10))
    send(incoming, "a.txt", b"12345")
    with pytest.raises(InputError, match="takes at most"):
        send(incoming, "b.txt", b"123", b"456")
    with pytest.raises(InputError, match="takes at most"):
        send(incoming, "c.txt", b"1")
    with pytest.raises(InputError, match="takes at most"):
        incoming.end(keep=True)
    assert files(folder) == {}


def test_more_files_than_fit_end_the_upload(folder):
    incoming = coming(folder, files=1, room=Room(files=1))
    send(incoming, "a.txt", b"1")
    with pytest.raises(InputError, match="takes at most"):
        send(incoming, "b.txt", b"1")


def test_room_is_that_of_the_whole_archive(folder):
    room = Room(bytes=10)
    first = coming(folder, 1, 6, room)
    send(first, "a.txt", b"123456")
    first.end(keep=True)
    with pytest.raises(InputError, match="takes at most"):
        coming(folder, 1, 6, room)


def test_a_full_disk_ends_the_upload_and_leaves_nothing(folder, monkeypatch):
    real = Path.open

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    incoming = coming(folder)
    monkeypatch.setattr(Path, "open", lambda self, *given: Full(real(self, *given)))
    with pytest.raises(InputError, match=r"No space left on device.*Make room"):
        send(incoming, "a.txt", b"1")
    monkeypatch.undo()
    with pytest.raises(InputError, match="Make room"):
        incoming.end(keep=True)
    assert files(folder) == {}


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("a.txt", "a.txt"),
        ("2024/may/a.txt", "2024/may/a.txt"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("a/./b//c.txt", "a/b/c.txt"),
        ("C:\\secret.txt", "C__secret.txt"),
        ("con.txt", "_con.txt"),
        ("what? me.txt", "what_ me.txt"),
        ("a\x00b.txt", "a_b.txt"),
        ("name. ", "name"),
        ("ភាសា/សារ.txt", "ភាសា/សារ.txt"),
    ],
)
def test_names_stay_within_the_archive_and_fit_every_system(sent, name):
    assert safe_name(sent) == name


@pytest.mark.parametrize("sent", ["", "/", "..", "../..", "a/" * 40 + "b"])
def test_what_is_no_name_is_refused(sent):
    with pytest.raises(InputError, match="Rename it"):
        safe_name(sent)


def test_long_names_are_cut_and_keep_their_ending():
    name = safe_name("ខ" * 300 + ".html")
    assert name.endswith("ខ.html")
    assert len(name.encode()) <= 200


def test_names_that_become_one_are_told_apart(folder):
    incoming = coming(folder, files=3)
    for number, sent in enumerate(["a?.txt", "a*.txt", "A_.txt"]):
        send(incoming, sent, b"%d" % number)
    incoming.end(keep=True)
    assert files(folder) == {
        "files/a_.txt": b"0", "files/a_~2.txt": b"1", "files/A_~3.txt": b"2"
    }  # fmt: skip
