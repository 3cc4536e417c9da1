"""What an impatient reader types, sends and does meanwhile: none of it is lost."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import expect
from steps import ANSWERABLE, PHONE, SLOW, ask, fits

KRATIE = "How many people did police in Kratie arrest?"
THREE = (ANSWERABLE, KRATIE, "Who brokered the ceasefire?")
BOX = "#question textarea"
JOIN = "**/queue/join*"
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def send(page, *questions):
    page.locator(BOX).click()
    for question in questions:
        page.keyboard.type(question)
        page.keyboard.press("Enter")


@contextlib.contextmanager
def hold(page):
    """Keeps what the page asks of the server from it, within."""
    held = []
    page.route(JOIN, lambda route: held.append(route))
    yield held
    page.unroute(JOIN)
    for route in held:
        route.continue_()


def answered(page, n):
    """Waits for `n` answers, and gives the questions above them."""
    expect(page.locator(".turn:has(.claim, .verdict)")).to_have_count(n, timeout=SLOW)
    return page.locator(".turn h2").all_text_contents()


@SIZES
def test_questions_sent_meanwhile_wait_their_turn_and_what_is_typed_stays(visit, bundled, size):
    page = visit(bundled, **size)
    with hold(page):
        send(page, *THREE)
        page.keyboard.type("Typed meanwhile")
        waiting = page.locator("#queue li")
        expect(waiting).to_have_count(2)
        expect(waiting.last).to_contain_text(THREE[-1])
        expect(waiting.last).to_be_in_viewport()
        expect(page.get_by_role("button", name=f"Remove: {THREE[-1]}")).to_be_visible()
        assert fits(page)
    assert answered(page, 3) == list(THREE)
    expect(page.locator("#queue section")).to_be_hidden()
    expect(page.locator(BOX)).to_have_value("Typed meanwhile")
    expect(page.locator(BOX)).to_be_focused()


def test_one_that_is_answered_does_not_come_back(visit, bundled):
    page = visit(bundled)
    for question in (ANSWERABLE, "hello", KRATIE):
        ask(page, question)
        page.wait_for_timeout(500)
        expect(page.locator(BOX)).to_have_value("")
    expect(page.locator("#queue section")).to_be_hidden()


def test_one_that_waits_is_edited_or_removed(visit, bundled):
    page = visit(bundled)
    with hold(page):
        send(page, *THREE)
        page.keyboard.type("Typed meanwhile")
        page.get_by_role("button", name=f"Edit: {THREE[2]}").click()
        expect(page.locator(BOX)).to_have_value(THREE[2])  # The two have changed places.
        page.get_by_role("button", name="Remove: Typed meanwhile").click()
    assert answered(page, 2) == list(THREE[:2])
    expect(page.locator(BOX)).to_have_value(THREE[2])


def test_an_empty_question_changes_nothing(visit, bundled):
    page = visit(bundled)
    ask(page, ANSWERABLE)
    before = page.locator("#desk").inner_text()
    with hold(page) as asked:
        for empty in ("", "  "):
            page.locator(BOX).fill(empty)
            page.keyboard.press("Enter")
            page.locator("#question .submit-button").click()
        page.wait_for_timeout(500)
        assert asked == []
    assert page.locator("#desk").inner_text() == before


def test_a_reload_keeps_what_is_typed_and_asks_what_has_no_answer_yet(visit, bundled):
    page = visit(bundled, allowed="abort|Connection errored")
    send(page, *THREE)
    page.keyboard.type("Typed meanwhile")
    page.reload()
    assert answered(page, 3) == list(THREE)
    expect(page.locator(BOX)).to_have_value("Typed meanwhile")
    page.reload()
    assert answered(page, 3) == list(THREE)
    page.goto("about:blank")
    page.go_back()
    assert answered(page, 3) == list(THREE)
    expect(page.locator(BOX)).to_have_value("Typed meanwhile")


def test_another_language_chosen_meanwhile_loses_nothing(visit, bundled):
    page = visit(bundled)
    send(page, *THREE)
    page.keyboard.type("Typed meanwhile")
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert answered(page, 3) == list(THREE)
    expect(page.get_by_text("Était-ce juste")).to_have_count(3, timeout=SLOW)
    expect(page.get_by_text("Was this right")).to_have_count(0)
    expect(page.locator(BOX)).to_have_value("Typed meanwhile")


def test_one_that_is_refused_waits_for_the_reader_and_the_others_go_on(visit, bundled):
    page = visit(bundled)
    with hold(page):
        page.locator(BOX).fill("why " * 300)
        page.keyboard.press("Enter")
        send(page, KRATIE)
        page.keyboard.type("Typed meanwhile")
    assert answered(page, 1) == [KRATIE]
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator("#queue")).to_contain_text("could not be asked")
    page.locator("#queue .remove").click()
    expect(page.locator("#queue section")).to_be_hidden()
    expect(page.locator(BOX)).to_have_value("Typed meanwhile")


@pytest.mark.parametrize("first", ["the question", "the new conversation"])
def test_a_new_conversation_forgets_what_waits(visit, bundled, first):
    """Whichever of the two the server hears of first."""
    page = visit(bundled)
    ask(page, ANSWERABLE)
    with hold(page) as held:
        send(page, KRATIE, THREE[2])
        expect(page.locator("#queue li")).to_have_count(1)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator("#queue section")).to_be_hidden()
        if first == "the question":
            held.pop(0).continue_()
            expect(page.locator(".turn")).to_have_count(2)
        else:
            held.pop().continue_()
            page.locator(".introduction").wait_for()
    page.locator(".introduction").wait_for()
    page.wait_for_timeout(500)
    assert page.locator(".turn").count() == 0
    assert ask(page, KRATIE)
