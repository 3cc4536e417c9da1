"""A quote of an article that has changed since: page, link and pack show both texts."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from markup import shown

from rag import Archive, Article, pack
from rag.chat.conversation import Conversation, Exchange
from rag.chat.service import Service
from rag.chat.view import View
from rag.citation import cite
from rag.types import Answer, Claim
from rag.wording import ENGLISH

OLD = Article(
    "Police held 312 people in Kratie. The river rose.", "Raid", url="https://example.org/1"
)
NEW = replace(OLD, text="Police held 313 people in Kratie. The river rose.", id="")
VOTE = Article("The council voted. It took all night.", "Vote", "vote")
QUOTE = cite(OLD, (0, 33), 1)
ANSWER = Answer(
    "How many?", "How many?", f"{QUOTE.quote} [1]", "answered", confidence=0.9,
    citations=(QUOTE,), claims=(Claim(QUOTE.quote, (1,)),),
)  # fmt: skip
TALK = Conversation((Exchange(1, ANSWER),))
PLACE = (QUOTE.article_id, QUOTE.start, QUOTE.end)
TODAY = ENGLISH.day(datetime.date.today())
SAID = (
    f"The article has changed since {TODAY}. Quoted then: “{QUOTE.quote}” It now says: “Police "
    "held 313 people in Kratie.”"
)


@pytest.fixture
def before(tmp_path, fake_encoder):
    return Archive.build([OLD, VOTE], tmp_path / "index", encoder=fake_encoder)


@pytest.fixture
def view(before):
    """The page over an archive of which one article has changed, and its address not."""
    archive = before.add([NEW])
    assert archive.changes().changed == ((OLD.id, NEW.id),)
    service = Service(lambda progress: archive)
    yield View(service, "visitor", ENGLISH)
    service.close()


def test_a_restored_conversation_shows_what_was_quoted_and_what_is_said_now(view):
    assert SAID in shown(view.conversation(TALK))


def test_a_link_opens_the_article_as_it_is_with_what_it_says_now_marked(view):
    html = view.article(TALK, 1, PLACE)
    assert SAID in shown(html)
    assert NEW.text in shown(html)
    assert '<mark class="active">Police held 313 people in Kratie.</mark>' in html


def test_what_the_article_no_longer_says_at_all(before):
    gone = replace(OLD, text="The minister denies that there was a raid; nobody saw one.", id="")
    archive = before.add([gone])
    service = Service(lambda progress: archive)
    html = shown(View(service, "visitor", ENGLISH).article(TALK, 1, PLACE))
    assert f"“{QUOTE.quote}” It says nothing like it now." in html
    assert gone.text in html
    service.close()


def test_what_no_text_ever_said_is_not_shown(view):
    made_up = replace(QUOTE, quote="Police held 999 people in Kratie.")
    talk = Conversation((Exchange(1, replace(ANSWER, citations=(made_up,))),))
    assert "999" not in shown(view.conversation(talk))
    assert "999" not in shown(view.article(talk, 1, PLACE))


def test_a_removed_article_leaves_nothing_to_show(view):
    archive = view.service.archive().remove([NEW.id])
    service = Service(lambda progress: archive)
    other = View(service, "visitor", ENGLISH)
    for html in (other.conversation(TALK), other.article(TALK, 1, PLACE)):
        assert "31" not in shown(html)
    service.close()


def test_a_pack_says_changed_and_both_texts(view, before):
    archive = view.service.archive()
    made = datetime.datetime(2026, 11, 28, tzinfo=datetime.timezone.utc)
    values = pack.evidence([ANSWER], {OLD.id: OLD}, before.settings, before.info(), made)

    def by_id(article_id):
        return archive.article(article_id) if archive.index.store.holds(article_id) else None

    proof = pack.verify(values, by_id, archive.by_hash, archive.changed)
    assert [(quote.status, quote.remark) for quote in proof.quotes] == [("changed", SAID)]
    assert not proof.holds
    values["articles"][0]["content_hash"] = "0" * 64  # Of another text than the one that is kept.
    proof = pack.verify(values, by_id, archive.by_hash, archive.changed)
    assert proof.quotes[0].status == "missing"
