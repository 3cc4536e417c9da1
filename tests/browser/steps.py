"""What a reader does on the page, and what is looked at, as the browser tests share it."""

from __future__ import annotations

from playwright.sync_api import expect

ANSWERABLE = "Who proposed the training on cybercrime?"
SURE = "How many people did police in Kratie arrest?"
UNANSWERABLE = "Which football club won the Champions League final in Istanbul?"
SEVERAL = "What did Amnesty International say about Cambodia?"
PHONE = {"width": 390, "height": 844}
SLOW = 60_000
"""Milliseconds that a step may take where two cores are shared with much else."""
IN_VIEW = """mark => {
    const {top, bottom, left, right} = mark.getClientRects()[0];
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
        && mark.contains(document.elementFromPoint(left + 2, (top + bottom) / 2));
}"""

expect.set_options(timeout=20_000)


def ask(page, question):
    """Asks, waits for the reply, and gives its turn."""
    answered = page.locator(".turn:has(.claim, .verdict)")
    turns = answered.count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    turn = answered.nth(turns)
    turn.wait_for(timeout=SLOW)
    return turn


def best_quote(turn):
    """The words of the best quote, which a short answer may stand above."""
    return turn.locator("blockquote .words").first


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def opened(page, quote=None):
    """The reading view, as soon as its quote, that one if given, is set apart."""
    mark = page.locator("dialog[open] mark.active")
    if quote is not None:
        mark = mark.filter(has_text=quote)
    mark.wait_for(timeout=SLOW)
    return page.locator("dialog[open]")


def in_view(page):
    """Whether the active quote is on the screen, and nothing over it; waits for the animation."""
    page.wait_for_function(f"({IN_VIEW})(document.querySelector('mark.active'))")
    return True


def upload(page, *files):
    """Gives files (paths, or names with bytes) to the documents, and waits for what is said."""
    if not page.locator("#files").is_visible():
        page.locator("#own button").first.click()
    page.locator("#files input[type=file]").set_input_files(
        [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            for name, content in files
        ]
    )
    page.locator("#documents :is([role=status], .left)").first.wait_for(timeout=SLOW)


FOCUSED = """(
    e => e === document.body ? "" : e.id || e.ariaLabel || e.textContent.trim() || e.tagName
)(document.activeElement)"""


def focused(page):
    """What has the focus: its id, its label, its text or its tag; "" for nothing."""
    return page.evaluate(FOCUSED)


def has_focus(page, name, begins=False):
    """Waits until what has this name, or `begins` so, has the focus."""
    is_it = "startsWith(name)" if begins else "valueOf() === name"
    page.wait_for_function(f"name => {FOCUSED}.{is_it}", arg=name)
    return True
