"""What a reader does without a question: searches, lists, opens, and comes back to the talk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from steps import PHONE, SLOW, ask, fits, in_view
from test_axe import check
from test_queue import hold
from town import BRIDGE, HOSTILE

SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def view(page, name):
    page.locator(".views").get_by_role("link", name=name).click()
    heading = page.locator("#browse h2", has_text=name)
    expect(heading).to_be_visible()
    return heading


def find(page, words):
    page.locator("#find-words").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("find="))


def titles(page):
    return page.locator(".results a.titled").all_text_contents()


@SIZES
def test_a_search_finds_marks_opens_and_leaves_the_conversation_as_it_was(visit, town, size):
    page = visit(town, **size)
    turn = ask(page, BRIDGE)
    said = turn.text_content()
    page.locator("#question textarea").fill("half a quest")
    view(page, "Search")
    expect(page.locator("#desk")).to_be_hidden()
    find(page, '"lantern bridge" cost NOT $40')
    expect(page.locator(".total")).to_have_text("1 of 5 articles")
    expect(page.locator(".excerpt mark").first).to_have_text("Lantern Bridge")
    assert fits(page)
    page.locator(".results a.titled").click()
    article = page.locator("#leaf dialog[open]")
    expect(article.locator("mark.active")).to_have_text("Lantern Bridge")
    assert in_view(page)
    assert "article=" in page.url
    article.get_by_role("button", name="Next").click()
    expect(article.locator(".steps span")).to_have_text("Quote 2 of 2")
    article.get_by_role("button", name="Close the article").click()
    expect(page.locator("#leaf dialog")).to_have_count(0)
    assert "article=" not in page.url
    page.locator(".views").get_by_role("link", name="Ask").click()
    expect(page.locator("#browse")).to_be_hidden()
    expect(page.locator("#question textarea")).to_have_value("half a quest")
    assert page.locator(".turn").text_content() == said


def test_a_place_is_a_link_and_the_way_back_leads_through_all(visit, town):
    page = visit(town)
    view(page, "Articles")
    assert len(titles(page)) == 5
    page.get_by_label("Order").select_option("title")
    expect(page.locator(".results a.titled").first).to_have_text("A bridge for Port Elsewhere")
    page.get_by_role("link", name="April 2024: 1 article").click()
    expect(page.locator(".total")).to_have_text("1 of 5 articles")
    expect(page.locator("#find-since")).to_have_value("2024-04-01")
    kept = page.url
    page.go_back()
    expect(page.locator(".total")).to_have_text("5 articles")
    page.go_back()
    page.go_back()
    expect(page.locator("#question textarea")).to_be_visible()
    there = visit(town, kept.removeprefix(town.address), ready=".results")
    assert titles(there) == ["Bread before dawn"]
    there.locator(".tallies").get_by_role("link", name="River Times").click()
    expect(there.locator(".tallies [aria-current]")).to_contain_text("River Times")
    there.get_by_role("link", name="April 2024: 1 article").click()
    expect(there.locator(".total")).to_have_text("2 of 5 articles")
    there.get_by_role("link", name="Remove the filter: River Times").click()
    expect(there.locator(".total")).to_have_text("5 articles")


def test_what_is_no_search_is_said_and_what_is_typed_stays(visit, town):
    page = visit(town, "?view=search", ready="#find-words")
    find(page, "NOT bridge")
    expect(page.locator("#browse [role=alert]")).to_contain_text("Add a word")
    expect(page.locator("#find-words")).to_have_value("NOT bridge")
    find(page, "zeppelin")
    expect(page.locator(".total")).to_have_text("0 of 5 articles")


def test_hostile_text_is_text(visit, town):
    page = visit(
        town,
        "?view=search&find=harbour+OR+%3Cimg+src%3Dx+onerror%3Dwindow.hit%3D1%3E",
        ready=".results",
    )
    expect(page.locator(".results a.titled").first).to_have_text(HOSTILE.title)
    page.locator(".results a.titled").first.click()
    expect(page.locator("#leaf dialog[open] h2")).to_have_text(HOSTILE.title)
    assert page.evaluate("window.hit") is None
    assert page.locator("#browse img, #leaf img, #browse script").count() == 0


def test_only_an_article_that_was_opened_is_asked(visit, town):
    page = visit(town, "?view=articles", ready=".results")
    page.get_by_role("link", name="Bread before dawn").click()
    page.get_by_role("button", name="Ask only this article").click()
    expect(page.locator("#filters .chip")).to_contain_text("Bread before dawn")
    expect(page.locator("#question textarea")).to_be_visible()


@SIZES
def test_a_name_opens_its_page_with_its_own_words(visit, town, size):
    page = visit(town, "?view=names", ready="#find-words", **size)
    page.locator("#find-words").fill("Sok Hour")
    page.keyboard.press("Enter")
    expect(page.locator("#browse h2")).to_have_text("Sok Hour: 1 article")
    expect(page.locator(".views [aria-current]")).to_have_text("Names")
    assert fits(page)
    page.get_by_role("link", name="The article with “Sok Hour”").click()
    expect(page.locator(".results a.titled")).to_have_text("A bridge for Port Elsewhere")
    page.go_back()
    expect(page.locator("#browse h2")).to_have_text("Sok Hour: 1 article")


@SIZES
def test_a_topic_gets_an_overview_in_the_conversation(visit, town, size):
    page = visit(town, **size)
    turn = ask(page, "Lantern Bridge")
    expect(turn.locator(".claim")).to_contain_text("2 articles of 5 contain “Lantern Bridge”")
    expect(turn).to_contain_text("This asks nothing in particular")
    assert fits(page)
    turn.get_by_role("link", name="Look through all of it").click()
    expect(page.locator(".total")).to_have_text("2 of 5 articles")
    expect(page.locator("#find-words")).to_have_value('"Lantern Bridge"')


def test_what_people_are_quoted_with_in_the_real_archive(visit, bundled):
    page = visit(bundled, "?view=name&name=Sam+Rainsy", ready=".sayings")
    quote = page.locator(".sayings blockquote").first
    said = quote.locator("mark").text_content()
    quote.locator("a").click()
    article = page.locator("#leaf dialog[open]")
    expect(article.locator("mark.active")).to_contain_text(said[:40])
    assert check(page, "a name", sizes=({"width": 1280, "height": 800}, PHONE)) == []


def test_the_views_have_no_violations(visit, town):
    page = visit(town)
    view(page, "Articles")
    found = check(page, "articles")
    view(page, "Search")
    found += check(page, "empty search")
    find(page, "bridge OR harbour")
    page.locator(".results a.titled").first.click()
    page.locator("#leaf dialog[open]").wait_for(timeout=SLOW)
    found += check(page, "search with an article")
    page.get_by_role("link", name="اردو").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#browse h2")).to_have_text("تلاش")
    found += check(page, "search in Urdu")
    assert found == []


def test_what_is_left_looks_so_until_the_next_view_has_come(visit, town):
    page = visit(town)
    view(page, "Names")
    place = page.locator("#browse .place")
    expect(place).to_have_attribute("aria-busy", "false")
    with hold(page):
        page.locator(".views").get_by_role("link", name="Articles").click()
        expect(page.locator("#browse h2")).to_have_text("Names")
        expect(place).to_have_attribute("aria-busy", "true")
    expect(page.locator("#browse h2")).to_have_text("Articles")
    expect(place).to_have_attribute("aria-busy", "false")
