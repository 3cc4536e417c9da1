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

from rag import Archive, Article, AskSettings
from rag.chat.library import Maker
from rag.errors import BylineError, EncoderError, SettingsError, SnapshotError
from rag.index import snapshot
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


def test_what_was_not_altered_is_read(home):
    sealed(home)
    OPENED.clear()
    assert len(list(Archive.open(home).articles())) == len(ARTICLES)
    assert os.path.realpath(home / "CURRENT") in OPENED
    assert snapshot.check(*snapshot.current(home)) == []
