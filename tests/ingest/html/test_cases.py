"""Pages of every kind that went wrong in the field, each read as a person reads it."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from reading import articles_in, reasons_in, remarks_in

from rag.types import Article

PAGES = Path(__file__).parent.parent / "files" / "pages"
PIER = """\
The harbour board of Orlet voted on Tuesday to close the old ferry pier after engineers found \
cracks in eleven of its forty piles.
“We had no choice,” said Mara Dolin, the chair of the board. She said that the pier would not open \
again before the winter, and that the fish quay would take the boats.
The pier carried 412 passengers a day last year, according to the board. Two companies that run \
boats from it will move to the fish quay, half a mile to the east."""
VOTE, CHOICE, PASSENGERS = PIER.split("\n")
MAY = datetime.date(2023, 5, 9)


def data_of(name: str) -> bytes:
    return (PAGES / f"{name}.html").read_bytes()


def article_of(name: str) -> Article:
    (article,) = articles_in(data_of(name))
    return article


@pytest.mark.parametrize(
    "name",
    [
        "comments-details", "comments-div", "comments-in-article",
        "inline-box", "list-after", "cards-after", "amp",
        "jsonld-newsarticle-graph-main", "time-element", "updated-ago", "modified-only",
    ],
)  # fmt: skip
def test_the_text_is_the_article_and_nothing_else(name: str) -> None:
    article = article_of(name)
    assert (article.title, article.text) == ("Old ferry pier to close", PIER)
    assert not article.partial


@pytest.mark.parametrize("name", ["comments-details", "comments-div", "comments-in-article"])
def test_a_commenter_is_no_author(name: str) -> None:
    assert article_of(name).author == ""


@pytest.mark.parametrize(
    ("name", "published", "author"),
    [
        ("jsonld-newsarticle-graph-main", MAY, "Ida Brun, Tom Hesk"),
        ("time-element", MAY, "Ida Brun"),
        ("updated-ago", None, "Ida Brun, Tom Hesk"),
        ("modified-only", None, ""),
        ("br-layout", datetime.date(2003, 5, 9), "Ida Brun"),
    ],
)
def test_date_and_author_are_those_of_the_page(
    name: str, published: datetime.date | None, author: str
) -> None:
    article = article_of(name)
    assert (article.published, article.author) == (published, author)


def test_a_layout_table_gives_paragraphs() -> None:
    assert article_of("br-layout").text.split("\n") == [
        "The harbour board of Orlet voted 7 to 2 to close the old ferry pier after engineers found "
        "cracks in eleven of its forty piles.",
        '"We had no choice," said Mara Dolin, the chair of the board. She said the pier would not '
        "open again before the winter.",
        "The pier carried 412 passengers a day last year, according to the board.",
    ]
    article = article_of("old-layout")
    assert article.title == "Old ferry pier to close"
    assert [line[:40] for line in article.text.split("\n")] == [
        "The harbour board of Orlet voted 7 to 2 ",
        "Mara Dolin, the chair, said the pier wou",
        "The pier carried 412 passengers a day la",
    ]


def test_a_dialog_over_a_short_article_is_left_out() -> None:
    article = article_of("cookie-dialog")
    assert (article.text, article.partial) == (VOTE, False)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cookie-wall", "only a dialog that asks for consent, no article"),
        ("error-page", "an error page (“Access Denied”), no article"),
    ],
)
def test_a_wall_is_a_failure_with_its_reason(name: str, reason: str) -> None:
    (said,) = reasons_in(data_of(name))
    assert said.startswith(reason)


def test_an_opening_before_a_paywall_is_marked_as_one() -> None:
    article = article_of("paywall-stub")
    assert (article.text, article.partial) == (VOTE, True)
    (remark,) = remarks_in(data_of("paywall-stub"))
    assert remark.startswith("The page shows only the opening of the article")


def test_a_live_blog_keeps_its_posts_apart_with_their_times() -> None:
    article = article_of("live")
    posts = [post.split("\n") for post in article.text.split("\n\n")]
    assert [post[:2] for post in posts] == [
        ["18:40", "Death toll rises to nine"],
        ["16:05", "Four bodies found"],
        ["13:20", "One dead, eight missing"],
        ["12:15", "Trawler in distress"],
    ]
    assert all(len(post) == 3 for post in posts)
    assert posts[0][2].startswith("The coastguard says that nine sailors")
    assert (article.author, article.published) == ("Tom Hesk", MAY)


def test_quotations_are_kept_in_order_with_their_speakers() -> None:
    assert article_of("pullquote").text.split("\n") == [
        VOTE,
        "“We had no choice”",
        "Mara Dolin, harbour board",
        CHOICE,
        "The board was not told of the cracks until May. I call that a scandal.",
        "Dolin wrote this in a letter to the mayor, Karl Hast, on Friday.",
        PASSENGERS,
    ]
    text = article_of("tweet").text
    assert "I have never taken money from any boat firm. The cracks are real." in text
    assert "Karl Hast (@karlhast)" in text


def test_a_page_from_right_to_left_is_read() -> None:
    article = article_of("urdu")
    assert (article.title, article.language) == ("پرانی گودی بند ہو گی", "ur")
    assert article.published == MAY
    assert len(article.text.split("\n")) == 3
