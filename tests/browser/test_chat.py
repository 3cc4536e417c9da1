"""The chat as a reader meets it: the real app, index, encoder and browser."""

from __future__ import annotations

import time

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import expect
from steps import ANSWERABLE, PHONE, SLOW, UNANSWERABLE, ask, best_quote, fits, in_view, opened
from town import HARBOUR, HOSTILE

SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def test_start_page(visit, proposing):
    page = visit(proposing)
    assert page.title() == "Byline"
    page.locator(".examples button").first.wait_for(timeout=2 * SLOW)
    assert page.locator(".examples button").count() >= 3
    assert fits(page)
    page.set_viewport_size(PHONE)
    page.locator("#narrow-down > summary").click()
    expect(page.get_by_label("Until")).to_be_visible()
    assert fits(page)


def test_every_example_is_answered(visit, proposing):
    page = visit(proposing)
    examples = page.locator(".examples button")
    examples.first.wait_for(timeout=2 * SLOW)
    for example in examples.all():
        question = example.text_content()
        example.click()
        page.locator(".turn .claim").first.wait_for(timeout=SLOW)
        expect(page.locator(".turn h2")).to_have_text(question)
        page.get_by_role("button", name="New conversation").click()
        page.locator(".introduction").wait_for()


@SIZES
def test_a_newcomer_is_led_by_four_questions(visit, guiding, size):
    page = visit(guiding, **size)
    guided = page.locator(".guided button")
    assert guided.count() == 4
    assert fits(page)
    for number, shown in enumerate([".claim mark, .claim", ".claim", ".verdict"]):
        guided.nth(number).click()
        page.locator(".turn").locator(shown).first.wait_for(timeout=SLOW)
        page.get_by_role("button", name="New conversation").click()
        page.locator(".introduction").wait_for()


@SIZES
def test_a_quote_is_verbatim_and_opens_in_its_article(visit, bundled, texts, size):
    page = visit(bundled, **size)
    turn = ask(page, ANSWERABLE)
    for quote in turn.locator("blockquote .words").all():
        assert any(quote.text_content() in text for text in texts)
    assert fits(page)
    label = turn.locator("button.label").first
    if size:  # There is no room beside the conversation: it opens when it is asked for.
        assert page.locator("dialog[open]").count() == 0
        label.click()
    article = opened(page)
    assert article.locator(".article-text").text_content() in texts
    active = article.locator("mark.active")
    assert active.text_content() == best_quote(turn).text_content()
    assert in_view(page)
    assert fits(page)
    if size:
        page.keyboard.press("Escape")
    else:
        article.get_by_role("button", name="Close").click()
    page.locator("dialog[open]").wait_for(state="detached")
    label.press("Enter")
    opened(page)
    assert in_view(page)


def test_a_quote_that_was_scrolled_away_comes_back_with_its_label(visit, bundled):
    page = visit(bundled)
    label = ask(page, ANSWERABLE).locator("button.label").first
    for _ in range(2):
        opened(page).locator(".article-text").evaluate("e => e.scrollTo(0, e.scrollHeight)")
        expect(page.locator("mark.active")).not_to_be_in_viewport()
        label.click()
        assert in_view(page)
        page.wait_for_timeout(1500)  # The server's word that nothing changed comes later.


def test_no_answer_is_said_to_be_none(visit, bundled, texts):
    page = visit(bundled)
    turn = ask(page, UNANSWERABLE)
    assert "does not hold an answer" in turn.inner_text()
    assert turn.locator(".claim").count() == 0
    assert page.locator("dialog").count() == 0
    assert "No passage comes near the question." in turn.inner_text()
    assert page.locator("#panel li").count() == 0


def test_a_date_leaves_out_what_has_none(visit, bundled):
    page = visit(bundled, "?since=2017-01-01")
    turn = ask(page, "Who distributed the purportedly leaked text messages?")
    assert "no publication date" in turn.inner_text()
    for byline in page.locator("#panel .byline").all():
        assert "undated" not in byline.text_content()
    page = visit(bundled, "?since=last+year")
    expect(page.get_by_text("'last year' is no date")).to_be_visible()
    assert ask(page, ANSWERABLE).locator(".claim").count()


def test_programs_may_call_it(bundled):
    client = Client(bundled.address, verbose=False)
    answer = client.predict(question=ANSWERABLE, api_name="/ask")
    citation = answer["citations"][0]
    article = client.predict(citation["article_id"], api_name="/article")
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert len(client.predict(question=ANSWERABLE, k=2, api_name="/search")["hits"]) == 2
    with pytest.raises(AppError, match="question"):
        client.predict(question="", api_name="/ask")
    with pytest.raises(ValueError, match="api_name"):
        client.predict(api_name="/show")


def test_questions_that_cannot_be_asked(visit, bundled):
    page = visit(bundled)
    place = "e => [e.getBoundingClientRect().left, e.getBoundingClientRect().width]"
    left, width = page.locator("#talk").evaluate(place)
    box = page.locator("#question textarea")
    box.fill("why " * 2500)
    page.keyboard.press("Enter")
    note = page.locator(".turn .note").filter(has_not_text="Reading")
    note.wait_for(timeout=SLOW)
    assert "at most 1,000 can be read" in note.inner_text()
    assert "Traceback" not in page.content()
    expect(box).to_have_value("why " * 2500)
    # With nothing beside it the conversation stays where it is, above what is said below it.
    assert page.locator("#talk").evaluate(place) == [left, width]
    talk, kept = page.locator("#talk").bounding_box(), page.locator("#kept").bounding_box()
    assert talk["y"] + talk["height"] <= kept["y"]
    assert ask(page, ANSWERABLE).locator(".claim").count()


def test_a_follow_up_is_understood_or_edited_and_older_quotes_still_open(visit, bundled):
    page = visit(bundled)
    first = ask(page, "How many people did police in Kratie arrest?")
    quote = best_quote(first).text_content()
    second = ask(page, "And in Pursat?")
    assert "Understood as: " in second.inner_text()
    assert "Pursat" in best_quote(second).text_content()
    page.locator("#question textarea").fill("The next question")
    second.get_by_text("Edit", exact=True).click()
    box = second.get_by_label("Your question")
    expect(box).to_have_value("And in Pursat? (How many people did police in Kratie arrest?)")
    box.fill("How many people did police in Kratie arrest?")
    box.press("Enter")
    third = page.locator("#turn-3:has(.claim)")
    third.wait_for(timeout=SLOW)
    assert "Understood as: " not in third.inner_text()
    assert best_quote(third).text_content() == quote
    second.get_by_role("button", name="Ask on its own").click()
    fourth = page.locator("#turn-4:has(.claim, .verdict)")
    fourth.wait_for(timeout=SLOW)
    expect(fourth.locator("h2")).to_have_text("And in Pursat?")
    assert "Understood as: " not in fourth.inner_text()
    expect(page.locator("#question textarea")).to_have_value("The next question")
    first.locator("button.label").first.click()
    assert opened(page, quote).locator("mark.active").text_content() == quote
    page.get_by_role("button", name="New conversation").click()
    page.locator(".introduction").wait_for()
    assert page.locator(".turn, #panel li, dialog").count() == 0


@SIZES
def test_a_hostile_article_is_text(visit, town, size):
    page = visit(town, **size)
    turn = ask(page, HARBOUR)
    for quote in turn.locator("blockquote .words").all():
        assert quote.text_content() in HOSTILE.text
    if size:
        turn.locator("button.label").first.click()
    article = opened(page)
    assert article.locator(".article-text").text_content() == HOSTILE.text
    assert article.locator("h2").text_content() == HOSTILE.title
    assert in_view(page)
    parts = page.locator("#conversation, #panel, #reader")
    assert parts.locator("script, img, a:not([data-link])").count() == 0
    assert page.evaluate("window.hit") is None
    assert fits(page)
    started = time.monotonic()
    article.get_by_role("button", name="Close").click()
    page.locator("dialog[open]").wait_for(state="detached")
    assert time.monotonic() - started < 5


def test_the_newest_answer_is_scrolled_to_after_a_declined_one(visit, bundled):
    page = visit(bundled)
    ask(page, UNANSWERABLE)
    for question in (ANSWERABLE, "Who brokered the ceasefire?", ANSWERABLE):
        turn = ask(page, question)
        expect(turn.locator(".claim").first).to_be_in_viewport()
