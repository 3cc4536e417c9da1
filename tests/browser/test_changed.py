"""An article changes under an open page: what was quoted and what it says now are both shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect
from steps import ask, fits
from test_axe import check
from town import BRIDGE, TOWN

from rag import Archive

BEFORE, AFTER = "cost $40 million", "cost $44 million"


@pytest.mark.process
def test_a_quote_whose_article_changed_is_shown_with_what_it_says_now(visit, serve, tmp_path):
    index = tmp_path / "index"
    Archive.build(TOWN, index)
    served = serve("--index", str(index))
    page = visit(served)
    ask(page, BRIDGE)
    expect(page.locator("#conversation")).to_contain_text(BEFORE)
    Archive.build(
        [replace(article, text=article.text.replace(BEFORE, AFTER)) for article in TOWN], index
    )
    page.reload()
    changed = page.locator("#conversation .changed").first
    expect(changed).to_contain_text("The article has changed since")
    expect(changed).to_contain_text(BEFORE)
    expect(changed).to_contain_text(AFTER)
    changed.get_by_role("button").first.click()
    expect(page.locator("#reader")).to_contain_text(AFTER)
    assert fits(page)
    assert check(page, "changed") == []
