"""A real browser before the real app; every request to another host is stopped and kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("BYLINE_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
START_SECONDS = 240


@pytest.fixture(scope="session")
def browser():
    """Chromium; without it the tests are skipped, and fail on a continuous-integration run."""
    missing = None
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing = "playwright is not installed: pip install playwright"
    if not Path(CHROMIUM).exists():
        missing = f"no Chromium at {CHROMIUM}: install it, or name one in BYLINE_CHROMIUM"
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Starts `python app.py` with the given arguments and gives its address."""
    running = []

    def start(*arguments: str) -> str:
        log = tmp_path_factory.mktemp("app") / "log.txt"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "app.py", "--port", "0", *arguments],
                cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        running.append(process)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            for line in log.read_text().splitlines():
                if line.startswith("Byline is at "):
                    address = line.split()[3]
                    urllib.request.urlopen(address).close()
                    return address
            time.sleep(0.2)
        raise AssertionError(f"the app did not start:\n{log.read_text()}")

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def texts(articles):
    return [article.text for article in articles]


@pytest.fixture(scope="session")
def bundled(serve):
    return serve()


@pytest.fixture
def visit(browser):
    """Opens an address in a new, empty profile; at the end, nothing may have gone wrong there."""
    contexts, faults = [], []

    def opened(address: str, width: int = 1280, height: int = 800):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)

        def police(route):
            if route.request.url.startswith(address):
                route.continue_()
            else:
                faults.append(f"outbound request: {route.request.url}")
                route.abort()

        def dialog(box):
            faults.append(f"a dialog opened: {box.message}")
            box.dismiss()

        page = context.new_page()
        page.route("**/*", police)
        page.on("dialog", dialog)
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
        page.goto(address)
        page.wait_for_selector("#question textarea")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
