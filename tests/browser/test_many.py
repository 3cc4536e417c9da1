"""Many questions at once, and questions that stand, as a reader finds them on the page."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from steps import PHONE, SLOW, fits, opened
from test_axe import WIDE, check
from town import BAKER, BRIDGE, HARBOUR, TOWN

from rag import Archive

TABLE = f"question;source\n{HARBOUR};\n{BAKER};\nWho won the football cup in Brazil?;\n"
NEW = replace(
    TOWN[0],
    id="new",
    text="The Lantern Bridge cost 9 million crowns in the end, the mayor of Port Elsewhere said.",
    title="What the bridge cost",
    source="Bridge News",
)


@pytest.fixture
def home(tmp_path):
    """An archive that a test may add to."""
    folder = tmp_path / "index"
    Archive.build(TOWN, folder)
    return folder


def unfold(page, name):
    page.locator(f"#{name} button").first.click()


def choose(page, name, content):
    table = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    page.locator("#table input[type=file]").set_input_files([table])


def saved(page, kind):
    with page.expect_download() as download:
        page.locator(f"#batch [data-save={kind}]").click()
    return download.value.path().read_bytes()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
def test_a_table_goes_in_and_a_sheet_comes_out(visit, town, size):
    page = visit(town, **size, accept_downloads=True)
    unfold(page, "many")
    example = saved(page, "example").decode("utf-8-sig")
    assert example.startswith("question,source,since,until")
    choose(page, "bad.csv", "question,source\nWho?,<img src=x onerror=window.hit=1>\n,\n ,x\n")
    told = page.locator("#batch [role=alert]")
    expect(told).to_contain_text("Nothing was asked")
    expect(told.locator("li")).to_have_count(2)
    assert page.evaluate("window.hit") is None
    faults = check(page, "lines that cannot be asked", sizes=(size,))
    choose(page, "Questions.csv", TABLE)
    done = page.locator("#batch .told", has_text="3 questions asked")
    done.wait_for(timeout=SLOW)
    assert fits(page)
    faults += check(page, "a batch", sizes=(size,))
    rows = list(csv.DictReader(io.StringIO(saved(page, "csv").decode("utf-8-sig"), newline="")))
    assert [row["line"] for row in rows if row["answer"] == "not found"] == ["4"]
    assert "harbour master" in rows[0]["quote"]
    assert rows[0]["link"] == ""
    sheet = load_workbook(io.BytesIO(saved(page, "xlsx"))).active
    assert sheet["C2"].value == rows[0]["quote"]
    assert faults == []


def test_a_batch_is_stopped(visit, town):
    page = visit(town)
    unfold(page, "many")
    choose(page, "many.csv", "question\n" + f"{HARBOUR}\n" * 60)
    page.locator("#batch progress").wait_for(timeout=SLOW)
    page.locator("#batch [data-remove]").click()
    expect(page.locator("#batch")).to_contain_text("were not asked", timeout=SLOW)
    assert page.locator("#batch [data-save=xlsx]").is_visible()


def test_a_question_stands_and_finds_what_is_new(visit, serve, home):
    served = serve("--index", str(home))
    page = visit(served)
    unfold(page, "stand")
    field = page.get_by_label("Your question").nth(1)
    field.fill(BRIDGE)
    field.press("Enter")
    kept = page.locator(".standing-questions li")
    expect(kept).to_contain_text(BRIDGE)
    expect(field).to_have_value("")
    expect(page.locator("#standing")).to_contain_text("Nothing has been found yet")
    page.close()
    served.end()
    Archive.build([*TOWN, NEW], home)
    served = serve("--index", str(home))
    page = visit(served)
    unfold(page, "stand")
    page.get_by_role("button", name="Look for it now").click()
    expect(page.locator(".found blockquote")).to_contain_text("9 million crowns", timeout=SLOW)
    faults = check(page, "what was found")
    page.locator(".found button.titled").first.click()
    opened(page, "9 million crowns")
    again = visit(served, **PHONE)
    unfold(again, "stand")
    expect(again.locator(".found blockquote")).to_contain_text("9 million crowns")
    assert fits(again)
    again.locator(".standing-questions button").click()
    expect(again.locator(".standing-questions")).to_have_count(0)
    expect(again.locator(".found blockquote")).to_contain_text("9 million crowns")
    assert faults == []
