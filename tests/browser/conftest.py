"""A real browser before the real app; every request to another host is stopped and kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from town import TOWN

from rag import Archive

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("BYLINE_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
START_SECONDS = 240
STOP_SECONDS = 120
"""An end waits for the models that are being loaded."""


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
def launch(browser):
    """Starts another Chromium, with more flags."""
    return lambda *flags: browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS, *flags]
    )


@dataclass(frozen=True)
class Served:
    """A running app: its address, its folder for temporary files, its process and what it says."""

    address: str
    temporary: Path
    process: subprocess.Popen[bytes]
    log: Path

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(STOP_SECONDS)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Starts `python app.py` with the given arguments, of another folder with `home`; or `byline
    serve` there, with `library` for the folder of its archives. With `port` None, `variables` of
    the environment tell where it listens; `python` runs it.

    It proposes no example questions, which it would look for beside the tests, but with `examples`.
    """
    running: list[Served] = []

    def start(
        *arguments: str,
        home: Path = ROOT,
        port: int | None = 0,
        examples: bool = False,
        library: Path | None = None,
        python: str = sys.executable,
        variables: Mapping[str, str] | None = None,
    ) -> Served:
        arguments += () if examples else ("--no-examples",)
        program = ["app.py"]
        if library:
            program = ["-m", "rag", "serve", "--no-open", "--archives", str(library)]
        temporary = tmp_path_factory.mktemp("app")
        own = {"TMPDIR": str(temporary), "PYTHONPATH": str(ROOT), **(variables or {})}
        at = () if port is None else ("--port", str(port))
        log = temporary / "log.txt"
        with log.open("w") as output:
            process = subprocess.Popen(
                [python, *program, *at, *arguments], cwd=home, env=os.environ | own,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if found := re.search(r"^Byline is at (\S+)", log.read_text(), re.MULTILINE):
                running.append(Served(found[1], temporary, process, log))
                urllib.request.urlopen(found[1]).close()
                return running[-1]
            time.sleep(0.1)
        process.kill()
        raise AssertionError(f"the app did not start:\n{log.read_text()}")

    yield start
    for served in running:
        served.end()


@pytest.fixture(scope="session")
def texts(articles):
    return [article.text for article in articles]


@pytest.fixture(scope="session")
def judgements(tmp_path_factory):
    """The file for the judgements of `bundled`, so that none of a test stays beside the index."""
    return tmp_path_factory.mktemp("judgements") / "feedback.jsonl"


@pytest.fixture(scope="session")
def bundled(serve, judgements):
    return serve("--feedback", str(judgements))


@pytest.fixture(scope="session")
def proposing(serve, tmp_path_factory):
    """The chat over articles of one's own, which proposes example questions."""
    index = tmp_path_factory.mktemp("proposing") / "index"
    return serve("--articles", "index/articles", "--index", str(index), examples=True)


@pytest.fixture(scope="session")
def guiding(serve, tmp_path_factory):
    """The chat over the bundled articles as a newcomer finds it."""
    file = tmp_path_factory.mktemp("guiding") / "feedback.jsonl"
    return serve("--feedback", str(file), examples=True)


@pytest.fixture(scope="session")
def town_index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    Archive.build(TOWN, folder)
    return folder


@pytest.fixture(scope="session")
def town(serve, town_index):
    return serve("--index", str(town_index))


@pytest.fixture
def visit(browser):
    """Opens an app in a new, empty profile, as soon as the archive can be asked; at the end,
    nothing may have gone wrong there.

    `ready`: what to wait for. `allowed`: what the console may say, as a pattern. More `choices`
    are those of a browser context.
    """
    contexts, faults = [], []

    def opened(
        served: Served,
        query: str = "",
        width: int = 1280,
        height: int = 800,
        ready: str = "#narrow-down",
        allowed: str = "",
        **choices: Any,
    ):
        context = browser.new_context(viewport={"width": width, "height": height}, **choices)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.address)
        contexts.append(context)

        def police(route):
            if route.request.url.startswith((served.address, "data:", "blob:")):
                route.continue_()
            else:
                faults.append(f"outbound request: {route.request.url}")
                route.abort()

        def dialog(box):
            faults.append(f"a dialog opened: {box.message}")
            box.dismiss()

        def said(message):
            if message.type == "error" and not (allowed and re.search(allowed, message.text)):
                faults.append(f"console: {message.text}")

        page = context.new_page()
        page.set_default_timeout(60_000)  # Two cores may be shared with much else.
        page.route("**/*", police)
        page.on("dialog", dialog)
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on("console", said)
        page.goto(served.address + query)
        page.wait_for_selector(ready)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
