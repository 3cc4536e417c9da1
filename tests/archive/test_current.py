"""An archive kept current: articles added, changed, removed for good, and a build rolled back."""

from __future__ import annotations

import datetime
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rag import Archive, Article, read_articles
from rag.errors import InputError, SnapshotError
from rag.index import snapshot
from rag.types import Changes, Copies, Version

DAY = datetime.date(2025, 7, 16)
PHRASE = "xylomarb quandrak"
"""Words that stand in no other article, nor in any file of an index by chance."""
RAID = Article("Police held 312 people in Kratie. The river rose.", "Raid", "raid", "The Post")
SECRET = Article(
    f"The mayor owned a {PHRASE} in Kep. She sold it to a friend for a song on Monday.",
    f"The {PHRASE} of Kep", "secret", "The Whisper", origin="secret.txt",
)  # fmt: skip
VOTE = Article("The council voted for a bridge. It took all night.", "Vote", "vote", "The Post")
STORIES = [RAID, SECRET, VOTE]


@pytest.fixture
def built(tmp_path, fake_encoder):
    return Archive.build(STORIES, tmp_path / "index", encoder=fake_encoder)


def ids(archive: Archive) -> list[str]:
    return [article.id for article in archive.articles()]


def holding(home: Path, words: str = PHRASE) -> list[str]:
    """The files of an index, links and marks included, whose bytes hold words in any case."""
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file():
            data = path.read_bytes().lower()
            if any(word.encode() in data for word in words.lower().split()):
                found.append(path.name)
    return found


def test_the_phrase_is_in_an_index_that_holds_the_article(built):
    """Or the tests below could not fail."""
    assert {"archive.sqlite", "vocabulary.json"} <= set(holding(built.home))


# Adding


def test_articles_are_added_to_those_that_are_there(built):
    flood = Article("A flood came to Takeo on Friday.", "Flood", "flood")
    added = built.add([flood])
    assert ids(added) == ["flood", "raid", "secret", "vote"]
    assert added.search("flood in Takeo")[0].passage.article_id == "flood"
    assert added.changes() == Changes(came=("flood",), embedded=1, reused=3)
    assert ids(built) == ["raid", "secret", "vote"]  # A reader keeps what was opened.


def test_what_was_added_stays_when_the_folder_is_built_again(built, fake_encoder):
    flood = Article("A flood came to Takeo on Friday.", "Flood", "flood")
    built.add([flood])
    again = Archive.build([*STORIES, replace(VOTE, id="new", text="New.")], built.home,
                          encoder=fake_encoder)  # fmt: skip
    assert ids(again) == ["flood", "new", "raid", "secret", "vote"]
    assert ids(Archive.build(STORIES, built.home, encoder=fake_encoder))[0] == "flood"


def test_another_text_of_an_article_takes_its_place(built):
    new = replace(RAID, text="Police held 313 people in Kratie. The river rose.")
    added = built.add([new])
    assert added.article("raid").text == new.text
    assert added.changes().changed == (("raid", "raid"),)
    (version,) = added.versions("raid")
    assert version.article == RAID


def test_an_article_known_by_its_address_is_replaced_whatever_its_id(tmp_path, fake_encoder):
    url = "https://example.org/raid"
    old = Article("Police held 312 people in Kratie on Monday.", "Raid in Kratie", url=url)
    new = replace(old, text="Police held 313 people in Kratie on Monday.", id="")
    archive = Archive.build([old, VOTE], tmp_path, encoder=fake_encoder).add([new])
    assert set(ids(archive)) == {new.id, "vote"}
    assert archive.changes().changed == ((old.id, new.id),)
    today = datetime.date.today()
    assert archive.versions(old.id) == archive.versions(new.id) == (Version(old, today, new.id),)


def test_nothing_to_add_is_an_error(built):
    with pytest.raises(InputError, match="no article to index"):
        built.add([])
    assert built.newer() is None


def test_a_report_of_what_was_added_is_put_to_that_of_the_build(tmp_path, fake_encoder):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.jsonl").write_text(json.dumps({"text": f"Story {name}."}))
        (tmp_path / name / "broken.pdf").write_text("%PDF-1.4 nothing")
    home = tmp_path / "index"
    archive = Archive.build(read_articles(tmp_path / "one"), home, encoder=fake_encoder)
    report = archive.add(read_articles(tmp_path / "two")).reading_report()
    assert (report.read, report.unread, report.articles) == (2, 2, 2)
    assert [one.file for one in report.failed] == ["broken.pdf", "broken.pdf"]


def test_nothing_is_added_to_a_damaged_index(built):
    path = built.index.folder / "archive.sqlite"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(SnapshotError, match="is damaged"):
        built.add([replace(VOTE, id="more", text="More.")])
    with pytest.raises(SnapshotError, match="is damaged"):
        built.remove(["raid"])
    assert ids(built) == ["raid", "secret", "vote"]


# Removing


def test_a_removed_article_is_nowhere(built):
    archive = built.remove(["secret"])
    assert ids(archive) == ["raid", "vote"]
    assert all(hit.passage.article_id != "secret" for hit in archive.search(PHRASE))
    assert archive.by_hash(SECRET.content_hash) is None
    assert "The Whisper" not in archive.sources
    assert archive.check() == []
    assert holding(built.home) == []
    assert archive.changes().came == ("raid", "vote")


def test_nor_is_it_in_the_snapshot_before(built):
    archive = built.add([replace(VOTE, id="more", text="More.")])
    assert {"archive.sqlite"} <= set(holding(built.home))
    archive = archive.remove(["secret"])
    assert holding(built.home) == []
    back = Archive.rollback(built.home)
    assert ids(back) == ["raid", "vote"]
    assert back.check() == []
    assert ids(Archive.rollback(built.home)) == ["more", "raid", "vote"]


def test_an_article_that_only_the_snapshot_before_has_is_removed_from_it(built, fake_encoder):
    Archive.build([RAID, VOTE], built.home, encoder=fake_encoder)
    assert holding(built.home)
    Archive.open(built.home, encoder=fake_encoder).remove(["secret"])
    assert holding(built.home) == []


def test_a_build_of_the_same_articles_does_not_bring_it_back(built, fake_encoder):
    built.remove(["secret"])
    again = Archive.build(STORIES, built.home, encoder=fake_encoder)
    assert ids(again) == ["raid", "vote"]
    renamed = Archive.build([*STORIES, replace(SECRET, id="x")], built.home, encoder=fake_encoder)
    assert ids(renamed) == ["raid", "vote"]
    rewritten = [RAID, VOTE, replace(SECRET, text="Another text.")]
    assert ids(Archive.build(rewritten, built.home, encoder=fake_encoder)) == ["raid", "vote"]
    assert holding(built.home) == []
    assert again.preview(STORIES) == Changes()


def test_adding_it_brings_it_back(built, fake_encoder):
    archive = built.remove(["secret"]).add([SECRET])
    assert ids(archive) == ["raid", "secret", "vote"]
    assert ids(Archive.rollback(built.home)) == ["raid", "vote"]  # As it was before.
    assert ids(Archive.build(STORIES, built.home, encoder=fake_encoder)) == ["raid", "vote"]
    assert ids(Archive.open(built.home, encoder=fake_encoder).add([SECRET])) == ids(archive)
    assert ids(Archive.build(STORIES, built.home, encoder=fake_encoder)) == ids(archive)


def test_its_earlier_texts_go_with_it(built):
    changed = built.add([replace(SECRET, text="Nothing was owned.", title="Kep")])
    assert holding(built.home)
    archive = changed.remove(["secret"])
    assert holding(built.home) == []
    assert archive.versions("secret") == ()


def test_an_article_may_be_named_by_the_id_of_an_earlier_text(tmp_path, fake_encoder):
    old = replace(SECRET, id="", url="https://example.org/1")
    new = replace(old, text=f"{SECRET.text} Or so they say.", id="")
    archive = Archive.build([old, RAID], tmp_path, encoder=fake_encoder)
    archive = Archive.build([new, RAID], tmp_path, encoder=fake_encoder).remove([old.id])
    assert ids(archive) == ["raid"]
    assert holding(tmp_path) == []
    assert ids(Archive.build([old, RAID], tmp_path, encoder=fake_encoder)) == ["raid"]


def test_the_report_says_nothing_of_it(tmp_path, fake_encoder):
    folder, home = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    (folder / f"{PHRASE.replace(' ', '-')}.jsonl").write_text(
        json.dumps({"text": SECRET.text, "source": PHRASE, "id": "secret"}) + "\n{"
    )
    (folder / "raid.jsonl").write_text(json.dumps({"text": RAID.text, "source": "The Post"}))
    archive = Archive.build(read_articles(folder), home, encoder=fake_encoder)
    assert {"report.json"} <= set(holding(home))
    report = archive.remove(["secret"]).reading_report()
    assert holding(home) == []
    assert (report.articles, dict(report.sources), report.files) == (1, {"The Post": 1}, ())


def test_what_cannot_be_removed(built):
    with pytest.raises(InputError, match="no article with the id nobody, nothing"):
        built.remove(["raid", "nothing", "nobody"])
    with pytest.raises(InputError, match="No article would be left"):
        built.remove(["raid", "secret", "vote"])
    assert built.newer() is None
    assert len([*(built.home / "snapshots").iterdir()]) == 1
    archive = built.remove(["secret"])
    assert archive.remove(["secret"]).newer() is None  # It is removed: there is nothing to do.


def test_articles_that_remain_are_found_as_before(built, fake_encoder, tmp_path):
    left = built.remove(["secret"])
    fresh = Archive.build([RAID, VOTE], tmp_path / "fresh", encoder=fake_encoder)
    for question in ("Who was held in Kratie?", "What did the council vote for?"):
        found = [(hit.passage, hit.score) for hit in left.search(question)]
        assert found == [(hit.passage, hit.score) for hit in fresh.search(question)]


def test_copies_of_a_removed_first_report_stay_copies(tmp_path, fake_encoder):
    text = " ".join(f"The minister of works said word{n} to the house." for n in range(12))
    one, two, three = (
        Article(text + f" End {n}.", str(n), str(n), published=DAY + datetime.timedelta(n))
        for n in range(3)
    )
    archive = Archive.build([one, two, three, RAID], tmp_path, encoder=fake_encoder)
    assert {archive.report(i) for i in "012"} == {"0"}
    archive = archive.remove(["0"])
    assert {archive.report(i) for i in "12"} == {"1"}


def test_two_changes_at_once_are_one_too_many(built):
    with snapshot.locked(built.home):
        for change in (
            lambda: built.add([replace(VOTE, id="more", text="More.")]),
            lambda: built.remove(["secret"]),
            lambda: Archive.rollback(built.home),
        ):
            with pytest.raises(SnapshotError, match="Another build is at work"):
                change()
    assert built.newer() is None


# Rolling back, and taking up what is newer


def test_a_build_is_rolled_back(built, fake_encoder):
    Archive.build([RAID, VOTE], built.home, encoder=fake_encoder)
    back = Archive.rollback(built.home)
    assert ids(back) == ["raid", "secret", "vote"]
    assert back.check() == []
    with pytest.raises(SnapshotError, match="no index in"):
        Archive.rollback(built.home / "none")


def test_an_archive_tells_of_a_newer_snapshot(built, fake_encoder):
    assert built.newer() is None
    Archive.build([RAID, VOTE], built.home, encoder=fake_encoder)
    newer = built.newer()
    assert ids(newer) == ["raid", "vote"]
    assert newer.settings == built.settings
    assert newer.newer() is None
    Archive.rollback(built.home)
    assert ids(newer.newer()) == ["raid", "secret", "vote"]


def test_a_damaged_snapshot_before_is_found_by_check(built, fake_encoder):
    archive = Archive.build([RAID, VOTE], built.home, encoder=fake_encoder)
    path = snapshot.earlier(built.home)[0] / "archive.sqlite"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert archive.check() == ["the earlier snapshot: archive.sqlite was altered"]
    assert holding(archive.home)
    archive.remove(["vote"])
    assert holding(archive.home) == []  # It went: nothing can be removed from it.


# Earlier texts


def test_an_article_keeps_its_earlier_texts_through_builds(built, fake_encoder):
    texts = [f"Police held {n} people in Kratie. The river rose." for n in (313, 314)]
    for text in texts:
        archive = Archive.build([replace(RAID, text=text), VOTE, SECRET], built.home,
                                encoder=fake_encoder)  # fmt: skip
    assert [one.article.text for one in archive.versions("raid")] == [texts[0], RAID.text]
    archive = Archive.build([RAID, VOTE, SECRET], built.home, encoder=fake_encoder)
    assert [one.article.text for one in archive.versions("raid")] == texts[::-1]
    archive = Archive.build([VOTE, SECRET], built.home, encoder=fake_encoder)
    assert archive.versions("raid") == ()  # An article that is gone has none.


def test_of_very_many_earlier_texts_the_last_are_kept(built):
    archive = built
    for n in range(25):
        archive = archive.add([replace(RAID, text=f"Police held {n} people.")])
    texts = [one.article.text for one in archive.versions("raid")]
    assert texts == [f"Police held {n} people." for n in range(23, 3, -1)]


def test_no_earlier_text_is_searched(built):
    archive = built.add([replace(SECRET, text="Nothing was owned.", title="Kep")])
    assert all(PHRASE not in hit.passage.text for hit in archive.search(PHRASE))


# Copies


def test_an_article_in_several_files_is_one_with_several_origins(tmp_path, fake_encoder):
    folder, home = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.jsonl").write_text(json.dumps({"text": SECRET.text}))
    (folder / "d.jsonl").write_text(json.dumps({"text": RAID.text}))
    archive = Archive.build(read_articles(folder), home, encoder=fake_encoder)
    (one,) = archive.duplicates()
    assert one.origins == (("a.jsonl#1", "b.jsonl#1", "c.jsonl#1"),)
    (folder / "b.jsonl").unlink()
    archive = Archive.build(read_articles(folder), home, encoder=fake_encoder)
    assert len(archive.duplicates()[0].origins[0]) == 2
    assert archive.remove(one.articles).duplicates() == []


def test_copies_are_listed_with_the_first_report_first(tmp_path, fake_encoder):
    text = " ".join(f"The minister of works said word{n} to the house." for n in range(12))
    later = Article(text + " He left.", "Later", "a", published=DAY, origin="a.txt")
    first = Article(text, "First", "b", published=DAY - datetime.timedelta(1), origin="b.txt")
    archive = Archive.build([later, first, RAID], tmp_path, encoder=fake_encoder)
    assert archive.duplicates() == [Copies(("b", "a"), (("b.txt",), ("a.txt",)))]


def test_a_folder_that_was_copied_elsewhere_is_an_index_too(built, tmp_path):
    built.add([replace(VOTE, id="more", text="More.")])
    home = shutil.copytree(built.home, tmp_path / "copy")
    assert ids(Archive.rollback(home)) == ["raid", "secret", "vote"]


# What is kept beside the index


def test_judgements_that_quote_it_go_with_it(built):
    def judged(quote, title, shown):
        evidence = [{"file": "a", "title": title, "quote": quote}] if quote else []
        return json.dumps({"turns": ["?"], "evidence": evidence, "shown": shown})

    whole = "The council voted for a bridge."
    lines = [
        judged("She sold it to a friend for a song on Monday.", "", ""),
        judged("", "", f"The mayor owned a {PHRASE} in Kep. [1] {whole} [2]"),
        judged("", f"The {PHRASE} of Kep", ""),
        judged(whole, "Vote", f"{whole} [1]"),
        "no judgement",
    ]
    path = built.home / "feedback.jsonl"
    path.write_text("\n".join(lines) + "\n")
    built.remove(["secret"])
    assert path.read_text().splitlines() in (lines[3:], [lines[2], *lines[3:]])
    assert holding(built.home) == []
