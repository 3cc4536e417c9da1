"""Articles on disk are those that came, each once."""

from __future__ import annotations

import dataclasses
import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.errors import InputError
from rag.index.spool import Spool
from rag.types import Article, Page

ARTICLES = [
    Article(f"Rain fell on Kratié {n} days.\n\x00 \ud7ff 🙂", f"Rain {n}", id=f"a{n}")
    for n in range(50)
]
FULL = Article(
    "Text.", "Title", id="full", source="AP", author="Ann Lee",
    published=datetime.date(2024, 2, 29), url="http://x/1", language="en", origin="a.pdf#2",
    section="World", format="pdf", pages=(Page(1, 0, 0.5),), partial=True,
)  # fmt: skip


def test_they_come_back_as_they_came(tmp_path):
    spool = Spool.of([*ARTICLES, FULL], tmp_path / "index")
    assert list(spool) == [*ARTICLES, FULL]
    assert len(spool) == 51
    assert spool.get("full") == FULL
    assert spool.get("none") is None
    assert spool.text("a7") == ARTICLES[7].text
    assert FULL in spool
    assert list(tmp_path.iterdir()) == []


def test_one_that_comes_again_is_there_once():
    again = dataclasses.replace(FULL, origin="b.pdf")
    spool = Spool.of([FULL, again, FULL, again])
    assert list(spool) == [FULL]
    assert {id: list(found) for id, found in spool.origins.items()} == {"full": ["b.pdf"]}
    with pytest.raises(InputError, match="full"):
        spool.add(dataclasses.replace(FULL, text="Other."))


def test_what_is_dropped_is_gone_and_what_is_added_comes_last():
    spool = Spool.of(ARTICLES[:3])
    spool.drop(["a1"])
    spool.add(FULL)
    assert list(spool) == [ARTICLES[0], ARTICLES[2], FULL]
    assert Spool.of(spool) is spool


def test_a_folder_that_is_not_there_is_no_obstacle(tmp_path):
    assert list(Spool.of(ARTICLES, tmp_path / "not" / "there")) == ARTICLES


def test_threads_read_it_at_once():
    spool = Spool.of(ARTICLES)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: list(spool), range(40)):
            assert found == ARTICLES
