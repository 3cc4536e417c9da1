"""A notebook taken away: quotes that hold, in the reader's order, with their sources and notes."""

from __future__ import annotations

import datetime
import io
from dataclasses import replace

import pytest
from docx import Document
from markdown_it import MarkdownIt

from rag import Article
from rag.citation import verified
from rag.export.notebook import Notebook, Pin, as_answers, sound, to_docx, to_markdown
from rag.wording import wording

DAY = datetime.date(2026, 11, 30)
TEXT = "The mayor said no.\n\nThe council <b>voted</b> & left on \x07 *Monday*."
ARTICLE = Article(
    TEXT, "A vote", source="The Gazette", published=datetime.date(2024, 5, 3),
    url="https://example.org/vote",
)  # fmt: skip
ARTICLES = {ARTICLE.id: ARTICLE}


def pin(quote, question="Who said no?", note=""):
    start = TEXT.index(quote)
    return Pin(question, ARTICLE.id, start, start + len(quote), quote, note)


NO = pin("The mayor said no.", note="Call <i>her</i>\n- back")
LEFT = pin("The council <b>voted</b> & left on \x07 *Monday*.", "What did the council do?")
BOOK = Notebook("My *notes*", (LEFT, NO))


def lines(document):
    return [(one.style.name, one.text) for one in Document(io.BytesIO(document)).paragraphs]


def test_quotes_stand_in_the_order_of_the_reader_under_their_questions():
    text = to_markdown(BOOK, ARTICLES, DAY).decode()
    html = MarkdownIt("commonmark").render(text)
    assert html.index("What did the council do?") < html.index("Who said no?")
    assert "<h1>My *notes*</h1>" in html
    assert "“The mayor said no.”" in html
    assert "The Gazette, 3 May 2024" in html
    assert 'href="https://example.org/vote"' in html
    assert "Call &lt;i&gt;her&lt;/i&gt;" in html
    assert "<b>" not in html
    assert "30 November 2026" in html


def test_the_word_document_says_the_same():
    found = lines(to_docx(BOOK, ARTICLES, DAY))
    assert found[0] == ("Title", "My *notes*")
    quotes = [text for style, text in found if style == "Quote"]
    assert quotes[1] == "“The mayor said no.”"
    assert quotes[0].startswith("“The council <b>voted</b> & left on ")
    assert [text for style, text in found if style.startswith("Heading")] == [
        "What did the council do?", "Who said no?",
    ]  # fmt: skip
    assert ("List Bullet", "Call <i>her</i>") in found
    about = Document(io.BytesIO(to_docx(BOOK, ARTICLES, DAY))).core_properties
    assert (about.title, about.author) == ("My *notes*", "")


@pytest.mark.parametrize(
    "broken",
    [
        replace(NO, quote="The mayor said yes"),
        replace(NO, start=NO.start + 1),
        replace(NO, end=10**9),
        replace(NO, start=-1),
        replace(NO, article_id="nowhere"),
    ],
    ids=["another word", "elsewhere", "beyond", "before", "no article"],
)
def test_a_quote_that_does_not_hold_is_left_out_and_counted(broken):
    assert not sound(broken, ARTICLES)
    book = Notebook("", (LEFT, broken))
    for told in (
        to_markdown(book, ARTICLES, DAY).decode(),
        "\n".join(text for _, text in lines(to_docx(book, ARTICLES, DAY))),
    ):
        assert "mayor" not in told
        assert "1 quote was left out" in told
        assert "Notebook" in told  # One without a title is called so.
    assert len(as_answers(book, ARTICLES)) == 1


def test_each_question_is_an_answer_whose_quotes_hold():
    again = replace(NO, question=LEFT.question)
    answers = as_answers(Notebook("", (LEFT, again, NO)), ARTICLES)
    assert [answer.question for answer in answers] == [LEFT.question, NO.question]
    assert [len(answer.citations) for answer in answers] == [2, 1]
    for answer in answers:
        assert verified(answer, ARTICLES) == answer


def test_a_document_in_urdu_runs_from_right_to_left_but_its_quotes_do_not():
    document = Document(io.BytesIO(to_docx(BOOK, ARTICLES, DAY, wording("ur"))))
    turned = {one.style.name for one in document.paragraphs if one._p.xpath("./w:pPr/w:bidi")}
    assert turned == {"Title", "Normal"}


def test_an_empty_notebook_is_a_document_all_the_same():
    assert to_markdown(Notebook("", ()), {}, DAY).startswith(b"# Notebook")
    assert lines(to_docx(Notebook("", ()), {}, DAY))[0] == ("Title", "Notebook")
