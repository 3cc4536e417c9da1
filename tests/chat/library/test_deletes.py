"""An archive that is deleted in the page, and an upload: what is not Byline's own stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from planted import KINDS, planted, state

from rag import Archive, Article
from rag.chat.library.folder import ArchiveFolder, Description
from rag.chat.library.incoming import Expected, Incoming, Room
from rag.errors import BylineError, InputError

FILES = {"1": "rain.txt", "2": "north/ferry.txt"}


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("letters.txt", "rain.txt", "1"):
        (folder / name).write_text("Dear all")
    return folder


@pytest.fixture
def archive(tmp_path, fake_encoder):
    """An archive with two uploads, its index, and a third upload under way."""
    made = ArchiveFolder.new(tmp_path / "library", Description("Mine"))
    made.incoming.mkdir()
    for number in FILES:
        (made.incoming / number).write_text("It rained.")
    made.take_in(FILES)
    Archive.build([Article("It rained. He left.")], made.index, encoder=fake_encoder)
    made.incoming.mkdir(exist_ok=True)
    (made.incoming / "3").write_text("half")
    return made


def test_all_of_its_own_is_gone(archive):
    assert archive.remove()
    assert not archive.home.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_its_own_stays(archive, outside, kind):
    before, theirs = planted(archive.home, kind, outside), state(outside)
    own = [path for path in archive.home.rglob("*") if path.is_file() and path not in before]
    assert not archive.remove()
    archive.discard_incoming()
    assert not archive.remove()
    assert {path: state(path) for path in before} == before
    assert state(outside) == theirs
    kept = {path for path in own if path.exists()} - {
        path for root in before for path in root.rglob("*")
    }
    assert not kept


@pytest.mark.parametrize("name", ["files", "incoming", "index", "files/north"])
def test_a_folder_that_is_a_link_is_not_emptied(archive, outside, name):
    path = archive.home / name
    path.rename(archive.home.parent / "moved")
    path.symlink_to(outside)
    (outside / "ferry.txt").write_text("Dear all")
    theirs = state(outside)
    assert not archive.remove()
    assert path.is_symlink()
    assert state(outside) == theirs


@pytest.mark.parametrize("name", ["../../outside/letters.txt", "/etc/hostname", "..", "", "\0"])
def test_a_list_of_files_that_leads_elsewhere_is_not_followed(archive, outside, name):
    (archive.home / "files.json").write_text(json.dumps([name, *FILES.values()]))
    theirs = state(outside)
    assert archive.bytes() == 20
    archive.remove()
    assert state(outside) == theirs


def test_an_upload_takes_the_place_of_an_earlier_one_only(archive):
    (archive.incoming / "4").write_text("It rained again.")
    archive.take_in({"4": "rain.txt"})
    assert (archive.files / "rain.txt").read_text() == "It rained again."
    (archive.files / "mine.txt").write_text("mine")
    archive.incoming.mkdir(exist_ok=True)
    (archive.incoming / "5").write_text("theirs")
    with pytest.raises(InputError, match="was not uploaded"):
        archive.take_in({"5": "mine.txt"})
    assert (archive.files / "mine.txt").read_text() == "mine"
    assert "mine.txt" not in archive.uploaded()


@pytest.mark.parametrize("name", ["files", "files/north"])
def test_an_upload_is_not_taken_in_through_a_link(archive, outside, name):
    path = archive.home / name
    path.rename(archive.home.parent / "moved")
    path.symlink_to(outside)
    theirs = state(outside)
    (archive.incoming / "4").write_text("It rained again.")
    with pytest.raises(BylineError):
        archive.take_in({"4": "north/ferry.txt"})
    assert state(outside) == theirs


def test_an_upload_is_not_written_through_a_link(archive, outside):
    archive.discard_incoming()
    archive.incoming.symlink_to(outside)
    theirs = state(outside)
    with pytest.raises(InputError, match="is a link"):
        Incoming(archive, Expected(1, 10), Room())
    archive.incoming.unlink()
    incoming = Incoming(archive, Expected(1, 10), Room())
    for number in range(3):
        (Path(archive.incoming) / str(number)).symlink_to(outside / "letters.txt")
    with pytest.raises(InputError, match="behind a link"), incoming.file("rain.txt") as write:
        write(b"rain")
    assert state(outside) == theirs
