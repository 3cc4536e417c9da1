"""An index that somebody else made: it names, holds and links to whatever they like."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Archive, Article, AskSettings, read_articles
from rag.chat.library import Maker
from rag.errors import BylineError, EncoderError, SettingsError, SnapshotError
from rag.index import snapshot
from rag.index.place import STORE, option
from rag.models import loaded
from rag.models.encoder import comes_along

ARTICLES = [Article("The mayor left. He ran.", "Mayor", source="AP"), Article("Rice is dear.")]


@pytest.fixture(scope="module")
def made(tmp_path_factory, fake_encoder):
    home = tmp_path_factory.mktemp("made") / "index"
    Archive.build(ARTICLES, home, encoder=fake_encoder)
    return home


@pytest.fixture
def home(made, tmp_path):
    """A copy of an index, to be altered."""
    return Path(shutil.copytree(made, tmp_path / "index"))


def sealed(home, change=lambda manifest: None):
    """Make all hashes and sizes of an altered index fit again, as its maker would."""
    (folder,) = (path for path in (home / "snapshots").iterdir() if path.is_dir())
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["files"]:
        data = (folder / name).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        manifest["files"][name] = {"bytes": len(data), "sha256": digest}
    change(manifest)
    data = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(data)
    current = {"snapshot": folder.name, "manifest_sha256": hashlib.sha256(data).hexdigest()}
    (home / "CURRENT").write_text(json.dumps(current) + "\n")
    return folder


def naming(encoder, **settings):
    def change(manifest):
        manifest["encoder"]["name"] = encoder
        manifest["settings"] |= {"encoder": encoder, **settings}

    return change


NAMES = (
    "evil/model", "/etc", "../../outside", "~/models", "https://evil.example/model",
    "hf://evil/model", "all-MiniLM-L6-v2/../../outside", "ALL-MINILM-L6-V2", "", "\x1b[2J",
)  # fmt: skip


@pytest.fixture
def asked(monkeypatch, fake_encoder):
    """The names by which encoders are loaded."""
    names = []

    def load(name, precision):
        names.append(name)
        return fake_encoder

    monkeypatch.setattr(loaded, "load_encoder", load)
    return names


@pytest.mark.parametrize("name", NAMES)
def test_an_encoder_that_only_the_index_names_is_not_loaded(home, asked, name):
    sealed(home, naming(name))
    archive = Archive.open(home)
    for use in (
        archive.load_models,
        lambda: archive.ask("Who left?"),
        lambda: archive.search("mayor"),
        lambda: archive.add([Article("It rained.")]),
        lambda: archive.open_alike(home),
    ):
        with pytest.raises(EncoderError, match=r"--set encoder=NAME .*--allow-download"):
            use()
    assert asked == []
    assert {article.text for article in archive.articles()} == {one.text for one in ARTICLES}


@given(st.text(max_size=30))
def test_only_what_is_installed_comes_along(name):
    assert comes_along(name) is (name == "all-MiniLM-L6-v2")


def test_a_name_that_the_user_gives_is_consent(home, asked):
    sealed(home, naming("evil/model"))
    Archive.open(home, AskSettings(encoder="/models/mine")).load_encoder()
    Archive.open(home, AskSettings(allow_download=True)).load_encoder()
    assert asked == ["/models/mine", "evil/model"]


def test_a_name_that_the_user_gives_leaves_other_indexes_alone(home, asked):
    sealed(home, naming("all-MiniLM-L6-v2"))
    Archive.open(home, AskSettings(encoder="/models/mine")).load_encoder()
    assert asked == ["all-MiniLM-L6-v2"]


def test_another_model_under_the_name_is_refused(home, monkeypatch, fake_encoder):
    class Other(type(fake_encoder)):
        def encode_queries(self, texts):
            return -super().encode_queries(texts)

    monkeypatch.setattr(loaded, "load_encoder", lambda name, precision: Other())
    sealed(home, naming("evil/model"))
    with pytest.raises(EncoderError, match="another encoder"):
        Archive.open(home, AskSettings(encoder="mine")).load_encoder()


def test_an_update_in_the_page_asks_for_consent_too(home, asked, tmp_path):
    sealed(home, naming("evil/model"))
    (tmp_path / "rain.txt").write_text("It rained. " * 20)
    maker = Maker()
    maker.start("make", home, [tmp_path / "rain.txt"])
    job = maker.wait(home)
    assert job.state == "failed"
    assert "evil/model" in str(job.failure)
    assert asked == []


def test_a_precision_that_is_none_is_refused(home):
    sealed(home, naming("all-MiniLM-L6-v2", precision="__class__"))
    with pytest.raises(SettingsError, match="precision is one of"):
        Archive.open(home)


# Files


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_text("secret")
    return folder


def linked(path, target):
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, target, dirs_exist_ok=True)
        shutil.rmtree(path)
    else:
        if path.exists():
            target = target / path.name
            path.rename(target)
        path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)


OPENED: list[str] = []
"""What was opened in this process, behind all links."""


def _opened(event, details):
    if event in ("open", "sqlite3.connect"):
        OPENED.append(os.path.realpath(str(details[0])))


sys.addaudithook(_opened)  # For good: no hook can be taken away again.
PLACES = (
    "CURRENT", "feedback.jsonl", "calibration.json", "standing.json", ".standing.lock",
    "snapshots", "snapshots/*", "snapshots/*/manifest.json", "snapshots/*/archive.sqlite",
    "snapshots/*/vectors.faiss", "snapshots/*/changes.json", "snapshots/*/lexical",
    "snapshots/*/lexical/starts.npy", "snapshots/*/lexical/passages", "snapshots/*/new.txt",
    "snapshots/*/lexical/new.txt",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_read_through_a_link(home, outside, place):
    (name,) = [path.name for path in (home / "snapshots").iterdir() if path.is_dir()]
    linked(home / place.replace("*", name), outside)
    OPENED.clear()
    with pytest.raises(SnapshotError, match="link"):
        Archive.open(home)
    assert not [path for path in OPENED if Path(path).is_relative_to(outside)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("name", ["calibration.json", "standing.json"])
def test_a_pipe_does_not_stop_an_opening(home, name):
    os.mkfifo(home / name)
    with pytest.raises(SnapshotError, match="is a link, or no file"):
        Archive.open(home)


@pytest.mark.parametrize("name", ["../../../outside/secret.txt", "/etc/passwd", "none", "", "."])
def test_a_manifest_names_no_file_outside(home, outside, name):
    def change(manifest):
        manifest["files"][name] = {"bytes": 6, "sha256": "0" * 64}

    sealed(home, change)
    with pytest.raises(SnapshotError, match=r"is missing|cannot be read"):
        Archive.open(home)


def test_vectors_of_another_kind_are_not_read(home):
    """Some kinds hold the names of files, which FAISS would open."""
    (folder,) = (path for path in (home / "snapshots").iterdir() if path.is_dir())
    flat = faiss.IndexFlatIP(8)
    lists = faiss.IndexIVFFlat(flat, 8, 1)
    lists.train(np.eye(8, dtype=np.float32))
    faiss.write_index(lists, str(folder / "vectors.faiss"))
    sealed(home)
    with pytest.raises(SnapshotError, match=r"vectors.*another kind|cannot be read"):
        Archive.open(home)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW seen AS SELECT * FROM articles",
        "CREATE TRIGGER late AFTER INSERT ON articles BEGIN SELECT 1; END",
        "ALTER TABLE articles RENAME TO hidden; CREATE VIEW articles AS WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT hidden.* FROM hidden, n",
        "CREATE TABLE other (a TEXT)",
        "CREATE VIRTUAL TABLE other USING fts5(a)",
    ],
)
def test_a_database_that_would_run_something_is_not_read(home, sql):
    (folder,) = (path for path in (home / "snapshots").iterdir() if path.is_dir())
    with contextlib.closing(sqlite3.connect(folder / "archive.sqlite")) as database:
        database.executescript(sql)
    sealed(home)
    with pytest.raises(SnapshotError, match="damaged"):
        Archive.open(home)


def test_a_pickle_among_the_words_is_not_loaded(home):
    (folder,) = (path for path in (home / "snapshots").iterdir() if path.is_dir())

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(home / "ran"),)

    np.save(folder / "lexical" / "starts.npy", np.array([Evil()], object), allow_pickle=True)
    sealed(home)
    with pytest.raises(BylineError, match="damaged"):
        Archive.open(home)
    assert not (home / "ran").exists()


FLOATS = 45
"""Bytes before the vectors in FAISS's file: the last eight say how many floats follow."""


@pytest.mark.parametrize(
    ("at", "value"),
    [(4, 2**31 - 1), (8, 2**62), (33, 1), (FLOATS - 8, 2**33), (FLOATS - 8, 2**64 - 1)],
)
def test_vectors_that_lie_about_their_number_take_no_memory(home, at, value):
    (path,) = home.glob("snapshots/*/vectors.faiss")
    data = bytearray(path.read_bytes())
    size = {4: 4, 8: 8, 33: 4, FLOATS - 8: 8}[at]
    data[at : at + size] = value.to_bytes(size, "little")
    path.write_bytes(data)
    sealed(home)
    with pytest.raises(SnapshotError, match="damaged"):
        Archive.open(home)


@pytest.mark.parametrize("number", ["1e12", "1000000000000", "-1", "2", '"many"', "[2]"])
def test_sentences_that_there_are_not_take_no_memory(home, number):
    (path,) = home.glob("snapshots/*/lexical/sentences/params.index.json")
    path.write_text(f'{{"num_docs": {number}}}')
    sealed(home)
    with pytest.raises(SnapshotError, match="damaged"):
        Archive.open(home)


WORDS = ("lexical/words/passages-words.npy", "lexical/words/sentences-starts.npy")


@pytest.mark.parametrize("file", [*WORDS, "lexical/vocabulary.json"])
def test_words_that_are_none_are_not_taken_over(home, file, fake_encoder):
    """A build, which the message names as the remedy, makes them anew."""
    archive = Archive.open(home, encoder=fake_encoder)
    (path,) = home.glob(f"snapshots/*/{file}")
    if path.suffix == ".npy":
        values = np.load(path)
        values[-1] = np.iinfo(values.dtype).max
        np.save(path, values)
    else:
        path.write_text(json.dumps([[word] for word in json.loads(path.read_text())]))
    sealed(home)
    more = [*ARTICLES, Article("It rained.")]
    with pytest.raises(SnapshotError, match="Build it again"):
        archive.add(more[-1:])
    built = Archive.build(more, home, encoder=fake_encoder)
    assert built.check() == []
    assert built.find("rained").total == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("report.json", '"x"'), ("report.json", "{}"), ("changes.json", "[1]"),
        ("files.json", "5"), ("files.json", '{"a": [1, 2]}'), ("files.json", "[" * 9999),
        ("removed.json", '{"ids": [1, "a"], "hashes": []}'),
    ],
)  # fmt: skip
def test_notes_that_are_none_are_told_or_done_without(tmp_path, fake_encoder, file, text):
    articles, home = tmp_path / "articles", tmp_path / "index"
    articles.mkdir()
    for number, article in enumerate(ARTICLES):
        (articles / f"{number}.txt").write_text(f"{article.title}\n\n{article.text * 5}")
    built = Archive.build(read_articles(articles), home, encoder=fake_encoder)
    (path,) = home.glob(f"snapshots/*/{file}")
    path.write_text(text)
    sealed(home)
    archive = built.open_alike(home)
    for use in (
        archive.reading_report, archive.changes, lambda: archive.add([Article("It rained.")]),
        lambda: archive.open_alike(home).remove([next(archive.articles()).id]),
        lambda: Archive.build(read_articles(articles), home, encoder=fake_encoder),
    ):  # fmt: skip
        with contextlib.suppress(BylineError):
            use()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE passages SET start = -1", "UPDATE passages SET stop = 9999",
        "UPDATE passages SET start = 'x'", "UPDATE passages SET row = row + 7 WHERE row = 1",
        "UPDATE articles SET title = x'ff00'", "UPDATE articles SET pages = '[5]'",
        "UPDATE versions SET replaced = '9999-99-99'", "UPDATE versions SET text = x''",
        "UPDATE sketches SET hashes = x'00'",
    ],
)  # fmt: skip
def test_values_that_are_none_are_told_or_done_without(made, tmp_path, fake_encoder, sql):
    home = Path(shutil.copytree(made, tmp_path / "index"))
    changed = [Article("The mayor left. He ran far.", "Mayor", source="AP"), *ARTICLES[1:]]
    Archive.build(changed, home, encoder=fake_encoder, remove_missing=True)  # An earlier text.
    folder, _ = snapshot.current(home)
    with contextlib.closing(sqlite3.connect(folder / "archive.sqlite")) as database:
        database.execute(sql)
        database.commit()
    for other in (home / "snapshots").iterdir():
        if other.name != folder.name:
            shutil.rmtree(other)
    sealed(home)
    settings = AskSettings(reader="", threshold=0)
    for use in (
        lambda archive: archive.ask("Who left?"), lambda archive: archive.find("mayor"),
        lambda archive: [archive.versions(one.id) for one in changed],
        lambda archive: archive.add([Article("It rained.")]),
        lambda archive: archive.remove([changed[0].id]),
        lambda archive: Archive.build(ARTICLES, home, encoder=fake_encoder),
    ):  # fmt: skip
        with contextlib.suppress(BylineError):
            use(Archive.open(home, settings, fake_encoder))


@pytest.mark.parametrize(
    "said",
    [
        "milvus+http://h:1/a; touch ran",
        "milvus+http://h$(id):1/news",
        "x",
        "\x00",
        "a" * 9999,
        "milvus+http://user:secret@h:1/news",
    ],
)
def test_what_a_folder_says_of_its_store_is_no_command(home, said):
    (home / STORE).write_text(said)
    assert option(home) == f"--index {home}"


def test_a_command_that_is_shown_can_be_copied(tmp_path):
    home = tmp_path / "my news; rm"
    home.mkdir()
    assert option(home) == f"--index '{home}'"
    (home / STORE).write_text("it's here.db\n")
    assert option(home) == """--store 'it'"'"'s here.db'"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_nobody_waits_for_a_pipe_that_says_where_a_store_is(tmp_path):
    os.mkfifo(tmp_path / STORE)
    assert option(tmp_path) == f"--index {tmp_path}"


def test_what_was_not_altered_is_read(home):
    sealed(home)
    OPENED.clear()
    assert len(list(Archive.open(home).articles())) == len(ARTICLES)
    assert os.path.realpath(home / "CURRENT") in OPENED
    assert snapshot.check(*snapshot.current(home)) == []
