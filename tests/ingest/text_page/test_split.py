"""Pages of one and of several articles: where each begins and ends."""

from __future__ import annotations

import datetime
import importlib
import inspect
import pkgutil
from collections.abc import Callable

import pytest
from growth import LINEAR, growth
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import BANK, BRANCH, BRIDGE, LOANS, RELIEF, RIVER, only

import rag.ingest
from rag.ingest.failure import Unreadable
from rag.ingest.text_page.article import Found
from rag.ingest.text_page.split import read_page

MESSY = f"""River rises, three villages cut off | The Daily Example
Skip to content
Menu
News
World
Home > World > Asia
River rises, three villages cut off
Relief workers struggle to reach families
By Jane Doe and John Roe
Published: 3 May 2024
Updated 4 hours ago
Share this article
Photo: The river at dawn. Sok Dara/Reuters
{RIVER}
Advertisement
{RELIEF}
FILE PHOTO: The bridge before the flood, March 2019.
Read more: Ten floods that changed the country
Sign up for our newsletter
“We lost everything,” said one farmer.
What comes next
{BRIDGE}

Related stories
Bank shares fall
Minister resigns

© 2024 The Daily Example. All rights reserved.
Privacy policy"""


def test_messy_page() -> None:
    found = only(MESSY)
    assert found.title == "River rises, three villages cut off"
    assert (found.source, found.author) == ("The Daily Example", "Jane Doe and John Roe")
    assert found.published == datetime.date(2024, 5, 3)
    assert found.text.split("\n") == [
        "Relief workers struggle to reach families",
        RIVER,
        RELIEF,
        "“We lost everything,” said one farmer.",
        "What comes next",
        BRIDGE,
    ]


AGGREGATOR = f"""DigestHub
Trending
Bank shares fall after wide loss
The Gulf Ledger
2 hours ago
{BANK}
{LOANS}
{BRANCH} (Reuters)
Comments
I agree with every word of this, and I have been saying so for all of my life, as you know.
Related Articles

Straits Courier
29-07-2025
- Business
- Straits Courier
River rises, three villages cut off
{RIVER} {RELIEF} {BRIDGE} — AFP

Daily Planet
5 hours ago
Rice prices up again
Farmers say prices are up.

Khmer Courier
5 hours ago
Rice prices up again in the south
Farmers in the south of the country say that prices are up again this year, and many more...
"""


def test_aggregator_gives_each_article_its_own_fields_and_drops_teasers() -> None:
    bank, river = read_page(AGGREGATOR)
    assert bank == Found(
        "Bank shares fall after wide loss",
        "The Gulf Ledger",
        "Reuters",
        None,
        "\n".join((BANK, LOANS, BRANCH)),
    )
    assert river == Found(
        "River rises, three villages cut off",
        "Straits Courier",
        "AFP",
        datetime.date(2025, 7, 29),
        f"{RIVER} {RELIEF} {BRIDGE}",
    )


def test_blog_front_page_is_split_at_its_date_headers() -> None:
    page = f"""My Notes on the Region

Wednesday, May 1, 2024

Bank shares fall after wide loss

{BANK}

{LOANS}

Posted by Maria at 10:30 AM
No comments:
Post a Comment

Tuesday, April 30, 2024

River rises, three villages cut off

{RIVER}

{RELIEF}

Posted by Maria at 9:00 AM
No comments:"""
    first, second = read_page(page)
    assert (first.title, first.published) == (
        "Bank shares fall after wide loss",
        datetime.date(2024, 5, 1),
    )
    assert (second.title, second.published) == (
        "River rises, three villages cut off",
        datetime.date(2024, 4, 30),
    )
    assert first.text == f"{BANK}\n\n{LOANS}"
    assert second.text == f"{RIVER}\n\n{RELIEF}"
    assert first.author == second.author == ""


def test_whole_related_article_with_a_byline_is_an_article_of_its_own() -> None:
    river, bank = read_page(
        f"River rises, three villages cut off\n{RIVER}\n{RELIEF}\nRelated articles\n"
        f"Bank shares fall after wide loss\nBy John Roe | 2 May 2024\n{BANK}\n{LOANS}\n"
    )
    assert river.text == f"{RIVER}\n{RELIEF}"
    assert (bank.title, bank.author) == ("Bank shares fall after wide loss", "John Roe")
    assert bank.text == f"{BANK}\n{LOANS}"


def test_second_article_without_an_end_mark_starts_at_its_byline() -> None:
    river, bank = read_page(
        f"River rises, three villages cut off\nBy Jane Doe\n{RIVER}\n{RELIEF}\n\n"
        f"Bank shares fall after wide loss\nBy John Roe\n{BANK}\n{LOANS}\n"
    )
    assert (river.author, bank.author) == ("Jane Doe", "John Roe")
    assert (river.text, bank.text) == (f"{RIVER}\n{RELIEF}", f"{BANK}\n{LOANS}")


def test_text_goes_on_after_a_box_of_links() -> None:
    found = only(
        f"River rises, three villages cut off\n{RIVER}\n{RELIEF}\nRelated Articles\n"
        f"Bank shares fall\nMinister resigns after scandal\n{BRIDGE}\n{BANK}\n{LOANS}\n"
        "Most Read\n1\nBank shares fall\n"
    )
    assert found.text == "\n".join((RIVER, RELIEF, BRIDGE, BANK, LOANS))


def test_comment_count_in_the_head_does_not_end_the_article() -> None:
    standfirst = "Relief workers have struggled to reach families where the water keeps rising."
    found = only(
        f"River rises, three villages cut off\n{standfirst}\n3 Comments\nBy Jane Doe\n3 May 2024\n"
        f"{RIVER}\n{RELIEF}\nLeave a Reply\n{LOANS} I liked it.\n"
    )
    assert found.text == "\n".join((standfirst, RIVER, RELIEF))
    assert (found.author, found.published) == ("Jane Doe", datetime.date(2024, 5, 3))


def test_photo_agency_credit_does_not_end_the_article() -> None:
    found = only(
        f"River rises, villages cut off\n\n{RIVER}\n\n© AFP\n{RELIEF}\n© 2024 AFP\nAbout us"
    )
    assert found.text == f"{RIVER}\n\n{RELIEF}"


LINES = st.sampled_from(
    [
        *(MESSY + AGGREGATOR).split("\n"),
        "",
        "By Jane Doe",
        "Thursday, March 2, 2017",
        "No comments:",
        "– AP",
        "Related Articles",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(LINES, max_size=30).map("\n".join)))
def test_every_kept_line_is_a_line_of_the_page(text: str) -> None:
    try:
        found = read_page(text)
    except Unreadable:
        return
    page = text.split("\n")
    for article in found:
        *lines, last = article.text.split("\n")
        assert article.text.strip()
        assert set(lines) <= set(page)
        assert any(line.startswith(last) for line in page)
        assert article.title in text


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda n: "word " * n, 100_000),
        (lambda n: "x" * n, 1_000_000),
        (lambda n: "FILE - " + "word " * n, 100_000),
        (lambda n: "\n".join(f"short line {i}" for i in range(n)), 4000),
        (lambda n: "\n".join(["Related Articles", "A title stands here", RIVER] * n), 1000),
        (lambda n: "\n".join(["1 " * 75] * n), 500),
        (lambda n: "\n" * n + "word", 500_000),
    ],
    ids=["words", "one-word", "photo", "short-lines", "boxes", "numbers", "blank"],
)
def test_reading_takes_linear_time(make: Callable[[int], str], size: int) -> None:
    assert read_page(make(size))
    assert growth(read_page, make, size) < LINEAR


def test_no_function_of_ingest_keeps_what_it_has_read() -> None:
    """A cache of a module would hold lines of private documents after their archive is closed."""
    found = [
        f"{module.__name__}.{name}"
        for info in pkgutil.walk_packages(rag.ingest.__path__, "rag.ingest.")
        for module in [importlib.import_module(info.name)]
        for name, value in vars(module).items()
        if hasattr(value, "cache_info") and inspect.signature(value).parameters
    ]
    assert found == []
