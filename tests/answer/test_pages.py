"""Questions over pages of hard-wrapped text and lists, with the real models."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from rag import Archive, read_articles
from rag.answer.candidates import candidates_of, headings_of
from rag.citation import is_verbatim
from rag.export.markdown import conversation_markdown
from rag.types import Article, Hit, Passage

DAY = datetime.date(2026, 11, 30)
PAGES = Path(__file__).with_name("pages")


@pytest.fixture(scope="module")
def archive(tmp_path_factory, encoder) -> Archive:
    home = tmp_path_factory.mktemp("pages")
    return Archive.build(read_articles(PAGES), home, encoder=encoder)


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "quote"),
    [
        pytest.param(
            "Did Karl Hast take money from a boat firm?",
            "The chair of the harbour board denied on Friday that the mayor of the town Karl Hast"
            " had taken money from a boat firm.",
            id="denied",
        ),
        pytest.param(
            "Who had warned of the cracks?",
            "A report by Professor Nils Fehr of the University of Orlet had warned of the cracks in"
            " March, but the board did not read it until the week in which the director, Anton"
            " Greve, was dismissed.",
            id="five lines",
        ),
        pytest.param(
            "How many jobs did Kellmann cut?",
            "Kellmann Said in March that 140 people would have to go, most of them from the paint"
            " works near the harbour, and that more cuts could follow in the winter.",
            id="Kellmann",
        ),
        pytest.param(
            "How many employees did Spotwell lay off?",
            "Spotwell Announced on January 23 that it is cutting about 6% of its workforce, around"
            " 600 employees in all, because growth had been slower than was hoped.",
            id="Spotwell",
        ),
        pytest.param(
            "What is Shopmore selling?",
            "Shopmore Announced on May 4 that it is laying off 20% of its workers, which affects"
            " more than 2,000 people. It is also selling its lorries to a rival.",
            id="Shopmore",
        ),
    ],
)
def test_the_first_quote_is_a_whole_sentence_with_its_heading(archive, question, quote):
    answer = archive.ask(question)
    assert answer.status == "answered"
    assert answer.text.startswith(f"{quote} [1]")
    for citation in answer.citations:
        assert is_verbatim(citation, archive.article(citation.article_id))
    articles = {c.article_id: archive.article(c.article_id) for c in answer.citations}
    about = {hit.passage.article_id: archive.article(hit.passage.article_id) for hit in answer.hits}
    written = conversation_markdown([answer], about | articles, DAY)
    assert quote.split("%")[0].replace("&", "&amp;") in written


def test_each_sentence_of_a_list_is_known_to_stand_under_its_heading():
    text = (PAGES / "layoffs.txt").read_text(encoding="utf-8").partition("2023\n\n")[2].strip()
    article = Article(text, id="a")
    hit = Hit(Passage("a", 0, len(text), text), 1.0, 1.0, 1.0)
    candidates = candidates_of([hit], {"a": article}.__getitem__)
    assert list(headings_of(candidates)) == ["", "", "Shopmore", "Shopmore", "Spotwell", "Kellmann"]


def test_a_passage_has_the_sentences_of_its_article():
    text = (PAGES / "denial.txt").read_text(encoding="utf-8").partition("2023\n\n")[2].strip()
    start = text.index("She said that no witness")
    end = text.index("A court")
    hit = Hit(Passage("a", start, end - 1, text[start : end - 1]), 1.0, 1.0, 1.0)
    (found,) = candidates_of([hit], {"a": Article(text, id="a")}.__getitem__)
    assert found.sentence.text == text[start : end - 1].replace("\n", " ")
    assert (found.sentence.start, found.sentence.end) == (start, end - 1)
