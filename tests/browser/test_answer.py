"""The three states of an answer, the card that opens a sure one, and a decline that helps."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from steps import PHONE, SLOW, SURE, UNANSWERABLE, ask, fits, in_view, opened
from town import BRIDGE

from rag import pack

SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
DOUBTFUL = "What did Amnesty International say about Cambodia?"


@SIZES
@SCHEMES
def test_a_sure_answer_opens_with_a_card_of_verified_words(visit, bundled, texts, size, scheme):
    page = visit(bundled, **size, color_scheme=scheme)
    turn = ask(page, SURE)
    card = turn.locator(".glance")
    expect(card.locator(".state")).to_contain_text("9 of 10 answers like this were right")
    short = card.locator(".short .words").text_content()
    quote = card.locator("blockquote .words").text_content()
    assert short == "312"
    assert any(quote in text for text in texts)
    assert [mark.text_content() for mark in card.locator("mark").all()] == [short]
    expect(card.locator("button.label")).to_have_text("[1]")
    origin = card.locator("footer").inner_text()
    assert re.search(r"\b(undated|\d+ \w+ \d{4})\b", origin)
    expect(card).to_be_in_viewport()
    assert fits(page)
    card.locator("footer .titled").click()
    article = opened(page, quote)
    assert article.locator("h2").text_content() in origin
    assert in_view(page)


@SIZES
def test_further_quotes_are_folded_and_numbered_behind_the_best(visit, town, size):
    page = visit(town, **size)
    turn = ask(page, BRIDGE)
    more = turn.locator("details.more")
    expect(more.locator("summary")).to_have_text("1 more, from 1 article")
    expect(more.locator("blockquote")).to_be_hidden()
    more.locator("summary").click()
    expect(more.locator("blockquote")).to_be_visible()
    labels = turn.locator("blockquote > button.label").all_text_contents()
    assert labels == ["[1]", "[2]"]
    assert sorted(turn.locator(".differ button.label").all_text_contents()) == labels
    titles = turn.locator("button.titled .title").all_text_contents()
    assert len(titles) == len(set(titles)) == 2
    assert fits(page)


def test_the_three_states_are_told_apart_in_words(visit, bundled):
    page = visit(bundled)
    states = [ask(page, one).locator(".state b").text_content() for one in (SURE, DOUBTFUL)]
    states.append(ask(page, UNANSWERABLE).locator(".state b").text_content())
    assert states[0] == "A strong match"
    assert states[1].startswith("Doubtful")
    assert states[2] == "Not in the archive"
    assert page.locator(".turn").nth(1).locator(".glance").count() == 0


@SIZES
def test_a_decline_says_what_was_looked_for_and_can_be_taken_away(visit, bundled, tmp_path, size):
    page = visit(bundled, **size)
    turn = ask(page, UNANSWERABLE)
    for said in ("Searched: 7 articles", "“Istanbul” 0", "No passage comes near the question."):
        expect(turn).to_contain_text(said)
    for internal in ("MiniLM", "dense", "threshold", ".jsonl"):
        assert internal not in page.locator("body").inner_text()
    with page.expect_download() as download:
        turn.get_by_role("button", name="Certificate that it is not there").click()
    path = tmp_path / "certificate.zip"
    download.value.save_as(path)
    (answer,) = pack.load(path)["answers"]
    assert answer["status"] == "unanswered"
    assert answer["absence"]["searched"] == 7
    assert fits(page)


@SIZES
def test_what_stands_outside_the_filters_is_counted_and_asked_for(visit, bundled, size):
    page = visit(bundled, "?since=2017-01-01", **size)
    turn = ask(page, SURE)
    expect(turn).to_contain_text("Outside 1 January 2017 to … there is 1 more article")
    turn.get_by_role("button", name="Ask all again").click()
    expect(page.locator("#question textarea")).to_have_value(SURE)
    expect(page.locator(".chip")).to_have_count(0)
    page.keyboard.press("Enter")
    page.locator(".turn").nth(1).locator(".glance").wait_for(timeout=SLOW)
