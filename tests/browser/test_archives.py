"""Archives as a reader meets them: made of 300 files, cancelled, updated, switched and deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from steps import PHONE, SLOW, ask, fits, focused
from test_axe import check

HERE = "#archives .part"
TOWNS = "Kampot Kep Pursat Takeo Battambang Kratie Kandal Poipet Mondulkiri Pailin".split()


def story(number, town):
    return (
        f"Market of {town}, part {number}\n\nThe market of {town} sold {number} baskets of rice, "
        f"the trader Sok Hour{number} said. It opens at dawn.\n"
    )


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    """300 files in folders, of which 20 cannot be read."""
    home = tmp_path_factory.mktemp("articles") / "Towns"
    for number in range(300):
        town = TOWNS[number % len(TOWNS)]
        folder = home / town
        folder.mkdir(parents=True, exist_ok=True)
        if number % 15 == 7:
            (folder / f"scan{number}.pdf").write_bytes(b"%PDF-1.4 broken")
        else:
            (folder / f"{number}.txt").write_text(story(number, town))
    (home / ".hidden").write_text("not for readers")
    return home


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return tmp_path_factory.mktemp("library") / "archives"


@pytest.fixture(scope="module")
def served(serve, library, tmp_path_factory):
    """`byline serve` in an empty folder."""
    return serve(home=tmp_path_factory.mktemp("empty"), library=library)


def left(folder: Path):
    return [path.name for path in folder.iterdir() if path.name != ".lock"]


def card(page, name):
    return page.locator(".archive", has=page.locator("h3", has_text=name))


def open_form(page):
    if page.locator("details#new-archive:not([open])").count():
        page.locator("#new-archive > summary").click()


def made(page, name):
    """The card of an archive once it is ready."""
    found = card(page, name)
    expect(found.get_by_role("link", name="Ask this archive")).to_be_visible(timeout=3 * SLOW)
    return found


def test_an_archive_from_its_making_to_its_end(visit, served, library, articles, tmp_path):
    page = visit(served, ready=HERE, allowed="404|410")  # Files that come after a cancel.
    found = check(page, "no archive")
    page.locator("input[name=folder]").set_input_files(articles)
    expect(page.locator(".chosen")).to_contain_text("300")
    expect(page.locator("#archive-name")).to_have_value("Towns")
    found += check(page, "chosen")
    page.get_by_role("button", name="Make the archive").click()
    page.locator(".archive progress").wait_for(timeout=SLOW)
    found += check(page, "progress")

    # It is cancelled, and goes on.
    page.get_by_role("button", name="Cancel").click()
    go_on = page.get_by_role("button", name="Go on")
    go_on.or_(page.locator("#new-archive > h2")).first.wait_for(timeout=SLOW)
    if not go_on.count():  # The files were still coming: nothing is left of them.
        assert left(library) == []
        page.locator("input[name=folder]").set_input_files(articles)
        page.get_by_role("button", name="Make the archive").click()
        page.get_by_text("Preparing 280 articles").wait_for(timeout=2 * SLOW)
        page.get_by_role("button", name="Cancel").click()
    expect(go_on).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("What was done is kept")).to_be_visible()
    found += check(page, "cancelled")
    go_on.click()
    towns = made(page, "Towns")
    expect(towns).to_contain_text("280 articles are ready to be asked.")
    towns.get_by_text("20 files could not be read").click()
    expect(towns.locator(".report")).to_contain_text("Towns/Poipet/scan7.pdf")
    expect(towns.locator(".report")).to_contain_text("print it to a new PDF")
    found += check(page, "made")
    assert fits(page)

    # Another, of a folder that is read where it is; then it has one file more, and one less.
    folder = tmp_path / "news"
    folder.mkdir()
    for number in (901, 902, 903):
        (folder / f"{number}.txt").write_text(story(number, "Siem Reap"))
    open_form(page)
    page.get_by_label("Name").fill("News")
    page.get_by_text("Or a folder on this computer").click()
    page.get_by_label("Path of the folder").fill(str(folder))
    page.get_by_role("button", name="Make the archive").click()
    news = made(page, "News")
    expect(news.locator(".facts")).to_contain_text("3 articles")
    (folder / "904.txt").write_text(story(904, "Siem Reap"))
    (folder / "901.txt").unlink()
    news.get_by_role("button", name="Update").click()
    update = news.get_by_role("button", name="Update now")
    update.wait_for(timeout=SLOW)
    expect(news).to_contain_text("1 new article · 1 gone")
    found += check(page, "update")
    update.click()
    expect(news).to_contain_text("3 articles are ready to be asked.", timeout=SLOW)
    assert sorted(path.name for path in folder.iterdir()) == ["902.txt", "903.txt", "904.txt"]

    # Both are asked, each in its own page and with its own conversation.
    news.get_by_role("link", name="Ask this archive").click()
    page.locator("#narrow-down").wait_for(timeout=2 * SLOW)
    turn = ask(page, "How many baskets of rice did the market of Siem Reap sell?")
    expect(turn).to_contain_text("baskets of rice")
    page.get_by_role("link", name="All archives").click()
    card(page, "Towns").get_by_role("link", name="Ask this archive").click()
    page.locator("#narrow-down").wait_for(timeout=2 * SLOW)
    expect(page.locator(".in-force")).to_contain_text("280")
    assert page.locator(".turn").count() == 0
    expect(page.locator("#masthead")).to_contain_text("Towns")
    page.go_back()
    page.go_back()
    expect(page.locator(".turn h2")).to_contain_text("Siem Reap", timeout=SLOW)

    # It is renamed, and deleted after a question; what is on the disk stays.
    page.get_by_role("link", name="All archives").click()
    card(page, "News").get_by_role("button", name="Rename").click()
    page.locator(".renaming input").wait_for()
    assert focused(page).startswith("rename-")
    page.locator(".renaming input").fill("Siem Reap")
    page.keyboard.press("Enter")
    card(page, "Siem Reap").get_by_role("button", name="Delete").click()
    page.locator(".deleting").wait_for()
    expect(page.locator(".deleting")).to_contain_text(str(folder))
    assert focused(page).startswith("not-")
    found += check(page, "delete")
    page.locator(".deleting").get_by_role("button", name="Delete").click()
    expect(page.locator(".archive")).to_have_count(1)
    assert len(left(library)) == 1
    assert len(list(folder.iterdir())) == 3
    assert found == [], "\n".join(found)


def test_two_tabs_on_two_archives_do_not_mix(visit, served, tmp_path):
    addresses = {}
    for town in ("Kep", "Pailin"):
        folder = tmp_path / town
        folder.mkdir()
        for number in range(3):
            (folder / f"{number}.txt").write_text(story(number + 10, town))
        page = visit(served, ready=HERE)
        open_form(page)
        page.get_by_label("Name").fill(f"Market of {town}")
        page.get_by_text("Or a folder on this computer").click()
        page.get_by_label("Path of the folder").fill(str(folder))
        page.get_by_role("button", name="Make the archive").click()
        link = made(page, f"Market of {town}").get_by_role("link", name="Ask this archive")
        addresses[town] = link.get_attribute("href")
    tabs = {town: visit(served, f"/{query}"[1:]) for town, query in addresses.items()}
    for town in ("Kep", "Pailin", "Kep"):
        turn = ask(tabs[town], f"Who sold baskets of rice in {town}?")
        for other in addresses:
            assert (f"market of {other}" in turn.text_content()) == (other == town)
    tabs["Kep"].reload()
    expect(tabs["Kep"].locator(".turn")).to_have_count(2, timeout=SLOW)
    expect(tabs["Kep"].locator("#masthead")).to_contain_text("Market of Kep")


@pytest.mark.parametrize("language", ["km", "ur"])
def test_the_page_of_all_archives_in_other_languages(visit, served, language):
    page = visit(served, f"?archives&lang={language}", ready=HERE, **PHONE)
    expect(page.locator("html")).to_have_attribute("lang", language)
    open_form(page)
    assert fits(page)
    assert check(page, language, sizes=(PHONE,)) == []


def test_the_bundled_articles_and_archives_of_ones_own(visit, bundled):
    page = visit(bundled)
    page.get_by_role("link", name="All archives").click()
    page.locator(HERE).wait_for()
    page.go_back()
    page.locator("#narrow-down").wait_for()
