"""Takes the pictures of this folder: `python docs/screenshots.py`.

Starts the chat over the bundled articles on loopback, walks through its views in a real browser,
and writes a PNG of each. Needs the test extra and a Chromium (named by BYLINE_CHROMIUM).
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("BYLINE_CHROMIUM", "/usr/bin/chromium")
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
LARGEST = 150_000
"""Bytes of a picture from which it is kept in 256 colours."""
PATIENCE = 240
"""Seconds that a step may take on a busy machine."""
ANSWERED = "How many Indonesians were arrested in Poipet?"
DECLINED = "Which football club won the Champions League final in Istanbul?"
FOLLOWED = ("How many people did police in Kratie arrest?", "And in Pursat?")
NOTES = b"""Notes of a call with the harbour office, not published anywhere.

The ferry to the islands runs again from Monday, the harbour master said on the phone.

It was kept in the yard for two weeks because of a broken shaft.
"""


def main() -> None:
    """Write every picture anew."""
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        start_and_filters(browser, address)
        answers(browser, address)
        views(browser, address)
        documents(browser, address)
        archives(browser, address)
        phone(browser, address)
        languages(browser, address)
        browser.close()


def start_and_filters(browser: Browser, address: str) -> None:
    page = visited(browser, address)
    page.locator(".examples button").first.wait_for()
    picture(page, "start")
    page.locator("#narrow-down > summary").click()
    page.locator(".month").first.click()
    page.locator("[aria-pressed=true]").wait_for()
    picture(page, "filters")


def answers(browser: Browser, address: str) -> None:
    page = visited(browser, address)
    ask(page, ANSWERED)
    page.locator("dialog[open] mark.active").wait_for()
    picture(page, "chat")
    page = visited(browser, address)
    ask(page, DECLINED)
    picture(page, "declined")
    page = visited(browser, address, color_scheme="dark")
    for question in FOLLOWED:
        ask(page, question)
    page.locator("dialog[open] mark.active").wait_for()
    picture(page, "dark")


def views(browser: Browser, address: str) -> None:
    page = visited(browser, address)
    for question in FOLLOWED:
        ask(page, question).locator(".pin").first.click()
    page.locator("#notebook-fold > summary").click()
    page.locator("#notebook-fold").scroll_into_view_if_needed()
    picture(page, "notebook")
    views = (
        ("search", '"text messages" OR cybercrime', ".results"),
        ("names", "Phay Siphan", "#browse h2:has-text('Phay Siphan')"),
    )
    for name, words, found in views:
        page = browser.new_page(viewport=DESKTOP)
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{address}?view={name}")
        page.locator("#find-words").fill(words)
        page.keyboard.press("Enter")
        page.locator(found).first.wait_for()
        picture(page, name)


def documents(browser: Browser, address: str) -> None:
    page = visited(browser, address)
    page.locator("#own button").first.click()
    notes = {"name": "harbour-notes.txt", "mimeType": "text/plain", "buffer": NOTES}
    broken = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    page.locator("#files input[type=file]").set_input_files([notes, broken])
    page.locator("#documents [role=status]").wait_for()
    ask(page, "When does the ferry to the islands run again?")
    page.locator("dialog[open] mark.active").wait_for()
    page.locator("#question").evaluate("e => scrollTo(0, e.offsetTop)")
    picture(page, "documents")


def archives(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=DESKTOP)
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{address}?archives")
    page.locator("#new-archive > summary").click()
    page.locator("#archive-name").fill("Harbour, 2026")
    notes = {"name": "harbour-notes.txt", "mimeType": "text/plain", "buffer": NOTES}
    broken = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    page.locator("#choose-files").set_input_files([notes, broken])
    page.locator("#new-archive button.primary").click()
    report = page.locator(".archive summary")
    report.wait_for()
    report.click()
    page.mouse.move(1000, 700)
    picture(page, "archives")


def phone(browser: Browser, address: str) -> None:
    page = visited(browser, address, size=PHONE)
    ask(page, ANSWERED)
    picture(page, "phone")
    page.locator("button.label").first.click()
    page.locator("dialog:modal mark.active").wait_for()
    picture(page, "drawer")


def languages(browser: Browser, address: str) -> None:
    for tag, name in (("ur", "urdu"), ("km", "khmer"), ("fr", "french")):
        page = visited(browser, f"{address}?lang={tag}")
        ask(page, ANSWERED)
        page.locator("dialog[open] mark.active").wait_for()
        page.evaluate("scrollTo(0, 0)")
        picture(page, name)


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of a chat of our own, which keeps no judgements beside the index."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with log.open("w") as output:
            process = subprocess.Popen(
                [
                    sys.executable, "app.py", "--port", "0",
                    "--feedback", f"{folder}/feedback.jsonl", "--archives", f"{folder}/archives",
                ],
                cwd=HERE.parent, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and process.poll() is None:
                if found := re.search(r"^Byline is at (\S+)", log.read_text(), re.MULTILINE):
                    yield found[1]
                    return
                time.sleep(0.2)
            raise SystemExit(f"The chat did not start:\n{log.read_text()}")
        finally:
            process.terminate()
            process.wait(PATIENCE)


def visited(browser: Browser, address: str, size: dict[str, int] = DESKTOP, **choices: Any) -> Page:
    """The page in a new profile, as soon as the archive can be asked."""
    page = browser.new_page(viewport=size, **choices)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(address)
    page.locator("#narrow-down").wait_for()
    return page


def ask(page: Page, question: str) -> Locator:
    answered = page.locator(".turn:has(.claim, .verdict)")
    turns = answered.count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    turn = answered.nth(turns)
    turn.wait_for()
    return turn


def picture(page: Page, name: str) -> None:
    """What the window shows, in few colours where it would be a large file otherwise."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(600)  # Until the drawer is up and the view has been scrolled.
    image = Image.open(io.BytesIO(page.screenshot(caret="hide"))).convert("RGB")
    file = HERE / f"{name}.png"
    image.save(file, optimize=True)
    if file.stat().st_size > LARGEST:
        image.quantize(dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
