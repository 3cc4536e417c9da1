"""The chat in the shape of a Space: in a frame of another site, behind a proxy that speaks TLS.

BYLINE_SPACE_PYTHON names the Python of an environment that was made from requirements.txt, as
`.ci/run` makes one; without it, the tests are skipped.
"""

from __future__ import annotations

import os
import socket
from itertools import count

import pytest
from playwright.sync_api import expect
from space import SITE, SPACE, proxy
from steps import PHONE, SLOW

PYTHON = os.environ.get("BYLINE_SPACE_PYTHON", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="BYLINE_SPACE_PYTHON names no environment")
ENVIRONMENT = {
    "SYSTEM": "spaces", "SPACE_ID": "byline/byline", "SPACE_HOST": SPACE,
    "GRADIO_SERVER_NAME": "0.0.0.0", "BYLINE_PER_MINUTE": "4",
}  # fmt: skip


_addresses = count(1)


@pytest.fixture(scope="module")
def space(serve):
    """The app as a Space starts it: by variables alone."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    variables = ENVIRONMENT | {"GRADIO_SERVER_PORT": str(port)}
    served = serve(port=None, examples=True, python=PYTHON, variables=variables)
    with proxy(f"http://127.0.0.1:{port}") as before:
        yield served, before


@pytest.fixture
def framed(launch, space):
    """Opens the site's page with the Space in its frame, from an address of its own; at the end,
    nothing may have gone wrong there, and no other host been asked for anything."""
    _, before = space
    before.visitor = f"198.51.100.{next(_addresses)}"
    rules = ", ".join(f"MAP {name}:443 127.0.0.1:{before.port}" for name in (SITE, SPACE))
    chromium = launch(f"--host-resolver-rules={rules}")
    faults = []

    def opened(**size):
        context = chromium.new_context(
            viewport=size or {"width": 1280, "height": 800}, ignore_https_errors=True
        )
        page = context.new_page()
        page.set_default_timeout(SLOW)
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: faults.extend(_elsewhere(request.url)))
        page.goto(f"https://{SITE}/spaces/byline/byline")
        frame = page.frame_locator("iframe")
        frame.locator("#narrow-down").wait_for(timeout=4 * SLOW)
        return frame

    yield opened
    chromium.close()
    # Gradio's script wants to know of the site whether the Space sleeps, and is not let.
    assert [fault for fault in faults if f"{SITE}/api/spaces/" not in fault] == []


def _elsewhere(url):
    ours = (f"https://{SITE}/", f"https://{SPACE}/", "data:", "blob:")
    return [] if url.startswith(ours) else [f"outbound request: {url}"]


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_visitor_is_led_and_answered_in_the_frame(framed, size):
    frame = framed(**size)
    assert frame.locator(".guided button").count() == 4
    frame.locator(".guided button").first.click()
    turn = frame.locator(".turn")
    turn.locator("blockquote").first.wait_for(timeout=SLOW)
    expect(turn.locator("blockquote").first).to_contain_text("312 people")
    turn.locator("button.label").first.click()
    expect(frame.locator("dialog[open] mark.active")).to_be_visible()


def test_a_follow_up_is_asked_after_its_question(framed):
    frame = framed()
    frame.locator(".guided button").last.click()
    second = frame.locator(".turn").nth(1)
    second.locator("blockquote").first.wait_for(timeout=2 * SLOW)
    expect(second.locator("h2")).to_have_text("And in Pursat?")
    expect(second.locator("blockquote").first).to_contain_text("Pursat")


def test_what_a_space_has_not(framed):
    """No archives are made there, and no model of the machine is looked for."""
    frame = framed()
    assert frame.get_by_role("switch", name="Write the answer").count() == 0
    assert frame.get_by_role("link", name="All archives").count() == 0


def test_visitors_are_counted_by_the_address_that_the_proxy_tells(framed, space):
    frame = framed()
    for _ in range(5):
        frame.locator("#question textarea").fill("Who won the football World Cup in 2022?")
        frame.locator("#question textarea").press("Enter")
    frame.get_by_text("More than 4 questions in a minute.").first.wait_for(timeout=2 * SLOW)
    _, before = space
    before.visitor = "198.51.100.250"  # Somebody else comes through the same proxy.
    frame = framed()
    frame.locator(".guided button").first.click()
    frame.locator(".turn blockquote").first.wait_for(timeout=SLOW)


def test_it_says_that_everybody_may_ask(space):
    served, _ = space
    assert "0.0.0.0 can be reached from other machines" in served.log.read_text()
