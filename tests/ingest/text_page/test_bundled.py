"""The saved pages that Byline ships with: each article whole, and nothing else of its page."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from pages import read_all

from rag.ingest.encoding import decode
from rag.types import Article

BUNDLED = Path(__file__).parents[3] / "index" / "articles"


@pytest.fixture(scope="module")
def bundled() -> dict[str, Article]:
    articles, failures = read_all(BUNDLED)
    assert failures == []
    return {
        article.origin[:3] + article.origin.partition(".txt")[2]: article for article in articles
    }


@pytest.mark.parametrize(
    ("page", "title", "source", "author", "published"),
    [
        ("000", "Purported leaks distributed", "Phnom Penh Post", "", datetime.date(2017, 3, 2)),
        ("001", "US to Train Cambodian Government on Combating Cybercrime", "VOA Khmer", "", None),
        (
            "002#1",
            "Cambodia makes 1,000 arrests in latest crackdown on cybercrime",
            "AP",
            "",
            None,
        ),
        (
            "002#2",
            "Ceasefire: Hun Manet says brilliant results in achieved in Putrajaya",
            "New Straits Times",
            "Bernama",
            None,
        ),
        (
            "002#3",
            "Anwar applauded by US for brokering Cambodia-Thailand ceasefire",
            "New Straits Times",
            "Bernama",
            None,
        ),
        (
            "002#4",
            "#Showbiz: New TV show imagines China invasion, gives Taiwan viewers wake-up call",
            "New Straits Times",
            "",
            None,
        ),
        (
            "003",
            "Audio Leaks Raise Concerns over Security at P.M. Office",
            "",
            "Jahanzeb Aslam",
            None,
        ),
    ],
)
def test_bundled_fields(
    bundled: dict[str, Article],
    page: str,
    title: str,
    source: str,
    author: str,
    published: datetime.date | None,
) -> None:
    article = bundled[page]
    fields = (article.title, article.source, article.author, article.published)
    assert fields == (title, source, author, published)


def test_bundled_pages_hold_seven_articles(bundled: dict[str, Article]) -> None:
    assert sorted(bundled) == ["000", "001", "002#1", "002#2", "002#3", "002#4", "003"]
    assert len({article.id for article in bundled.values()}) == 7


@pytest.mark.parametrize(
    ("page", "starts", "ends"),
    [
        ("000", "Prime Minister Hun Sen's middle son, Hun Manith", "initiate an investigation."),
        ("001", "The United States has invited senior", "with VOA's Khmer Service."),
        ("002#1", "PHNOM PENH: Cambodia on Wednesday (July 16)", "operations in Poipet."),
        ("002#2", "PHNOM PENH: Cambodian Prime Minister", "conflict erupted last Thursday."),
        ("002#3", "KUALA LUMPUR: The United States", "the life of a Cambodian soldier."),
        ("002#4", "TAIPEI: A new Taiwanese television", 'face the dangers of the present."'),
        ("003", "Government officials seek to downplay", "sharing of data with the hacker."),
    ],
)
def test_bundled_text_is_the_article_whole(
    bundled: dict[str, Article], page: str, starts: str, ends: str
) -> None:
    assert bundled[page].text.startswith(starts)
    assert bundled[page].text.endswith(ends)


@pytest.mark.parametrize(
    "leftover",
    [
        "Paris Peace Accords",
        "Thursday, March 2, 2017",
        "Phnom Penh Post |",
        "Accessibility links",
        "Breaking News",
        "FILE -",
        "Hashtags",
        "Try Our",
        "Explore what",
        "Daily8",
        "omments",
        "Post a Comment",
        "Related Articles",
        "hours ago",
        "New Straits Times",
        "- AP",
        "– Bernama",
        "by Jahanzeb",
        "Home Latest News",
    ],
)
def test_bundled_texts_hold_no_leftover(bundled: dict[str, Article], leftover: str) -> None:
    assert [page for page, article in bundled.items() if leftover in article.text] == []


def test_bundled_texts_do_not_hold_their_titles(bundled: dict[str, Article]) -> None:
    assert not any(article.title in article.text for article in bundled.values())


def test_a_repeated_caption_is_kept_once(bundled: dict[str, Article]) -> None:
    assert bundled["000"].text.count("middle son, Hun Manith") == 1


def test_subheads_and_standfirst_stay(bundled: dict[str, Article]) -> None:
    assert "\n\nWin over young voters\n\n" in bundled["001"].text
    assert "\n\nAbility to tackle cybercrime\n\n" in bundled["001"].text
    assert "interior minister claiming matter" in bundled["003"].text


def test_each_article_of_a_page_has_its_own_sentences(bundled: dict[str, Article]) -> None:
    arrests = bundled["002#1"].text
    assert "312 people" in arrests
    assert "ceasefire" not in arrests
    assert "midnight on Monday" in bundled["002#2"].text
    assert "3pm" in bundled["002#3"].text
    assert "3pm" not in bundled["002#2"].text
    assert "Zero Day Attack" in bundled["002#4"].text


def test_bundled_texts_are_lines_of_their_pages(bundled: dict[str, Article]) -> None:
    for article in bundled.values():
        page = decode((BUNDLED / article.origin.partition("#")[0]).read_bytes()).text
        *lines, last = article.text.split("\n")
        assert set(lines) <= set(page.split("\n"))
        assert last in page
