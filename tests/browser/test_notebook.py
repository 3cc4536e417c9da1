"""Quotes pinned to the notebook: kept by the browser, ordered, annotated and taken away."""

from __future__ import annotations

import json

import pytest
from docx import Document
from playwright.sync_api import expect
from steps import ANSWERABLE, PHONE, SLOW, ask, fits, opened
from test_axe import check
from test_walk import ROOT, saved, verify

KRATIE = "How many people did police in Kratie arrest?"
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def pinned(page, *questions):
    """Asks, pins the best quote of each answer, and opens the notebook."""
    for question in questions:
        ask(page, question).locator(".pin").first.click()
    fold = page.locator("#notebook-fold > summary")
    expect(fold).to_contain_text(f"({len(questions)})")
    fold.click()
    return page.locator("#notebook li.pinned")


@SIZES
def test_quotes_are_pinned_ordered_annotated_and_taken_away(visit, bundled, tmp_path, size):
    page = visit(bundled, **size)
    pins = pinned(page, ANSWERABLE, KRATIE)
    expect(page.locator(".pin[aria-pressed=true]")).to_have_count(2)
    quotes = pins.locator(".words").all_text_contents()
    pins.first.get_by_label("Your note").fill("Call the ministry")
    page.locator("#notebook").get_by_label("Title").fill("Cybercrime")
    page.get_by_role("button", name="Down: 1").click()
    expect(pins.locator(".words")).to_have_text(quotes[::-1])
    expect(page.get_by_role("button", name="Down: 2")).to_be_focused()
    assert fits(page)

    file = tmp_path / "notebook.md"
    saved(page, page.get_by_role("button", name="Markdown")).save_as(file)
    text = file.read_text("utf-8")
    assert text.startswith("# Cybercrime\n")
    assert text.index("Kratie arrest") < text.index("proposed the training")
    assert text.index("proposed the training") < text.index("Call the ministry")
    saved(page, page.get_by_role("button", name="Word (DOCX)")).save_as(tmp_path / "n.docx")
    shown = [one.text for one in Document(tmp_path / "n.docx").paragraphs]
    assert "Call the ministry" in shown
    saved(page, page.locator("#notebook [data-take=evidence]")).save_as(tmp_path / "pack.zip")
    assert verify(tmp_path / "pack.zip", ROOT / "index" / "archive").returncode == 0

    page.reload()
    expect(page.locator("#notebook-fold > summary")).to_contain_text("(2)", timeout=SLOW)
    page.locator("#notebook-fold > summary").click()
    expect(pins.last.get_by_label("Your note")).to_have_value("Call the ministry")
    pins.last.get_by_role("button", name="Open").click()
    assert opened(page, quotes[0]).locator("mark.active").text_content() == quotes[0]


def test_what_holds_no_more_is_marked_and_left_out(visit, bundled):
    page = visit(bundled)
    pins = pinned(page, ANSWERABLE, KRATIE)
    kept = json.loads(page.evaluate("localStorage['byline.notebook']"))
    kept["pins"][0]["quote"] = "<img src=x onerror=window.hit=1>${window.hit=1}"
    page.evaluate("text => { localStorage['byline.notebook'] = text; }", json.dumps(kept))
    page.reload()
    expect(page.locator("#notebook-fold > summary")).to_contain_text("(2)", timeout=SLOW)
    page.locator("#notebook-fold > summary").click()
    saved(page, page.get_by_role("button", name="Markdown"))
    expect(page.locator("#notebook [role=alert]")).to_contain_text("1 quote was left out")
    expect(pins.first.locator(".gone")).to_be_visible()
    expect(pins.last.locator(".gone")).to_be_hidden()
    assert page.locator("#notebook img").count() == 0
    assert page.evaluate("window.hit") is None


def test_it_is_emptied_and_that_is_undone(visit, bundled):
    page = visit(bundled)
    pins = pinned(page, ANSWERABLE)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    page.get_by_role("button", name="Empty the notebook").click()
    expect(pins).to_have_count(0)
    expect(page.locator(".pin[aria-pressed=true]")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(pins).to_have_count(1)
    page.locator(".turn .pin").first.click()
    expect(pins).to_have_count(0)


def test_it_has_no_violations(visit, bundled):
    page = visit(bundled)
    pinned(page, ANSWERABLE, KRATIE)
    assert check(page, "notebook") == []
