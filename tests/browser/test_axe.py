"""Every view against axe-core's rules, in light and dark, on a desktop and on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from steps import ANSWERABLE, PHONE, SLOW, SURE, UNANSWERABLE, ask, opened, upload
from town import BRIDGE, report_pdf

WIDE = {"width": 1280, "height": 800}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # axe-core leaves it out unless it is named.
}
STILL = "*, ::before, ::after { animation: none !important; transition: none !important; }"


def violations(page):
    """What axe-core finds, a line for each element; on Gradio's markup too."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


def check(page, view, sizes=(WIDE, PHONE)):
    """The view as it stands, in both colour schemes and in these sizes of the window."""
    page.add_style_tag(content=STILL)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        dark = "document.querySelector('.dark') !== null"
        # Asked for by the clock: Chromium gives a page that is not seen no frames at times.
        page.wait_for_function(f"({dark}) === {str(scheme == 'dark').lower()}", polling=100)
        for size in sizes:
            page.set_viewport_size(size)
            # Above the question box, which stays in sight, no button is cut in two by it.
            page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
            found += [f"{view}, {scheme}, {size['width']}: {line}" for line in violations(page)]
    page.set_viewport_size(sizes[0])
    return found


def test_a_fault_would_be_found(visit, bundled):
    """So that no change of axe-core's options lets everything pass."""
    page = visit(bundled)
    page.locator("#masthead .part").evaluate(
        "e => e.insertAdjacentHTML('beforeend', '<img src=\"data:,\"><p style=\"color:#eee;"
        'background:#fff">faint</p><p><button style="width:9px;height:9px;padding:0">a</button>'
        '<button style="width:9px;height:9px;padding:0">b</button></p>\')'
    )
    found = " ".join(violations(page))
    for rule in ("image-alt", "color-contrast", "target-size"):
        assert rule in found


def test_the_views_of_the_bundled_articles(visit, proposing):
    page = visit(proposing)
    page.locator(".examples button").first.wait_for(timeout=2 * SLOW)
    found = check(page, "start")
    ask(page, UNANSWERABLE)
    found += check(page, "declined")
    ask(page, ANSWERABLE)
    opened(page)
    found += check(page, "answer")
    ask(page, SURE)
    expect(page.locator(".glance")).to_be_visible()
    found += check(page, "answer at a glance")
    upload(page, ("report.pdf", report_pdf()), ("broken.pdf", b"%PDF-1.4"))
    expect(page.locator("#documents .left")).to_be_visible()
    page.locator(".rate summary").last.click()
    found += check(page, "documents and judgement")
    # By the keyboard: a click waits for frames, of which once none came for a minute.
    page.get_by_role("link", name="اردو").press("Enter")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    opened(page)
    found += check(page, "Urdu")
    assert found == []


def test_the_views_of_the_town(visit, town):
    page = visit(town)
    page.locator("#narrow-down > summary").click()
    page.locator("#more-filters > summary").click()
    page.get_by_role("checkbox", name="River Times").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.locator("#month-2024-04").click()
    expect(page.locator("#month-2024-04")).to_have_attribute("aria-pressed", "true")
    found = check(page, "filters")
    page.get_by_role("button", name="Ask all again").click()
    ask(page, BRIDGE)
    expect(page.locator(".differ")).to_be_visible()
    opened(page)
    found += check(page, "accounts that differ")
    page.set_viewport_size(PHONE)
    page.locator(".differ button.label").first.click()
    page.locator("dialog:modal").wait_for(timeout=SLOW)
    opened(page)
    found += check(page, "drawer", sizes=(PHONE,))
    assert found == []


@pytest.mark.parametrize("language", ["km", "fr"])
def test_other_languages(visit, bundled, language):
    page = visit(bundled, f"?lang={language}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert check(page, language, sizes=(PHONE,)) == []
