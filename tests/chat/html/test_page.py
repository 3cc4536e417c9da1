"""What the page shows of an article is the article, and nothing in it is markup."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from html import escape, unescape

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markup import HOSTILE, any_text, elements, shown, values

from rag import citation
from rag.chat import html as render
from rag.chat.html.markup import marked
from rag.citation import cite as citation_of
from rag.citation import verified
from rag.export.reference import quote_with_reference
from rag.text.fields import values_of
from rag.text.lines import on_one_line
from rag.types import (
    FAIR,
    STRONG,
    Absence,
    Account,
    Answer,
    Article,
    Citation,
    Claim,
    Difference,
    Hit,
    Note,
    Page,
    Passage,
    Rejected,
)
from rag.wording import ENGLISH, LANGUAGES, note, wording
from rag.wording.visible import visible

TEXT = "The mayor said “no”.\n\nThe council, 5 < 7, voted & left. It was *late*."
POST = Article(TEXT, title="<b>Vote</b>", source="The Post", published=datetime.date(2017, 3, 2))
ARTICLES = {POST.id: POST}
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


def declined(*near: Citation, **changes: object) -> Answer:
    """No answer, with the passages that come near."""
    looked = Absence(1, 1, 1, near=tuple(replace(one, label=0) for one in near))
    return Answer("Who?", "Who?", "", "unanswered", absence=replace(looked, **changes))


def spans(article: Article, *places: tuple[int, int]) -> list[Citation]:
    """Citations of these places of an article, be they in it or not."""
    return [Citation(0, article.id, *place, "") for place in places]


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@given(text=any_text, places=any_spans, active=st.none() | any_spans.filter(bool))
def test_an_article_is_shown_character_for_character(hostile, text, places, active):
    article = Article(hostile + text, title="t")
    quotes = spans(article, *places)
    best = spans(article, *active)[0] if active else None
    html = render.article_html(article, quotes, best)
    body = html.partition('<div class="article-text"')[2].partition(">")[2]
    body = body.removesuffix("</div></dialog>")
    assert shown(body) == visible(hostile + text)
    assert set(re.findall(r"<[^>]*>?", body)) <= {"<mark>", '<mark class="active">', "</mark>"}


@given(text=any_text)
def test_no_field_of_an_article_brings_markup(text):
    names = ("title", "source", "author", "language", "origin", "section", "format")
    plain = render.article_html(Article("x", id="x", **dict.fromkeys(names, "x")))
    hostile = Article("x", id=text or "x", **dict.fromkeys(names, f"x{text}"))
    assume(len(values_of(hostile, "authors")) == 1)  # Of several each is an element.
    html = render.article_html(hostile)
    assert elements(html) == elements(plain)
    assert values(html, "data-only") == [hostile.id]
    assert visible(f"x{text} · x{text} · undated") in shown(html)


def test_exact_escaping():
    article = Article("a & b <i>\"c\" 'd'</i>")
    html = render.article_html(article, spans(article, (4, 8)))
    assert "a &amp; <mark>b &lt;i</mark>&gt;&quot;c&quot; &#x27;d&#x27;&lt;/i&gt;" in html


def test_overlapping_highlights_are_one():
    article = Article("abcdef")
    html = render.article_html(article, spans(article, (1, 3), (2, 5), (9, 12), (4, 2)))
    assert "a<mark>bc</mark><mark>de</mark>f</div>" in html


@pytest.mark.parametrize(
    ("others", "html"),
    [
        ([], 'ab<mark class="active">cd</mark>ef'),
        ([(2, 4)], 'ab<mark class="active">cd</mark>ef'),
        ([(0, 6)], '<mark>ab</mark><mark class="active">cd</mark><mark>ef</mark>'),
        ([(1, 3), (3, 5)], 'a<mark>b</mark><mark class="active">cd</mark><mark>e</mark>f'),
        ([(3, 4), (0, 1)], '<mark>a</mark>b<mark class="active">cd</mark>ef'),
    ],
    ids=["alone", "the same", "around", "across", "within"],
)
def test_the_quote_that_was_opened_is_whole_and_set_apart(others, html):
    assert marked("abcdef", others, (2, 4)) == html


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/?a=1&b='2'", True),
        ('https://example.org/?b="2"', False),
        ("https://example.org/ x", False),
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
    assert 'aria-label="[1] open the article at this quote: &lt;b&gt;Vote&lt;/b&gt;"' in html


def test_a_quote_names_title_source_and_date():
    citation = cite(1, "It was *late*.")
    html = render.answer_html(answered(citation), ARTICLES)
    assert shown(html).count("<b>Vote</b>") == 1  # In sight; the label names it for screen readers.
    assert '<span class="title" dir="auto">&lt;b&gt;Vote&lt;/b&gt;</span>' in html
    assert "The Post, 2 March 2017" in shown(html)
    view = render.article_html(POST, [citation], citation)
    assert '<mark class="active">It was *late*.</mark></div>' in view
    assert shown(view.partition('<div class="article-text"')[2].partition(">")[2]) == TEXT


def test_what_is_known_of_an_article_is_shown_with_it():
    citation = cite(1, "It was *late*.")
    known = replace(POST, author="Ann <Lee>", section="Arts & Life", language="km", format="pdf")
    view = render.article_html(known, [citation], citation)
    assert "Section: Arts & Life · Language: Khmer · Format: PDF" in shown(view)
    assert "Ann &lt;Lee&gt;" in view
    assert "Section" not in render.article_html(replace(POST, section=""), [citation], citation)


def test_an_opening_is_marked_as_one():
    citation, remark = (
        cite(1, "It was *late*."),
        "Only the opening of this article was on the page.",
    )
    for partial in (False, True):
        articles = {POST.id: replace(POST, partial=partial)}
        answer = answered(citation)
        for html in (
            render.answer_html(answer, articles),
            render.related_html(declined(citation), articles),
            render.article_html(articles[POST.id], [citation], citation),
        ):
            assert html.count(remark) == partial


def test_a_corrected_article_is_marked_with_its_own_words():
    notice = "Correction: It was <b>early</b>."
    article = replace(POST, text=f"{POST.text}\n\n{notice}", id="corrected")
    citation = citation_of(article, (0, 19), 1)
    answer = answered(citation)
    for html in (
        render.answer_html(answer, {article.id: article}),
        render.related_html(declined(citation), {article.id: article}),
        render.article_html(article, [citation], citation),
    ):
        assert f"The article says that it was corrected: “{escape(notice)}”" in html


def test_an_article_stands_once_among_those_that_come_near():
    other = Article("The vote was late.", title="Other", id="other")
    near = cite(0, "It was *late*."), Citation(0, "other", 0, 8, "The vote"), cite(0, "The mayor")
    html = render.related_html(declined(*near), ARTICLES | {"other": other}, turn=4)
    assert values(html, "data-start") == [str(TEXT.index("It was")), "0"]
    assert set(values(html, "data-turn")) == {"4"}
    assert "[0]" not in html


def test_what_an_article_does_not_say_is_said_so():
    article = Article(TEXT, origin="page.txt#2", id=POST.id)
    html = render.related_html(declined(cite(0, "It was *late*.")), {POST.id: article})
    assert "page.txt#2" in html
    assert "source not given · undated" in shown(html)


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("word " * 1000, "word " * 96),
        ("Short & <b>.", "Short & <b>."),
        ("x" * render.OPENING, "x" * render.OPENING),
        ("x" * 1000, "x"),
        ("ប្រ" * 1000, "ប"),
    ],
    ids=["long", "short", "just so", "one word", "no spaces"],
)
def test_a_related_passage_is_bounded_and_cut_between_words(text, opening):
    article = Article(text)
    passage = Citation(0, article.id, 0, len(text), text)
    html = render.related_html(declined(passage), {article.id: article})
    kind, passage = re.search('<p class="(passage[^"]*)" dir="auto">(.*?)</p>', html).groups()
    assert text.startswith(shown(passage))
    assert shown(passage) == opening.strip()
    assert ("cut-after" in kind) is (shown(passage) != text)
    assert len(shown(passage)) <= render.OPENING


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
    answer = verified(answered(good, broken, dropped=1), ARTICLES)
    assert answer.citations == (good,)
    assert [claim.labels for claim in answer.claims] == [(1,)]
    assert "2 quotes were left out" in render.answer_html(answer, ARTICLES)
    assert citation.shown(answer) == (good,)
    assert "[2]" not in render.answer_html(answer, ARTICLES)


def test_a_claim_that_misquotes_its_source_is_not_shown():
    good = cite(1, "It was *late*.")
    claim = Claim("It was *early*.", (1,))
    answer = verified(answered(good, claims=(claim,)), ARTICLES)
    assert "No quote could be verified" in render.answer_html(answer, ARTICLES)
    assert "early" not in render.answer_html(answer, ARTICLES)
    assert answer.text == ""


def test_the_text_says_what_the_claims_that_are_left_do():
    good, bad = cite(2, "It was *late*."), BROKEN["other words"]
    both = Claim("It was *late*.", (2, 3))
    answer = answered(good, replace(bad, label=1), replace(good, label=3))
    answer = replace(answer, claims=(Claim("the", (1,)), both), text="the [1] It was *late*. [2]")
    assert verified(answer, ARTICLES).text == "It was *late*. [2][3]"


WRITTEN = ENGLISH("written_by_model")


def written(*texts: str, **changes: object) -> Answer:
    """Sentences of a model, each on the same two quotes."""
    claims = tuple(Claim(text, (1, 2), "supported") for text in texts)
    both = cite(1, "The mayor said “no”."), cite(2, "It was *late*.")
    return answered(*both, mode="generated", claims=claims, **changes)


def test_a_written_sentence_is_no_quotation_and_links_to_its_quotes():
    answer = verified(written("A <late> no.", "No.", confidence=0.9), ARTICLES)
    html = render.answer_html(answer, ARTICLES)
    assert html.startswith(f'<section class="written"><p class="by">{WRITTEN}</p>')
    section = html.partition("</section>")[0]
    assert "<blockquote" not in section
    assert re.search(
        '<p class="claim"[^>]*><span class="words"[^>]*>A &lt;late&gt; no.</span>', html
    )
    starts = [str(citation.start) for citation in answer.citations]
    assert re.findall(r'data-start="(\d+)"', section) == starts * 2
    folded = html.partition('<details class="more"')[2]
    assert "Rests on 2 quotes, from 1 article" in folded
    assert folded.count("<blockquote") == 2
    assert answer.text == "A <late> no. [1][2] No. [1][2]"
    assert WRITTEN not in render.answer_html(answered(cite(1, "It was *late*.")), ARTICLES)


def test_a_written_sentence_falls_with_any_of_its_quotes():
    whole = written("It was late.")
    for citations in (whole.citations[:1], (whole.citations[0], BROKEN["other words"]), ()):
        answer = verified(replace(whole, citations=citations), ARTICLES)
        assert answer.claims == ()
        assert answer.text == ""
        assert "No sentence could be verified" in render.answer_html(answer, ARTICLES)
        assert "late" not in render.answer_html(answer, ARTICLES)
    bare = replace(whole, claims=(Claim("It was late.", (), "supported"),))
    assert verified(bare, ARTICLES).claims == ()


def test_a_sentence_of_a_model_that_poses_as_a_quote_is_dropped():
    answer = written()
    posing = replace(answer, claims=(Claim("It was early.", (2,), "verbatim"),))
    assert verified(posing, ARTICLES).claims == ()


@pytest.mark.parametrize("mode", ["generated", "extractive"])
@pytest.mark.parametrize(
    ("count", "line"), [(1, "1 sentence was left out"), (2, "2 sentences were left out")]
)
def test_what_was_left_out_is_behind_a_closed_line(mode, count, line):
    rejected = (Rejected("It was <b>early</b>.", "“early” does not stand there."),) * count
    answer = verified(replace(written("It was late."), mode=mode), ARTICLES)
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
        answer = verified(written(text, rejected=(Rejected(text, text),)), ARTICLES)
        return render.answer_html(answer, ARTICLES) + render.writing_html(answer, ARTICLES)

    assert elements(page(hostile + text)) == elements(page("x"))
    assert shown(page(hostile + text)).count(visible(on_one_line(hostile + text))) >= 2
    assert visible(hostile + text) in shown(page(hostile + text))


def test_what_is_being_written_stands_above_the_line_that_says_so():
    quotes = verified(answered(cite(1, "It was *late*.")), ARTICLES)
    stop = f'<button type="button" class="plain" data-stop>{ENGLISH("stop")}</button>'
    line = f'<p class="note writing">{ENGLISH("writing")} {stop}</p>'
    assert render.writing_html(quotes, ARTICLES) == line
    html = render.writing_html(verified(written("It was late."), ARTICLES), ARTICLES)
    assert html.endswith("</section>" + line)
    assert "It was late." in html
    understood = render.writing_html(replace(quotes, understood="Who <voted>?"), ARTICLES)
    assert "Understood as: Who &lt;voted&gt;?" in understood


FIELDS = {
    "date": (*citation.field_statement("published", POST), True),
    "title": (*citation.field_statement("title", POST), True),
    "words beside it": ("It is of 2 March 2017.", ((9, 21),), False),
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
    html = render.answer_html(verified(answer, ARTICLES), ARTICLES)
    assert (shown(html).startswith(text)) is held
    assert ('<p class="claim"' in html) is held
    assert "<blockquote" not in html


def test_the_field_of_another_article_is_not_shown():
    other = Article("Other.", title="Other", source="Gazette")
    claim = Claim("It is in Gazette.", (1,), "field", ((9, 16),))
    articles = ARTICLES | {other.id: other}
    answer = answered(cite(1, "It was *late*."), claims=(claim,))
    assert verified(answer, articles).claims == ()


def test_every_quote_shows_source_and_date():
    def origins(answer: Answer) -> list[str]:
        html = render.answer_html(verified(answer, ARTICLES), ARTICLES)
        return [shown(one) for one in re.findall("<span>(<bdi.*?)</span>", html)]

    one, two = cite(1, "It was *late*."), cite(2, "The mayor said “no”.")
    assert origins(answered(one)) == ["The Post, 2 March 2017"]
    assert origins(answered(one, two)) == ["The Post, 2 March 2017"] * 2
    assert origins(written("No.")) == ["The Post, 2 March 2017"] * 2


def test_a_quote_is_copied_with_where_it_is_from():
    citation = cite(1, "The council, 5 < 7, voted & left.")
    html = render.answer_html(answered(citation), ARTICLES)
    assert values(html, "data-copy") == [quote_with_reference(citation, POST)]
    assert values(html, "data-copied") == ["Copied"]


@pytest.mark.parametrize(
    ("published", "said"),
    [
        (datetime.date(2017, 3, 2), "“yesterday”, “last week”: written on 2 March 2017"),
        (None, "“yesterday”, “last week”: the article has no date"),
    ],
    ids=["dated", "undated"],
)
def test_a_day_that_a_quote_names_only_by_the_day_of_writing(published, said):
    text = "It met yesterday, not last week; yesterday it voted."
    article = Article(text, title="Vote", published=published)
    citation = Citation(1, article.id, 0, len(text), text)
    html = render.answer_html(answered(citation, hits=()), {article.id: article})
    assert f'<span class="as-written" dir="auto">{said}</span>' in html
    plain = render.answer_html(answered(cite(1, "It was *late*.")), ARTICLES)
    assert "as-written" not in plain


def test_words_that_answer_are_marked_in_their_quote():
    citation = cite(1, "The council, 5 < 7, voted & left.")
    claim = Claim(citation.quote, (1,), marks=((4, 11), (13, 18)))
    html = render.answer_html(answered(citation, claims=(claim,)), ARTICLES)
    assert "The <mark>council</mark>, <mark>5 &lt; 7</mark>, voted &amp; left." in html


COUNTED = (Account(1, (13, 18)), Account(2, (4, 9), "The mayor"))


def differing(*accounts: Account) -> str:
    one, two = cite(1, "The council, 5 < 7, voted & left."), cite(2, "The mayor said “no”.")
    answer = answered(one, two, differences=(Difference(accounts),))
    html = render.answer_html(verified(answer, ARTICLES), ARTICLES)
    return html.partition('<section class="differ">')[2].partition("</section>")[0]


def test_accounts_that_differ_stand_side_by_side():
    box = differing(*COUNTED)
    assert [shown(item) for item in re.findall("<li>.*?</li>", box)] == [
        "5 < 7 The Post, 2 March 2017 [1]",
        "mayor The mayor in The Post, 2 March 2017 [2]",
    ]
    assert [int(n) for n in re.findall(r'data-start="(\d+)"', box)] == [22, 0]


def test_the_newest_account_is_marked_by_the_days_of_the_articles():
    """Whatever the answer says of them: the mark is made again when it is verified."""
    later = replace(POST, id="later", published=datetime.date(2017, 3, 5))
    quotes = cite(1, "The council, 5 < 7, voted & left."), cite(2, "The mayor said “no”.")
    quotes = quotes[0], replace(quotes[1], article_id="later")
    articles = {**ARTICLES, "later": later}
    accounts = replace(COUNTED[0], recency="newest"), COUNTED[1]
    answer = verified(answered(*quotes, differences=(Difference(accounts),)), articles)
    assert [a.recency for a in answer.differences[0].accounts] == ["earlier", "newest"]
    box = render.answer_html(answer, articles).partition('<section class="differ">')[2]
    assert re.findall('class="recency">(.*?)<', box) == ["earlier", "newest"]


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
    sure = answered(good, independent=count, confidence=0.7)
    answer = verified(sure, ARTICLES)
    assert ("Stands" in render.answer_html(answer, ARTICLES)) is bool(count)
    assert remark in render.answer_html(answer, ARTICLES)
    broken = verified(replace(sure, citations=(good, BROKEN["empty"])), ARTICLES)
    assert "Stands" not in render.answer_html(broken, ARTICLES)
    about = Claim("The Post has it.", (1,), "field", ((0, 8),))
    for other in (
        replace(answer, claims=(about,)),
        replace(answer, status="unanswered"),
        replace(answer, confidence=0.5),
    ):
        assert "Stands" not in render.answer_html(other, ARTICLES)


@pytest.mark.parametrize("key", ["newer_figure", "nothing_certain"])
def test_further_quotes_are_open_where_a_note_speaks_of_one(key):
    quotes = cite(1, "The mayor said “no”."), cite(2, "It was *late*.")
    answer = answered(*quotes, notes=(note(key),))
    html = render.answer_html(verified(answer, ARTICLES), ARTICLES)
    assert ('id="more-0" open>' in html) is (key == "newer_figure")
    assert 'class="more"' in html


def test_unanswered_offers_related_reading_but_no_answer():
    altered, sound = Citation(0, POST.id, 0, 5, "Other"), Citation(0, POST.id, 0, len(TEXT), TEXT)
    left = (Note("2 undated articles were left out."),)
    answer = verified(replace(declined(altered, sound), notes=left), ARTICLES)
    html = render.answer_html(answer, ARTICLES)
    assert "does not hold an answer" in html
    assert "2 undated articles were left out." in html
    panel = render.related_html(answer, ARTICLES)
    assert "Related reading" in panel
    assert "Other" not in panel
    assert "<mark>" not in panel
    assert TEXT in shown(panel)
    assert "[0]" not in panel


def test_understood_is_shown_when_it_differs_and_may_be_corrected():
    for same in (answered(), answered(status="unanswered")):
        assert "Understood" not in render.answer_html(same, ARTICLES)
        assert "<textarea" not in render.answer_html(same, ARTICLES)
    html = render.answer_html(answered(understood='Who <voted>, "late"?'), ARTICLES)
    assert "Understood as: Who &lt;voted&gt;, &quot;late&quot;?" in html
    assert "required>Who &lt;voted&gt;, &quot;late&quot;?</textarea>" in html
    assert values(html, "data-ask") == [answered().question]


def test_what_was_looked_for_in_vain_is_said():
    answer = answered(status="unanswered", claims=(), understood="Who <voted>?")
    html = render.answer_html(answer, ARTICLES)
    assert "The archive does not hold an answer to: “Who &lt;voted&gt;?”" in html
    assert "required>Who &lt;voted&gt;?</textarea>" in html
    assert "Understood" not in html
    assert values(html, "data-alone") == ["True"]


def test_a_name_that_was_read_otherwise_can_be_asked_for_as_it_was_written():
    read = note("name_read_as", written="Elison", read="Ellison <b>")
    answer = answered(question="Who is Elison?", understood="Who is Ellison <b>?", notes=(read,))
    html = render.answer_html(answer, ARTICLES)
    assert "“Elison” does not occur in the articles: it was read as “Ellison &lt;b&gt;”." in html
    assert values(html, "data-alone") == []  # It leans on no other question.
    assert 'data-ask="Who is “Elison”?">Ask for “Elison” instead</button>' in html


def test_a_name_that_may_be_meant_can_be_asked_for():
    near = [note("name_near", written="Elison", near=name) for name in ("Ellison", "Alison")]
    answer = answered(
        question="Who is Elison?", understood="Who is Elison?", status="unanswered", notes=near
    )
    html = render.answer_html(answer, ARTICLES)
    for name in ("Ellison", "Alison"):
        assert f'data-ask="Who is {name}?">Ask for “{name}”</button>' in html


# As of when, and how sure

LATER = Article("A new vote.", title="Anew", id="later", published=datetime.date(2018, 1, 1))
UNDATED = Article("A vote, once.", title="Once", id="undated")
ALL = ARTICLES | {"later": LATER, "undated": UNDATED}
NEW = Citation(2, "later", 0, 11, "A new vote.")
ONCE = Citation(3, "undated", 0, 13, "A vote, once.")


@pytest.mark.parametrize(
    ("citations", "remark"),
    [
        ([cite(1, "It was *late*.")], "As of 2 March 2017, when this was published."),
        ([NEW, cite(1, "It was *late*.")], "As of 2 March 2017 to 1 January 2018, when these"),
        ([NEW, ONCE], "As of 1 January 2018, when this was published."),
        ([ONCE], "The article does not say when it was published."),
    ],
    ids=["one day", "two days", "one of two", "no day"],
)
def test_as_of_when_the_answer_is(citations, remark):
    answer = verified(answered(*citations), ALL)
    assert remark in render.answer_html(answer, ALL)
    assert "As of" not in render.answer_html(replace(answer, status="unanswered"), ALL)


def test_quotes_of_several_days_stand_in_the_order_of_time():
    answer = verified(answered(NEW, ONCE, cite(1, "It was *late*.")), ALL)
    html = render.answer_html(answer, ALL).partition('<section class="timeline">')[2]
    items = re.findall("<li>.*?</li>", html.partition("</section>")[0])
    assert [shown(item) for item in items] == [
        "2 March 2017 The Post [1]",
        "1 January 2018 Anew [2]",
    ]
    assert re.findall('datetime="(.*?)"', html) == ["2017-03-02", "2018-01-01"]
    for few in ((NEW, ONCE), (cite(1, "It was *late*."), cite(2, "The mayor said “no”."))):
        assert "timeline" not in render.answer_html(verified(answered(*few), ALL), ALL)


@pytest.mark.parametrize(
    ("confidence", "key"),
    [
        (0.0, "weak"),
        (FAIR - 0.01, "weak"),
        (FAIR, "fair"),
        (STRONG - 0.01, "fair"),
        (STRONG, "strong"),
        (1, "strong"),
    ],
)
def test_how_sure_an_answer_is(confidence, key):
    answer = answered(cite(1, "It was *late*."), confidence=confidence)
    html = render.answer_html(answer, ARTICLES)
    said = [sure for sure in ("weak", "fair", "strong") if ENGLISH(f"match_{sure}") in html]
    assert said == [key]
    about = replace(answer, claims=(Claim("The Post has it.", (1,), "field", ((0, 8),)),))
    bare = replace(answer, citations=())
    declined = replace(answer, status="unanswered")
    assert (answer.strength, declined.strength) == (key, "")
    for other in (about, declined, bare):
        html = render.answer_html(verified(other, ARTICLES), ARTICLES)
        assert "match" not in html


# The reading view


def test_previous_and_next_quote_lead_across_articles():
    first, last = cite(1, "The mayor said “no”."), ONCE
    quotes = (first, NEW, last)
    html = render.article_html(LATER, quotes, NEW, turn=3)
    steps = html.partition('<nav class="steps"')[2].partition("</nav>")[0]
    assert "Quote 2 of 3" in steps
    assert values(steps, "data-step") == ["previous_quote", "next_quote"]
    assert values(steps, "data-article") == [POST.id, "undated"]
    assert values(steps, "data-start") == [str(first.start), "0"]
    assert values(steps, "data-end") == [str(first.end), "13"]
    assert values(steps, "data-turn") == ["3", "3"]
    assert "disabled" not in steps
    assert "<mark>" not in html  # Quotes of other articles are not marked in this one.
    ends = [render.article_html(ALL[c.article_id], quotes, c) for c in (first, last)]
    assert [values(end, "data-step") for end in ends] == [["next_quote"], ["previous_quote"]]
    assert [end.count("disabled>") for end in ends] == [1, 1]


def test_there_are_no_steps_without_a_quote_to_begin_from():
    assert "steps" not in render.article_html(POST)
    quotes = (cite(1, "It was *late*."),)
    assert "steps" not in render.article_html(POST, quotes)
    assert "steps" not in render.article_html(POST, quotes, cite(2, "The mayor said “no”."))


@pytest.mark.parametrize("called", [True, False])
def test_an_article_comes_over_the_page_only_when_it_was_called(called):
    html = render.article_html(POST, called=called)
    assert ("data-called" in html) is called


def test_a_dialog_says_why_there_is_no_article():
    html = render.missing_html("Gone <since> 5 & 6.")
    assert "Gone &lt;since&gt; 5 &amp; 6." in html
    assert html.startswith('<dialog aria-labelledby="article-title" data-called>')
    assert 'id="article-title"' in html
    assert "article-text" not in html


# The page around


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_question_is_text(hostile):
    html = render.turn_html(7, hostile, "<p>body</p>")
    assert elements(html) == elements(render.turn_html(7, "x", "<p>body</p>"))
    assert shown(html) == hostile + "body"
    assert 'id="turn-7"' in html
    asked = answered(status="unanswered", question=hostile, understood=f"{hostile}?")
    assert shown(render.answer_html(asked, ARTICLES)).count(f"{hostile}?") == 2
    assert values(render.answer_html(asked, ARTICLES), "data-ask") == [hostile]


def test_a_part_of_the_page_has_its_language_and_direction():
    assert (
        render.page("<p>x</p>", ENGLISH) == '<div class="part" lang="en" dir="ltr"><p>x</p></div>'
    )
    assert 'lang="ur" dir="rtl"' in render.page("x", wording("ur"))
    assert render.page("", ENGLISH) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_quotes_and_names_are_as_they_stand(language):
    """And nothing that an article says is taken for a place to put something in."""
    say = wording(language)
    text = "{0} said {n} yesterday, {question} & <b>."
    article = Article(text, "{title} <i>", "id{0}", "{source}", published=POST.published)
    later = replace(article, id="later", published=LATER.published)
    articles = {article.id: article, "later": later}
    quotes = (Citation(1, article.id, 0, len(text), text), Citation(2, "later", 0, 3, "{0}"))
    accounts = (Account(1, (0, 3), "{0}"), Account(2, (0, 3)))
    answer = answered(
        *quotes, understood="{question}?", differences=(Difference(accounts),), independent=2,
        dropped=3, rejected=(Rejected("{text}", "{reason}"),), notes=(Note("{note} {0}"),),
    )  # fmt: skip
    answer = verified(answer, articles)
    html = render.answer_html(answer, articles, 1, say)
    near = replace(declined(quotes[0]), notes=answer.notes)
    html += render.related_html(near, articles, 1, say)
    html += render.article_html(article, quotes, quotes[0], 1, say)
    html += render.writing_html(replace(answer, mode="generated"), articles, 1, say)
    html += render.answer_html(replace(answer, status="unanswered"), articles, 1, say)
    said = shown(html)
    for known in (
        text,
        "{title} <i>",
        "{source}",
        "{question}?",
        "{text}",
        "{reason}",
        "{note} {0}",
    ):
        assert known in said
    assert "<i>" not in html
    english = wording("en")
    assert (ENGLISH("timeline") in said) is (say == english)


def test_a_quote_names_its_page_and_opens_the_document_there():
    article = replace(
        POST, url="https://example.org/a.pdf", format="pdf",
        pages=(Page(1, 0, label="iv"), Page(2, 22, certainty=0.8)),
    )  # fmt: skip
    quote = cite(1, "It was *late*.")
    answer = answered(quote)
    html = render.answer_html(answer, {POST.id: article})
    assert "The Post, 2 March 2017, page 2, text recognised from a scan, 80% sure" in shown(html)
    reading = render.article_html(article, [quote], quote)
    assert "2 March 2017 · page 2, text recognised" in shown(reading)
    assert 'href="https://example.org/a.pdf#page=2"' in reading
    assert "page 2" in shown(render.related_html(declined(quote), {POST.id: article}))
    assert "page" not in shown(render.answer_html(answer, ARTICLES))
    french = shown(render.answer_html(answer, {POST.id: article}, say=wording("fr")))
    assert "page 2, texte reconnu sur une page numérisée, sûr à 80\u00a0%" in french
