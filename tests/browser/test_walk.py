"""What a reader can do, walked through step by step, each walk in a new profile.

Every page here is offline: `visit` stops each request to another host and fails for it. So all
that follows works with the rest of the world out of reach, and asks nothing of it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from markdown_it import MarkdownIt
from playwright.sync_api import expect
from steps import (
    ANSWERABLE,
    PHONE,
    SLOW,
    UNANSWERABLE,
    ask,
    best_quote,
    fits,
    in_view,
    opened,
    upload,
)
from town import BAKER, BRIDGE, CARRIAGE, HARBOUR, HOSTILE, RESTORED, report_pdf

from eval.datasets import gold

ROOT = Path(__file__).parents[2]
KRATIE = "How many people did police in Kratie arrest?"
HIT = "<img src=x onerror=window.hit=1><script>window.hit=1</script>${window.hit=1}"
REPORT = ("report.pdf", report_pdf())
_INDEX = "byline-private-*/*/CURRENT"
"""Of a visitor's documents, in the folder for temporary files."""
SPOKEN = {
    "fr": ("Français", "Votre question"),
    "km": ("ភាសាខ្មែរ", "សំណួរ"),
    "ur": ("اردو", "سوال"),
}


def sources_asked(page):
    """What is said of the filters in force, always in sight."""
    told = page.locator("#filters .in-force")
    expect(told).to_be_visible()
    return told


def saved(page, button):
    """The file that a button gives to save."""
    with page.expect_download() as download:
        button.click()
    return download.value


def verify(pack, index):
    return subprocess.run(
        [sys.executable, "-m", "rag", "verify", str(pack), "--index", str(index)],
        cwd=ROOT, capture_output=True, text=True, timeout=240,
    )  # fmt: skip


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_previous_and_next_quote_across_articles(visit, town, size):
    page = visit(town, **size)
    turn = ask(page, BRIDGE)
    labels = turn.locator("blockquote button.label")
    labels.first.click()
    titles = []
    for at in (1, 2, 1):
        expect(page.locator(".steps span")).to_have_text(f"Quote {at} of 2")
        quote = turn.locator("blockquote .words").nth(at - 1).text_content()
        view = opened(page, quote)
        titles.append(view.locator("h2").text_content())
        assert view.locator("mark.active").text_content() == quote
        assert in_view(page)
        assert fits(page)
        view.get_by_role("button", name="Next" if at == 1 else "Previous").click()
    assert titles[0] != titles[1]
    assert titles[0] == titles[2]


def test_filters_narrow_the_question_and_are_always_in_sight(visit, town):
    page = visit(town)
    told = sources_asked(page)
    expect(told).to_have_text("Asks all 5 articles")
    page.locator("#narrow-down > summary").click()
    page.get_by_role("button", name="March 2024: 1 article").click()
    expect(page.locator("#month-2024-03")).to_have_attribute("aria-pressed", "true")
    expect(told).to_contain_text("Asks 1 of 5 articles")
    expect(page.locator("#since")).to_have_value("2024-03-01")
    expect(page.locator("#until")).to_have_value("2024-03-31")
    turn = ask(page, BRIDGE)
    assert "$55 million" in turn.text_content()
    assert "$40 million" not in turn.text_content()
    expect(sources_asked(page)).to_contain_text("Asks 1 of 5 articles")
    page.locator("#month-2024-03").click()
    expect(told).to_have_text("Asks all 5 articles")

    page.get_by_role("checkbox", name="Evening Herald").click()
    expect(page.locator(".chip", has_text="Evening Herald")).to_be_visible()
    page.get_by_role("checkbox", name="River Times").click()
    expect(page.get_by_role("checkbox", name="River Times")).to_be_checked()
    expect(told).to_contain_text("Asks 3 of 5 articles")
    turn = ask(page, BRIDGE)
    assert "$40 million" in turn.text_content()
    assert "$55 million" not in turn.text_content()
    page.locator("#since").fill("2024-02-01")
    page.locator("#since").press("Enter")
    expect(told).to_contain_text("Since 1 February 2024")
    expect(told).to_contain_text("Asks 1 of 5 articles")
    page.get_by_role("button", name="Remove the filter: River Times").click()
    expect(page.get_by_role("button", name="Remove the filter: River Times")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="River Times")).not_to_be_checked()
    page.get_by_role("button", name="Ask all again").click()
    expect(told).to_have_text("Asks all 5 articles")
    expect(page.locator("#since")).to_have_value("")
    expect(page.locator("#narrow-down")).to_have_attribute("open", "")


def is_doubtful(turn):
    """Whether nothing was found, or what may not answer."""
    text = turn.inner_text()
    return "does not hold" in text or "a weak match" in text


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_only_this_article(visit, town, size):
    page = visit(town, **size)
    ask(page, BAKER).locator("button.label").click()
    opened(page).get_by_role("button", name="Ask only this article").click()
    told = sources_asked(page)
    expect(told).to_contain_text("Only: Bread before dawn")
    if size:
        page.locator("dialog[open]").wait_for(state="detached")
    assert is_doubtful(ask(page, HARBOUR))
    page.get_by_role("button", name="Remove the filter: Only").click()
    expect(told).to_have_text("Asks all 5 articles")
    assert "Ada Quill" in ask(page, HARBOUR).inner_text()


def test_own_documents_are_asked_alone_or_with_the_archive_and_then_gone(visit, bundled):
    page = visit(bundled)
    assert is_doubtful(ask(page, CARRIAGE))
    upload(page, REPORT)
    expect(page.locator("#documents")).to_contain_text("1 article of your own")
    expect(page.get_by_label("the archive and my documents")).to_be_checked()
    expect(sources_asked(page)).to_have_text("Asks all 8 articles")
    turn = ask(page, CARRIAGE)
    assert best_quote(turn).text_content() == RESTORED
    assert opened(page).locator("h2").text_content() == "report.pdf"
    assert in_view(page)
    assert ask(page, ANSWERABLE).locator(".claim").count()
    page.get_by_label("only my documents").check()
    expect(sources_asked(page)).to_have_text("Asks the one article there is")
    assert best_quote(ask(page, CARRIAGE)).text_content() == RESTORED
    assert is_doubtful(ask(page, ANSWERABLE))
    page.get_by_label("only the archive").check()
    expect(sources_asked(page)).to_have_text("Asks all 7 articles")
    assert is_doubtful(ask(page, CARRIAGE))
    page.get_by_role("button", name="Remove them now").click()
    expect(page.locator("#documents")).to_contain_text("They stay on this server for this visit")
    assert not list(bundled.temporary.glob(_INDEX))


def test_a_file_that_cannot_be_read_says_why(visit, bundled):
    page = visit(bundled)
    name = f"{HIT}.pdf".replace("/", "")
    upload(page, (name, b"%PDF-1.4 rubbish\0"), ("empty.txt", b""))
    said = page.locator("#documents .left")
    expect(said).to_contain_text("a broken PDF: open it in a viewer and print it to a new PDF")
    expect(said.locator("li")).to_have_count(2)
    expect(said.locator("b").first).to_contain_text("window.hit=1")
    assert said.locator("img, script").count() == 0
    assert page.evaluate("window.hit") is None
    assert page.locator("#documents [role=status]").count() == 0


def test_documents_are_a_visitors_own_and_deleted_when_the_page_is_closed(visit, bundled):
    page = visit(bundled)
    upload(page, REPORT)
    turn = ask(page, CARRIAGE)
    assert best_quote(turn).text_content() == RESTORED
    article = turn.locator("button.label").first.get_attribute("data-article")
    assert list(bundled.temporary.glob(_INDEX))
    left = [path for path in bundled.temporary.glob("byline-private-*/*/*/*") if path.is_file()]
    assert not [path for path in left if path.name == REPORT[0]], "a copy is still there"
    other = visit(bundled)
    assert other.locator(".turn").count() == 0
    expect(sources_asked(other)).to_have_text("Asks all 7 articles")
    assert other.locator("#documents [role=status]").count() == 0
    assert RESTORED not in ask(other, CARRIAGE).inner_text()
    with pytest.raises(AppError, match="no article"):
        Client(bundled.address, verbose=False).predict(article, api_name="/article")
    page.close()
    deadline = time.monotonic() + 60
    while list(bundled.temporary.glob(_INDEX)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not list(bundled.temporary.glob(_INDEX))


def test_a_reload_goes_on_and_checks_every_quote_again(visit, bundled):
    page = visit(bundled)
    ask(page, UNANSWERABLE)
    quote = best_quote(ask(page, ANSWERABLE)).text_content()
    opened(page)
    before = page.locator("#conversation").inner_text()
    page.reload()
    expect(page.locator(".turn")).to_have_count(2, timeout=SLOW)
    assert page.locator("#conversation").inner_text() == before
    assert opened(page, quote)
    assert in_view(page)
    assert "Understood as" not in ask(page, KRATIE).inner_text()
    expect(page.locator("#turn-3 .claim").first).to_be_visible()

    kept = json.loads(page.evaluate("sessionStorage['byline.conversation']"))
    answer = kept["exchanges"][1]["answer"]
    forged = quote.replace("proposing", "resisting")
    answer["citations"][0]["quote"] = answer["claims"][0]["text"] = forged
    page.evaluate("text => { sessionStorage['byline.conversation'] = text; }", json.dumps(kept))
    page.reload()
    turn = page.locator("#turn-2")
    expect(turn).to_contain_text("1 quote was left out", timeout=SLOW)
    assert "resisting" not in page.locator("#desk").text_content()
    assert turn.locator(".claim").count() == 0
    assert page.locator("#turn-3 .claim").count()


@pytest.mark.parametrize(
    "garbage", ["{", "[]", '{"version":1,"exchanges":[{"number":-1}]}', "9" * 9]
)
def test_garbage_in_the_tab_begins_anew(visit, bundled, garbage):
    page = visit(bundled)
    page.evaluate("text => { sessionStorage['byline.conversation'] = text; }", garbage)
    page.reload()
    expect(page.locator("#conversation .note")).to_contain_text(
        "The saved conversation cannot be read. Start a new one.", timeout=SLOW
    )
    assert page.locator(".turn").count() == 0
    assert ask(page, ANSWERABLE).locator(".claim").count()


def test_a_shared_link_asks_its_question_under_its_filters_once(visit, town):
    page = visit(town)
    page.locator("#narrow-down > summary").click()
    page.get_by_role("checkbox", name="Morning Post").click()
    expect(sources_asked(page)).to_contain_text("Asks 1 of 5 articles")
    turn = ask(page, BRIDGE)
    link = turn.get_by_role("link", name="Copy a link")
    link.click()
    expect(turn.locator("[data-link]")).to_have_text("Copied")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(town.address)
    other = visit(town, address.removeprefix(town.address))
    turn = other.locator(".turn:has(.claim)")
    turn.wait_for(timeout=SLOW)
    assert turn.locator("h2").text_content() == BRIDGE
    assert "$55 million" in turn.text_content()
    assert "$40 million" not in turn.text_content()
    expect(other.get_by_role("button", name="Remove the filter: Morning Post")).to_be_visible()
    asked = []
    other.on("request", lambda r: asked.append(r.post_data) if "queue/join" in r.url else None)
    other.reload()
    expect(other.locator(".turn:has(.claim)")).to_have_count(1, timeout=SLOW)
    other.wait_for_timeout(1000)
    expect(other.locator(".turn")).to_have_count(1)
    assert len(asked) == 1, "more than the beginning of the page was asked of the server"


def test_what_is_taken_away_holds_and_a_changed_byte_does_not(visit, bundled, texts, tmp_path):
    page = visit(bundled)
    turn = ask(page, ANSWERABLE)
    quote = best_quote(turn).text_content()
    turn.get_by_role("button", name="Copy quote [1]").click()
    expect(turn.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert quote in copied
    assert "VOA Khmer" in copied

    ask(page, KRATIE)
    download = saved(page, page.get_by_role("button", name="Evidence pack of all answers"))
    assert re.fullmatch(r"byline-evidence-[\d-]+\.zip", download.suggested_filename)
    pack = tmp_path / "pack.zip"
    download.save_as(pack)
    index = ROOT / "index" / "archive"
    verified = verify(pack, index)
    assert verified.returncode == 0, verified.stderr
    assert quote[:40] in zipfile.ZipFile(pack).read("evidence.json").decode().replace('\\"', '"')
    evidence = zipfile.ZipFile(pack).read("evidence.json")
    altered = tmp_path / "evidence.json"
    altered.write_bytes(evidence.replace(b"real problem", b"reel problem"))
    assert altered.read_bytes() != evidence
    failed = verify(altered, index)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stderr

    download = saved(page, turn.get_by_role("button", name="Evidence pack"))
    download.save_as(pack)
    one = json.loads(zipfile.ZipFile(pack).read("evidence.json"))
    assert KRATIE not in json.dumps(one)

    download = saved(page, page.get_by_role("button", name="Download the conversation"))
    assert download.suggested_filename.endswith(".md")
    download.save_as(tmp_path / "conversation.md")
    text = (tmp_path / "conversation.md").read_text("utf-8")
    assert ANSWERABLE in text
    assert KRATIE in text


def test_a_judgement_is_kept_once(visit, bundled, judgements):
    page = visit(bundled)
    before = judgements.read_text().count("\n") if judgements.exists() else 0
    turn = ask(page, ANSWERABLE)
    turn.locator(".rate summary").click()
    turn.get_by_label("Yes").check()
    turn.get_by_label("What is wrong").fill("Nothing is.")
    turn.get_by_role("button", name="Send").click()
    expect(turn).to_contain_text("Your judgement is kept")
    assert turn.locator(".rating").count() == 0
    page.reload()
    expect(page.locator(".turn")).to_contain_text("Your judgement is kept", timeout=SLOW)
    assert page.locator(".turn .rating").count() == 0
    ask(page, "And in Pursat?")
    assert judgements.read_text().count("\n") == before + 1
    judged = gold.load(judgements)[-1]
    assert judged.turns == (ANSWERABLE,)
    assert judged.answerable
    assert judged.evidence[0]["quote"] in turn.text_content()


def test_the_page_speaks_other_languages_and_keeps_the_conversation(visit, bundled):
    page = visit(bundled)
    quote = best_quote(ask(page, ANSWERABLE)).text_content()
    for tag, (name, words) in SPOKEN.items():
        page.get_by_role("link", name=name).click()
        expect(page.locator("html")).to_have_attribute("lang", tag)
        expect(page.locator("#question label")).to_contain_text(words)
        expect(page.get_by_role("link", name=name)).to_have_attribute("aria-current", "true")
        assert best_quote(page.locator("#turn-1")).text_content() == quote
        assert "Asks all" not in page.locator("#filters").text_content()
        assert opened(page).locator(".close").inner_text() != "Close"
        assert fits(page)
    direction = "e => getComputedStyle(e).direction"
    assert page.locator("html").get_attribute("dir") == "rtl"
    for right_to_left in ("#question textarea", ".in-force", "dialog header", "#masthead nav"):
        assert page.locator(right_to_left).first.evaluate(direction) == "rtl"
    for left_to_right in (".article-text", "dialog h2", "#turn-1 .words", "#turn-1 h2"):
        assert page.locator(left_to_right).first.evaluate(direction) == "ltr"
    page.set_viewport_size(PHONE)
    assert fits(page)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ur")
    expect(best_quote(page.locator("#turn-1"))).to_have_text(quote, timeout=SLOW)
    # Of several chosen at once the last counts.
    page.evaluate(
        "for (const t of ['fr', 'km', 'en']) document.querySelector(`#language-${t}`).click()"
    )
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#filters .in-force")).to_have_text("Asks all 7 articles")


def test_hostile_text_does_nothing_anywhere(visit, town, tmp_path):
    page = visit(town, f"?source={HIT}")
    expect(page.locator("#conversation .note")).to_contain_text("window.hit=1")
    turn = ask(page, f"{HIT} who is the harbour master of Port Elsewhere?")
    assert HIT in turn.locator("h2").text_content()
    ask(page, HARBOUR)
    page.locator("#narrow-down > summary").click()
    page.get_by_role("checkbox", name=HOSTILE.source).click()
    chip = page.get_by_role("button", name=f"Remove the filter: {HOSTILE.source}")
    expect(chip).to_be_visible()
    page.locator("#month-2024-05").click()
    expect(page.locator("#month-2024-05")).to_have_attribute("aria-pressed", "true")
    opened(page).get_by_role("button", name="Ask only this article").click()
    expect(
        page.get_by_role("button", name=f"Remove the filter: Only: {HOSTILE.title}")
    ).to_be_visible()
    upload(page, (f"{HIT}.txt".replace("/", ""), f"A paper on {HIT} by Ada Quill. ".encode() * 9))
    ask(page, "Who is the paper by?")
    assert page.locator(".part").locator("script, img, iframe, [onclick], [onerror]").count() == 0
    download = saved(page, page.get_by_role("button", name="Download the conversation"))
    download.save_as(tmp_path / "conversation.md")
    html = MarkdownIt("commonmark").render((tmp_path / "conversation.md").read_text("utf-8"))
    assert not re.search(r"<(script|img|iframe|b )|href=.javascript", html)
    link = page.evaluate("document.querySelector('#turn-1 [data-link]').dataset.link")
    other = visit(town, link)
    other.locator(".turn:has(.claim, .verdict)").wait_for(timeout=SLOW)
    for opened_page in (page, other):
        assert opened_page.evaluate("window.hit") is None


@pytest.fixture
def guarded(serve, town_index, tmp_path):
    """The town, for those with a password only, who may ask twice in a minute."""
    accounts = tmp_path / "accounts.txt"
    accounts.write_text("mara:oven\n")
    accounts.chmod(0o600)
    served = serve(
        "--index", str(town_index), "--auth-file", str(accounts), "--per-minute", "2",
        "--feedback", str(tmp_path / "feedback.jsonl"),
    )  # fmt: skip
    yield served
    served.end()


def test_a_login_is_asked_for_and_too_many_questions_are_refused(visit, guarded):
    page = visit(guarded, ready="input[type=password]", allowed="40[01]")
    assert page.locator("#question").count() == 0
    page.locator("input").first.fill("mara")
    page.locator("input[type=password]").fill("wrong")
    page.get_by_role("button", name="Login").click()
    expect(page.get_by_text("Incorrect")).to_be_visible()
    page.locator("input").first.fill("mara")
    page.locator("input[type=password]").fill("oven")
    page.get_by_role("button", name="Login").click()
    page.locator("#narrow-down").wait_for(timeout=SLOW)
    for _ in range(2):
        assert ask(page, BAKER).locator(".claim").count()
    page.locator("#question textarea").fill(BAKER)
    page.keyboard.press("Enter")
    refused = page.locator(".turn").nth(2)
    expect(refused).to_contain_text("More than 2 questions in a minute", timeout=SLOW)
    expect(page.locator("#question textarea")).to_have_value(BAKER)


@pytest.fixture
def home(tmp_path):
    """A checkout that was never started: the app, and articles enough to watch their indexing."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "index" / "articles", folder / "index" / "articles")
    lines = (
        json.dumps({"text": f"Ship {n} came in with a load of tin. " * 20, "title": f"Ship {n}"})
        for n in range(500)
    )
    (folder / "index" / "articles" / "ships.jsonl").write_text("\n".join(lines))
    shutil.copy(ROOT / "app.py", folder)
    (folder / "rag").symlink_to(ROOT / "rag")
    return folder


def test_the_first_start_tells_how_far_it_is_and_a_restart_is_no_end(visit, serve, home):
    served = serve(home=home)
    page = visit(
        served, ready=".waiting", allowed="net::|network error|Server stopped|Connection errored"
    )
    page.locator(".waiting progress").wait_for(timeout=SLOW)
    assert re.match(r"Indexing the articles: .*\d+ of \d+", page.locator(".waiting").inner_text())
    page.locator("#narrow-down").wait_for(timeout=4 * SLOW)
    assert page.locator(".waiting").count() == 0
    turn = ask(page, ANSWERABLE)
    quote = best_quote(turn).text_content()
    served.end()
    again = serve(home=home, port=int(served.address.rstrip("/").rpartition(":")[2]))
    # The new server knows nothing of this page, which brings what it keeps before it asks.
    page.locator("#question textarea").fill(KRATIE)
    page.keyboard.press("Enter")
    page.locator("#turn-2 .claim").wait_for(timeout=4 * SLOW)
    expect(best_quote(page.locator("#turn-1"))).to_have_text(quote)
    expect(page.locator("#question textarea")).to_have_value("")
    page.reload()
    expect(best_quote(page.locator("#turn-1"))).to_have_text(quote, timeout=SLOW)
    assert page.locator("#turn-2 .claim").count()
    again.end()
