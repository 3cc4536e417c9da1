"""The archives of an owner: made, updated, renamed and deleted, and what is wrong with them."""

from __future__ import annotations

import json
import threading
import time

import pytest

from rag import Archive
from rag.chat.library import Expected, Libraries, Library, Maker, Offered
from rag.errors import InputError

FERRY = "The ferry to Koh Rong sank on Friday with 21 people on board, the harbour master said."
BRIDGE = "The bridge over the Mekong cost 40 million dollars, the mayor Sok Hour said in Kampot."


@pytest.fixture
def maker():
    maker = Maker()
    yield maker
    maker.close()


@pytest.fixture
def library(tmp_path, maker):
    library = Library(tmp_path / "library", maker, by_path=True)
    yield library
    library.close()


@pytest.fixture
def articles(tmp_path):
    """A folder of articles, of which one cannot be read."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "ferry.txt").write_text(f"Ferry sinks\n\n{FERRY}")
    (folder / "bridge.txt").write_text(f"Bridge opens\n\n{BRIDGE}")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4")
    return folder


def made(library, maker, archive):
    """The archive once its job has ended."""
    maker.wait(library.entry(archive).index)
    return library.entry(archive)


def upload(library, archive, **files):
    incoming = library.receive(archive, Expected(len(files), sum(map(len, files.values()))))
    for name, text in files.items():
        with incoming.file(f"{name}.txt") as write:
            write(text.encode())
    library.received(archive)


def left(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_an_owner_without_archives_has_no_folder(library):
    assert library.entries() == []
    assert not library.home.exists()


@pytest.mark.models
def test_an_archive_is_made_of_a_folder(library, maker, articles):
    archive = library.create("Kampot", [str(articles)])
    assert not library.entry(archive).can_be_asked
    library.make(archive)
    assert library.entry(archive).busy
    entry = made(library, maker, archive)
    assert (entry.name, entry.articles, entry.problem) == ("Kampot", 2, None)
    assert entry.paths == (str(articles),)
    assert entry.updated
    assert entry.job.state == "done"
    assert [one.file for one in entry.job.report.failed] == ["broken.pdf"]
    assert Archive.open(entry.index).ask("How much did the bridge cost?").status == "answered"
    library.forget(archive)
    assert library.entry(archive).job is None
    after_a_restart = Library(library.home, Maker()).entry(archive).report
    assert after_a_restart == entry.job.report


@pytest.mark.models
def test_an_archive_is_made_of_what_is_uploaded(library, maker):
    archive = library.create("Kampot")
    upload(library, archive, ferry=FERRY, bridge=BRIDGE)
    entry = made(library, maker, archive)
    assert (entry.articles, entry.paths) == (2, ())
    upload(library, archive, rice="Rice was planted early in Takeo, the farmer Ny Chan said.")
    assert made(library, maker, archive).articles == 3
    again = Library(library.home, maker)
    assert [(one.name, one.articles) for one in again.entries()] == [("Kampot", 3)]


@pytest.mark.models
def test_a_look_says_what_an_update_would_change(library, maker, articles):
    archive = library.create("Kampot", [str(articles)])
    library.make(archive)
    made(library, maker, archive)
    library.look(archive)
    assert not any(made(library, maker, archive).job.changes.came)
    (articles / "rice.txt").write_text("Rice\n\nRice was planted early in Takeo, Ny Chan said.")
    (articles / "ferry.txt").write_text(f"Ferry sinks\n\n{FERRY} Divers found 19 of them.")
    library.look(archive)
    job = made(library, maker, archive).job
    changes = job.changes
    assert (len(changes.came), len(changes.changed), len(changes.went)) == (1, 1, 0)
    assert library.entry(archive).articles == 2  # Nothing was changed yet.
    library.make(archive)
    assert made(library, maker, archive).articles == 3
    (articles / "ferry.txt").unlink()
    (articles / "bridge.txt").unlink()
    library.make(archive)  # Nobody has seen that much would be gone.
    entry = made(library, maker, archive)
    assert (entry.job.state, entry.articles) == ("failed", 3)
    library.look(archive)
    assert len(made(library, maker, archive).job.changes.went) == 2
    library.make(archive)  # Much is gone, and the owner has seen it.
    entry = made(library, maker, archive)
    assert (entry.job.failure, entry.articles) == (None, 1)


def test_files_of_which_none_can_be_read_are_told_with_their_reasons(library, maker, tmp_path):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4")
    archive = library.create("Kampot", [str(tmp_path / "broken.pdf")])
    library.make(archive)
    entry = made(library, maker, archive)
    assert entry.job.state == "failed"
    assert [one.file for one in entry.job.report.failed] == ["broken.pdf"]
    assert not entry.can_be_asked


def test_a_folder_that_went_away_is_told(library, maker, articles):
    archive = library.create("Kampot", [str(articles)])
    articles.rename(articles.with_name("elsewhere"))
    library.make(archive)
    entry = made(library, maker, archive)
    assert (entry.job.state, str(articles) in entry.job.failure) == ("failed", True)


def test_what_is_cancelled_can_go_on_later(library, maker, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.txt").write_text(f"Title {number}\n\n{FERRY} It was number {number}.")
    first, second = (library.create(name, [str(folder)]) for name in ("First", "Second"))
    library.make(first)
    library.make(second)
    assert library.entry(second).job.state == "waiting"
    deadline = time.monotonic() + 60
    while not library.entry(first).job.stage and time.monotonic() < deadline:
        time.sleep(0.005)
    library.cancel(first)
    library.cancel(second)
    assert made(library, maker, first).job.state == "cancelled"
    assert made(library, maker, second).job.state == "cancelled"
    assert not library.entry(first).can_be_asked
    library.make(first)
    assert library.entry(first).busy
    library.cancel(first)


# Names


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_an_archive_has_a_name(library, name):
    with pytest.raises(InputError, match="Give the archive a name"):
        library.create(name)
    assert not library.home.exists()


def test_names_are_shown_in_one_line_and_told_apart(library):
    names = ["Kampot", " Kampot\n", "Kampot", "x" * 500, "<b>${window.hit=1}</b> ភាសា"]
    made = [library.entry(library.create(name)).name for name in names]
    assert made == ["Kampot", "Kampot (2)", "Kampot (3)", "x" * 100, names[4]]


def test_an_archive_is_renamed(library):
    archive = library.create("Kampot")
    library.rename(archive, "Kampot")
    assert library.entry(archive).name == "Kampot"
    library.rename(archive, "Kep")
    assert [entry.name for entry in library.entries()] == ["Kep"]
    with pytest.raises(InputError, match="name"):
        library.rename(archive, " ")


def test_those_used_last_come_first(library, monkeypatch):
    times = iter(f"2026-11-30T12:00:{second:02}+00:00" for second in range(60))
    monkeypatch.setattr("rag.chat.library.now", lambda: next(times))
    first, second = library.create("First"), library.create("Second")
    assert [entry.name for entry in library.entries()] == ["Second", "First"]
    library.use(first)
    assert [entry.name for entry in library.entries()] == ["First", "Second"]
    library.use(second)
    library.use("none")


# Folders on this machine


@pytest.mark.parametrize("path", ["/nowhere/at/all", "relative", "", "\x00"])
def test_a_path_that_is_not_there_is_refused(library, path):
    with pytest.raises(InputError, match="whole path"):
        library.create("Kampot", [path])
    assert not library.home.exists()


def test_folders_of_a_server_are_read_only_where_that_is_allowed(tmp_path, maker):
    library = Library(tmp_path / "library", maker)
    with pytest.raises(InputError, match="Upload the files"):
        library.create("Kampot", [str(tmp_path)])


# What is deleted


@pytest.mark.models
def test_deleting_leaves_what_is_not_its_own(library, maker, articles):
    archive = library.create("Kampot", [str(articles)])
    upload(library, archive, rice="Rice was planted early in Takeo, the farmer Ny Chan said.")
    made(library, maker, archive)
    upload(library, archive, salt="Salt is made by the sea in Kampot, the worker Mao Rith said.")
    looked = made(library, maker, archive)  # The folder may have changed too.
    assert (len(looked.job.changes.came), looked.articles) == (1, 3)
    library.make(archive)
    entry = made(library, maker, archive)
    before = left(articles)
    folder = library.home / archive
    (folder / "files" / "link.txt").symlink_to(articles / "ferry.txt")
    (folder / "files" / "mine.txt").write_text("mine")
    (folder / "index" / "notes").write_text("mine")
    assert entry.articles == 4
    assert not library.delete(archive)
    assert left(articles) == before
    assert left(folder) == ["files", "files/link.txt", "files/mine.txt", "index", "index/notes"]


def test_an_archive_that_was_deleted_is_gone(library, articles):
    archive = library.create("Kampot", [str(articles)])
    assert library.delete(archive)
    assert left(library.home) == [".lock"]
    for call in (library.delete, library.make, library.look, library.cancel, library.entry):
        with pytest.raises(InputError, match="no longer here"):
            call(archive)


def test_an_archive_is_deleted_while_it_is_made_or_uploaded_to(library, maker, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.txt").write_text(f"Title {number}\n\n{FERRY}")
    archive = library.create("Kampot", [str(folder)])
    library.make(archive)
    incoming = library.receive(archive, Expected(2, 10))
    with incoming.file("a.txt") as write:
        write(b"1")
    assert library.delete(archive)
    assert not (library.home / archive).exists()
    assert len(list(folder.iterdir())) == 300


@pytest.mark.parametrize("archive", ["", ".", "..", "../x", "a" * 12, "0" * 11, "0" * 13, "/tmp"])
def test_only_archives_are_archives(library, tmp_path, archive):
    library.create("Kampot")
    with pytest.raises(InputError, match="no longer here"):
        library.delete(archive)


def test_a_link_is_no_archive(library, tmp_path):
    library.create("Kampot")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "archive.json").write_text("{}")
    (library.home / "0123456789ab").symlink_to(tmp_path / "elsewhere")
    assert [entry.name for entry in library.entries()] == ["Kampot"]


# What is damaged


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", '{"name": 7}', '{"name": ""}', '{"name": "a", "paths": 7}',
     '{"name": "a", "made": "soon"}', '{"name": "a", "used": 3}', "[" * 100_000, "\ud800"],
)  # fmt: skip
def test_a_damaged_description_is_told_and_mended_by_a_name(library, content):
    archive = library.create("Kampot")
    other = library.create("Kep")
    file = library.home / archive / "archive.json"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    damaged = next(one for one in library.entries() if one.id == archive)
    assert "Rename" in damaged.problem
    assert damaged.name == archive
    with pytest.raises(InputError, match="Rename"):
        library.make(archive)
    library.rename(archive, "Kampot")
    assert library.entry(archive).problem is None
    assert {one.name for one in library.entries()} == {"Kampot", "Kep"}
    assert library.entry(other).name == "Kep"


@pytest.mark.models
def test_a_damaged_index_is_told_and_made_again(library, maker, articles):
    archive = library.create("Kampot", [str(articles)])
    library.make(archive)
    index = made(library, maker, archive).index
    (index / "CURRENT").write_text("{")
    damaged = library.entry(archive)
    assert not damaged.can_be_asked
    assert "Make it again" in damaged.problem
    library.make(archive)
    assert made(library, maker, archive).articles == 2
    assert library.entry(archive).problem is None


def test_what_an_upload_left_is_removed_at_the_next_start(library, maker, tmp_path):
    kept = library.create("Kampot", [str(tmp_path)])
    new = library.create("Kep")
    for archive in (kept, new):
        with library.receive(archive, Expected(2, 10)).file("a.txt") as write:
            write(b"1")
    folders = [library.home / archive for archive in (kept, new)]
    beside = Library(library.home, maker)  # A second server leaves the uploads of the first.
    assert len(beside.entries()) == 2
    assert all((folder / "incoming" / "1").exists() for folder in folders)
    beside.close()
    library._lock.release()  # As the system does when the process is killed.
    again = Library(library.home, maker)
    assert [entry.id for entry in again.entries()] == [kept]
    assert left(library.home) == [".lock", kept, f"{kept}/archive.json"]
    again.close()


def test_an_upload_of_which_nothing_comes_is_discarded(library, monkeypatch):
    archive = library.create("Kampot")
    library.receive(archive, Expected(2, 10))
    assert library.entries()[0].busy
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    assert library.entries() == []


def test_a_new_archive_whose_upload_comes_to_nothing_leaves_nothing(library):
    for cancel in (library.stop_upload, library.cancel):
        archive = library.create("Kampot")
        library.receive(archive, Expected(2, 10))
        cancel(archive)
        assert library.entries() == []
        assert not (library.home / archive).exists()
    archive = library.create("Kampot")
    library.receive(archive, Expected(2, 10))
    with pytest.raises(InputError, match="2 files did not arrive"):
        library.received(archive)
    assert not (library.home / archive).exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path, maker):
    (tmp_path / "library").write_text("a file")
    library = Library(tmp_path / "library", maker)
    assert library.entries() == []
    with pytest.raises(InputError, match="--archives DIR"):
        library.create("Kampot")


# What comes along, and whose it is


@pytest.mark.models
def test_an_archive_that_comes_along_is_asked_and_not_changed(tmp_path, maker, articles):
    from rag import read_articles

    Archive.build(read_articles(articles), tmp_path / "index")
    offered = {"here": Offered("Bundled", tmp_path / "index")}
    library = Library(tmp_path / "library", maker, offered=offered)
    (entry,) = library.entries()
    assert (entry.id, entry.name, entry.articles, entry.own) == ("here", "Bundled", 2, False)
    for call in (library.delete, library.make, library.look):
        with pytest.raises(InputError):
            call("here")
    library.use("here")
    assert not library.home.exists()


def test_each_account_has_its_own(tmp_path, maker):
    libraries = Libraries(tmp_path / "library", maker)
    ann, bob, same = libraries.of("ann"), libraries.of("Ann"), libraries.of("ann")
    archive = ann.create("Ann's")
    assert same is ann
    assert bob.entries() == []
    assert libraries.of("").entries() == []
    with pytest.raises(InputError, match="no longer here"):
        bob.entry(archive)
    hostile = libraries.of("../../etc")
    assert hostile.home.parent == ann.home.parent
    incoming = ann.receive(archive, Expected(1, 1))
    assert libraries.incoming(incoming.ticket) is incoming
    assert libraries.incoming("") is None
    libraries.close()
    assert libraries.incoming(incoming.ticket) is None


def test_many_at_once_get_names_of_their_own(library):
    threads = [threading.Thread(target=library.create, args=["Kampot"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [entry.name for entry in library.entries()]
    assert len(set(names)) == 8


def test_what_is_written_is_json_that_people_can_read(library):
    archive = library.create("ភាសា Kampot")
    told = json.loads((library.home / archive / "archive.json").read_text("utf-8"))
    assert told["name"] == "ភាសា Kampot"
