"""A person labels questions in a real browser: marks words, takes a break, and goes on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from rag import Archive, Article

pytestmark = pytest.mark.browser
TEXT = "Police in Kratie held a lorry. 😀 It carried timber, they said."
RULES = {"resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    home = tmp_path_factory.mktemp("label") / "index"
    articles = [
        Article(TEXT, "A lorry <b>held</b>", "a1", "Daily"),
        Article("A ship in Kep carried salt.", "Ship", "a2"),
    ]
    Archive.build(articles, home)
    return home


@pytest.fixture
def served(index, tmp_path):
    """Starts the page over a folder and gives its address; ends what it started."""
    started = []

    def served(*more):
        log = tmp_path / f"log-{len(started)}"
        with log.open("wb") as output:
            command = ["-m", "rag", "eval", "label", "--index", str(index), "--no-browser"]
            started.append(
                subprocess.Popen(
                    [sys.executable, *command, "--out", str(tmp_path / "own"), *more],
                    stdout=output, stderr=subprocess.STDOUT,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )
            )  # fmt: skip
        for _ in range(1200):
            said = log.read_text()
            if found := re.search(r"http://\S+:\d+", said):
                return found[0], started[-1]
            assert started[-1].poll() is None, said
            time.sleep(0.1)
        raise AssertionError(said)

    yield served
    for process in started:
        process.terminate()
        process.wait(60)


def mark(page, words):
    """Drag the mouse over words of a passage."""
    place = page.evaluate(
        """(words) => {
            for (const text of document.querySelectorAll(".text")) {
                const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
                for (let node; (node = walker.nextNode());) {
                    const at = node.data.indexOf(words);
                    if (at < 0) continue;
                    text.scrollIntoView({block: "center"});
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + words.length);
                    const box = range.getBoundingClientRect();
                    return [box.left, box.right, box.top + box.height / 2];
                }
            }
        }""",
        words,
    )
    left, right, middle = place
    page.mouse.move(left + 1, middle)
    page.mouse.down()
    page.mouse.move(right - 1, middle, steps=8)
    page.mouse.up()


def test_words_are_marked_and_the_work_goes_on_after_a_break(served, browser, tmp_path):
    questions = tmp_path / "questions.txt"
    questions.write_text("What did the lorry carry?\nWho painted the ship?\n")
    address, process = served("--questions", str(questions))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    expect(page.locator("#asked")).to_have_text("What did the lorry carry?")
    expect(page.locator("#passages h3").filter(has_text="A lorry <b>held</b>")).to_be_visible()
    assert not re.search("bm25|dense|byline", page.locator("main").inner_text(), re.I)
    mark(page, "timber")
    expect(page.locator("#marks q")).to_have_text("timber")
    page.get_by_label("Story").fill("kratie")
    page.reload()
    expect(page.locator("#marks q")).to_have_text("timber")
    expect(page.get_by_label("Story")).to_have_value("kratie")
    expect(page.get_by_role("button", name="Not answered")).to_be_disabled()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [one["id"] for one in found] == []
    other = browser.new_page()
    other.goto(address)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator("#asked")).to_have_text("Who painted the ship?")
    other.get_by_role("button", name="Not answered").click()
    expect(other.locator("#error")).to_contain_text("labelled in another tab meanwhile")
    other.close()
    page.close()
    process.terminate()
    process.wait(60)

    address, _ = served()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address)
    expect(page.locator("#progress")).to_have_text("1 of 2 questions are labelled.")
    page.get_by_role("button", name="Not answered").click()
    expect(page.locator("#asked")).to_have_text("All questions are labelled.")
    page.get_by_label("Add a question").fill("Where was the ship?")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#progress")).to_have_text("2 of 3 questions are labelled.")
    page.get_by_role("button", name="Write the question set").click()
    expect(page.locator("#written")).to_contain_text("Written:")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
    lines = [
        json.loads(line)
        for side in ("dev", "test")
        for line in (tmp_path / "own" / f"{side}.jsonl").read_text("utf-8").splitlines()
    ]
    said = {line["question"]: line for line in lines}
    assert set(said) == {"What did the lorry carry?", "Who painted the ship?"}
    (evidence,) = said["What did the lorry carry?"]["evidence"]
    assert TEXT[evidence["start"] : evidence["end"]] == evidence["quote"] == "timber"
    assert not said["Who painted the ship?"]["answerable"]


def test_no_other_page_and_no_other_name_reaches_it(served):
    address, _ = served()

    def status(path, headers, data=None):
        try:
            return urllib.request.urlopen(
                urllib.request.Request(address + path, data, headers)
            ).status
        except urllib.error.HTTPError as error:
            return error.code

    assert status("/", {}) == 200
    assert status("/state", {"Host": "evil.example"}) == 400
    assert status("/question", {"Origin": "http://evil.example"}, b'{"text": "x"}') == 400
    assert status("/question", {"Origin": address}, b'{"text": "x"}') == 200
    assert status("/question", {"Origin": address}, b"x" * 200_000) == 400
    assert status("/label", {"Origin": address}, b'{"id": 7}') == 400
    assert status("/../serve.py", {}) == 404
