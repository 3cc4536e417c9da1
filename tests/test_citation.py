"""A citation holds while its quote stands in its article, character for character."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citation import cite, is_verbatim
from rag.types import Article, Citation, Page

ARTICLE = Article("Der Café-Besitzer 🙂 sagte: „Nein“. He said no.\nHe said no.", id="a")


@given(st.text(min_size=1, max_size=80), st.data())
def test_a_quote_of_any_text_holds(text, data):
    article = Article(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    citation = cite(article, (start, end), label=1)
    assert citation.quote == text[start:end]
    assert is_verbatim(citation, article)


GOOD = cite(ARTICLE, (4, 20), label=1)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(GOOD, start=5),
        replace(GOOD, start=5, end=21),
        replace(GOOD, quote=GOOD.quote.replace("é", "e\u0301")),
        replace(GOOD, quote=GOOD.quote.lower()),
        replace(GOOD, article_id="b"),
        Citation(1, "a", 0, 0, ""),
        Citation(1, "a", -3, -1, ARTICLE.text[-3:-1]),
        Citation(1, "a", len(ARTICLE.text) - 3, len(ARTICLE.text) + 9, ARTICLE.text[-3:]),
        Citation(1, "a", 9, 4, ""),
    ],
    ids=[
        "longer", "moved", "other code points", "other case", "other article", "empty",
        "counted from the end", "past the end", "backwards",
    ],
)  # fmt: skip
def test_what_does_not_hold(wrong):
    assert is_verbatim(GOOD, ARTICLE)
    assert not is_verbatim(wrong, ARTICLE)


def test_an_altered_article_breaks_its_citations():
    altered = Article(ARTICLE.text.replace("Café", "Hotel"), id="a")
    assert not is_verbatim(GOOD, altered)


# Pages

PAGED = replace(
    ARTICLE, pages=(Page(1, 0, label="iv"), Page(2, 10, certainty=0.9), Page(3, 20, certainty=0.7))
)


@pytest.mark.parametrize(
    ("span", "page", "certainty"),
    [((4, 9), "iv", None), ((4, 20), "iv–2", 0.9), ((4, 30), "iv–3", 0.7), ((20, 30), "3", 0.7)],
)
def test_a_citation_names_its_page(span, page, certainty):
    citation = cite(PAGED, span, label=1)
    assert (citation.page, citation.certainty) == (page, certainty)
    assert is_verbatim(citation, PAGED)
    assert is_verbatim(replace(citation, page="", certainty=None), PAGED)  # It need not.


def test_a_citation_of_another_page_does_not_hold():
    citation = cite(PAGED, (20, 30), label=1)
    assert not is_verbatim(replace(citation, page="4"), PAGED)
    assert not is_verbatim(replace(citation, certainty=0.99), PAGED)
    assert not is_verbatim(citation, ARTICLE)
