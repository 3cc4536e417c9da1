"""The overview of a topic: its articles, who speaks of it, and when; each verified again."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from rag import Archive, Article
from rag.answer.listing import list_articles, listed_answer
from rag.chat.html.answer import answer_html
from rag.citation import articles_of, is_verbatim, verified
from rag.question.listing import topic_asked
from rag.question.parse import QuestionParser
from rag.types import Question

TEXTS = (
    ("“The Lantern Bridge was worth its price,” the mayor Sok Hour said. He left.", 10, 3),
    ("The Lantern Bridge rose. “We walk over the Lantern Bridge at night,” said Ny Chan.", 12, 1),
    ("“Nothing of bridges is said here,” said Mara Lind.", 12, 2),
)
ARTICLES = [
    Article(text, id=str(n), title=f"Day {n}", source="Post", published=datetime.date(2023, m, d))
    for n, (text, m, d) in enumerate(TEXTS)
]


@pytest.fixture
def archive(tmp_path, fake_encoder):
    return Archive.build(ARTICLES, tmp_path / "index", encoder=fake_encoder)


def overview(archive, text):
    question = Question(text)
    request = topic_asked(question, QuestionParser(archive.sources, [2023]))
    return listed_answer(text, question, (), list_articles(request, archive.index), ())


def test_who_speaks_of_it_and_when(archive):
    answer = overview(archive, "Lantern Bridge")
    listing = answer.listing
    assert listing.articles == ("1", "0")
    assert [(one.source, one.articles) for one in listing.months] == [
        ("2023-10", 1),
        ("2023-12", 1),
    ]
    assert [one.speaker for one in listing.voices] == ["Ny Chan", "the mayor Sok Hour"]
    cited = {one.label: one for one in answer.citations}
    for voice in listing.voices:
        citation = cited[voice.label]
        assert is_verbatim(citation, archive.article(citation.article_id))
        assert citation.quote[slice(*voice.span)].startswith("“")


def test_those_who_speak_of_it_in_most_articles_come_first(tmp_path, fake_encoder):
    said = [*["Ny Chan", "Ny Chan"], *[f"Mara Lind{n}" for n in range(5)], "Sok Hour", "Mr Hour"]
    articles = [
        Article(f"“The Lantern Bridge is number {n},” said {who}.", id=str(n), source="Post",
                title=f"Day {n}", published=datetime.date(2023, 12, 28 - n))
        for n, who in enumerate(said)
    ]  # fmt: skip
    built = Archive.build(articles, tmp_path / "most", encoder=fake_encoder)
    voices = overview(built, "Lantern Bridge").listing.voices
    assert [one.speaker for one in voices][:3] == ["Ny Chan", "Sok Hour", "Mara Lind0"]
    assert len(voices) == 5


def test_a_date_is_a_topic(archive):
    assert overview(archive, "December 2023").listing.articles == ("2", "1")


def test_nobody_speaks_of_it(archive):
    answer = overview(archive, "Day")
    assert answer.listing.articles == ("2", "1", "0")
    assert answer.listing.voices == ()


def test_a_voice_that_no_longer_holds_is_left_out(archive):
    answer = overview(archive, "Lantern Bridge")
    articles = {one: archive.article(one) for one in articles_of(answer)}
    assert verified(answer, articles).listing == answer.listing
    first, second = answer.listing.voices
    for false in (replace(first, speaker="Somebody Else"), replace(first, span=(0, 9999))):
        altered = replace(answer, listing=replace(answer.listing, voices=(false, second)))
        assert verified(altered, articles).listing.voices == (second,)


def test_it_is_rendered_with_the_way_to_all_of_it(archive):
    answer = overview(archive, "Lantern Bridge")
    articles = {one: archive.article(one) for one in articles_of(answer)}
    html = answer_html(verified(answer, articles), articles, 1)
    assert "Who speaks" in html
    assert "?view=search&amp;find=%22Lantern+Bridge%22" in html
    assert "?view=name&amp;name=Lantern+Bridge" in html
