"""What stands in the way of an article, in several languages; and articles on such things."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth
from pages import BRIDGE, RELIEF, RIVER
from reading import articles_in, reasons_in

from rag.ingest.html.walls import is_consent, is_notice, notice_at

ARTICLE = f"<article><h1>The river rises</h1><p>{RIVER}</p>{{}}</article>"


def html(body: str, title: str = "The river rises", head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}".encode()


@pytest.mark.parametrize(
    "notice",
    [
        "<p>To continue reading this article, subscribe to The Courier.</p>",
        "<p>This article is for subscribers only.</p>",
        "<h3>Subscribe to continue reading</h3><p>Become a member for less than a coffee.</p>",
        "<p>Sign in to continue reading.</p><p>Cancel before the trial ends.</p>",
        "<p>Cet article est réservé aux abonnés.</p>",
        "<p>Jetzt weiterlesen</p><p>Bereits Abonnent? Hier anmelden.</p>",
        "<p>Contenido exclusivo para suscriptores.</p>",
    ],
)
def test_a_notice_to_subscribe_ends_an_opening(notice: str) -> None:
    (article,) = articles_in(html(ARTICLE.format(notice)))
    assert (article.text, article.partial) == (RIVER, True)


def test_a_short_text_that_is_declared_not_free_is_an_opening() -> None:
    free = (
        '<script type="application/ld+json">{"@type":"Article","isAccessibleForFree":%s}</script>'
    )
    for written, partial in (("false", True), ('"False"', True), ("true", False), ("[]", False)):
        (article,) = articles_in(html(ARTICLE.format(""), head=free % written))
        assert (article.text, article.partial) == (RIVER, partial)


@pytest.mark.parametrize(
    "rest",
    [
        f"<p>{RELIEF}</p><p>{BRIDGE}</p>",
        f"<p>Netflix said that subscribers can cancel at any time.</p><p>{RELIEF}</p>",
        f"<p>Pupils were told to continue reading the book on Monday, and to write to its author "
        f"before the end of the month, as the school has done for years.</p><p>{RELIEF}</p>",
        f"<p>{RELIEF}</p><p>{BRIDGE}</p>" * 4 + "<p>Subscribe to continue reading</p>" + BRIDGE * 9,
    ],
)
def test_an_article_is_no_opening(rest: str) -> None:
    (article,) = articles_in(html(ARTICLE.format(rest)))
    assert not article.partial
    assert RELIEF in article.text


@pytest.mark.parametrize(
    ("body", "title", "reason"),
    [
        (
            "<h1>Just a moment...</h1><p>Checking your browser before you go on.</p>",
            "",
            "error page",
        ),
        ("<h1>Access Denied</h1><p>You do not have permission to see it.</p>", "", "error"),
        (
            "<h1>404 – Page not found</h1><p>It may have been moved or deleted.</p>",
            "",
            "error page",
        ),
        (
            "<p>Sorry, it was not there. Try our search instead.</p>",
            "Page non trouvée",
            "error page",
        ),
        ("<p>Please enable JavaScript and cookies to continue.</p>", "courier.example", "article"),
        (
            "<main><p>We value your privacy. We and our partners use cookies.</p>"
            "<p>With your consent we and our partners may use precise geolocation data.</p></main>",
            "The Courier",
            "asks for consent",
        ),
        (
            '<div class="cmp" role="dialog"><p>Wir und unsere Partner nutzen Cookies mit Ihrer '
            "Einwilligung, und verarbeiten personenbezogene Daten.</p></div>",
            "Der Kurier",
            "asks for consent",
        ),
        ("<p>Subscribe to continue reading this article.</p>", "The Courier", "no article"),
    ],
)
def test_a_page_without_an_article_is_a_failure(body: str, title: str, reason: str) -> None:
    (said,) = reasons_in(html(body, title))
    assert reason in said


@pytest.mark.parametrize(
    "line",
    [
        "The commission said that cookies need the consent of users, under the privacy law.",
        "“We use cookies with your consent,” the company told the court on Monday.",
        "Their partners bought advertising for cookies, the biscuit maker said.",
    ],
)
def test_a_line_on_consent_does_not_ask_for_it(line: str) -> None:
    assert not is_consent(line)


def test_a_long_line_is_no_notice() -> None:
    assert is_notice("Subscribe to continue reading")
    assert not is_notice("Subscribe to continue reading" + " of this" * 100)


def test_an_article_titled_like_an_error_is_read() -> None:
    body = f"<article><h1>Access denied</h1><p>{RIVER}</p>" + f"<p>{RELIEF}</p><p>{BRIDGE}</p>" * 4
    (article,) = articles_in(html(body, "Access denied"))
    assert article.title == "Access denied"


def test_notices_take_linear_time() -> None:
    def search(lines: list[str]) -> object:
        return notice_at(lines, range(len(lines)))

    long = "A line of the article that goes on and on, and on. " * 10
    assert growth(search, lambda n: ["Subscribe to continue reading", long] * n, 5000) < LINEAR
