"""Pages that a browser saved as one message: the page is the article, by its own fields."""

from __future__ import annotations

import base64

import pytest
from growth import LINEAR, growth
from hypothesis import given
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, cut_or_altered, generated, holds, reasons_in

from rag.types import Article

PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>River rises</title>'
    '<meta property="article:published_time" content="2023-05-02"></head><body><article>'
    f"<h1>River rises</h1><p>{RIVER}</p><p>“{RELIEF}”</p></article></body></html>"
)
HEAD = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/pier\r\n"
    "Subject: River rises - The Example\r\nDate: Tue, 9 May 2023 18:02:11 -0000\r\n"
)


def saved(page: str = PAGE, head: str = HEAD, place: str = "https://example.org/pier") -> bytes:
    packed = base64.encodebytes(page.encode()).decode()
    return (
        f"{head}MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--bound--"\r\n\r\n'
        "----bound--\r\nContent-Type: text/css\r\n\r\nbody { margin: 0 }\r\n"
        "----bound--\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        f"Content-Transfer-Encoding: base64\r\nContent-Location: {place}\r\n\r\n{packed}\r\n"
        "----bound--\r\nContent-Type: text/html\r\nContent-Location: https://ads.example/\r\n\r\n"
        f"<html><body><p>{BRIDGE}</p></body></html>\r\n----bound----\r\n"
    ).encode()


def test_the_page_is_the_article() -> None:
    (article,) = articles_in(saved(), "a.mhtml")
    assert article.text.split("\n") == [RIVER, f"“{RELIEF}”"]
    assert article == Article(
        article.text,
        title="River rises",
        published=article.published,
        url="https://example.org/pier",
        language="en",
        origin="a.mhtml",
        format="mhtml",
    )
    assert str(article.published) == "2023-05-02"  # Not the day on which it was saved.


@pytest.mark.parametrize(
    "head",
    [
        "From: \"Saved by Internet Explorer 11\"\r\nSubject: River\r\nDate: Tue, 9 May 2023\r\n",
        "",
    ],
    ids=["explorer", "word"],
)  # fmt: skip
def test_pages_that_other_programs_saved(head: str) -> None:
    (article,) = articles_in(saved(head=head))
    assert (article.format, article.url) == ("mhtml", "https://example.org/pier")
    (article,) = articles_in(saved(head=head, place="file:///C:/page.html"))
    assert article.url == ""


def test_the_date_of_saving_is_no_date_of_publication() -> None:
    (article,) = articles_in(saved(PAGE.replace("2023-05-02", "")))
    assert article.published is None


def test_a_message_with_pictures_is_no_saved_page() -> None:
    head = "From: Ida Brun <ida@b.example>\r\nTo: x@y.example\r\nSubject: River rises\r\n"
    (article,) = articles_in(saved(head=head))
    assert (article.format, article.author) == ("eml", "Ida Brun")


def test_a_damaged_page() -> None:
    data = saved()
    (reason,) = reasons_in(data[: data.index(b"Content-Type: text/html")])
    assert "without the page itself" in reason
    start = data.index(b"pier\r\n\r\n", len(HEAD)) + 8
    (article,) = articles_in(data[: start + (data.index(b"----bound--", start) - start) * 7 // 10])
    assert (article.title, article.text[:20]) == ("River rises", RIVER[:20])


@generated
@given(cut_or_altered(saved()))
def test_cut_and_altered_pages(data: bytes) -> None:
    holds(data)


def test_a_saved_page_is_read_in_linear_time() -> None:
    body = PAGE.index("</p>") + 4
    paragraph = f"<p>{RIVER}</p>"
    assert growth(holds, lambda n: saved(PAGE[:body] + paragraph * n + PAGE[body:]), 200) < LINEAR
