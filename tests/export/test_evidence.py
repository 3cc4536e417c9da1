"""Reports of new evidence: a valid feed, Markdown that is text, JSON with every place."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from rag.citation import cite
from rag.export.evidence import FEED_ITEMS, REPORTS, Evidence, to_json, to_markdown, to_rss
from rag.types import Article
from rag.wording import LANGUAGES, wording

NOON = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.timezone.utc)
HOSTILE = '<script>alert("1")</script> & [x](javascript:1) ]]>'
POST = Article(
    f"Police held 312 people.\n{HOSTILE} fell.", f"Raids {HOSTILE}", "a", "The <i>Post</i>",
    published=datetime.date(2026, 11, 29), url="https://example.org/raids?a=1&b=2",
)  # fmt: skip


def evidence(question="How many?", article=POST, span=(0, 23), found=NOON):
    return Evidence(question, cite(article, span, 1), article, found, "strong")


FOUND = (
    evidence(),
    evidence(f"What fell? {HOSTILE}", span=(24, len(POST.text))),
    evidence("Who?", replace(POST, id="b", url="javascript:alert(1)"),
             found=NOON - datetime.timedelta(days=2)),
)  # fmt: skip


def test_a_feed_is_valid_and_its_text_is_text():
    data = to_rss(FOUND)
    feed = feedparser.parse(data)
    assert (feed.bozo, feed.version) == (False, "rss20")
    assert feed.feed.title == "New evidence in the archive"
    first, second, third = feed.entries
    assert first.published_parsed[:4] == (2026, 11, 30, 12)
    assert first.link == POST.url
    assert "<p>“Police held 312 people.”</p>" in first.summary
    assert len({one.id for one in feed.entries}) == 3
    assert "link" not in third
    for element in etree.fromstring(data).iter():
        if element.tag == "description" and element.getparent().tag == "item":
            shown = etree.HTML(element.text)
            assert {one.tag for one in shown.iter()} == {"html", "body", "p"}
            if HOSTILE in "".join(shown.itertext()):
                break
    else:
        pytest.fail("the hostile quote is in no item")
    for title in etree.fromstring(data).iterfind("channel/item/title"):
        assert "<" not in title.text
    assert "‹script›" in second.title


def test_a_feed_has_what_the_standard_requires():
    channel = etree.fromstring(to_rss(FOUND)).find("channel")
    for name in ("title", "link", "description"):
        assert channel.findtext(name), name
    assert channel.findtext("lastBuildDate") == "Mon, 30 Nov 2026 12:00:00 +0000"
    for item in channel.iterfind("item"):
        assert item.findtext("title")
        assert item.find("guid").get("isPermaLink") == "false"
    assert feedparser.parse(to_rss(())).bozo is False


def test_a_feed_holds_the_newest():
    many = [
        evidence(f"{n}?", found=NOON + datetime.timedelta(minutes=n))
        for n in range(FEED_ITEMS + 5)
    ]  # fmt: skip
    entries = feedparser.parse(to_rss(many)).entries
    assert len(entries) == FEED_ITEMS
    assert entries[0].category == f"{FEED_ITEMS + 4}?"


@given(st.text(min_size=1, max_size=30))
def test_any_text_makes_a_valid_feed(text):
    article = Article(f"{text}.".encode("utf-8", "replace").decode(), title=text, source=text)
    found = evidence(text or "?", article, (0, len(article.text)))
    assert etree.fromstring(to_rss([found])).findtext("channel/item/title")


def test_markdown_shows_text_as_text():
    text = to_markdown(FOUND).decode()
    shown = MarkdownIt().render(text)
    assert "<script>" not in shown
    assert 'href="javascript:' not in shown
    assert shown.count("<blockquote>") == 3
    assert f'href="{POST.url.replace("&", "&amp;")}"' in shown
    days = [line for line in text.splitlines() if line.startswith("## ")]
    assert days == ["## 30 November 2026", "## 28 November 2026"]
    assert "Nothing has been found yet" in to_markdown(()).decode()


def test_json_has_every_place():
    first, second, third = json.loads(to_json(FOUND))["evidence"]
    assert first["quote"] == POST.text[first["start"] : first["end"]]
    assert (first["question"], first["found"]) == ("How many?", "2026-11-30T12:00:00+00:00")
    assert (first["article"]["id"], first["article"]["source"]) == ("a", POST.source)
    assert (first["link"], third["link"]) == (POST.url, "")
    assert second["question"].endswith(HOSTILE)


def test_the_same_words_for_the_same_question_are_the_same_evidence():
    wrapped = replace(POST, id="c", text=POST.text.replace("312 people", "312\n  people"))
    assert evidence(article=wrapped, span=(0, 25)).digest == evidence().digest
    assert evidence("Who?").digest != evidence().digest


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("write", set(REPORTS.values()))
def test_a_report_is_the_same_each_time_in_any_language(write, language):
    say = wording(language)
    assert write(FOUND, say) == write(FOUND, say)
