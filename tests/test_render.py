"""What the page shows of an article is the article, and nothing in it is markup."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import render
from rag.types import Answer, Article, Citation, Claim, Hit, Passage

TEXT = "The mayor said “no”.\n\nThe council, 5 < 7, voted & left. It was *late*."
POST = Article(TEXT, title="<b>Vote</b>", source="The Post", published=datetime.date(2017, 3, 2))
ARTICLES = {POST.id: POST}
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "template": "${alert(1)} `{{value}}` \\${x}",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "markdown": "[x](javascript:alert(1)) *a* _b_ # c $x$",
    "entity": "&amp; &#60;b&#62; &lt",
    "comment": "<!-- ]]> <![CDATA[",
    "closing": "</mark></div></dialog>",
    "spaces": "\n\n  \t x",
}

any_text = st.text(st.characters(exclude_categories=["Cs"]))
any_spans = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=4)


def cite(label: int, quote: str) -> Citation:
    start = TEXT.index(quote)
    return Citation(label, POST.id, start, start + len(quote), quote)


def answered(*citations: Citation, **changes: object) -> Answer:
    answer = Answer(
        question="Who voted?",
        understood="Who voted?",
        text=" ".join(c.quote for c in citations),
        status="answered",
        citations=citations,
        hits=(Hit(Passage(POST.id, 0, len(TEXT), TEXT), 1, 1, 1),),
        claims=tuple(Claim(c.quote, (c.label,)) for c in citations),
    )
    return replace(answer, **changes)


def shown(html: str) -> str:
    """The text of HTML, as a browser's textContent gives it."""
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@given(text=any_text, spans=any_spans)
def test_an_article_is_shown_character_for_character(hostile, text, spans):
    html = render.article_html(Article(hostile + text, title="t"), spans)
    body = html.partition('<div class="article-text" dir="auto" lang="">')[2].removesuffix(
        "</div></dialog>"
    )
    assert shown(body) == hostile + text
    assert set(re.findall(r"<[^>]*>?", body)) <= {"<mark>", "</mark>"}


@given(text=any_text)
def test_no_field_of_an_article_brings_markup(text):
    plain = render.article_html(Article("x", title="x", id="x", source="x", author="x", origin="x"))
    html = render.article_html(
        Article("x", title=f"x{text}", id=text or "x", source=f"x{text}", author=f"x{text}")
    )
    assert re.findall(r"<[^>]*>", html) == re.findall(r"<[^>]*>", plain)


def test_exact_escaping():
    html = render.article_html(Article("a & b <i>\"c\" 'd'</i>"), [(4, 8)])
    assert "a &amp; <mark>b &lt;i</mark>&gt;&quot;c&quot; &#x27;d&#x27;&lt;/i&gt;" in html


def test_overlapping_highlights_are_one():
    html = render.article_html(Article("abcdef"), [(1, 3), (2, 5), (9, 12), (4, 2)])
    assert "a<mark>bc</mark><mark>de</mark>f</div>" in html


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ('https://example.org/?a=1&b="2"', True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        (" java\nscript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//example.org", False),
        ("", False),
    ],
)
def test_only_web_links(url, linked):
    html = render.article_html(Article("x", url=url))
    assert ("<a " in html) is linked
    if linked:
        assert unescape(re.search('href="([^"]*)"', html)[1]) == url
        assert 'rel="noopener noreferrer"' in html


def test_an_answer_links_each_quote_to_its_place():
    citation = cite(1, "The council, 5 < 7, voted & left.")
    html = render.answer_html(answered(citation), ARTICLES)
    assert '<span class="words" dir="auto">The council, 5 &lt; 7, voted &amp; left.</span>' in html
    assert (
        f'data-article="{POST.id}" data-start="{citation.start}" data-end="{citation.end}"' in html
    )
    assert 'aria-label="[1] &lt;b&gt;Vote&lt;/b&gt;: open the article at this quote"' in html


def test_the_panel_names_title_source_and_date():
    html = render.sources_html(answered(cite(1, "It was *late*.")), ARTICLES)
    assert '<span class="title">&lt;b&gt;Vote&lt;/b&gt;</span>' in html
    assert "The Post · 2 March 2017" in html
    assert "<mark>It was *late*.</mark></blockquote>" in html
    assert shown(html.partition("<blockquote")[2].partition(">")[2]) == TEXT


def test_what_an_article_does_not_say_is_said_so():
    article = Article(TEXT, origin="page.txt#2", id=POST.id)
    html = render.sources_html(answered(cite(1, "It was *late*.")), {POST.id: article})
    assert "page.txt#2" in html
    assert "source not given · undated" in html


def test_context_is_bounded_and_cut_between_words():
    text = "word " * 1000 + "Here it is." + " word" * 1000
    article = Article(text)
    start = text.index("Here")
    citation = Citation(1, article.id, start, start + 11, "Here it is.")
    hit = Hit(Passage(article.id, 0, len(text), text), 1, 1, 1)
    html = render.sources_html(answered(citation, hits=(hit,)), {article.id: article})
    passage = shown(
        html.partition('<blockquote class="passage cut-before cut-after" dir="auto">')[2]
    )
    assert passage in text
    assert set(passage.replace("Here it is.", "").split()) == {"word"}
    assert len(passage) <= 2 * render.CONTEXT + 11


BROKEN = {
    "other words": Citation(2, POST.id, 0, 3, "the"),
    "shifted": replace(cite(2, "It was *late*."), start=0, end=14),
    "beyond the end": Citation(2, POST.id, len(TEXT) - 1, len(TEXT) + 1, "."),
    "negative": Citation(2, POST.id, -5, -1, TEXT[-5:-1]),
    "empty": Citation(2, POST.id, 3, 3, ""),
    "unknown article": Citation(2, "nowhere", 0, 3, "The"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_citation_is_dropped_and_counted(broken):
    good = cite(1, "It was *late*.")
    answer = render.checked(answered(good, broken, dropped=1), ARTICLES)
    assert answer.citations == (good,)
    assert [claim.labels for claim in answer.claims] == [(1,)]
    assert "2 quotes were left out" in render.answer_html(answer, ARTICLES)
    assert render.shown(answer) == (good,)
    assert "[2]" not in render.sources_html(answer, ARTICLES)


def test_a_claim_that_misquotes_its_source_is_not_shown():
    good = cite(1, "It was *late*.")
    claim = Claim("It was *early*.", (1,))
    answer = render.checked(answered(good, claims=(claim,)), ARTICLES)
    assert "No quote could be verified" in render.answer_html(answer, ARTICLES)
    assert "early" not in render.answer_html(answer, ARTICLES)


def test_unanswered_offers_related_reading_but_no_answer():
    altered = Hit(Passage(POST.id, 0, 5, "Other"), 1, 1, 1)
    answer = answered(status="unanswered", notes=("2 undated articles were left out.",))
    answer = render.checked(replace(answer, hits=(altered, *answer.hits)), ARTICLES)
    html = render.answer_html(answer, ARTICLES)
    assert "does not hold an answer" in html
    assert "2 undated articles were left out." in html
    panel = render.sources_html(answer, ARTICLES)
    assert "Related reading" in panel
    assert "Other" not in panel
    assert "<mark>" not in panel


def test_understood_is_shown_when_it_differs():
    assert "Understood" not in render.answer_html(answered(), ARTICLES)
    html = render.answer_html(answered(understood="Who <voted>, late?"), ARTICLES)
    assert "Understood as: Who &lt;voted&gt;, late?" in html
