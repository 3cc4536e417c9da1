"""A list in an evidence pack: every article of it is described, and verified to belong there."""

from __future__ import annotations

import copy
import datetime
import json
from dataclasses import replace

import pytest
from lists import listed

from rag import AskSettings, pack
from rag.commands.terminal import print_proof

MADE = datetime.datetime(2026, 11, 28, 10, 30, tzinfo=datetime.timezone.utc)
INDEX = {
    "snapshot": "20261128T103000-0123abcd", "format_version": 3, "articles": 1, "passages": 1,
    "articles_sha256": "ab" * 32, "settings": {},
    "encoder": {"name": "fake", "dimension": 1024, "precision": "float32"},
}  # fmt: skip
ANSWER, ARTICLES = listed(12)


@pytest.fixture
def packed():
    values = pack.evidence([ANSWER], ARTICLES, AskSettings(), INDEX, MADE)
    return json.loads(json.dumps(values))


def proven(values, articles=ARTICLES):
    by_hash = {article.content_hash: article for article in articles.values()}
    return pack.verify(values, articles.get, by_hash.get)


def test_every_article_is_described_and_holds(packed, capsys):
    assert len(packed["articles"]) == 12
    proof = proven(packed)
    assert (proof.holds, proof.problems) == (True, ())
    print_proof(proof, ["Which?"])
    told = capsys.readouterr().out
    assert "verified: lists (1): each article in them\n" in told
    assert (
        "answer 1, that no other article belongs to the list: 12 of 30000, in 12 reports\n" in told
    )


def test_the_page_names_them_and_says_what_is_not_verified(packed):
    page = pack.evidence_html(packed)
    assert page.count("<li") == 12
    assert "Day &lt;11&gt;" in page
    assert "but not that there are no others" in page


TAMPERED = {
    "the number": (("claims", 0, "text"), lambda text: text.replace("12", "13")),
    "of how many": (("listing", "searched"), lambda n: n + 1),
    "the phrase": (("listing", "phrases"), lambda _: ["Karl Hast"]),
    "the source": (("listing", "filters"), lambda _: {"sources": ["Daily"]}),
    "the section": (("listing", "filters"), lambda _: {"sections": ["Sport"]}),
    "filters in force": (("filters",), lambda _: {"authors": ["Cy Orr"]}),
    "an article left out": (("listing", "articles"), lambda ids: ids[1:]),
    "an article too many": (("listing", "articles"), lambda ids: [*ids, "z"]),
    "an article twice": (("listing", "articles"), lambda ids: [*ids[1:], ids[-1]]),
    "its sources": (("listing", "sources"), lambda _: [{"source": "Daily", "articles": 12}]),
    "how often": (("listing", "in_texts"), lambda n: n + 1),
    "how often in titles": (("listing", "in_titles"), lambda n: n + 1),
    "no list": (("listing",), lambda _: None),
    "labels": (("claims", 0, "labels"), lambda _: [1]),
}


@pytest.mark.parametrize(("place", "value"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_tampered_with_does_not_hold(packed, place, value):
    parent = copy.deepcopy(packed)
    values, last = parent, None
    for key in ("answers", 0, *place):
        parent, last = (parent if last is None else parent[last]), key
    parent[last] = value(parent[last])
    assert not proven(values).holds


@pytest.mark.parametrize("changes", [{"text": "Nobody came."}, {"source": "Daily"}])
def test_an_article_that_was_edited_is_told(packed, changes):
    proof = proven(packed, ARTICLES | {"a7": replace(ARTICLES["a7"], **changes)})
    assert not proof.holds


def test_an_article_that_is_gone_is_told(packed):
    few = {name: article for name, article in ARTICLES.items() if name != "a7"}
    assert any("1 of the 12 articles" in problem for problem in proven(packed, few).problems)
