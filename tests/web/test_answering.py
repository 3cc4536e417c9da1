"""Answers as they come to the page, in quotes and written by a model, and what stops them."""

from __future__ import annotations

import json
import time
from html import unescape

import gradio as gr
import pytest
from handlers import QUESTION, TRUE, ask, event, link_of, of, over, reply
from markup import shown, values
from scripted import Reply, ScriptedServer

from rag import Archive, AskSettings
from rag.chat import conversation, service
from rag.chat.conversation import Conversation
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.errors import SnapshotError
from rag.types import Filters
from rag.web.answering import Answering
from rag.web.desk import Desk
from rag.web.updates import address
from rag.wording import ENGLISH

WRITING = ENGLISH("writing")
HANGS = Reply(f"{TRUE[:-1]} [1]. And so", then="hang")


def test_an_answer_and_its_links(desk):
    talk, panel, reader, session, courier, queue = ask(desk, QUESTION)
    assert queue.props == {"done": 7}
    assert "312" in talk
    assert panel == ""  # The sources stand on the quotes.
    assert session.history("archive")[0][0] == QUESTION
    quote, click = link_of(session)
    html = desk.show("en", session, click, of("visitor"))[0]
    assert '<mark class="active">' in html
    assert '<mark class="active">' in reader
    assert quote.quote in desk.sessions.fixed.archive().article(quote.article_id).text
    assert conversation.from_json(json.loads(courier.props["kept"])) == session


def test_a_follow_up_knows_the_conversation(desk):
    session = ask(desk, QUESTION)[3]
    talk, _, _, session, *_ = ask(desk, "And in Pursat?", session)
    assert "Understood as: " in talk
    assert values(talk, "data-ask") == ["And in Pursat?"]
    assert talk.count('class="turn"') == 2
    assert len(session.history("archive")) == 2


def test_a_corrected_question_stands_by_itself_and_the_conversation_goes_on_from_it(desk):
    session = ask(desk, "Who is Hun Sen?")[3]
    talk, _, _, session, *_ = ask(desk, "And in Kratie?", session, alone=True)
    assert "Understood as: " not in talk
    assert talk.count('class="turn"') == 2
    assert [question for question, _ in session.history("archive")] == ["And in Kratie?"]
    session = ask(desk, QUESTION, session)[3]
    assert f"And in Pursat? ({QUESTION})" in ask(desk, "And in Pursat?", session)[0]


@pytest.mark.parametrize(
    "given",
    [
        {"question": ""},
        {"question": "why " * 2500},
        {"filters": Filters(("Nobody's",))},
        {"filters": Filters(articles=("nowhere",))},
        {"scope": "own"},
        {"scope": "both"},
    ],
    ids=["empty", "long", "source", "article", "own documents", "both"],
)
def test_a_question_that_cannot_be_asked_is_answered_kindly(desk, given):
    update = ask(desk, **{"question": QUESTION} | given)
    assert 'class="note"' in update[0]
    assert "Traceback" not in update[0]
    assert len(update[0]) < 1000
    assert update[1:] == (gr.skip(),) * 5  # It is not done: the queue keeps it.


def test_a_page_that_is_forgotten_is_begun_again_and_keeps_its_question(desk):
    (update,) = reply(desk, QUESTION, language="")
    *_, courier, queue = update
    assert courier.props["page"]["again"]
    assert queue.props == {"begun": 0}


def test_whoever_asks_too_often_waits(shared):
    desk = Desk(Sessions(over(shared.archive(), per_minute=2)))
    for _ in range(2):
        assert "312" in ask(desk, QUESTION)[0]
    assert "More than 2 questions in a minute" in ask(desk, QUESTION, visitor="another")[0]
    desk.sessions.fixed.close()


def test_whom_a_question_is_counted_to():
    """A header that anybody can send counts for nothing: `rag.web.reach` knows the proxies."""
    request = of("visitor", "10.0.0.1")
    request.headers["x-forwarded-for"] = "192.0.2.7, 10.0.0.9"
    assert address(request) == "10.0.0.1"


def test_a_fault_does_not_leave_the_page_waiting():
    def broken(progress):
        raise RuntimeError("a fault")

    updates = reply(Desk(Sessions(Service(broken))), QUESTION)
    assert ENGLISH("reading") in next(updates)[0]
    assert ENGLISH("fault") in next(updates)[0]
    with pytest.raises(RuntimeError, match="a fault"):
        next(updates)


def test_a_citation_altered_on_disk_is_dropped_and_counted(desk):
    answer = desk.sessions.fixed.archive().ask(QUESTION)

    class Altered(Archive):
        def stream(self, *arguments, **filters):
            return iter([answer])

        def article(self, article_id):
            raise SnapshotError(f"Article {article_id} was altered.")

    altered = Altered.open(desk.sessions.fixed.archive().home)
    talk = ask(Desk(Sessions(over(altered))), QUESTION)[0]
    assert "1 quote was left out" in talk
    assert answer.citations[0].quote not in unescape(talk)


def test_a_new_conversation_is_empty_and_the_browser_forgets(desk):
    session = ask(desk, QUESTION)[3]
    assert session.exchanges
    talk, panel, reader, session, courier, _ = Answering(desk).clear(
        "en", event(conversation=1), of("visitor")
    )
    assert ENGLISH("introduction") in shown(talk)
    assert (panel, reader, session) == ("", "", Conversation())
    assert courier.props["kept"] == ""


def test_a_question_of_the_conversation_before_is_not_answered_in_a_new_one(desk):
    """The server may hear of a new conversation before it hears of that question."""
    Answering(desk).clear("en", event(conversation=1), of("visitor"))
    assert list(reply(desk, QUESTION, conversation=0)) == []
    assert "312" in ask(desk, QUESTION, conversation=1)[0]
    assert "312" in ask(desk, QUESTION, conversation=0, visitor="another")[0]
    desk.leave(of("visitor"))
    assert desk.begun == {}


def until(seen, updates):
    """Take updates until the conversation shows that."""
    while seen not in next(updates)[0]:
        pass


def has_gone(server):
    """Whether the desk hangs up on the model before long."""
    end = time.monotonic() + 60
    while not server.gone and time.monotonic() < end:
        time.sleep(0.02)
    return server.gone == 1


def test_what_a_model_writes_is_shown_as_it_comes(writing):
    waits, begins, *grows, last = reply(writing, QUESTION)
    assert ENGLISH("reading") in waits[0]
    talk, panel, reader, session, *rest = begins
    assert rest == [gr.skip()] * 2
    assert WRITING in talk
    assert "data-stop" in talk
    assert 'class="claim"' not in talk
    assert panel == ""
    assert '<mark class="active">' in reader
    assert session.history("archive") == ()
    assert TRUE in grows[0][0]
    assert WRITING in grows[0][0]
    talk, panel, reader, session, courier, queue = last
    assert queue.props == {"done": 7}
    assert WRITING not in talk
    assert talk.count('<details class="left-out"') == 1
    assert session.history("archive") == ((QUESTION, f"{TRUE} [1]"),)
    assert conversation.from_json(json.loads(courier.props["kept"])) == session
    for update in (begins, *grows, last):
        quote, click = link_of(update[3])
        assert quote.quote in shown(update[2])
        assert "<mark" in writing.show("en", update[3], click, of("visitor"))[0]


def test_quotes_are_chosen_and_the_model_is_not_asked(writing, server):
    talk = ask(writing, QUESTION, model="")[0]
    assert "<blockquote" in talk
    assert server.chats == []


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
@pytest.mark.parametrize("by", ["stop", "leave", "clear"])
def test_the_model_is_stopped(writing, server, by):
    updates = reply(writing, QUESTION)
    until(TRUE, updates)
    sent = ["en", event(conversation=1)] if by == "clear" else []
    handler = getattr(writing if by == "leave" else Answering(writing), by)
    handler(*sent, of("another"))
    assert writing.writing
    handler(*sent, of("visitor"))
    rest = list(updates)
    assert has_gone(server)
    assert writing.writing == {}
    if by == "stop":
        assert TRUE in rest[-1][0]
        assert "You stopped the model." in rest[-1][0]
    else:
        (update,) = rest
        assert ENGLISH("introduction") in shown(update[0])
        assert update[3] == Conversation()
        assert update[4].props["kept"] == ""


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
def test_a_second_question_stops_the_first(writing, server):
    first = reply(writing, QUESTION)
    until(TRUE, first)
    second = reply(writing, QUESTION, model="")
    next(second)
    assert list(first) == []
    assert has_gone(server)
    assert "<blockquote" in list(second)[-1][0]
    assert writing.writing == {}


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
def test_nobody_waits_any_more(writing, server):
    """Gradio closes what it asked when the browser has gone."""
    updates = reply(writing, QUESTION)
    until(TRUE, updates)
    updates.close()
    assert writing.writing == {}
    assert has_gone(server)


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
def test_answers_that_are_written_keep_no_place_from_quotes(writing, server):
    under_way = [reply(writing, QUESTION, visitor=name) for name in "abc"]
    for updates in under_way:
        until(WRITING, updates)
    assert len(under_way) > service.AT_ONCE
    assert "<blockquote" in ask(writing, QUESTION, model="")[0]
    for updates in under_way:
        updates.close()


def test_a_model_that_cannot_be_reached_leaves_quotes_and_a_note(index):
    with ScriptedServer() as gone:
        pass
    archive = Archive.open(index, AskSettings(model=gone.address))
    talk = ask(Desk(Sessions(over(archive))), QUESTION)[0]
    assert "<blockquote" in talk
    assert talk.index('class="note"') > talk.index("</blockquote>")
