"""The chat as a reader meets it: the real app, index, encoder and browser."""

from __future__ import annotations

import re
import time

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import expect

from rag import Archive, Article

ANSWERABLE = "Who proposed the training on cybercrime?"
UNANSWERABLE = "Which football club won the Champions League final in Istanbul?"
PHONE = {"width": 390, "height": 844}
HOSTILE = Article(
    "The harbour master of Port Elsewhere is <script>window.hit=1</script> Ada Quill, "
    "who said ${window.hit=1} and {{window.hit}} and `x`.\n"
    "She wrote *stars*, _lines_, # heads, $x^2$, [a link](javascript:window.hit=1), "
    '<img src="x" onerror="window.hit=1"> and &amp; in the harbour log.\n\n'
    + "harbour" * 150_000
    + "\n\n"
    + "The harbour was calm. " * 20,
    title="<img src=x onerror=window.hit=1> Harbour ${window.hit=1}",
    source="<b>Gazette</b>",
    author='"><script>window.hit=1</script>',
    url="javascript:window.hit=1",
)
IN_VIEW = """mark => {
    const {top, bottom, left, right} = mark.getClientRects()[0];
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
        && mark.contains(document.elementFromPoint(left + 2, (top + bottom) / 2));
}"""


@pytest.fixture(scope="session")
def hostile(serve, tmp_path_factory):
    index = tmp_path_factory.mktemp("hostile")
    Archive.build([HOSTILE], index)
    return serve("--index", str(index))


def ask(page, question):
    """Asks, waits for the reply, and gives its turn."""
    answered = page.locator(".turn:has(.claim, .verdict)")
    turns = answered.count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    turn = answered.nth(turns)
    turn.wait_for(timeout=30_000)
    return turn


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def opened(page):
    page.locator("dialog[open]").wait_for(timeout=20_000)
    return page.locator("dialog[open]")


def test_start_page(visit, bundled):
    page = visit(bundled)
    assert page.title() == "Byline"
    assert page.locator("#examples button").count() >= 3
    assert fits(page)
    page.set_viewport_size(PHONE)
    page.locator("#filters button").first.click()
    page.get_by_label("Until").wait_for()
    assert fits(page)


def test_every_example_is_answered(visit, bundled):
    for number in range(visit(bundled).locator("#examples button").count()):
        page = visit(bundled)
        page.locator("#examples button").nth(number).click()
        page.locator(".claim").first.wait_for(timeout=30_000)


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_quote_is_verbatim_and_opens_in_its_article(visit, bundled, texts, size):
    page = visit(bundled, **size)
    turn = ask(page, ANSWERABLE)
    for quote in turn.locator("blockquote .words").all():
        assert any(quote.text_content() in text for text in texts)
    assert fits(page)
    turn.locator("button.label").first.click()
    article = opened(page)
    assert article.locator(".article-text").text_content() in texts
    mark = article.locator("mark")
    assert mark.text_content() == turn.locator(".words").first.text_content()
    assert mark.evaluate(IN_VIEW)
    assert fits(page)
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    turn.locator("button.label").first.press("Enter")
    assert opened(page).locator("mark").evaluate(IN_VIEW)


def test_the_panel_shows_title_source_date_and_passage(visit, bundled, texts):
    page = visit(bundled)
    ask(page, ANSWERABLE)
    for item in page.locator("#panel li").all():
        assert item.locator(".title").text_content()
        assert re.search(r" · (undated|\d+ \w+ \d{4})$", item.locator(".byline").text_content())
        passage = item.locator(".passage")
        assert any(passage.text_content() in text for text in texts)
        assert passage.locator("mark").text_content()
    page.locator("#panel button").first.click()
    assert opened(page).locator("mark").evaluate(IN_VIEW)


def test_no_answer_is_said_to_be_none(visit, bundled):
    page = visit(bundled)
    turn = ask(page, UNANSWERABLE)
    assert "does not hold an answer" in turn.inner_text()
    assert turn.locator(".claim").count() == 0
    assert "related reading" in page.locator("#panel").inner_text().lower()
    page.locator("#panel button").first.click()
    assert opened(page).locator("mark").evaluate(IN_VIEW)


def test_filters_narrow_the_search(visit, bundled):
    page = visit(bundled)
    page.locator("#filters button").first.click()
    page.get_by_label("From").fill("2017-01-01")
    turn = ask(page, "Who distributed the purportedly leaked text messages?")
    assert "no publication date" in turn.inner_text()
    for byline in page.locator("#panel .byline").all():
        assert "undated" not in byline.text_content()
    page.get_by_label("From").fill("last year")
    page.locator("#question textarea").fill(ANSWERABLE)
    page.keyboard.press("Enter")
    page.get_by_text("'last year'").wait_for()


def test_programs_may_call_it(bundled):
    client = Client(bundled, verbose=False)
    answer = client.predict(question=ANSWERABLE, api_name="/ask")
    citation = answer["citations"][0]
    article = client.predict(citation["article_id"], api_name="/article")
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert len(client.predict(question=ANSWERABLE, k=2, api_name="/search")["hits"]) == 2
    with pytest.raises(AppError, match="question"):
        client.predict(question="", api_name="/ask")
    with pytest.raises(ValueError, match="api_name"):
        client.predict(api_name="/show")


@pytest.mark.parametrize("question", ["", "  ", "why " * 2500], ids=["empty", "blank", "long"])
def test_a_question_that_cannot_be_asked(visit, bundled, question):
    page = visit(bundled)
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    note = page.locator(".turn .note").filter(has_not_text="Reading")
    note.wait_for(timeout=20_000)
    assert re.search(r"question", note.inner_text(), re.IGNORECASE)
    assert "Traceback" not in page.content()
    assert ask(page, ANSWERABLE).locator(".claim").count()


def test_a_follow_up_is_understood_or_corrected_and_older_quotes_still_open(visit, bundled):
    page = visit(bundled)
    first = ask(page, "How many people did police in Kratie arrest?")
    quote = first.locator(".words").first.text_content()
    second = ask(page, "And in Pursat?")
    assert "Understood as: " in second.inner_text()
    assert "Pursat" in second.locator(".words").first.text_content()
    second.locator(".correct").click()
    box = page.locator("#question textarea")
    expect(box).to_be_focused()
    expect(box).to_have_value("How many people did police in Pursat arrest?")
    third = ask(page, "How many people did police in Kratie arrest?")
    assert "Understood as: " not in third.inner_text()
    assert third.locator(".words").first.text_content() == quote
    first.locator("button.label").first.click()
    assert quote in opened(page).locator("mark").text_content()
    page.keyboard.press("Escape")
    page.locator("#clear").click()
    page.locator(".introduction").wait_for()
    assert page.locator(".turn").count() == 0


def test_visitors_do_not_see_each_other(visit, bundled):
    ask(visit(bundled), ANSWERABLE)
    assert visit(bundled).locator(".turn").count() == 0


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_hostile_article_is_text(visit, hostile, size):
    page = visit(hostile, **size)
    assert page.locator("#examples button").count() == 0
    turn = ask(page, "Who is the harbour master of Port Elsewhere?")
    for quote in turn.locator("blockquote .words").all():
        assert quote.text_content() in HOSTILE.text
    turn.locator("button.label").first.click()
    article = opened(page)
    assert article.locator(".article-text").text_content() == HOSTILE.text
    assert article.locator("h2").text_content() == HOSTILE.title
    assert article.locator("mark").first.evaluate(IN_VIEW)
    assert page.locator("#conversation, #panel, #reader").locator("script, img, a").count() == 0
    assert page.evaluate("window.hit") is None
    assert fits(page)
    started = time.monotonic()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    assert time.monotonic() - started < 5


def test_the_newest_answer_is_scrolled_to_after_a_declined_one(visit, bundled):
    page = visit(bundled)
    ask(page, UNANSWERABLE)
    for question in (ANSWERABLE, "Who brokered the ceasefire?", ANSWERABLE):
        turn = ask(page, question)
        expect(turn.locator(".claim").first).to_be_in_viewport()
