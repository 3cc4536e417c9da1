"""Times the chat's page in a browser, beside an empty page of the same framework.

Both pages are opened in turn, so that a busy machine slows
them alike.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import BylineError, first_line

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_FLAGS = (
    *"--headless --no-sandbox --disable-gpu --disable-quic --no-first-run".split(),
    *"--disable-background-networking --disable-component-update --disable-sync".split(),
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # No other host is reached.
)
_PATIENCE = 60_000
"""Milliseconds that a page may take for a step."""
_BOX = "#question textarea"
_HALF_TYPED = "Who was it that"


class NoBrowser(BylineError):
    """Playwright or Chromium is missing, or does not start."""


def measure(address: str, questions: Sequence[str]) -> dict[str, Any]:
    """Open the chat once for each question, in a new profile, and ask it; times in seconds.

    Raises NoBrowser, and BylineError for a page that does not come to its end.
    """
    from tqdm import tqdm

    times: dict[str, list[float]] = {"box": [], "complete": [], "words": [], "empty": []}
    faults: list[str] = []
    with chromium() as browser, _empty_page() as empty:
        for question in tqdm(questions, "pages", disable=None):
            with profile(browser, faults) as page:
                times["empty"].append(_usable(page, empty)[0])
            with profile(browser, faults) as page:
                for name, seconds in _visit(page, address, question).items():
                    times[name].append(seconds)
    spreads = {name: _spread(values) for name, values in times.items()}
    return {
        "openings": len(questions),
        "to a usable question box": spreads["box"],
        "to the complete page": spreads["complete"],
        "from Enter to the first words": spreads["words"],
        "empty page, to a usable box": spreads["empty"],
        "ratio to the empty page": round(spreads["box"]["median"] / spreads["empty"]["median"], 2),
        "faults": faults,
    }


def _visit(page: Page, address: str, question: str) -> dict[str, float]:
    """Open the chat and ask a question of it."""
    box, began = _usable(page, address)
    page.locator("#welcome .holdings").wait_for()
    complete = time.perf_counter() - began
    if page.locator(_BOX).input_value() != _HALF_TYPED:
        # It was no box to type in yet: what makes the page complete has emptied it.
        page.locator(_BOX).fill(_HALF_TYPED)
        box = time.perf_counter() - began
    page.locator(_BOX).fill(question)
    entered = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(".turn").locator(".claim, .verdict").first.wait_for()
    return {"box": box, "complete": complete, "words": time.perf_counter() - entered}


def _usable(page: Page, address: str) -> tuple[float, float]:
    """The seconds until the box takes text that stays, and the clock when the page was opened."""
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    box = page.locator(_BOX)
    while True:
        box.fill(_HALF_TYPED)  # Waits until it is visible and enabled.
        seconds = time.perf_counter() - began
        page.wait_for_timeout(300)
        if box.input_value() == _HALF_TYPED:
            return seconds, began


@contextlib.contextmanager
def profile(browser: Browser, faults: list[str]) -> Iterator[Page]:
    """A page in a new, empty profile; errors of its script go to `faults`."""
    from playwright.sync_api import Error

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(_PATIENCE)
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)[:300]))
        yield page
    except Error as error:
        raise BylineError(f"A page did not come to its end: {first_line(error)}") from None
    finally:
        context.close()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise NoBrowser("Playwright is not installed. Run: pip install playwright") from None
    path = os.environ.get("BYLINE_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        except Error as error:
            raise NoBrowser(
                f"Chromium does not start ({first_line(error)}). Install it, or name one in "
                "BYLINE_CHROMIUM."
            ) from None
        yield browser
        browser.close()


@contextlib.contextmanager
def _empty_page() -> Iterator[str]:
    """The address of a Gradio page with one box and nothing else, served by this process."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it when it is imported
    # Gradio calls its own server at start; a proxy of the user's must not stand between.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1"
    import gradio as gr

    with gr.Blocks(title="Empty", analytics_enabled=False) as page:
        gr.Textbox(elem_id="question")
    page.launch(
        server_name="127.0.0.1", server_port=_free_port(), quiet=True,
        prevent_thread_lock=True, share=False, enable_monitoring=False, run_history=False,
        footer_links=[], pwa=False, ssr_mode=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
    )  # fmt: skip
    try:
        yield str(page.local_url)
    finally:
        page.close(verbose=False)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _spread(times: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(times), 2), "maximum": round(max(times), 2)}
