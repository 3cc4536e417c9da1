"""Answers that a model writes, as a reader meets them; the model is a server with a script."""

from __future__ import annotations

import time

import pytest
import tiny_gguf
from playwright.sync_api import expect
from scripted import Reply, ScriptedServer
from steps import PHONE, SLOW, fits, in_view, opened

AMNESTY = "What did Amnesty International say about Cambodia?"
KRATIE = "How many people did police in Kratie arrest?"
TRUE = "Amnesty International published the findings of an 18-month investigation into cybercrime"
HOSTILE = (
    "The findings ${window.hit=1} came in <img src=x onerror=window.hit=1> 1999 with "
    "(a link)(javascript:window.hit=1) <script>window.hit=1</script> for all"
)
ARRESTS = "Police in Kratie arrested 312 people"


def written(body):
    """Slowly what is true and what is not; about Kratie, a sentence and then nothing more."""
    if KRATIE in body["messages"][-1]["content"]:
        return Reply(f"{ARRESTS} [1]. And so", then="hang")
    return Reply(f"{TRUE} [1]. {HOSTILE} [1]. It was so", pause=0.15)


@pytest.fixture(scope="session")
def model():
    with ScriptedServer(written) as server:
        yield server


@pytest.fixture(scope="session")
def writing(serve, model, judgements):
    return serve("--model", model.address, "--feedback", str(judgements))


def ask(page, question):
    """Asks, and gives the turn as soon as the model writes."""
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn:has(.writing)")
    turn.wait_for(timeout=SLOW)
    return page.locator(".turn").last


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_sentences_come_as_they_are_verified(visit, writing, texts, size):
    page = visit(writing, **size)
    turn = ask(page, AMNESTY)
    assert turn.locator(".claim").count() == 0
    turn.locator(".written .claim").wait_for(timeout=SLOW)
    expect(turn.locator(".writing")).to_be_visible()
    assert fits(page)
    page.locator("#question textarea").fill("The next question")
    turn.locator(".written button.label").click()
    mark = opened(page).locator("mark.active")
    assert any(mark.text_content() in text for text in texts)
    assert in_view(page)
    page.get_by_role("button", name="Close").click()
    turn.locator(".writing").wait_for(state="detached", timeout=SLOW)
    assert turn.locator("p.claim").count() == 1
    assert turn.locator("p.claim .words").text_content() == f"{TRUE}."
    assert turn.locator("blockquote:not(details *)").count() == 0  # The quotes are folded.
    expect(page.locator("#question textarea")).to_have_value("The next question")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    turn.locator(".written button.label").click()
    title = opened(page).locator("h2").text_content()
    assert title in turn.locator(".more .titled").first.text_content()


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_what_was_left_out_is_closed_and_is_text(visit, writing, size):
    page = visit(writing, **size)
    turn = ask(page, AMNESTY)
    left_out = turn.locator(".left-out")
    left_out.wait_for(timeout=SLOW)
    sentence = left_out.get_by_text(f"{HOSTILE}.", exact=True)
    expect(sentence).to_be_hidden()
    left_out.locator("summary").click()
    expect(sentence).to_be_visible()
    expect(left_out.locator(".reason").first).to_be_visible()
    parts = page.locator("#conversation, #panel, #reader")
    assert parts.locator("script, img, a:not([data-link])").count() == 0
    assert page.evaluate("window.hit") is None
    assert fits(page)


def test_the_reader_stops_the_model_and_asks_for_quotes(visit, writing):
    page = visit(writing)
    turn = ask(page, KRATIE)
    turn.get_by_text(ARRESTS).wait_for(timeout=SLOW)
    page.get_by_role("button", name="Stop").click()
    turn.get_by_text("You stopped the model.").wait_for(timeout=10_000)
    assert turn.locator(".written .claim").count() == 1
    assert page.locator(".writing").count() == 0
    page.get_by_role("switch", name="Write the answer").click()
    expect(page.locator("#writer")).not_to_contain_text("support")
    page.locator("#question textarea").fill(KRATIE)
    page.keyboard.press("Enter")
    page.locator(".turn").nth(1).locator("blockquote").wait_for(timeout=SLOW)
    assert page.locator(".writing").count() == 0


def test_nothing_is_written_into_a_new_conversation(visit, writing, model):
    page = visit(writing)
    ask(page, KRATIE).get_by_text(ARRESTS).wait_for(timeout=SLOW)
    gone = model.gone
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".introduction").wait_for()
    assert _comes_true(lambda: model.gone > gone)
    page.wait_for_timeout(1000)
    assert page.locator(".turn").count() == 0
    turn = ask(page, AMNESTY)
    assert turn.locator("h2").text_content() == AMNESTY


def test_a_reader_who_leaves_ends_the_writing(visit, writing, model):
    page = visit(writing)
    ask(page, KRATIE).get_by_text(ARRESTS).wait_for(timeout=SLOW)
    gone = model.gone
    page.close()
    assert _comes_true(lambda: model.gone > gone)


def test_the_switch_is_on_where_a_model_was_given_and_off_otherwise(visit, writing, bundled):
    switch = visit(writing).get_by_role("switch", name="Write the answer")
    expect(switch).to_be_checked()
    expect(visit(bundled).get_by_role("switch", name="Write the answer")).not_to_be_checked()


@pytest.fixture(scope="session")
def finding(serve, tmp_path_factory):
    """The chat with a model in its folder, which was not asked for."""
    folder = tmp_path_factory.mktemp("models")
    tiny_gguf.make(folder / "tiny.gguf")
    return serve("--models", str(folder))


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_model_of_this_machine_is_found_when_it_is_wanted(visit, finding, size):
    page = visit(finding, **size)
    switch, box = page.get_by_role("switch", name="Write the answer"), page.locator("#writer")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(box.get_by_role("status")).to_have_text(
        "tiny.gguf writes from the next question on.", timeout=SLOW
    )
    expect(switch).to_be_checked()
    expect(box.get_by_role("radio", name="tiny.gguf")).to_be_checked()
    expect(box).to_contain_text("Experimental")
    assert fits(page)
    # What it writes is noise without an end, and no sentence of it is let through: the quotes stay.
    turn = ask(page, KRATIE)
    page.get_by_role("button", name="Stop").click()
    turn.locator("blockquote").first.wait_for(timeout=SLOW)
    switch.click()
    expect(switch).not_to_be_checked()
    page.locator("#question textarea").fill(AMNESTY)
    page.keyboard.press("Enter")
    page.locator(".turn").nth(1).locator("blockquote").first.wait_for(timeout=SLOW)
    assert page.locator(".writing").count() == 0


def _comes_true(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    return holds()
