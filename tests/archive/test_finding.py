"""Articles found by their words: which, in which order, counted, and quoted."""

from __future__ import annotations

import datetime
import random
import shutil
import sqlite3

import pytest

from rag import Archive, Article
from rag.citation import is_verbatim
from rag.errors import QuestionError
from rag.index import snapshot
from rag.index.boolean import parse
from rag.text.words import places, term

DAY = datetime.date(2023, 10, 30)


def told(id, text, title="", source="Post", day=None):
    return Article(text, id=id, title=title, source=source, published=day)


ARTICLES = (
    told("a", "Rain fell on the old harbour. Boats stayed in.", "Zebra", "Herald", DAY),
    told("b", "The harbour master resigned. He named no reason. The harbour waits.", "“An end”",
         "Post", DAY.replace(month=12)),
    told("c", "The old town sleeps. Old harbour hands do not.", "Boats", "Post", DAY),
    told("d", "Nothing of boats is known.", "", ""),
)  # fmt: skip


@pytest.fixture
def archive(tmp_path, fake_encoder):
    return Archive.build(ARTICLES, tmp_path / "index", encoder=fake_encoder)


def ids(found):
    return [one.article_id for one in found.matches]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("harbour", "bca"),
        ("boats", "cad"),
        ('"old harbour"', "ca"),
        ("old harbour", "ca"),
        ('harbour NOT "old harbour"', "b"),
        ("rain OR resigned", "ba"),
        ("harb*", "bca"),
        ("harb", ""),
        ("an end", "b"),
        ("", "bcad"),
    ],
)
def test_all_that_fit_are_found_newest_first(archive, typed, wanted):
    found = archive.find(typed)
    # Of one day the source decides: "Herald" before "Post".
    assert sorted(ids(found)) == sorted(wanted)
    assert (found.total, found.searched) == (len(wanted), 4)
    days = [archive.article(one).published or datetime.date.min for one in ids(found)]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [("newest", "bacd"), ("oldest", "cabd"), ("source", "abcd"), ("title", "bcad")],
)
def test_the_order(archive, sort, wanted):
    assert "".join(ids(archive.find(sort=sort))) == wanted


def test_pages_hold_each_article_once(archive):
    pages = [archive.find("", page=page, per_page=3) for page in (1, 2, 3)]
    assert [(one.page, one.pages) for one in pages] == [(1, 2), (2, 2), (2, 2)]
    assert "".join("".join(ids(one)) for one in pages[:2]) == "bacd"


def test_counts_are_of_all_pages(archive):
    found = archive.find("boats OR harbour", per_page=1)
    assert found.sources == {"Post": 2, "Herald": 1, "": 1}
    assert found.months == {"2023-10": 2, "2023-11": 0, "2023-12": 1}
    assert found.undated == 1


def test_filters_hold(archive):
    assert ids(archive.find("harbour", sources="Post", since="2023-11-01")) == ["b"]
    assert ids(archive.find("harbour", articles=["a"])) == ["a"]
    with pytest.raises(QuestionError, match="Gazette"):
        archive.find("harbour", sources="Gazette")


def test_excerpts_are_verified_quotes_of_what_was_looked_for(archive):
    (match,) = archive.find("harbour NOT old").matches
    article = archive.article(match.article_id)
    assert [one.quote for one in match.excerpts] == [
        "The harbour master resigned.", "The harbour waits.",
    ]  # fmt: skip
    assert all(is_verbatim(one, article) for one in match.excerpts)
    assert {article.text[a:b] for a, b in match.in_text} == {"harbour"}
    assert archive.find("zebra").matches[0].in_title == ((0, 5),)


@pytest.mark.parametrize("typed", ["NOT harbour", "…"])
def test_a_search_that_is_none_names_the_remedy(archive, typed):
    with pytest.raises(QuestionError, match="word"):
        archive.find(typed)


def test_json(archive):
    values = archive.to_json(archive.find("resigned"))
    assert values["total"] == 1
    assert values["articles"]["b"]["source"] == "Post"
    assert values["matches"][0]["excerpts"][0]["quote"] == "The harbour master resigned."


def test_what_the_index_finds_is_what_is_marked(tmp_path, fake_encoder):
    """Of made texts of many scripts: an article is found if and only if the phrase is in it."""
    chosen = random.Random(3)
    pieces = "US us U.S. who WHO Café cafe\u0301 New-York new york ﬁre fire ½ 1,000 1 000 _x_ don't don t កម្ពុជា ជា 東京 京 پاکستان co\u00adop coop A.B.C. Ⅷ ß ss İstanbul".split()  # noqa: E501
    articles = [told(str(n), " ".join(chosen.choices(pieces, k=6)) + ".") for n in range(150)]
    archive = Archive.build(articles, tmp_path / "index", encoder=fake_encoder)
    for _ in range(200):
        phrase = " ".join(chosen.choices(pieces, k=chosen.randint(1, 2)))
        fits = {one.id for one in articles if places(one.text, [term(phrase)])}
        found = archive.find(f'"{phrase}"', per_page=200)
        assert {one.article_id for one in found.matches} == fits, phrase


def test_two_archives_are_searched_as_one(archive, tmp_path, fake_encoder):
    own = Archive.build([ARTICLES[1], told("e", "A harbour of one's own.", day=DAY)],
                        tmp_path / "own", encoder=fake_encoder)  # fmt: skip
    both = archive.beside(own)
    assert sorted(ids(both.find("harbour"))) == ["a", "b", "c", "e"]
    assert both.find("").total == 5


def test_an_index_of_before_the_search_is_searched_all_the_same(archive):
    """Format 6 had no table of words once; it is made in memory, and nothing is written."""
    folder = archive.home.parent / "older"
    shutil.copytree(snapshot.current(archive.home)[0], folder)
    with sqlite3.connect(folder / "archive.sqlite") as database:
        database.execute("DROP TABLE search")
        database.execute("DROP INDEX articles_listed")
    database.close()
    before = (folder / "archive.sqlite").read_bytes()
    older = type(archive.index.store)(folder)
    for typed in ("harbour", '"old harbour"', "harb* NOT rain"):
        mine = [one.id for one in older.find(parse(typed))]
        assert mine == ids(archive.find(typed))
    assert (folder / "archive.sqlite").read_bytes() == before
