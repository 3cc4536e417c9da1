"""A build onto an index gives what a build from nothing gives, and embeds only what is new."""

from __future__ import annotations

import dataclasses
import datetime
import random
from pathlib import Path

import numpy as np
import pytest

from rag import Archive, Article, BuildSettings
from rag.errors import InputError
from rag.index import snapshot
from rag.index.build import build

WORDS = (
    "rain fell police held people market rice river flood mayor vote ran paid left stood".split()
)
SETTINGS = BuildSettings(passage_tokens=40, heading_tokens=8)


def article(seed: str, **fields) -> Article:
    chance = random.Random(seed)
    sentences = [" ".join(chance.choices(WORDS, k=9)).capitalize() for _ in range(8)]
    day = datetime.date(2020, 1, 1) + datetime.timedelta(chance.randrange(99))
    return Article(
        ". ".join(sentences) + ".",
        **{"id": seed, "title": f"Title {seed}", "source": "AP", "published": day, **fields},
    )


BEFORE = [article(str(n)) for n in range(8)]


def replaced(number: int, **fields) -> list[Article]:
    articles = list(BEFORE)
    articles[number] = dataclasses.replace(articles[number], **fields)
    return articles


CASES = {
    "one came": [*BEFORE, article("new")],
    "one came first": [article("new"), *BEFORE],
    "one went": BEFORE[1:],
    "another text": replaced(3, text=article("other").text),
    "another title": replaced(3, title="Another"),
    "another day": replaced(3, published=datetime.date(2021, 5, 5)),
    "another id": replaced(3, id="x"),
    "another author, which is not embedded": replaced(3, author="Ann Lee"),
    "a copy came": [*BEFORE, dataclasses.replace(BEFORE[2], id="copy", source="The Post")],
    "all are others": [article(f"other {n}") for n in range(5)],
    "a blank one came": [*BEFORE, Article(" \n", id="blank")],
}


def contents(home: Path) -> tuple:
    """All that is asked of an index."""
    index = Archive.open(home).index
    rows = range(len(index.store))
    words = [*WORDS, "another", "title", "post", "other"]
    return (
        [*index.store.articles()],
        index.store.passages(rows),
        {entry.id: entry for entry in index.store.entries()},
        index.store.take(np.arange(len(index.store))).tolist(),
        [index.bm25.scores(word).tolist() for word in words],
        [index.bm25.sentence_scores(word).tolist() for word in words],
        [index.bm25.holding(word).tolist() for word in words],
    )


@pytest.mark.parametrize("after", CASES.values(), ids=CASES)
def test_it_is_the_index_that_is_built_from_nothing(tmp_path, fake_encoder, after):
    build(BEFORE, tmp_path / "index", fake_encoder, SETTINGS)
    changes = build(after, tmp_path / "index", fake_encoder, SETTINGS)
    build(after, tmp_path / "fresh", fake_encoder, SETTINGS)
    assert contents(tmp_path / "index") == contents(tmp_path / "fresh")
    whole = len(Archive.open(tmp_path / "fresh").index.store)
    assert changes.embedded + changes.reused == whole


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("one came", ["new"]),
        ("one went", []),
        ("nothing", None),
        ("another text", ["3"]),
        ("another title", ["3"]),
        ("another id", []),
        ("another author, which is not embedded", []),
        ("a copy came", ["copy"]),
    ],
)
def test_only_what_is_new_is_embedded(tmp_path, fake_encoder, name, new):
    given: list[str] = []

    class Counting(type(fake_encoder)):
        def encode_passages(self, texts, progress=None):
            given.extend(texts)
            return super().encode_passages(texts, progress)

    encoder = Counting()
    build(BEFORE, tmp_path, encoder, SETTINGS)
    before = snapshot.in_force(tmp_path)
    given.clear()
    build(CASES.get(name, BEFORE[::-1]), tmp_path, encoder, SETTINGS)
    passages = Archive.open(tmp_path).index.store.passages
    rows = range(len(Archive.open(tmp_path).index.store))
    assert len(given) == sum(one.article_id in (new or []) for one in passages(rows))
    assert (snapshot.in_force(tmp_path) == before) == (new is None)


@pytest.mark.parametrize("other", ["settings", "encoder"])
def test_other_settings_or_another_encoder_embed_all_again(tmp_path, fake_encoder, other):
    build(BEFORE, tmp_path, fake_encoder, SETTINGS)
    settings = BuildSettings(passage_tokens=50, heading_tokens=8)
    encoder = dataclasses.replace(fake_encoder, salt="4")
    changes = (
        build(BEFORE, tmp_path, fake_encoder, settings)
        if other == "settings"
        else build(BEFORE, tmp_path, encoder, SETTINGS)
    )
    assert changes.reused == 0
    assert changes.embedded == len(Archive.open(tmp_path).index.store)


def test_nothing_is_taken_from_a_snapshot_that_was_altered(tmp_path, fake_encoder):
    build(BEFORE, tmp_path, fake_encoder, SETTINGS)
    path = snapshot.current(tmp_path)[0] / "vectors.faiss"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    build(BEFORE, tmp_path, fake_encoder, SETTINGS)
    opened = Archive.open(tmp_path)
    assert opened.check() == []
    build(BEFORE, tmp_path / "fresh", fake_encoder, SETTINGS)
    one, other = (index.index.store for index in (opened, Archive.open(tmp_path / "fresh")))
    every = np.arange(len(one))
    np.testing.assert_array_equal(one.take(every), other.take(every))


def test_a_removed_word_is_nowhere_in_the_new_snapshot(tmp_path, fake_encoder):
    secret = dataclasses.replace(BEFORE[0], text="The xyzzy met the plugh. " * 3, title="Xyzzy")
    build([secret, *BEFORE[1:]], tmp_path, fake_encoder, SETTINGS)
    build(BEFORE[1:], tmp_path, fake_encoder, SETTINGS)
    folder = snapshot.current(tmp_path)[0]
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert b"xyzzy" not in path.read_bytes().lower(), path


# What a build would change


def test_what_came_went_and_changed(tmp_path, fake_encoder):
    texts = [article(str(n)).text for n in range(4)]
    before = [
        Article(texts[0], title="One", origin="a.txt"),
        Article(texts[1], title="Two", origin="b.txt", url="http://x/2"),
        Article(texts[2], title="Three", origin="c.txt"),
        Article(texts[3], title="Four", id="own"),
    ]
    after = [
        Article(texts[0] + " And more.", title="Uno", origin="a.txt"),  # By wording.
        Article("Quite another.", title="Two", origin="z.txt", url="http://x/2"),  # By title.
        Article("Something else.", title="Else", origin="c.txt"),
        Article("A new text.", title="Four", id="own"),
    ]
    archive = Archive.build(before, tmp_path, encoder=fake_encoder)
    changes = archive.preview(after)
    assert set(changes.changed) == {
        (before[0].id, after[0].id), (before[1].id, after[1].id), ("own", "own"),
    }  # fmt: skip
    assert (changes.came, changes.went) == ((after[2].id,), (before[2].id,))
    assert archive.preview(before) == dataclasses.replace(changes, came=(), went=(), changed=())
    assert snapshot.in_force(tmp_path) == archive.info()["snapshot"]


@pytest.mark.parametrize(("gone", "refused"), [(1, False), (2, False), (3, True), (20, True)])
def test_more_than_a_tenth_is_not_lost_unasked(tmp_path, fake_encoder, gone, refused):
    many = [article(str(n)) for n in range(25)]
    Archive.build(many, tmp_path, encoder=fake_encoder)
    if refused:
        message = f"{gone} of the 25 articles .* Nothing was changed.* --remove-missing"
        with pytest.raises(InputError, match=message):
            Archive.build(many[gone:], tmp_path, encoder=fake_encoder)
        assert len(list(Archive.open(tmp_path).articles())) == 25
    Archive.build(many[gone:], tmp_path, encoder=fake_encoder, remove_missing=refused)
    assert len(list(Archive.open(tmp_path).articles())) == 25 - gone


def test_of_few_articles_one_may_go(tmp_path, fake_encoder):
    Archive.build(BEFORE[:2], tmp_path, encoder=fake_encoder)
    assert len(list(Archive.build(BEFORE[:1], tmp_path, encoder=fake_encoder).articles())) == 1
