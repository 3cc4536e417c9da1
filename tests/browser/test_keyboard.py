"""Everything by keyboard alone: what Tab reaches, what keys do, and where the focus is after."""

from __future__ import annotations

from playwright.sync_api import expect
from steps import ANSWERABLE, PHONE, SLOW, ask, fits, focused, has_focus, opened, upload
from town import BAKER, BRIDGE, report_pdf

MOST = 90
"""Presses of Tab after which the page must have been walked through."""


def reached(page):
    """What Tab reaches, in order, from the first link to the end of the page."""
    first = page.locator("#masthead a").first
    first.focus()
    found = []
    while len(found) < MOST:
        found.append(focused(page))
        page.keyboard.press("Tab")
        if not focused(page) or first.evaluate("e => e === document.activeElement"):
            return found
    raise AssertionError(f"Tab finds no end: {found}")


def go_to(page, name):
    """Presses Tab until what has this name, or begins so, has the focus."""
    for _ in range(MOST):
        if focused(page).startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name!r}")


def is_seen(page):
    """Whether what has the focus shows that it has."""
    return page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        " || document.activeElement.matches('#question textarea')"
    )


def test_a_question_is_asked_and_its_article_read(visit, town):
    page = visit(town)
    go_to(page, "language-en")
    assert is_seen(page)
    page.keyboard.press("Tab")
    assert has_focus(page, "language-km")
    while focused(page) != "Your question":
        page.keyboard.press("Tab")
    page.keyboard.type(BRIDGE)
    page.keyboard.press("Tab")
    assert has_focus(page, "Ask")
    assert is_seen(page)
    page.keyboard.press("Space")
    turn = page.locator(".turn:has(.claim)")
    turn.wait_for(timeout=SLOW)
    opened(page)
    names = reached(page)
    for part in (
        "language-en", "language-fr", "[1] open the article", "Copy quote", "Copy the answer",
        "Copy a link", "Evidence pack", "Was this right?", "Download the conversation",
        "New conversation", "Ask",
        "Narrow the search", "Your own documents", "Close", "Ask only this article",
        "The article",
    ):  # fmt: skip
        assert any(name.startswith(part) for name in names), (part, names)
    assert any(name.startswith(("Next quote", "Previous quote")) for name in names)

    page.locator("#masthead a").first.focus()
    go_to(page, "[1] open the article")
    page.keyboard.press("Enter")
    page.locator("dialog[data-called]").wait_for()  # Else it is drawn anew under the next key.
    expect(page.locator(".steps span")).to_have_text("Quote 1 of 2")
    go_to(page, "Next quote")
    page.keyboard.press("Space")
    expect(page.locator(".steps span")).to_have_text("Quote 2 of 2")
    assert has_focus(page, "Previous quote")  # There is no next one: its neighbour has the focus.
    page.keyboard.press("Enter")
    expect(page.locator(".steps span")).to_have_text("Quote 1 of 2")
    assert has_focus(page, "Next quote")
    go_to(page, "The article")
    top = page.locator(".article-text").evaluate("e => e.scrollTop")
    assert isinstance(top, (int, float))
    page.keyboard.press("Shift+Tab")
    go_to(page, "Close")
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for(state="detached")


def test_filters_keep_the_focus_where_it_was(visit, town):
    page = visit(town)
    told = page.locator("#filters .in-force")
    go_to(page, "Narrow the search")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Until")).to_be_visible()
    go_to(page, "source-1")
    page.keyboard.press("Space")
    expect(told).to_contain_text("Asks 1 of 5 articles")
    assert has_focus(page, "source-1")
    page.keyboard.press("Space")
    expect(told).to_have_text("Asks all 5 articles")
    assert has_focus(page, "source-1")
    go_to(page, "since")
    page.keyboard.type("02012024")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("Since 1 February 2024")
    assert has_focus(page, "since")
    go_to(page, "month-2024-03")
    page.keyboard.press("Enter")
    expect(page.locator("#month-2024-03")).to_have_attribute("aria-pressed", "true")
    assert has_focus(page, "month-2024-03")
    page.keyboard.press("Space")
    expect(told).to_have_text("Asks all 5 articles")
    assert has_focus(page, "month-2024-03")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("Asks 1 of 5 articles")
    go_to(page, "Remove the filter: Since")
    page.keyboard.press("Enter")
    expect(told).not_to_contain_text("Since")
    assert has_focus(page, "Remove the filter: Until", begins=True)  # What stands there now.
    page.locator("#masthead a").first.focus()
    go_to(page, "Ask all again")
    page.keyboard.press("Enter")
    expect(told).to_have_text("Asks all 5 articles")
    assert has_focus(page, "Narrow the search")


def test_fields_are_chosen_in_a_fold(visit, town):
    page = visit(town, **PHONE)
    told, fold = page.locator("#filters .in-force"), page.locator("#more-filters")
    go_to(page, "Narrow the search")
    page.keyboard.press("Enter")
    expect(fold).not_to_have_attribute("open", "")
    go_to(page, "More filters")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Section")).to_be_visible()
    expect(page.get_by_role("group", name="Language")).to_have_count(0)  # All are in English.
    assert fits(page)
    go_to(page, "section-0")
    page.keyboard.press("Space")
    expect(told).to_contain_text("Section: City")
    expect(told).to_contain_text("Asks 2 of 5 articles")
    assert has_focus(page, "section-0")
    page.keyboard.press("Space")
    expect(told).to_have_text("Asks all 5 articles")
    page.locator("#author-other").focus()
    page.keyboard.type("lena t. marsh")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("Author: Lena T. Marsh")
    expect(page.get_by_role("checkbox", name="Lena T. Marsh")).to_be_checked()
    page.locator("#author-other").focus()
    page.keyboard.type("Nobody")
    page.keyboard.press("Tab")
    expect(page.locator("#filters .note").first).to_contain_text("No article is by 'Nobody'")
    expect(page.locator("#author-other")).to_have_value("")
    expect(told).to_contain_text("Asks 1 of 5 articles")
    expect(fold).to_have_attribute("open", "")


def test_the_drawer_is_closed_by_escape_and_gives_the_focus_back(visit, town):
    page = visit(town, **PHONE)
    ask(page, BAKER)
    go_to(page, "[1] open the article")
    label = focused(page)
    page.keyboard.press("Enter")
    opened(page)
    inside = "document.querySelector('dialog').contains(document.activeElement)"
    assert page.evaluate(inside)
    for _ in range(8):  # The rest of the page is out of reach while the drawer is open.
        page.keyboard.press("Tab")
        assert page.evaluate(f"{inside} || document.activeElement === document.body")
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    assert has_focus(page, label)


def test_judgements_documents_and_languages(visit, bundled):
    page = visit(bundled)
    # Playwright listens for the window of files from now on: told with the key, it may be late.
    page.on("filechooser", lambda chooser: None)
    ask(page, ANSWERABLE)
    go_to(page, "Was this right?")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("No", exact=True)).to_be_checked()
    go_to(page, "Send")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_contain_text("Your judgement is kept")
    assert has_focus(page, "Copy the answer with its sources")
    go_to(page, "Your own documents")
    page.keyboard.press("Enter")
    go_to(page, "Click to upload")
    with page.expect_file_chooser():
        page.keyboard.press("Enter")
    upload(page, ("report.pdf", report_pdf()))
    page.evaluate("scrollTo(0, 0)")
    go_to(page, "scope-both")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("only my documents")).to_be_checked()
    expect(page.locator("#filters .in-force")).to_contain_text("the one article there is")
    page.keyboard.press("Shift+Tab")
    assert has_focus(page, "Remove them now")
    page.keyboard.press("Enter")
    expect(page.locator("#filters .in-force")).to_have_text("Asks all 7 articles")
    assert has_focus(page, "Your own documents", begins=True)
    go_to(page, "New conversation")
    page.keyboard.press("Enter")
    page.locator(".introduction").wait_for()
    assert has_focus(page, "Your question")
    go_to(page, "language-fr")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert has_focus(page, "language-fr")
