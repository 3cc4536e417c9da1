"""What is in sight and in reach at every width: the box, the tools, the sources, the names of
things, and the page in each language."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from steps import ANSWERABLE, PHONE, SEVERAL, SLOW, UNANSWERABLE, ask, fits, has_focus, opened
from town import BRIDGE

SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
BOX = "#question textarea"
SMALL = """[...document.querySelectorAll("button, a, summary, input, textarea, select")]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches(".skip, .skip *"))
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, {width, height}]) => width && (width < 24 || height < 24)
        && !e.closest("label")?.matches("label:has(input)"))
    .map(([e, {width, height}]) => `${e.outerHTML.slice(0, 80)} ${width} x ${height}`)"""


@SIZES
def test_the_question_box_is_always_in_sight(visit, bundled, size):
    page = visit(bundled, **size)
    expect(page.locator(BOX)).to_be_in_viewport(ratio=1)
    for question in (SEVERAL, UNANSWERABLE, ANSWERABLE):
        ask(page, question)
        expect(page.locator(BOX)).to_be_in_viewport(ratio=1)
    page.locator("#narrow-down > summary").click()
    for part in (0, 0.25, 0.5, 0.75, 1):
        page.evaluate("part => scrollTo(0, part * document.body.scrollHeight)", part)
        if size and part > 0.5:  # On a phone, sources and notices come below all of the desk.
            continue
        expect(page.locator(BOX)).to_be_in_viewport(ratio=1)


@SIZES
@pytest.mark.parametrize("language", ["en", "fr", "km", "ur"])
def test_the_tools_of_an_answer_are_one_row(visit, bundled, language, size):
    page = visit(bundled, f"?lang={language}", **size)
    tools = ask(page, ANSWERABLE).locator(".tools").last.locator("> *")
    places = [tool.bounding_box() for tool in tools.all()]
    assert len(places) == 4
    middles = [place["y"] + place["height"] / 2 for place in places]
    assert max(middles) - min(middles) < 6
    assert fits(page)


@SIZES
def test_what_is_pressed_is_large_enough(visit, bundled, size):
    page = visit(bundled, **size)
    ask(page, ANSWERABLE)
    page.locator("#narrow-down > summary").click()
    assert page.evaluate(SMALL) == []


def test_a_link_skips_to_the_box_which_has_its_name(visit, bundled):
    page = visit(bundled)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the question")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Your question", exact=True)
    expect(box).to_be_focused()
    expect(box).to_have_count(1)


def test_how_sure_it_is_is_told_before_the_quotes(visit, bundled):
    page = visit(bundled)
    turn = ask(page, ANSWERABLE)
    told = page.locator("#told").text_content()
    state = turn.locator(".state").first.text_content()
    quote = turn.locator(".claim .words").first.text_content()
    assert told.index(state) < told.index(quote)
    turn = ask(page, UNANSWERABLE)
    assert "does not hold an answer" in page.locator("#told").text_content()


def test_the_drawer_gives_the_focus_back_after_other_quotes_were_read(visit, town):
    page = visit(town, **PHONE)
    turn = ask(page, BRIDGE)
    label = turn.locator("[data-article]").first
    label.focus()
    page.keyboard.press("Enter")
    opened(page)
    at = page.locator(".steps span").text_content()
    page.locator(".step:not([disabled])").click()
    expect(page.locator(".steps span")).not_to_have_text(at)
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached", timeout=SLOW)
    expect(label).to_be_focused()


@SIZES
def test_khmer_and_urdu_pages_show_latin_letters_and_titles_as_others_do(visit, bundled, size):
    page = visit(bundled, **size)
    face = "e => getComputedStyle(e).fontFamily"
    turn = ask(page, ANSWERABLE)
    english = turn.locator(".claim .words").first.evaluate(face)
    page.get_by_role("link", name="ភាសាខ្មែរ").click()
    expect(page.locator("html")).to_have_attribute("lang", "km")
    assert turn.locator(".claim .words").first.evaluate(face) == english
    page.get_by_role("link", name="اردو").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    turn.locator("[data-article]").first.click()
    view = opened(page)
    fields = view.locator(".byline").first.locator("bdi")
    assert fields.count() >= 2
    title, close = view.locator("h2").bounding_box(), view.locator(".close").bounding_box()
    assert title["x"] >= close["x"] + close["width"] or close["x"] >= title["x"] + title["width"]


def test_a_greeting_is_answered_shortly_and_not_searched_for(visit, bundled):
    page = visit(bundled)
    ask(page, ANSWERABLE)
    for text in ("hello", "Thanks a lot!", "asdfgh jkl", "សួស្តី"):
        turn = ask(page, text)
        assert turn.locator(".claim, .tools, .otherwise").count() == 0
        expect(turn.locator(".verdict")).to_have_count(1)
        assert page.locator("#panel li, dialog").count() == 0
        expect(page.locator(BOX)).to_have_value("")
    assert "Understood as: " in ask(page, "And in Pursat?").inner_text()
    assert has_focus(page, "Your question")


def test_a_khmer_question_is_not_joined_to_the_english_one_before(visit, bundled):
    page = visit(bundled)
    ask(page, ANSWERABLE)
    turn = ask(page, "តើអ្នកណាជានាយករដ្ឋមន្ត្រី?")
    assert turn.locator(".otherwise").count() == 0
    assert ANSWERABLE not in turn.inner_text()
