"""A citation holds while its quote stands in its article, character for character."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citation import cite, is_verbatim
from rag.types import Article, Citation

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
