"""An archive that is built again, added to, taken from and rolled back, wherever it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rag import Archive, Article
from rag.errors import InputError, SnapshotError
from rag.index import snapshot
from rag.types import Changes

RAID = Article("Police held 312 people in Kratie. The river rose.", "Raid", "raid", "The Post")
SECRET = Article("The mayor owned a xylomarb in Kep. She sold it.", "Kep", "secret", "The Whisper")
VOTE = Article("The council voted for a bridge. It took all night.", "Vote", "vote", "The Post")
FLOOD = Article("A flood came to Takeo on Friday.", "Flood", "flood")
STORIES = [RAID, SECRET, VOTE]


@pytest.fixture
def build(address, fake_encoder) -> Callable[..., Archive]:
    """Build articles at an address, by default at a new one."""

    def build(articles=STORIES, at: str = "", **named: object) -> Archive:
        return Archive.build(articles, at or address(), encoder=fake_encoder, **named)

    return build


def place(archive: Archive) -> str:
    return str(archive.index.place)


def ids(archive: Archive) -> list[str]:
    return [article.id for article in archive.articles()]


def found(archive: Archive, question: str) -> str:
    return archive.search(question)[0].passage.article_id


def test_nothing_is_written_where_nothing_changed(build):
    first = build()
    again = build(at=place(first))
    assert again.index.manifest == first.index.manifest


def test_only_what_is_new_is_embedded(build):
    first = build()
    second = build([RAID, SECRET, replace(VOTE, text="The council voted against it."), FLOOD],
                   at=place(first))  # fmt: skip
    assert second.changes().came == ("flood",)
    assert (second.changes().embedded, second.changes().reused) == (2, 2)
    assert found(second, "flood in Takeo") == "flood"
    assert found(second, "312 people in Kratie") == "raid"
    assert ids(first) == ["raid", "secret", "vote"]  # A reader keeps what was opened.
    assert second.check() == []


def test_articles_are_added(build):
    first = build()
    added = first.add([FLOOD])
    assert ids(added) == ["flood", "raid", "secret", "vote"]
    assert added.changes() == Changes(came=("flood",), embedded=1, reused=3)
    assert found(added, "flood in Takeo") == "flood"


def test_an_article_that_is_removed_is_found_nowhere(build):
    added = build().add([FLOOD])
    left = added.remove(["secret"])
    assert ids(left) == ["flood", "raid", "vote"]
    assert left.search("xylomarb in Kep")[0].passage.article_id != "secret"
    with pytest.raises(KeyError):
        left.article("secret")
    before = Archive.rollback(place(left))
    assert ids(before) == ["raid", "vote"]
    assert left.check() == []


def test_the_snapshot_before_comes_back_and_goes_again(build, fake_encoder):
    first = build()
    second = first.add([FLOOD])
    back = Archive.rollback(place(first))
    assert ids(back) == ids(first)
    assert back.index.manifest == first.index.manifest
    assert ids(Archive.rollback(place(first))) == ids(second)


def test_there_is_nothing_to_go_back_to(build):
    with pytest.raises(SnapshotError, match="no earlier snapshot"):
        Archive.rollback(place(build()))


def test_one_who_reads_takes_up_what_was_built(build):
    reader = build()
    assert reader.newer() is None
    reader.add([FLOOD])
    newer = reader.newer()
    assert found(newer, "flood in Takeo") == "flood"
    assert newer.newer() is None


def test_an_archive_that_is_not_there_is_named(address):
    with pytest.raises(SnapshotError, match="byline build ARTICLES --") as caught:
        Archive.open(where := address())
    assert where in str(caught.value)


def test_what_would_be_lost_is_asked_about(build):
    first = build()
    with pytest.raises(InputError, match="remove-missing"):
        build([RAID], at=place(first))
    assert ids(build([RAID], at=place(first), remove_missing=True)) == ["raid"]


def test_a_build_that_fails_leaves_what_there_was(build, monkeypatch):
    first = build()

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(snapshot.Draft, "write", full)
        with pytest.raises(SnapshotError, match="No space left"):
            first.add([FLOOD])
    assert ids(Archive.open(place(first), encoder=first.load_encoder())) == ids(first)
    assert found(first.add([FLOOD]), "flood in Takeo") == "flood"
