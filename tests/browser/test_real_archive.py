"""A walk through the page over articles of a real archive, where its data set is at hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from steps import PHONE, SLOW, ask, fits, in_view
from test_axe import WIDE, check

from rag import Archive
from rag.ingest import read_articles

CORPUS = Path(__file__).parents[3] / "shared" / "multihop-rag" / "corpus.jsonl.gz"
SUBJECT, OTHERS = "Bankman-Fried", 40
CERTAIN = "How many weeks is Sam Bankman-Fried's trial set to last?"
ABSENT = "Which club won the chess championship of Ulaanbaatar?"

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=f"{CORPUS} is not there")


@pytest.fixture(scope="module")
def real(serve, tmp_path_factory):
    """The chat over some 60 articles, those on a subject and others; and their texts."""
    articles = list(read_articles([str(CORPUS)]))
    on, off = ([a for a in articles if (SUBJECT in a.text) is wanted] for wanted in (True, False))
    folder = tmp_path_factory.mktemp("real")
    archive = Archive.build([*on, *off[:OTHERS]], folder)
    return serve("--index", str(folder)), {article.text for article in archive.articles()}


def answered(page, texts):
    """A card whose words are those of an article, and a decline."""
    turn = ask(page, CERTAIN)
    card = turn.locator(".glance")
    expect(card).to_be_in_viewport()
    short = card.locator(".short .words").text_content()
    quote = card.locator("blockquote .words").text_content()
    assert short in quote
    assert any(quote in " ".join(text.split()) for text in texts)
    turn = ask(page, ABSENT)
    expect(turn.locator(".state b")).to_have_text("Not in the archive")
    expect(turn).to_contain_text(re.compile(rf"Searched: {len(texts)} articles"))
    assert turn.locator(".glance").count() == 0


def searched(page, texts):
    page.locator(".views").get_by_role("link", name="Search").click()
    page.locator("#find-words").fill('"Caroline Ellison" NOT zeppelin')
    page.keyboard.press("Enter")
    wanted = sum("caroline ellison" in " ".join(text.lower().split()) for text in texts)
    expect(page.locator(".total")).to_have_text(re.compile(rf"^{wanted} of {len(texts)} articles$"))
    page.locator(".results a.titled").first.click()
    expect(page.locator("#leaf dialog[open] mark.active")).to_have_text("Caroline Ellison")
    assert in_view(page)
    page.get_by_role("button", name="Close the article").click()


def listed(page, texts):
    page.locator(".views").get_by_role("link", name="Articles").click()
    expect(page.locator(".total")).to_have_text(f"{len(texts)} articles")
    page.get_by_label("Order").select_option("title")
    page.wait_for_url(re.compile("sort=title"))
    page.locator(".pager a").last.click()
    page.wait_for_url(re.compile("page=2"))
    expect(page.locator(".results a.titled").first).to_be_visible()


def named(page, _):
    page.locator(".views").get_by_role("link", name="Names").click()
    expect(page.locator("#browse h2")).to_have_text("Names")
    page.locator("#find-words").fill("Sam Bankman-Fried")
    page.keyboard.press("Enter")
    title = page.locator("#browse h2").first
    expect(title).to_have_text(re.compile(r"^Sam Bankman-Fried: \d+ articles$"))
    expect(page.locator(".sayings blockquote mark").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
def test_a_walk_through_a_real_archive(visit, real, size, scheme):
    served, texts = real
    page = visit(served, **size, color_scheme=scheme)
    for look in (answered, searched, listed, named):
        look(page, texts)
        assert fits(page), look.__name__


def test_no_view_of_a_real_archive_has_violations(visit, real):
    served, texts = real
    page = visit(served)
    page.locator(".holdings, .examples").first.wait_for(timeout=2 * SLOW)
    found = []
    for look in (answered, searched, listed, named):
        look(page, texts)
        found += check(page, look.__name__)
    assert found == []
