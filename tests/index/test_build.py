"""Articles to an index: what is recorded, what is refused, and that no way to die breaks it."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rag import Archive, Article, BuildSettings
from rag.errors import EncoderError, InputError, SettingsError, SnapshotError
from rag.index import snapshot, store
from rag.index.bm25 import BM25Index
from rag.index.build import articles_hash, build, is_current
from rag.index.chunk import heading
from rag.index.manifest import Manifest

OLD = [Article("The old mayor left. He ran.", title="Mayor", source="AP")]
NEW = [
    Article("The new mayor came. She stayed.", title="Mayor", source="AP"),
    Article("It rained.", published=datetime.date(2017, 3, 2), origin="page.txt#2"),
]
DEFAULTS = BuildSettings()
ROOT = Path(__file__).parents[2]


def texts(home: Path) -> list[str]:
    return sorted(article.text for article in Archive.open(home).articles())


def manifest(home: Path) -> dict:
    return snapshot.current(home)[1]


def parsed(home: Path) -> Manifest:
    return Manifest.parse(manifest(home))


def test_the_hash_of_articles_is_that_of_their_lines_in_order():
    """However many begin alike, and in whatever order they come."""
    story = "The council of Kratié, as the agency AKP said on Friday, voted for a bridge."
    articles = [Article(f"{story} {n}", id=f"{n}") for n in range(9, 0, -1)]
    articles += [Article("Rain.", title="🙂", id="0"), Article("Rain.", id="00"), *NEW]
    lines = [json.dumps([dataclasses.astuple(one)], default=str, ensure_ascii=False)
             for one in articles]  # fmt: skip
    expected = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    assert articles_hash(articles) == articles_hash(articles[::-1]) == expected


def test_the_manifest_says_what_was_built(tmp_path, fake_encoder):
    settings = BuildSettings(encoder="given", passage_tokens=64, heading_tokens=8)
    build(NEW, tmp_path, fake_encoder, settings)
    facts = manifest(tmp_path)
    assert (facts["articles"], facts["passages"]) == (2, 2)
    assert facts["settings"] == dataclasses.asdict(settings)
    assert facts["articles_sha256"] == articles_hash(NEW)
    assert (facts["encoder"]["name"], facts["encoder"]["precision"]) == ("fake", "float32")
    assert facts["encoder"]["dimension"] == fake_encoder.dimension
    assert "vectors.faiss" in facts["files"]
    assert texts(tmp_path) == sorted(article.text for article in NEW)


def test_what_is_embedded_is_the_passage_with_its_heading(tmp_path, fake_encoder):
    build(OLD, tmp_path, fake_encoder, DEFAULTS)
    opened = store.SnapshotStore(snapshot.current(tmp_path)[0])
    (passage,) = opened.passages([0])
    assert passage.text == OLD[0].text
    expected = fake_encoder.encode_passages([f"Mayor. AP\n{passage.text}"])
    np.testing.assert_allclose(opened.cosines(expected, np.array([0])), [[1]], atol=1e-6)


def test_passages_with_their_headings_fit_the_setting(archive, encoder, articles):
    opened = store.SnapshotStore(archive.index.folder)
    by_id = {article.id: article for article in articles}
    passages = opened.passages(range(len(opened)))
    assert {passage.article_id for passage in passages} == set(by_id)
    heads = [heading(by_id[p.article_id], encoder.count_tokens, 48) for p in passages]
    assert all(heads)
    assert max(encoder.count_tokens(heads)) <= 48
    embedded = [f"{head}\n{p.text}" for head, p in zip(heads, passages, strict=True)]
    assert 200 < max(encoder.count_tokens(embedded)) + encoder.overhead <= 256
    rows = np.array([0, len(opened) - 1])
    for row in rows:
        vectors = encoder.encode_passages([embedded[row]])
        assert opened.cosines(vectors, rows[rows == row]) == pytest.approx(1, abs=1e-5)


def test_progress_runs_to_the_end_of_each_stage(tmp_path, fake_encoder):
    seen = []
    build(NEW, tmp_path, fake_encoder, DEFAULTS, lambda *step: seen.append(step))
    assert seen == [
        ("cutting", 1, 2),
        ("cutting", 2, 2),
        ("embedding", 2, 2),
    ]


def test_a_disk_that_is_full_ends_the_embedding(tmp_path, fake_encoder, monkeypatch):
    """The words are indexed in another thread; nobody waits for hours to hear that it failed."""
    failed = threading.Event()

    def full(*_: object) -> None:
        failed.set()
        raise OSError("disk full")

    class Slow(type(fake_encoder)):
        def encode_passages(self, texts, progress=None):
            assert failed.wait(60)
            for done in itertools.count():  # Without end.
                time.sleep(0.001)
                progress("embedding", done, 0)

    monkeypatch.setattr(BM25Index, "write", full)
    with pytest.raises(SnapshotError, match="disk full"):
        build(NEW, tmp_path / "index", Slow(), DEFAULTS)


def test_an_encoder_that_fails_ends_the_other_work(tmp_path, fake_encoder, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    class Broken(type(fake_encoder)):
        def encode_passages(self, texts, progress=None):
            assert begun.wait(60)
            raise EncoderError("broken")

    def compared(articles, text_of, sketches, before, between):
        begun.set()
        try:
            while True:
                time.sleep(0.001)
                between()
        finally:
            ended.set()

    monkeypatch.setattr("rag.index.build.reports", compared)
    with pytest.raises(EncoderError, match="broken"):
        build(NEW, tmp_path / "index", Broken(), DEFAULTS)
    assert ended.is_set()


def test_a_copy_is_stored_with_its_report(tmp_path, fake_encoder, articles):
    text = articles[1].text
    copy = Article(text[: len(text) // 2], title="Another headline", source="AP")
    build([copy, *articles], tmp_path, fake_encoder, DEFAULTS)
    opened = store.SnapshotStore(snapshot.current(tmp_path)[0])
    alone = {article.id: article.id for article in articles}
    first = min(copy.id, articles[1].id)  # Neither has a date.
    expected = {**alone, copy.id: first, articles[1].id: first}
    assert {article.id: opened.report(article.id) for article in opened.articles()} == expected


def test_an_article_that_comes_twice_is_taken_once(tmp_path, fake_encoder):
    again = dataclasses.replace(NEW[1], origin="copy.txt")
    build([*NEW, again, *NEW], tmp_path, fake_encoder, DEFAULTS)
    assert manifest(tmp_path)["articles"] == 2
    assert list(Archive.open(tmp_path).articles()) == sorted(NEW, key=lambda article: article.id)
    assert is_current(tmp_path, [*NEW, again, *NEW], DEFAULTS)


def test_a_blank_article_is_kept_among_others(tmp_path, fake_encoder):
    build([*OLD, Article(" \n", title="Blank")], tmp_path, fake_encoder, DEFAULTS)
    assert (manifest(tmp_path)["articles"], manifest(tmp_path)["passages"]) == (2, 1)


@pytest.mark.parametrize(
    ("articles", "message"),
    [
        pytest.param([], "no article to index", id="none"),
        pytest.param([Article(""), Article(" \n", id="b")], "no article to index", id="blank"),
        pytest.param(
            [Article("One.", id="x", origin="a.txt"), Article("Two.", id="x")],
            r"id 'x' \(a.txt and no file\)",
            id="two of one id",
        ),
    ],
)
def test_articles_that_cannot_be_indexed_are_refused(tmp_path, fake_encoder, articles, message):
    build(OLD, tmp_path, fake_encoder, DEFAULTS)
    with pytest.raises(InputError, match=message):
        build(articles, tmp_path, fake_encoder, DEFAULTS)
    assert texts(tmp_path) == [OLD[0].text]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"max_tokens": 255}, r"256 tokens .* reads 255. Lower", id="too long"),
        pytest.param(
            {"overhead": 208}, r"256 tokens have no room .* take 256. Raise", id="no room"
        ),
    ],
)
def test_passages_that_do_not_suit_the_encoder_are_refused(
    tmp_path, fake_encoder, changes, message
):
    with pytest.raises(SettingsError, match=message):
        build(OLD, tmp_path, dataclasses.replace(fake_encoder, **changes), DEFAULTS)
    assert list(tmp_path.iterdir()) == []


def test_a_heading_may_leave_room_for_only_two_tokens(tmp_path, fake_encoder):
    encoder = dataclasses.replace(fake_encoder, overhead=207)
    title = Article("The mayor ran", title="a " * 99)
    build([title], tmp_path, encoder, DEFAULTS)
    opened = store.SnapshotStore(snapshot.current(tmp_path)[0])
    assert [p.text for p in opened.passages(range(len(opened)))] == ["The mayor", "mayor ran"]


@pytest.mark.parametrize("field", ["text", "title", "source", "author", "url", "language"])
def test_any_change_of_an_article_makes_the_index_out_of_date(tmp_path, fake_encoder, field):
    build(NEW, tmp_path, fake_encoder, DEFAULTS)
    assert is_current(tmp_path, NEW, DEFAULTS)
    assert is_current(tmp_path, reversed(NEW), DEFAULTS)
    changed = dataclasses.replace(NEW[0], **{field: "x"})
    assert not is_current(tmp_path, [changed, NEW[1]], DEFAULTS)
    assert not is_current(tmp_path, [dataclasses.replace(NEW[0], published=None, id="y")], DEFAULTS)
    assert not is_current(tmp_path, NEW[:1], DEFAULTS)
    assert not is_current(tmp_path, [*NEW, *OLD], DEFAULTS)


@pytest.mark.parametrize(
    "other", [{"encoder": "x"}, {"precision": "float32"}, {"passage_tokens": 128}], ids=str
)
def test_any_change_of_a_setting_makes_the_index_out_of_date(tmp_path, fake_encoder, other):
    build(NEW, tmp_path, fake_encoder, DEFAULTS)
    assert not is_current(tmp_path, NEW, BuildSettings(**other))


def test_a_snapshot_stays_readable_after_another_replaced_it(tmp_path, fake_encoder):
    before = Archive.build(OLD, tmp_path, encoder=fake_encoder)
    after = Archive.build(NEW, tmp_path, encoder=fake_encoder)
    build(OLD, tmp_path, fake_encoder, DEFAULTS)  # Of older ones one is kept.
    assert not before.index.folder.exists()
    assert [hit.passage.text for hit in before.search("mayor")] == [OLD[0].text]
    assert list(before.articles()) == OLD
    assert {hit.passage.text for hit in after.search("mayor")} >= {NEW[0].text}


def test_an_encoder_that_fails_leaves_the_old_index(tmp_path, fake_encoder):
    class Failing(type(fake_encoder)):
        def encode_passages(self, texts, progress=None):
            raise EncoderError("It broke.")

    build(OLD, tmp_path, fake_encoder, DEFAULTS)
    with pytest.raises(EncoderError, match="It broke"):
        build(NEW, tmp_path, Failing(), DEFAULTS)
    assert texts(tmp_path) == [OLD[0].text]
    assert len(list((tmp_path / "snapshots").iterdir())) == 1


def test_two_builds_at_once(tmp_path, fake_encoder):
    class Second(type(fake_encoder)):
        def encode_passages(self, texts, progress=None):
            with pytest.raises(SnapshotError, match=r"Another build is at work.* Wait"):
                build(OLD, tmp_path, fake_encoder, DEFAULTS)
            return super().encode_passages(texts, progress)

    build(NEW, tmp_path, Second(), DEFAULTS)
    assert texts(tmp_path) == sorted(article.text for article in NEW)
    build(OLD, tmp_path, fake_encoder, DEFAULTS)
    assert texts(tmp_path) == [OLD[0].text]


@contextlib.contextmanager
def largest_file(size: int):
    """No file can be written beyond `size` bytes, as on a full disk."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("size", [0, 100, 5_000, 20_000], ids=lambda size: f"{size} bytes")
def test_a_full_disk_is_an_error_with_a_remedy_and_leaves_the_old_index(
    tmp_path, fake_encoder, size
):
    build(OLD, tmp_path, fake_encoder, DEFAULTS)
    with (
        pytest.raises(SnapshotError, match=r"cannot be written .* a disk with room"),
        largest_file(size),
    ):
        build(NEW, tmp_path, fake_encoder, DEFAULTS)
    assert texts(tmp_path) == [OLD[0].text]
    assert len(list((tmp_path / "snapshots").iterdir())) == 1


# Builds in a child that kills itself at its n-th step in the file system, for every n that there
# is: each leaves an index behind, as it was found by whoever came next.
_DIE_AT_EVERY_STEP = """
import os, shutil, signal, sys
from itertools import count
from pathlib import Path

sys.path[:0] = sys.argv[2:]
from fakes import FakeEncoder
from rag.index.build import build
from rag.settings import BuildSettings
from test_build import NEW

STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect"}

def builds(home, last):
    done = 0
    def watch(event, details):
        nonlocal done
        if event in STEPS and str(details[0]).startswith(str(home)):
            done += 1
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    build(NEW, home, FakeEncoder(), BuildSettings())

work = Path(sys.argv[1])
# What a first build loads is loaded here, and not in every child.
build(NEW, work.with_name("warm"), FakeEncoder(), BuildSettings())
for step in count(1):
    home = work / f"{step:03}"
    shutil.copytree(work / "old", home)
    if not (child := os.fork()):
        builds(home, step)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.process
def test_a_build_killed_at_any_step_leaves_an_index_that_answers(tmp_path, fake_encoder):
    work = tmp_path / "work"
    build(OLD, work / "old", fake_encoder, DEFAULTS)
    places = (ROOT, ROOT / "tests", Path(__file__).parent)
    command = [sys.executable, "-c", _DIE_AT_EVERY_STEP, work, *places]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # A fork has no threads of its parent's.
    subprocess.run(command, check=True, timeout=300, env=alone)
    shutil.rmtree(work / "old")
    old, new = [OLD[0].text], sorted(article.text for article in NEW)
    found = []
    for home in sorted(work.iterdir()):
        archive = Archive.open(home)
        found.append(sorted(article.text for article in archive.articles()))
        assert archive.check() == []
        build(OLD, home, fake_encoder, DEFAULTS)
        assert texts(home) == old
        # That, and the one before, if it was another.
        assert len(list((home / "snapshots").iterdir())) == 1 + (found[-1] == new)
        assert {path.name for path in home.iterdir()} == {"CURRENT", "snapshots", ".lock"}
    # The old index answered up to one moment, the new one from then on.
    assert [answer for answer, _ in itertools.groupby(found)] == [old, new]
    assert found.count(old) > 20
    assert found.count(new) > 3


# What is not Byline's own


@pytest.fixture
def foreign(tmp_path):
    """A folder elsewhere, with a file in it."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "letters.txt").write_text("Dear all")
    return folder


def tree(folder: Path) -> dict[str, bytes | str]:
    """Everything in a folder, with what it holds or leads to."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else ""
        for path in folder.rglob("*")
    }


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target)
    except OSError:
        pytest.skip("links cannot be made here")


PLANTED = "20200101T000000-0123abcd"


@pytest.mark.parametrize("name", ["mine", PLANTED, "mine.draft"])
def test_a_build_leaves_a_foreign_folder_among_the_snapshots(tmp_path, foreign, fake_encoder, name):
    home = tmp_path / "index"
    build(OLD, home, fake_encoder, DEFAULTS)
    (foreign / "manifest.json").write_text('{"snapshot": "another"}')
    shutil.copytree(foreign, home / "snapshots" / name)
    build(NEW, home, fake_encoder, DEFAULTS)
    assert tree(home / "snapshots" / name) == tree(foreign)
    assert texts(home) == sorted(article.text for article in NEW)
    assert len(list((home / "snapshots").iterdir())) == 3


@pytest.mark.parametrize("name", ["mine.txt", PLANTED, f"{PLANTED}.draft"])
def test_a_build_leaves_a_foreign_file_among_the_snapshots(tmp_path, fake_encoder, name):
    build(OLD, tmp_path, fake_encoder, DEFAULTS)
    (tmp_path / "snapshots" / name).write_text("Dear all")
    build(NEW, tmp_path, fake_encoder, DEFAULTS)
    assert (tmp_path / "snapshots" / name).read_text() == "Dear all"
    assert len(list((tmp_path / "snapshots").iterdir())) == 3


@pytest.mark.parametrize("own", [False, True], ids=["foreign", "a snapshot"])
def test_a_build_neither_follows_nor_removes_a_link_among_the_snapshots(
    tmp_path, foreign, fake_encoder, own
):
    home = tmp_path / "index"
    build(OLD, home, fake_encoder, DEFAULTS)
    if own:
        (foreign / "manifest.json").write_text(f'{{"snapshot": "{PLANTED}"}}')
    before = tree(foreign)
    linked = home / "snapshots" / PLANTED
    link(linked, foreign)
    (home / "snapshots" / f"{PLANTED}.draft").touch()
    build(NEW, home, fake_encoder, DEFAULTS)
    assert linked.is_symlink()
    assert tree(foreign) == before


def test_a_snapshot_behind_a_link_is_not_read_and_is_replaced(tmp_path, fake_encoder):
    home = tmp_path / "index"
    build(OLD, home, fake_encoder, DEFAULTS)
    path, _ = snapshot.current(home)
    path.rename(tmp_path / "moved")
    link(path, tmp_path / "moved")
    before = tree(tmp_path / "moved")
    with pytest.raises(SnapshotError, match="behind a symbolic link"):
        snapshot.current(home)
    build(NEW, home, fake_encoder, DEFAULTS)
    assert tree(tmp_path / "moved") == before
    assert texts(home) == sorted(article.text for article in NEW)


@pytest.mark.parametrize("name", ["snapshots", ".lock", "CURRENT", "CURRENT.new"])
def test_an_index_is_not_written_through_a_link(tmp_path, fake_encoder, name):
    home = tmp_path / "index"
    build(OLD, home, fake_encoder, DEFAULTS)
    if (home / name).exists():
        (home / name).rename(tmp_path / "elsewhere")
    else:
        (tmp_path / "elsewhere").write_text("Dear all")
    link(home / name, tmp_path / "elsewhere")
    before = tree(tmp_path)
    with pytest.raises(SnapshotError, match=r"is a symbolic link.* Remove the link"):
        build(NEW, home, fake_encoder, DEFAULTS)
    assert tree(tmp_path) == before


def test_a_link_that_comes_during_a_build_is_not_written_through(tmp_path, fake_encoder):
    letters = tmp_path / "letters.txt"
    letters.write_text("Dear all")
    home = tmp_path / "index"

    class Late(type(fake_encoder)):
        def encode_passages(self, texts, progress=None):
            link(home / "CURRENT.new", letters)
            return super().encode_passages(texts, progress)

    build(OLD, home, Late(), DEFAULTS)
    assert letters.read_text() == "Dear all"
    assert not (home / "CURRENT").is_symlink()
    assert texts(home) == [OLD[0].text]


@pytest.mark.parametrize(
    "files",
    [
        ["letters.txt"],
        [".hidden"],
        ["snapshots/letters.txt"],
        [f"snapshots/{PLANTED}/letters.txt"],
        ["snapshots"],
        ["CURRENT"],
        ["CURRENT", "feedback.jsonl", "calibration.json"],
    ],
    ids=", ".join,
)
def test_a_folder_that_holds_anything_else_is_refused(tmp_path, fake_encoder, files):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('{"main": "mine"}')
    before = tree(tmp_path)
    with pytest.raises(SnapshotError, match=r"is not empty and holds no index.* Name a new or"):
        build(NEW, tmp_path, fake_encoder, DEFAULTS)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", [".lock", "CURRENT.new"])
def test_a_folder_with_a_foreign_file_whose_name_is_needed_is_refused(tmp_path, fake_encoder, name):
    (tmp_path / name).write_text('{"main": "mine"}')
    before = tree(tmp_path)
    with pytest.raises(SnapshotError, match=r"is no file of Byline.* Move it elsewhere"):
        build(NEW, tmp_path, fake_encoder, DEFAULTS)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["feedback.jsonl", "calibration.json"])
def test_judgements_and_what_they_taught_outlive_an_index(tmp_path, fake_encoder, name):
    beside = tmp_path / name
    beside.write_text("{}\n")
    for articles in (OLD, NEW):
        build(articles, tmp_path, fake_encoder, DEFAULTS)
        assert beside.read_text() == "{}\n"


def test_an_index_without_a_current_or_a_manifest_is_built_again(tmp_path, fake_encoder):
    for name in ("CURRENT", "snapshots/*/manifest.json"):
        build(OLD, tmp_path, fake_encoder, DEFAULTS)
        for path in tmp_path.glob(name):
            path.unlink()
        build(NEW, tmp_path, fake_encoder, DEFAULTS)
        assert texts(tmp_path) == sorted(article.text for article in NEW)


_DIE_IN_A_DRAFT = """
import os, signal, sys
from pathlib import Path
from rag.index import snapshot

with snapshot.draft(Path(sys.argv[1])) as draft:
    (draft.path / "lexical").mkdir()
    (draft.path / "lexical" / "words.npz").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("first", [True, False], ids=["first build", "later build"])
@pytest.mark.process
def test_the_draft_of_a_killed_build_is_removed_by_the_next(tmp_path, fake_encoder, first):
    if not first:
        build(OLD, tmp_path, fake_encoder, DEFAULTS)
    died = subprocess.run([sys.executable, "-c", _DIE_IN_A_DRAFT, tmp_path], cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    assert list(tmp_path.glob("snapshots/*/lexical/words.npz"))
    build(NEW, tmp_path, fake_encoder, DEFAULTS)
    earlier = snapshot.earlier(tmp_path)
    kept = {snapshot.current(tmp_path)[0], *([earlier[0]] if earlier else [])}
    assert {*(tmp_path / "snapshots").iterdir()} == kept
    assert len(kept) == (1 if first else 2)


def test_a_first_build_that_fails_goes_on_where_it_was(tmp_path, fake_encoder):
    """Its journal alone is in the folder, and makes it an index."""
    given: list[str] = []

    class Failing(type(fake_encoder)):
        left = 2

        def encode_passages(self, texts, progress=None):
            if not (left := type(self).left):
                raise EncoderError("It broke.")
            type(self).left = left - 1
            given.extend(texts)
            return super().encode_passages(texts, progress)

    articles = [Article(f"Rain fell {n} days.") for n in range(1000)]
    with pytest.raises(EncoderError, match="It broke"):
        build(articles, tmp_path, Failing(), DEFAULTS)
    assert 0 < len(given) < 1000
    Failing.left = 1000
    build(articles, tmp_path, Failing(), DEFAULTS)
    assert sorted(given) == sorted(article.text for article in articles)
    assert len(Archive.open(tmp_path).index.store) == 1000
