"""What only an archive in Milvus has: collections, a copy in the cache, and addresses."""

from __future__ import annotations

import dataclasses
import json
import shutil
import socket

import numpy as np
import pytest

from rag import Archive, Article
from rag.__main__ import main
from rag.errors import SettingsError, SnapshotError, StoreError
from rag.index.milvus.address import parse
from rag.index.milvus.client import Engine
from rag.index.milvus.collection import BLOCK, Placed, write
from rag.index.milvus.files import Values
from rag.index.milvus.place import MilvusPlace
from rag.index.milvus.rows import expressions
from rag.index.milvus.vectors import MilvusVectors
from rag.index.store import SnapshotStore

RAID = Article("Police held 312 people in Kratie. The river rose.", "Raid", "raid", "The Post")
FLOOD = Article("A flood came to Takeo on Friday.", "Flood", "flood")
STORM = Article("A storm hit Kampot at noon.", "Storm", "storm")


@pytest.fixture(params=["lite", "server"], scope="session")
def kind(request):
    from store.conftest import SERVER

    if request.param == "server" and not SERVER:
        pytest.skip("BYLINE_MILVUS names no server")
    return request.param


@pytest.fixture
def built(address, fake_encoder):
    return Archive.build([RAID, FLOOD], address(), encoder=fake_encoder)


@pytest.fixture
def engine(built):
    return Engine(built.index.place.address)


def own(engine: Engine) -> set[str]:
    name = engine.address.name
    return {one.removeprefix(name) for one in engine.collections() if one.startswith(name)}


def texts(engine: Engine) -> str:
    """All that the engine gives of the texts and files of an archive."""
    said = []
    for name in own(engine):
        fields = ["data"] if name in ("_files", "_state") else ["article_id", "source", "text"]
        key = "id" if name in ("_files", "_state") else "row"
        where = f'{key} like "%"' if key == "id" else "row >= 0"
        engine.load(engine.address.name + name)
        said += [json.dumps(one) for one in engine.rows(engine.address.name + name, where, fields)]
    return "\n".join(said)


# Collections


def test_two_snapshots_are_kept_and_no_third(built, engine):
    first = built.index.manifest.vectors["collection"]
    assert own(engine) == {"_files", "_state", first.removeprefix(engine.address.name)}
    added = built.add([STORM])
    assert len(own(engine)) == 4
    third = added.remove(["storm"])
    assert len(own(engine)) == 4
    assert first not in engine.collections()
    alias = engine(lambda client: client.describe_alias(engine.address.name))
    assert alias["collection_name"] == third.index.manifest.vectors["collection"]


def test_nothing_of_an_article_that_is_removed_is_left(built, engine, monkeypatch, fake_encoder):
    """Whichever machine built what is there."""
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    assert "Takeo" in texts(engine)
    archive = Archive.open(str(built.index.place), encoder=fake_encoder)
    left = archive.add([STORM]).remove(["flood"])
    assert "Takeo" not in texts(engine)
    assert "Kampot" in texts(engine)
    place = MilvusPlace(engine.address)
    shutil.rmtree(place.home)
    place.fetch(earlier=True)
    for path in place.home.rglob("*"):
        assert not path.is_file() or b"Takeo" not in path.read_bytes()
    assert left.check() == []


class Drawn:
    """Vectors that are made when they are asked for, and know how many were at a time."""

    def __init__(self, count: int) -> None:
        self.count, self.most = count, 0

    def __len__(self) -> int:
        return self.count

    def take(self, rows: np.ndarray) -> np.ndarray:
        self.most = max(self.most, len(rows))
        turned = np.array([rows, rows + 1], np.float32).T / 1000
        return np.sin(turned, dtype=np.float32)


def test_vectors_are_never_all_in_memory(built, engine):
    """They come from the journal, or the snapshot before, as they are written."""
    assert not [name for name in built.index.manifest.files if "vectors" in name]
    drawn, name = Drawn(2 * BLOCK + 1), f"{engine.address.name}_drawn"
    passages = (Placed(f"{row}", "", 0, "Rain.", {row: 0.5}) for row in range(len(drawn)))
    written = []
    made = write(engine, name, drawn, passages, written.append)
    assert (written, drawn.most) == ([BLOCK, 2 * BLOCK, 2 * BLOCK + 1], BLOCK)
    vectors = MilvusVectors(engine, made)
    assert np.array_equal(vectors.take(np.arange(len(drawn))), drawn.take(np.arange(len(drawn))))
    assert vectors.problems() == []
    engine.drop(name)


def test_collections_of_others_stay(built, engine):
    theirs = f"{engine.address.name}_mine"
    engine(lambda client: client.create_collection(theirs, dimension=4))
    built.add([STORM]).remove(["storm"])
    assert theirs in engine.collections()


def test_a_collection_of_another_schema_is_refused(address, fake_encoder):
    where = address()
    engine = Engine(parse(where))
    name = f"{engine.address.name}_state"
    engine(lambda client: client.create_collection(name, dimension=4))
    with pytest.raises(StoreError, match="Choose another name"):
        Archive.build([RAID], where, encoder=fake_encoder)
    assert name in engine.collections()


def test_what_an_abandoned_build_left_goes_with_the_next(built, engine, monkeypatch, fake_encoder):
    def killed(self, *_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(MilvusPlace, "keep", killed)
        patch.setattr(MilvusPlace, "sweep", lambda self: None)
        with pytest.raises(KeyboardInterrupt):
            built.add([STORM])
    assert len(own(engine)) == 4
    again = Archive.open(str(built.index.place), encoder=fake_encoder)
    assert [one.id for one in again.articles()] == ["flood", "raid"]
    again.add([STORM])
    assert len(own(engine)) == 4


def test_another_machine_s_change_is_not_lost(built, engine, monkeypatch, cache, fake_encoder):
    """Two machines, each with a cache of its own."""
    other = MilvusPlace(engine.address)
    other.home = cache / "elsewhere"
    theirs = Archive.open(other, encoder=fake_encoder)
    keep = MilvusPlace.keep

    def meanwhile(self, *given):
        monkeypatch.setattr(MilvusPlace, "keep", keep)
        theirs.add([STORM])
        keep(self, *given)

    monkeypatch.setattr(MilvusPlace, "keep", meanwhile)
    with pytest.raises(SnapshotError, match="Another program has changed"):
        built.remove(["flood"])
    now = built.newer()
    assert [one.id for one in now.articles()] == ["flood", "raid", "storm"]
    assert now.search("storm in Kampot")[0].passage.article_id == "storm"


# The copy


def test_the_copy_is_fetched_again_where_it_is_gone_or_damaged(built, fake_encoder):
    where = str(built.index.place)
    for name in ("archive.sqlite", "report.json", "manifest.json", "lexical/starts.npy"):
        path = built.index.folder / name
        if path.exists():
            path.unlink()
            again = Archive.open(where, encoder=fake_encoder)
            assert again.search("flood in Takeo")[0].passage.article_id == "flood"
    shutil.rmtree(built.home)
    assert Archive.open(where, encoder=fake_encoder).check() == []


def test_a_file_that_was_altered_in_the_engine_is_refused(built, engine, fake_encoder):
    digest = built.index.manifest.files["archive.sqlite"].sha256
    name = f"{engine.address.name}_files"
    engine.load(name)
    (piece,) = engine.rows(name, f'id == "{digest}:0"', ["id", "data", "nothing"])
    engine.upsert(name, [{**piece, "data": piece["data"][:40] + "AAAA" + piece["data"][44:]}])
    shutil.rmtree(built.home)
    with pytest.raises(SnapshotError, match="altered"):
        Archive.open(str(built.index.place), encoder=fake_encoder)
    again = Archive.build([RAID], str(built.index.place), encoder=fake_encoder)  # The remedy.
    assert again.check() == []


def test_what_was_altered_of_a_collection_is_told(kind, address, fake_encoder):
    where = f"{address()}?words=sparse" if kind == "lite" else address()
    built = Archive.build([RAID, FLOOD], where, encoder=fake_encoder)
    engine = Engine(parse(where))
    name = built.index.manifest.vectors["collection"]
    told = engine(lambda client: client.describe_collection(name))
    (row,) = engine.rows(name, "row == 0", [one["name"] for one in told["fields"]])
    engine.upsert(name, [{**row, "dense": np.roll(row["dense"], 1).tolist()}])
    assert built.check() == [f"the vectors in the collection {name} were altered"]
    if kind == "lite":
        engine.upsert(name, [{**row, "sparse": {**row["sparse"], 1: 0.125}}])
        assert built.check() == [f"the words in the collection {name} were altered"]


def test_the_copy_alone_says_where_its_vectors_are(built, capsys):
    with pytest.raises(SnapshotError, match="--store") as caught:
        Archive.open(built.home)
    assert str(built.index.place) in str(caught.value)


# Failures


def test_a_collection_that_is_missing_is_told_with_the_remedy(built, engine, fake_encoder):
    name = built.index.manifest.vectors["collection"]
    engine(lambda client: client.drop_alias(engine.address.name))
    engine.drop(name)
    with pytest.raises(StoreError, match="byline build ARTICLES --store"):
        built.search("flood")
    with pytest.raises(StoreError, match="missing"):
        Archive.open(str(built.index.place), encoder=fake_encoder)
    again = Archive.build([FLOOD], str(built.index.place), encoder=fake_encoder)  # The remedy.
    assert again.search("flood")[0].passage.article_id == "flood"


def test_a_collection_that_lacks_rows_is_told(built, engine, fake_encoder):
    engine.delete(built.index.manifest.vectors["collection"], "row == 1")
    with pytest.raises(StoreError, match="has 1 vectors, not 2"):
        Archive.open(str(built.index.place), encoder=fake_encoder)


def test_no_server_is_told_with_the_remedy_and_code_2(capsys):
    assert main(["info", "--store", "milvus+http://127.0.0.1:9/news"]) == 2
    said = capsys.readouterr().err
    assert "milvus+http://127.0.0.1:9/news does not answer" in said
    assert "See that the server runs" in said


def test_the_command_line_takes_an_address(tmp_path, address, capsys, models):
    (tmp_path / "raid.jsonl").write_text(
        json.dumps({"title": RAID.title, "text": RAID.text, "source": RAID.source})
    )
    where = address()
    assert main(["build", str(tmp_path / "raid.jsonl"), "--store", where]) == 0
    assert main(["ask", "How many people did police hold in Kratie?", "--store", where]) == 0
    assert "312" in capsys.readouterr().out
    assert main(["check", "--store", where]) == 0
    with pytest.raises(SystemExit, match="2"):
        main(["info", "--store", where, "--index", str(tmp_path)])


def test_asking_for_a_file_that_is_not_there_makes_none(tmp_path):
    with pytest.raises(SnapshotError, match="There is no archive at"):
        Archive.open(tmp_path / "x.db")
    (tmp_path / "y.db").write_bytes(b"SQLite format 3")
    with pytest.raises(SettingsError, match="Name another"):
        Archive.open(tmp_path / "y.db")
    assert not (tmp_path / "x.db").exists()


# Addresses and expressions


@pytest.mark.parametrize(
    ("text", "uri", "name"),
    [
        ("milvus+http://host:19530/news", "http://host:19530", "news"),
        ("milvus+https://host/News_2/", "https://host:19530", "News_2"),
        ("milvus+http://[::1]:1/a?index=hnsw", "http://[::1]:1", "a"),
    ],
)
def test_addresses(text, uri, name):
    assert (parse(text).uri, parse(text).name) == (uri, name)


def test_options_of_addresses(tmp_path):
    asked = parse("milvus+http://host/news?index=flat&words=engine")
    assert (asked.kind, asked.words) == ("FLAT", "engine")
    asked = parse(f"{tmp_path}/x.db?words=engine")
    assert (asked.uri, asked.kind, asked.words) == (f"{tmp_path}/x.db", None, "engine")
    assert (str(tmp_path / "x.db"), None) == (asked.text, parse(asked.text).words)


@pytest.mark.parametrize("text", ["index/archive", "news", "/tmp/x", "C:\\news", "a.db/x"])
def test_folders_are_no_addresses(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("milvus+http://host:19530", "names no archive"),
        ("milvus+http://host:19530/a-b", "names no archive"),
        ("milvus+http://host:x/news", "cannot be read"),
        ("milvus+http://root:secret@host/news", "BYLINE_STORE_TOKEN"),
        ("http://host:19530/news", "is no address"),
        ("milvus://host/news", "is no address"),
        ("milvus+http://host/news?ef=3", "takes [?]index"),
        ("milvus+http://host/news?words=yes", "takes [?]index"),
        ("news.db?index=IVF", "takes [?]index"),
    ],
)
def test_addresses_that_are_none_are_told_what_to_write(text, remedy):
    with pytest.raises(SettingsError, match=remedy) as caught:
        parse(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("step", [1, 2, 7])
def test_expressions_fit_their_rows_and_no_others(step):
    rows = np.concatenate([np.arange(0, 30_000, step), np.arange(40_000, 40_100)])
    found = []
    for one in expressions(rows):
        assert len(one) < 64_000
        if one.startswith("row in "):
            found += json.loads(one.removeprefix("row in "))
        else:
            for part in one.split(" or "):
                first, last = (
                    int(word.strip("()")) for word in part.split() if word.strip("()").isdigit()
                )
                found += range(first, last + 1)
    assert sorted(found) == rows.tolist()


@pytest.mark.parametrize(
    "address",
    [
        "milvus+http://root:hunter2@h:1/news", "milvus+http://h:1/news?token=hunter2",
        "milvus+http://h:1?token=hunter2", "milvus+http://h:1/news#hunter2", "milvus:hunter2@h",
        "milvus+http://root:hunter2/news", "http://h/news?token=hunter2", "news.db?token=hunter2",
        "milvus+http://root:hunter2@h:x/news",
    ],
)  # fmt: skip
def test_no_message_shows_a_password(address):
    with pytest.raises(SettingsError) as told:
        parse(address)
    assert "hunter2" not in str(told.value)


def test_a_note_that_names_what_is_not_the_archives_has_nothing_dropped(built, engine):
    """Whoever may write notes may be allowed less than who sweeps."""
    theirs, state = f"{engine.address.name}x", f"{engine.address.name}_state"
    engine(lambda client: client.create_collection(theirs, dimension=4))
    note = {"collection": theirs, "files": {}, "done": True, "by": "", "at": "2026-01-01T00:00:00Z"}
    notes = [json.dumps(note), "[]", "x", json.dumps({**note, "files": {"a": 10**18}})]
    values = Values(engine, state)
    values.write({f"snapshot:20200101T000000-0000000{n}": one for n, one in enumerate(notes)})
    built.add([STORM])
    assert theirs in engine.collections()


def test_a_manifest_that_names_anothers_collection_is_refused(built):
    theirs = {**built.index.manifest.vectors, "collection": "of_somebody_else"}
    manifest = dataclasses.replace(built.index.manifest, vectors=theirs)
    with pytest.raises(SnapshotError, match="another's collection"):
        SnapshotStore(built.index.folder, built.index.place, manifest)
