"""What the address of a page says: read, made again, and no more than is known."""

from __future__ import annotations

import datetime

import pytest

from rag.chat.conversation import of_link
from rag.chat.place import Place, place_of
from rag.types import Filters

DAY = datetime.date(2023, 10, 1)
FULL = Place(
    "search", '"hun sen" NOT «x»&y', "", ("Post & Co", "B"), DAY, DAY.replace(day=31), "title", 3,
    "a1", 7,
)  # fmt: skip


def test_a_link_leads_to_its_place():
    link = FULL.link("k", page=3, article="a1", at=7)
    assert "archive=k" in link
    assert place_of(link) == FULL


def test_another_choice_begins_at_its_first_page_and_closes_the_article():
    there = place_of(FULL.link(sort="oldest"))
    assert (there.sort, there.page, there.article, there.at) == ("oldest", 1, "", -1)
    assert (there.find, there.source) == (FULL.find, FULL.source)


def test_a_month_is_chosen_and_left():
    chosen = place_of(Place("articles").link(**Place("articles").days("2024-02")))
    assert (chosen.since, chosen.until) == (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    assert chosen.days("2024-02") == {"since": None, "until": None}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?q=Who",
        "?view=",
        "?view=other",
        "?view=<b>&find=x",
        "?" + "&".join(["a=b"] * 2000),
    ],
)
def test_what_is_no_view_is_the_conversation(query):
    assert place_of(query) == Place()


@pytest.mark.parametrize(
    "given",
    ["page=-1", "page=x", "page=²", "since=2024-13-01", "sort=best", "at=1e9", "until=",
     "find=%20%20", "page=" + "9" * 4000],
)  # fmt: skip
def test_what_cannot_be_is_what_a_new_page_has(given):
    there = place_of(f"?view=search&{given}")
    assert (there.find, there.since, there.until, there.sort, there.at) == (
        "",
        None,
        None,
        "newest",
        -1,
    )
    assert 1 <= there.page <= 10**9


def test_a_link_to_a_view_asks_nothing():
    assert of_link("?view=search&find=x&source=AP&q=Who") == ("", Filters())
