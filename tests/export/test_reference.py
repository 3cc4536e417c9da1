"""An article on one line, and what the clipboard gets of a quote."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citation import cite
from rag.export.reference import described, one_line, quote_with_reference, reference, web_address
from rag.text.lines import on_one_line
from rag.types import Article, Citation, Page
from rag.wording import wording

DAY = datetime.date(2025, 7, 16)
any_text = st.text(st.characters(exclude_categories=["Cs"]))


def test_all_that_is_known_on_one_line():
    article = Article(
        "x", "Raids\nin Kratie", source="The Post", author="Sok Dara", published=DAY,
        url="https://example.org/raids?id=7#top",
    )  # fmt: skip
    assert reference(article) == (
        "Sok Dara, “Raids in Kratie”, The Post, 16 July 2025, https://example.org/raids?id=7#top"
    )


def test_the_page_of_a_quote_is_named_and_a_pdf_opens_there():
    article = Article(
        "The river rose. It fell.", "T", url="https://example.org/a.pdf", format="pdf",
        pages=(Page(1, 0, label="iv"), Page(2, 16, certainty=0.938)),
    )  # fmt: skip
    assert reference(article, span=(0, 15)) == (
        "“T”, undated, page iv, https://example.org/a.pdf#page=1"
    )
    assert quote_with_reference(cite(article, (16, 24), 1), article) == (
        "“It fell.” — “T”, undated, page 2, text recognised from a scan, 93% sure, "
        "https://example.org/a.pdf#page=2"
    )
    assert "pages iv–2, text recognised" in reference(article, span=(0, 24))
    assert reference(article) == "“T”, undated, https://example.org/a.pdf"
    assert web_address(replace(article, url="https://example.org/a#b"), (0, 9)).endswith("/a#b")
    assert web_address(replace(article, format="text"), (0, 9)).endswith("/a.pdf")


def test_what_is_not_known_is_left_out_but_the_date():
    assert reference(Article("x", origin="page.txt#2")) == "“page.txt#2”, undated"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Section: World", "Language: French", "Format: Text"]),
        ("fr", ["Rubrique\u00a0: World", "Langue\u00a0: français", "Format\u00a0: Texte"]),
    ],
)
def test_what_a_reference_leaves_out_is_in_the_readers_language(language, said):
    article = Article("x", section="World", language="fr-FR", format="text")
    assert described(article, wording(language)) == said
    assert described(Article("x", format="pdf")) == ["Format: PDF"]
    assert described(Article("x")) == []


def test_days_are_in_the_readers_language():
    say = wording("fr")
    assert reference(Article("x", "T", published=DAY), say) == "“T”, 16 juillet 2025"
    assert reference(Article("x", "T"), say) == "“T”, sans date"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "//example.org",
        "https://",
        "https://example.org/ x",
        "https://example.org/\nx",
        "https://example.org/><img>",
        "JavaScript:https://example.org",
    ],
)
def test_nothing_but_a_web_address_is_one(url):
    assert web_address(Article("x", url=url)) == ""
    assert reference(Article("x", title="T", url=url)) == "“T”, undated"


@given(any_text, any_text, any_text, any_text)
def test_a_reference_is_one_line_that_no_terminal_obeys(title, source, author, url):
    line = reference(Article("x", title, source=source, author=author, url=url))
    assert line.splitlines() == [line]
    assert not any(c < " " or "\x7f" <= c <= "\x9f" for c in line)


def test_text_that_turns_text_round_is_shown_in_a_line():
    assert one_line("a\u202eb\u2066c\x1b[2J") == "a[U+202E]b[U+2066]c␛[2J"


@given(any_text.filter(bool), any_text)
def test_a_copied_quote_is_the_quote_on_one_line(quote, before):
    article = Article(before + quote, "T", published=DAY)
    citation = cite(article, (len(before), len(before) + len(quote)), 1)
    assert quote_with_reference(citation, article) == f"“{on_one_line(quote)}” — “T”, 16 July 2025"


def test_a_quote_that_does_not_stand_there_is_not_copied():
    article = Article("Police held 312 people.")
    with pytest.raises(ValueError, match=r"\[1\] does not stand"):
        quote_with_reference(Citation(1, article.id, 0, 6, "police"), article)
