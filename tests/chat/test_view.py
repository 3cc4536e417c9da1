"""What one visitor sees is checked against the articles each time, and is nobody else's."""

from __future__ import annotations

import datetime
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from markup import HOSTILE, elements, shown, values

from rag import Archive, citation, pack
from rag.chat import conversation
from rag.chat.conversation import Conversation, Exchange
from rag.chat.service import Service
from rag.chat.view import View
from rag.citation import as_citation
from rag.errors import QuestionError, SnapshotError
from rag.pack.contents import parse
from rag.types import Answer, Article, Citation, Claim, Filters
from rag.wording import ENGLISH, wording

pytestmark = pytest.mark.process

QUESTION = "How many people did police in Kratie arrest?"
DEEP = "How deep is the Mariana Trench?"
MADE = datetime.datetime(2026, 11, 28, 10, 30, tzinfo=datetime.timezone.utc)
OWN = "The ferry to Koh Rong sank on Friday with 21 people on board, the harbour master said."


@pytest.fixture(scope="module")
def asked(archive: Archive) -> tuple[Answer, Answer]:
    """An answer with quotes, and one that the archive does not have."""
    return archive.ask(QUESTION), archive.ask(DEEP)


@pytest.fixture
def service(archive, tmp_path, monkeypatch) -> Iterator[Service]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    service = Service(lambda progress: archive)
    yield service
    service.close()


@pytest.fixture
def view(service: Service) -> View:
    return View(service, "visitor", ENGLISH, "feedback.jsonl")


def session(*answers: Answer, **changes: object) -> Conversation:
    exchanges = (replace(Exchange(n, a), **changes) for n, a in enumerate(answers, start=1))
    return Conversation(tuple(exchanges))


@pytest.mark.process
def own(view: View, tmp_path: Path) -> tuple[Article, Conversation]:
    """A document of the visitor's own, and a conversation about it."""
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps({"text": OWN, "title": "Ferry sinks"}), "utf-8")
    (article,) = view.service.add(view.visitor, [path]).articles
    answer = view.service.archive_of(view.visitor, "own").ask("How many people were on board?")
    assert answer.citations[0].article_id == article.id
    return article, session(answer, scope="own")


def place(citation: Citation) -> tuple[object, ...]:
    return citation.article_id, citation.start, citation.end


class Altered(Archive):
    """An archive whose articles were altered on the disk after it was opened."""

    def article(self, article_id: str) -> Article:
        raise SnapshotError(f"Article {article_id} was altered. Build the index again.")


class Edited(Archive):
    """An archive that was built anew meanwhile, from articles that were corrected."""

    def article(self, article_id: str) -> Article:
        found = super().article(article_id)
        return replace(found, text=found.text.replace("312", "313"))


@pytest.fixture(params=[Altered, Edited])
def harmed(request: pytest.FixtureRequest, archive: Archive) -> Iterator[View]:
    other = request.param.open(archive.home, archive.settings, archive.load_encoder())
    service = Service(lambda progress: other)
    yield View(service, "visitor", ENGLISH)
    service.close()


# Conversation and reading view


def test_an_answer_its_sources_and_the_article_around_its_best_quote(view, asked, archive):
    talk = view.conversation(session(*asked))
    best = asked[0].citations[0]
    assert talk.count('class="turn"') == 2
    assert talk.startswith('<div class="part" lang="en" dir="ltr">')
    assert best.quote in shown(talk)
    assert f"“{DEEP}”" in shown(talk)
    panel, reader = view.reading(session(*asked).exchanges[0])
    article = archive.article(best.article_id)
    assert panel == ""  # Each quote says itself where it is from.
    assert article.headline in shown(talk)
    assert article.text in shown(reader)
    active = re.search('<mark class="active">(.*?)</mark>', reader, re.DOTALL)[1]
    assert unescape(active) == best.quote
    assert "data-called" not in reader  # Nobody asked for it: it does not come over the page.


def coming_near(asked):
    """No answer, though the first passage that was read comes near."""
    near = as_citation(asked[1].hits[0].passage)
    return replace(asked[1], absence=replace(asked[1].absence, near=(near,)))


def test_without_an_answer_there_is_related_reading_and_no_article(view, asked):
    panel, reader = view.reading(session(coming_near(asked)).exchanges[0])
    assert ENGLISH("related") in panel
    assert reader == ""
    assert view.reading(None) == ("", "")


def test_an_empty_conversation_is_the_introduction(view):
    assert view.conversation(Conversation()) == view.introduction()
    assert ENGLISH("introduction") in shown(view.introduction())


def test_a_link_opens_the_article_at_its_quote(view, asked, archive):
    answers = asked[0], coming_near(asked)
    talk = session(*answers)
    for number, answer in enumerate(answers, start=1):
        for quote in citation.shown(answer)[:2]:
            html = view.article(talk, number, place(quote))
            assert "data-called" in html
            assert archive.article(quote.article_id).text in shown(html)


FORGED = {
    "nothing": (None, None, None),
    "elsewhere": ("{id}", 0, 10**9),
    "a path": ("../../etc/passwd", 0, 1),
    "lists": ([], {}, []),
    "too few": ("{id}",),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_link_that_was_never_shown_opens_nothing(view, asked, forged):
    article_id = asked[0].citations[0].article_id
    forged = tuple(article_id if part == "{id}" else part for part in forged)
    html = view.article(session(*asked), 1, forged)
    assert ENGLISH("other_conversation") in shown(html)
    assert "article-text" not in html


@pytest.mark.parametrize("turn", [0, 2, 3, None, "1", [], {}])
def test_a_link_of_another_turn_opens_nothing(view, asked, turn):
    html = view.article(session(*asked), turn, place(asked[0].citations[0]))
    assert ENGLISH("other_conversation") in shown(html)


# What is checked


def test_a_quote_that_its_article_no_longer_holds_is_dropped_and_counted(harmed, asked):
    view, talk = harmed, session(asked[0])
    html = view.conversation(talk)
    quote = next(c for c in asked[0].citations if "312" in c.quote)
    assert ENGLISH("dropped", n=1)[2:] in html
    assert quote.quote not in shown(html)
    panel, reader = view.reading(talk.exchanges[0])
    assert quote.quote not in shown(panel + reader)
    altered = isinstance(view.service.archive(), Altered)
    gone = ENGLISH("article_gone" if altered else "quote_gone")
    assert gone in shown(view.article(talk, 1, place(quote)))
    assert quote.quote not in view.markdown(talk, MADE.date()).decode()


def test_what_a_browser_made_up_is_not_shown(view, asked, archive):
    """The conversation comes from the browser: its quotes are looked up like any other."""
    best = asked[0].citations[0]
    text = "Police in Kratie arrested nobody."
    false = Citation(9, best.article_id, 0, len(text), text)
    made_up = replace(
        asked[0],
        text=text,
        citations=(*asked[0].citations, false),
        claims=(*asked[0].claims, Claim(text, (9,)), Claim(text, (best.label,))),
    )
    html = view.conversation(session(made_up))
    assert text not in shown(html)
    assert best.quote in shown(html)
    opened = view.article(session(made_up), 1, place(best))
    article = archive.article(best.article_id)
    marks = re.findall("<mark[^>]*>(.*?)</mark>", opened, re.DOTALL)
    assert article.text[: len(text)] not in [unescape(mark) for mark in marks]
    assert text.encode() not in view.markdown(session(made_up), MADE.date())


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_question_that_is_not_answered_stands_below_the_others_as_text(view, asked, hostile):
    talk = session(asked[0])

    def page(text: str) -> str:
        nothing = Answer(text, text, "", "unanswered")
        return view.asked(talk, Exchange(2, nothing), text)

    assert elements(page(hostile)) == elements(page("x"))
    assert shown(page(hostile)).endswith(hostile * 2)
    assert page(hostile).startswith(view.conversation(talk)[:200])
    assert len(page("why " * 5000)) < len(view.conversation(talk)) + 25_000


def test_what_a_model_writes_stands_below_the_others(view, asked):
    written = replace(asked[0], mode="generated")
    html = view.writing(session(asked[0]), Exchange(2, written))
    assert html.count('class="turn"') == 2
    assert ENGLISH("writing") in html


# Own documents


def test_own_documents_are_read_and_then_gone(view, tmp_path):
    article, talk = own(view, tmp_path)
    quote = talk.exchanges[0].answer.citations[0]
    assert quote.quote in shown(view.conversation(talk))
    assert OWN in shown(view.article(talk, 1, place(quote)))
    assert "1 article of your own." in view.documents("own")
    assert article.title in shown(view.reading(talk.exchanges[0])[1])
    view.service.remove(view.visitor)
    assert quote.quote not in shown(view.conversation(talk))
    assert ENGLISH("dropped", n=1) in view.conversation(talk)
    assert ENGLISH("article_gone") in shown(view.article(talk, 1, place(quote)))
    assert ENGLISH("article_gone") in shown(view.conversation(talk))
    assert view.reading(talk.exchanges[0]) == ("", "")
    assert ENGLISH("documents_why") in shown(view.documents("archive"))


def test_articles_of_others_are_never_shown(view, tmp_path):
    """Not even to someone who has got hold of the conversation about them."""
    article, talk = own(view, tmp_path)
    quote = talk.exchanges[0].answer.citations[0]
    for name in ("another", ""):
        other = replace(view, visitor=name)
        page = other.conversation(talk) + "".join(other.reading(talk.exchanges[0]))
        page += other.article(talk, 1, place(quote)) + other.documents("own")
        page += other.markdown(talk, MADE.date()).decode()
        assert OWN not in shown(page)
        assert quote.quote not in shown(page)
        assert article.title not in shown(page)
        assert OWN.encode() not in unpacked(other.evidence(talk, None, MADE))
        for scope in ("own", "both"):
            with pytest.raises(QuestionError):
                other.filters(Filters(), scope)
        with pytest.raises(QuestionError):
            other.filters(Filters(articles=(article.id,)), "archive")


def test_own_documents_are_neither_linked_to_nor_judged(view, asked, tmp_path):
    _, talk = own(view, tmp_path)
    html = view.conversation(talk)
    assert "data-link" not in html
    assert 'class="rating"' not in html
    assert "data-link" in view.conversation(session(asked[0]))
    assert 'class="rating"' in view.conversation(session(asked[0]))
    assert 'class="rating"' not in replace(view, feedback="").conversation(session(asked[0]))
    assert ENGLISH("rated") in view.conversation(session(asked[0], rated=True))


@pytest.mark.process
def test_what_became_of_an_upload(view, tmp_path):
    broken = tmp_path / "<b>.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    twice = tmp_path / "twice.jsonl"
    twice.write_text(f"{json.dumps({'text': OWN, 'title': '1 < 2'})}\n" * 2, "utf-8")
    added = view.service.add(view.visitor, [broken, twice])
    html = view.documents("both", added)
    assert "1 article of your own." in html
    report = re.findall("<li>.*?</li>", html.partition('<ul class="left">')[2])
    assert [shown(line).partition(":")[0] for line in report] == ["<b>.pdf", "1 < 2"]
    assert "<b>.pdf" not in html


# Filters


def test_filters_that_are_in_force(view, archive):
    article = next(archive.articles())
    html = view.filters(Filters(articles=(article.id,)), "archive")
    assert f"Only: {article.headline}" in shown(html)
    assert f"Asks 1 of {len(list(archive.articles()))} articles" in shown(html)
    assert conversation.filters_of(json.loads(values(html, "data-filters")[0])) == Filters()


@pytest.mark.parametrize(
    "filters", [Filters(("Nobody's",)), Filters(articles=("nowhere",))], ids=["source", "article"]
)
def test_filters_that_fit_nothing_are_refused(view, filters):
    with pytest.raises(QuestionError):
        view.filters(filters, "archive")


def test_own_documents_are_narrowed_down_too(view, tmp_path, archive):
    article, _ = own(view, tmp_path)
    total = len(list(archive.articles()))
    for scope, held in (("own", 1), ("both", total + 1)):
        assert f"of {held} articles" in shown(view.filters(Filters(articles=(article.id,)), scope))


# What is taken away


def unpacked(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        return b"\n".join(zipped.read(name) for name in zipped.namelist())


@pytest.mark.parametrize(("turn", "questions"), [(None, 2), (1, 1), (2, 1)])
def test_the_evidence_of_one_answer_or_of_all_can_be_verified(
    view, asked, archive, tmp_path, turn, questions
):
    path = tmp_path / "pack.zip"
    path.write_bytes(view.evidence(session(*asked), turn, MADE))
    values = pack.load(path)
    ask = archive.pipeline.answer
    assert pack.verify(values, lambda i: archive.article(i), archive.by_hash, ask=ask).holds
    assert len(parse(values).answers) == questions


def test_the_conversation_as_markdown(view, asked):
    text = view.markdown(session(*asked), MADE.date()).decode("utf-8")
    assert "28 November 2026" in text
    assert text.count("\n## ") == 2


def test_own_documents_that_are_gone_leave_what_is_taken_away_whole(view, asked, tmp_path):
    _, talk = own(view, tmp_path)
    view.service.remove(view.visitor)
    talk = talk.with_exchange(Exchange(2, asked[0]))
    best = asked[0].citations[0].quote
    assert best.split()[0] in view.markdown(talk, MADE.date()).decode()
    evidence = unpacked(view.evidence(talk, None, MADE)).decode()
    assert OWN not in evidence
    assert json.dumps(best, ensure_ascii=False)[1:-1] in evidence


# The rest of the page


def test_the_page_until_the_archive_is_open(archive):
    service = Service(lambda progress: archive)
    service.progress = ("embedding", 3, 7)
    html = View(service, "visitor", ENGLISH).waiting()
    assert '<progress max="7" value="3"' in html
    assert not service.ready  # What says how far it is does not wait for it.


def test_what_there_is_to_ask(view, archive):
    view.service.archive()
    view.service.close()  # The articles have been read, and the examples asked, by then.
    html = view.welcome()
    assert f"{archive.overview().articles} articles" in shown(html)
    assert values(html, "data-ask") == archive.examples()


def test_nothing_is_said_of_an_archive_whose_articles_are_still_being_read(archive):
    view = View(Service(lambda progress: archive), "visitor", ENGLISH)
    view.service._closing.set()  # So that none is read.
    view.service.archive()
    assert view.welcome() == ""


def test_remarks_are_text_and_nothing_is_said_of_nothing(view):
    assert view.note("") == ""
    assert "&lt;b&gt;" in view.note("<b>")
    assert ENGLISH("kept_feedback") in view.kept()
    assert "feedback" not in replace(view, feedback="").kept()


@pytest.mark.parametrize("language", ["km", "fr", "ur"])
def test_every_part_is_in_the_visitors_language(view, asked, tmp_path, language):
    say = wording(language)
    view = replace(view, say=say)
    talk = session(asked[0], coming_near(asked))
    parts = [
        view.masthead(), view.introduction(), view.kept(), view.conversation(talk), view.waiting(),
        view.reading(talk.exchanges[0])[1], view.reading(talk.exchanges[1])[0],
        view.filters(Filters(), "archive"), view.documents("archive"), view.welcome(),
        view.article(talk, 1, ()), view.article(talk, 1, place(asked[0].citations[0])),
    ]  # fmt: skip
    start = f'<div class="part" lang="{language}" dir="{say.direction}">'
    assert [part for part in parts if not part.startswith(start)] == []
    assert asked[0].citations[0].quote in shown(parts[3])
