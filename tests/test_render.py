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
from rag.types import (
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Hit,
    Passage,
    Rejected,
)

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
    assert answer.text == ""


def test_the_text_says_what_the_claims_that_are_left_do():
    good, bad = cite(2, "It was *late*."), BROKEN["other words"]
    both = Claim("It was *late*.", (2, 3))
    answer = answered(good, replace(bad, label=1), replace(good, label=3))
    answer = replace(answer, claims=(Claim("the", (1,)), both), text="the [1] It was *late*. [2]")
    assert render.checked(answer, ARTICLES).text == "It was *late*. [2][3]"


def written(*texts: str, **changes: object) -> Answer:
    """Sentences of a model, each on the same two quotes."""
    claims = tuple(Claim(text, (1, 2), "supported") for text in texts)
    both = cite(1, "The mayor said “no”."), cite(2, "It was *late*.")
    return answered(*both, mode="generated", claims=claims, **changes)


def test_a_written_sentence_is_no_quotation_and_links_to_its_quotes():
    answer = render.checked(written("A <late> no.", "No."), ARTICLES)
    html = render.answer_html(answer, ARTICLES)
    assert html.startswith(f'<section class="written"><p class="by">{render.WRITTEN}</p>')
    assert "<blockquote" not in html
    assert '<p class="claim"><span class="words" dir="auto">A &lt;late&gt; no.</span>' in html
    starts = [str(citation.start) for citation in answer.citations]
    assert re.findall(r'data-start="(\d+)"', html) == starts * 2
    assert answer.text == "A <late> no. [1][2] No. [1][2]"
    assert render.WRITTEN not in render.answer_html(answered(cite(1, "It was *late*.")), ARTICLES)


def test_a_written_sentence_falls_with_any_of_its_quotes():
    whole = written("It was late.")
    for citations in (whole.citations[:1], (whole.citations[0], BROKEN["other words"]), ()):
        answer = render.checked(replace(whole, citations=citations), ARTICLES)
        assert answer.claims == ()
        assert answer.text == ""
        assert "No sentence could be verified" in render.answer_html(answer, ARTICLES)
        assert "late" not in render.answer_html(answer, ARTICLES)
    bare = replace(whole, claims=(Claim("It was late.", (), "supported"),))
    assert render.checked(bare, ARTICLES).claims == ()


def test_a_sentence_of_a_model_that_poses_as_a_quote_is_dropped():
    answer = written()
    posing = replace(answer, claims=(Claim("It was early.", (2,), "verbatim"),))
    assert render.checked(posing, ARTICLES).claims == ()


@pytest.mark.parametrize("mode", ["generated", "extractive"])
@pytest.mark.parametrize(
    ("count", "line"), [(1, "1 sentence was left out"), (2, "2 sentences were left out")]
)
def test_what_was_left_out_is_behind_a_closed_line(mode, count, line):
    rejected = (Rejected("It was <b>early</b>.", "“early” does not stand there."),) * count
    answer = render.checked(replace(written("It was late."), mode=mode), ARTICLES)
    html = render.answer_html(replace(answer, rejected=rejected), ARTICLES)
    answered, _, left_out = html.partition('<details class="left-out">')
    assert "early" not in answered
    assert left_out.startswith(f"<summary>{line}</summary>")
    assert left_out.count("<li>") == count
    assert re.search("for the reasons? given", left_out)
    assert "bear" not in left_out
    assert "It was &lt;b&gt;early&lt;/b&gt;.</span>" in left_out
    assert "“early” does not stand there." in left_out
    assert "left-out" not in render.answer_html(answer, ARTICLES)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@given(text=any_text)
def test_nothing_that_a_model_writes_is_markup(hostile, text):
    def page(text: str) -> str:
        answer = render.checked(written(text, rejected=(Rejected(text, text),)), ARTICLES)
        return render.answer_html(answer, ARTICLES) + render.writing_html(answer, ARTICLES)

    assert re.findall(r"<[^>]*>", page(hostile + text)) == re.findall(r"<[^>]*>", page("x"))
    assert shown(page(hostile + text)).count(hostile + text) >= 4


def test_what_is_being_written_stands_above_the_line_that_says_so():
    quotes = render.checked(answered(cite(1, "It was *late*.")), ARTICLES)
    line = f'<p class="note writing">{render.WRITING}</p>'
    assert render.writing_html(quotes, ARTICLES) == line
    html = render.writing_html(render.checked(written("It was late."), ARTICLES), ARTICLES)
    assert html.endswith("</section>" + line)
    assert "It was late." in html
    understood = render.writing_html(replace(quotes, understood="Who <voted>?"), ARTICLES)
    assert "Understood as: Who &lt;voted&gt;?" in understood


FIELDS = {
    "date": ("It is of 2 March 2017.", ((9, 21),), True),
    "source and title": ("The Post has <b>Vote</b>.", ((0, 8), (13, 24)), True),
    "another date": ("It is of 3 March 2017.", ((9, 21),), False),
    "one of two": ("The Post of 3 March 2017.", ((0, 8), (12, 24)), False),
    "other case": ("the Post has it.", ((0, 8),), False),
    "cut": ("The Post has it.", ((0, 7),), False),
    "no author": ("It is by nobody.", ((9, 9),), False),
    "from the end": ("It is in The Post", ((-8, 17),), False),
    "unmarked": ("It is of 3 March 2017.", (), False),
}


@pytest.mark.parametrize(("text", "marks", "held"), FIELDS.values(), ids=FIELDS)
def test_a_field_is_said_plainly_and_only_as_the_article_has_it(text, marks, held):
    claim = Claim(text, (1,), "field", marks)
    answer = answered(cite(1, "It was *late*."), claims=(claim,))
    html = render.answer_html(render.checked(answer, ARTICLES), ARTICLES)
    assert (shown(html).startswith(text)) is held
    assert ('<p class="claim">' in html) is held
    assert "<blockquote" not in html


def test_the_field_of_another_article_is_not_shown():
    other = Article("Other.", title="Other", source="Gazette")
    claim = Claim("It is in Gazette.", (1,), "field", ((9, 16),))
    articles = ARTICLES | {other.id: other}
    answer = answered(cite(1, "It was *late*."), claims=(claim,))
    assert render.checked(answer, articles).claims == ()


def test_several_quotes_show_source_and_date():
    dated = '<small class="origin">The Post, 2 March 2017</small>'
    one, two = cite(1, "It was *late*."), cite(2, "The mayor said “no”.")
    assert dated not in render.answer_html(answered(one), ARTICLES)
    assert render.answer_html(answered(one, two), ARTICLES).count(dated) == 2


COUNTED = (Account(1, (13, 18)), Account(2, (4, 9), "The mayor"))


def differing(*accounts: Account) -> str:
    one, two = cite(1, "The council, 5 < 7, voted & left."), cite(2, "The mayor said “no”.")
    answer = answered(one, two, differences=(Difference(accounts),))
    html = render.answer_html(render.checked(answer, ARTICLES), ARTICLES)
    return html.partition('<section class="differ">')[2].partition("</section>")[0]


def test_accounts_that_differ_stand_side_by_side():
    box = differing(*COUNTED)
    assert [shown(item) for item in re.findall("<li>.*?</li>", box)] == [
        "5 < 7 The Post, 2 March 2017 [1]",
        "mayor The mayor in The Post, 2 March 2017 [2]",
    ]
    assert [int(n) for n in re.findall(r'data-start="(\d+)"', box)] == [22, 0]


@pytest.mark.parametrize(
    "other",
    [
        Account(3, (0, 3)),
        Account(2, (4, 99)),
        Account(2, (-3, -1)),
        Account(2, (5, 5)),
        Account(2, (4, 9), "The major"),
    ],
    ids=["no citation", "beyond the quote", "negative", "empty", "a speaker it does not name"],
)
def test_an_account_that_cannot_be_verified_is_dropped(other):
    assert differing(COUNTED[0], other) == ""
    assert differing(*COUNTED, other) == differing(*COUNTED)


@pytest.mark.parametrize(
    ("count", "remark"),
    [(0, ""), (1, "Stands in one report."), (3, "Stands in 3 independent reports; copies")],
)
def test_reports_are_counted(count, remark):
    good = cite(1, "It was *late*.")
    answer = render.checked(answered(good, independent=count), ARTICLES)
    assert ("Stands" in render.answer_html(answer, ARTICLES)) is bool(count)
    assert remark in render.answer_html(answer, ARTICLES)
    broken = render.checked(answered(good, BROKEN["empty"], independent=count), ARTICLES)
    assert "Stands" not in render.answer_html(broken, ARTICLES)
    about = Claim("The Post has it.", (1,), "field", ((0, 8),))
    for other in (replace(answer, claims=(about,)), replace(answer, status="unanswered")):
        assert "Stands" not in render.answer_html(other, ARTICLES)


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


def test_understood_is_shown_when_it_differs_and_may_be_corrected():
    for same in (answered(), answered(status="unanswered")):
        assert "Understood" not in render.answer_html(same, ARTICLES)
        assert "data-question" not in render.answer_html(same, ARTICLES)
    html = render.answer_html(answered(understood='Who <voted>, "late"?'), ARTICLES)
    assert "Understood as: Who &lt;voted&gt;, &quot;late&quot;?" in html
    assert 'data-question="Who &lt;voted&gt;, &quot;late&quot;?"' in html


def test_what_was_looked_for_in_vain_is_said():
    answer = answered(status="unanswered", claims=(), understood="Who <voted>?")
    html = render.answer_html(answer, ARTICLES)
    assert "The archive does not hold an answer to: <q>Who &lt;voted&gt;?</q>" in html
    assert 'data-question="Who &lt;voted&gt;?"' in html
    assert "Understood" not in html
