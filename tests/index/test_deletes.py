"""Whatever changes or removes an index leaves alone what is not its own: files, folders and links
of others, in every place and under every name."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from planted import KINDS, planted, state

from rag import Archive, Article
from rag.errors import BylineError
from rag.index import ownership, snapshot
from rag.index.journal import JOURNAL

FIRST = [Article("The mayor left. He ran."), Article("Rice is dear. Nobody eats.")]
SECOND = [*FIRST, Article("It rained in Kratie.")]


@pytest.fixture(scope="module")
def made(tmp_path_factory, fake_encoder):
    """An index with a snapshot for a rollback, what a killed build left, and what is beside."""
    home = tmp_path_factory.mktemp("made") / "index"
    Archive.build(FIRST, home, encoder=fake_encoder)
    Archive.build(SECOND, home, encoder=fake_encoder)
    left = home / "snapshots" / "20200101T000000-0123abcd"
    (left / "lexical").mkdir(parents=True)
    (left / "archive.sqlite").write_bytes(b"half")
    (left / "lexical" / "starts.npy").write_bytes(b"half")
    ownership.mark(left).touch()
    (home / "feedback.jsonl").touch()
    return home


@pytest.fixture
def home(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "index"))


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    (folder / "lexical").mkdir(parents=True)
    for name in ("letters.txt", "archive.sqlite", "manifest.json", "lexical/starts.npy"):
        (folder / name).write_text("Dear all")
    return folder


def _build(home, encoder):
    Archive.build([*SECOND, Article("New.")], home, encoder=encoder)


def _build_of_others(home, encoder):
    Archive.build([Article("Other.")], home, encoder=encoder, remove_missing=True)


def _add(home, encoder):
    Archive.open(home, encoder=encoder).add([Article("New.")])


def _remove(home, encoder):
    archive = Archive.open(home, encoder=encoder)
    archive.remove([next(archive.articles()).id])


def _rollback(home, encoder):
    snapshot.roll_back(home)


def _broken_off(home, encoder):
    with contextlib.suppress(KeyboardInterrupt), snapshot.draft(home) as draft:
        draft.write({"removed.json": b"half"})
        raise KeyboardInterrupt


def _away(home, encoder):
    snapshot.remove(home)


DOINGS = (_build, _build_of_others, _add, _remove, _rollback, _broken_off, _away)


@pytest.mark.parametrize("do", DOINGS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("within", ["in force too", "not in force"])
def test_what_is_not_its_own_stays(home, outside, fake_encoder, do, kind, within):
    name = snapshot.current(home)[0].name
    before = planted(home, kind, outside, "" if within == "in force too" else name)
    theirs = state(outside)
    with contextlib.suppress(BylineError):  # A link in what is in force is refused.
        do(home, fake_encoder)
        do(home, fake_encoder)  # What is left of the first time is not Byline's either.
    assert {path: state(path) for path in before} == before
    assert state(outside) == theirs


@pytest.mark.parametrize("do", [_build, _broken_off, _away])
@pytest.mark.parametrize("name", ["CURRENT.new", ".lock", JOURNAL])
def test_a_file_under_a_name_that_is_needed_stays_and_is_named(home, fake_encoder, do, name):
    (home / name).write_text("Dear all")
    with pytest.raises(BylineError, match="is no file of Byline"):
        do(home, fake_encoder)
    assert (home / name).read_text() == "Dear all"


@pytest.mark.parametrize("start", [b"", b'{"snapshot"', b'{"snapshot": "2026'])
def test_the_beginning_of_its_own_file_is_no_obstacle(home, fake_encoder, start):
    (home / "CURRENT.new").write_bytes(start)
    _build(home, fake_encoder)
    assert not (home / "CURRENT.new").exists()


def test_a_file_under_the_name_of_a_mark_stays(home, fake_encoder):
    before = snapshot.earlier(home)[0]
    ownership.mark(before).write_text("Dear all")
    _build(home, fake_encoder)
    assert ownership.mark(before).read_text() == "Dear all"


def test_all_of_its_own_is_gone(home, fake_encoder):
    _build(home, fake_encoder)
    folders = [path for path in (home / "snapshots").iterdir() if path.is_dir()]
    assert sorted(folders) == sorted([snapshot.current(home)[0], snapshot.earlier(home)[0]])
    assert len(list((home / "snapshots").iterdir())) == 2
    snapshot.remove(home)
    assert not home.exists()


def test_every_file_of_a_build_is_known_to_be_its_own(made):
    """Also of one that was killed, which no manifest lists yet."""
    _, manifest = snapshot.current(made)
    assert {"manifest.json", *manifest["files"]} <= ownership._WRITTEN


@pytest.mark.parametrize("name", ["../outside/letters.txt", "/etc/hostname", "..", ".", "", "\0"])
def test_no_name_leads_out_of_a_folder(home, outside, name):
    theirs = state(outside)
    ownership.remove_files(home, [name])
    assert list(ownership.plain_files(home, [name])) == []
    assert state(outside) == theirs
    assert (home / "CURRENT").exists()
