"""The page without a browser: how it begins, what it shows, saves and keeps of judgements."""

from __future__ import annotations

import base64
import datetime
import io
import json
import threading
import zipfile

import gradio as gr
import pytest
from handlers import QUESTION, add, ask, begin, event, link_of, of, whole
from markup import shown

from eval.datasets.gold import load, waiting
from rag import Archive
from rag.chat import conversation
from rag.chat.conversation import Conversation
from rag.chat.service import Service
from rag.chat.sessions import Sessions
from rag.chat.writers import GIVEN
from rag.errors import BylineError
from rag.types import Filters
from rag.web.answering import Answering
from rag.web.desk import Desk
from rag.web.selection import Selection
from rag.wording import ENGLISH, LANGUAGES, wording

pytestmark = pytest.mark.process


def test_the_page_comes_in_parts_and_says_how_far_the_archive_is(shared):
    told_how_far, goes_on = threading.Event(), threading.Event()

    def opening(progress):
        progress("embedding", 3, 7)
        told_how_far.set()
        goes_on.wait(60)
        return shared.archive()

    desk = Desk(Sessions(Service(opening)))
    sent = {"language": "ur-PK", "search": "", "kept": "", "filters": ""}
    first = begin(desk, **sent)
    told = first["courier"].props["page"]
    assert (told["language"], told["direction"]) == ("ur", "rtl")
    assert first["language"] == gr.skip()  # What is asked meanwhile waits for the whole page.
    assert LANGUAGES["ur"] in first["masthead"]
    told_how_far.wait(60)
    page = begin(desk, **sent)
    assert 'value="3"' in page["talk"]
    # The page asks again for as long as it is told another time.
    assert page["courier"].props["page"]["again"] != told["again"]
    goes_on.set()
    page = whole(desk, **sent)
    assert wording("ur")("introduction") in shown(page["talk"])
    assert "again" not in page["courier"].props["page"]
    desk.sessions.fixed.close()


def test_examples_come_once_the_archive_was_asked_them(index):
    asking, goes_on = threading.Event(), threading.Event()

    class Waits(Archive):
        def examples(self, n=4):
            asking.set()
            goes_on.wait(60)
            return [QUESTION]

    desk = Desk(Sessions(Service(lambda progress: Waits.open(index))))
    page = whole(desk)
    assert page["timer"].active
    welcome, timer = desk.welcome("en", of("visitor"))
    assert QUESTION not in shown(welcome)
    assert timer.active
    asking.wait(60)
    goes_on.set()
    desk.sessions.fixed.close()
    welcome, timer = desk.welcome("en", of("visitor"))
    assert QUESTION in shown(welcome)
    assert not timer.active
    assert not whole(desk)["timer"].active


def test_the_whole_page(desk, shared):
    page = whole(desk, search="", kept="", filters="")
    assert [name for name, part in page.items() if part == gr.skip()] == []
    assert page["courier"].props["page"] == {"language": "en", "direction": "ltr", "ask": ""}
    assert ENGLISH("introduction") in shown(page["talk"])
    assert f"{shared.archive().overview().articles} articles" in shown(page["welcome"])
    assert (page["question"].label, page["question"].submit_btn) == ("Your question", "Ask")
    assert "Asks all" in page["filters"]
    assert ENGLISH("documents_why") in shown(page["documents"])
    assert ENGLISH("kept_feedback") in shown(page["kept"])
    assert (page["panel"], page["reader"]) == ("", "")
    assert (page["session"], page["narrowed"]) == (Conversation(), Filters())
    assert (page["language"], page["scope"]) == ("en", "archive")
    assert page["queue"].props["begun"] > 0
    assert "<template>" in page["queue"].value


def test_a_page_that_is_reloaded_goes_on_where_it_was(desk):
    *_, session, courier, _ = ask(desk, QUESTION)
    kept = courier.props["kept"]
    source = next(iter(desk.sessions.fixed.archive().sources))
    narrowed = json.dumps({"sources": [source], "since": "2001-01-01"})
    page = whole(desk, search="", kept=kept, filters=narrowed)
    assert page["session"] == session
    assert session.exchanges[0].answer.citations[0].quote in shown(page["talk"])
    assert '<mark class="active">' in page["reader"]
    assert page["narrowed"] == Filters((source,), datetime.date(2001, 1, 1))
    assert page["courier"].props["page"]["ask"] == ""


def test_a_link_asks_its_question_under_its_filters_anew(desk):
    *_, session, courier, _ = ask(desk, QUESTION)
    kept = courier.props["kept"]
    search = conversation.link("Who is Hun Sen?", Filters(until=datetime.date(2030, 1, 1)))
    page = whole(desk, search=search, kept=kept, filters="")
    assert page["courier"].props["page"]["ask"] == "Who is Hun Sen?"
    assert page["session"] == Conversation()
    assert page["narrowed"] == Filters(until=datetime.date(2030, 1, 1))
    again = whole(desk, search=conversation.link(QUESTION, Filters()), kept=kept, filters="")
    assert again["session"] == session  # It was asked: a reload does not ask it again.
    assert again["courier"].props["page"]["ask"] == ""


def test_a_link_that_was_typed_is_asked_once(desk):
    search = "?q=Who+is+Hun+Sen%3F&author=BERNAMA"
    page = whole(desk, search=search, kept="", filters="")
    assert page["narrowed"] == Filters(authors=("Bernama",))
    *_, session, courier, _ = ask(desk, "Who is Hun Sen?", filters=page["narrowed"])
    again = whole(desk, search=search, kept=courier.props["kept"], filters="")
    assert again["session"] == session
    assert again["courier"].props["page"]["ask"] == ""


def test_a_link_whose_filters_fit_nothing_is_not_asked_without_them(desk):
    kept = ask(desk, QUESTION)[4].props["kept"]
    search = conversation.link("Who is Hun Sen?", Filters(("The Gazette",)))
    page = whole(desk, search=search, kept=kept, filters="")
    assert page["courier"].props["page"]["ask"] == ""
    assert page["question"].value == "Who is Hun Sen?"
    assert "The Gazette" in page["talk"]
    bad = whole(desk, search="?q=Who&since=soon", kept=kept, filters="")
    assert len(bad["session"].exchanges) == 1  # The conversation is not the link's.


def test_what_the_page_was_given_to_keep_is_known_to_it_when_it_forgets(desk):
    """Gradio's page takes notice of what differs from before only."""
    kept = ask(desk, QUESTION)[4].props["kept"]
    begun = whole(desk, search="", kept=kept, filters="")["courier"].props["kept"]
    cleared = Answering(desk).clear("en", event(), of("visitor"))[4].props["kept"]
    assert json.loads(begun) == json.loads(kept)
    assert cleared == ""


@pytest.mark.parametrize(
    "sent",
    [
        {"kept": "{"},
        {"kept": "[" * 100_000},
        {"kept": '{"version": 1, "exchanges": [7]}'},
        {"kept": '{"version": 9}'},
        {"filters": '{"sources": ["Nobody\'s"]}'},
        {"filters": '{"article": "nowhere"}'},
        {"filters": '{"since": "yesterday"}'},
        {"filters": "7"},
        {"search": "?source=Nobody"},
        {"search": "?until=never"},
        {"search": "?" + "a=b&" * 1001},
    ],
    ids=["cut", "deep", "no exchange", "version", "source", "article", "day", "number",
         "link's source", "link's day", "link of many"],
)  # fmt: skip
def test_what_a_browser_brings_and_cannot_be_used_leaves_an_empty_page_and_a_remark(desk, sent):
    page = whole(desk, **{"search": "", "kept": "", "filters": ""} | sent)
    assert (page["session"], page["narrowed"]) == (Conversation(), Filters())
    assert 'class="note"' in page["talk"]
    assert page["courier"].props["page"]["ask"] == ""


@pytest.mark.parametrize("sent", [{}, {"language": 7, "kept": [], "search": None, "filters": {}}])
def test_a_browser_that_sends_nothing_of_use_gets_the_page(desk, sent):
    assert whole(desk, **sent)["session"] == Conversation()


def test_an_archive_that_cannot_be_opened_is_said_on_the_page(tmp_path):
    desk = Desk(Sessions(Service(lambda progress: Archive.open(tmp_path / "none"))))
    with pytest.raises(BylineError):
        desk.sessions.fixed.archive()
    page = begin(desk)
    assert "byline build" in shown(page["talk"])
    assert page["session"] == gr.skip()


def test_a_page_that_is_not_known_here_is_asked_to_begin_again(desk):
    nothing, visitor = Conversation(), of("visitor")
    click = event(turn=1, article="x", start=0, end=1, filters={}, what="markdown", verdict="up")
    for *others, courier in (
        desk.show("", nothing, click, visitor),
        Selection(desk).narrow("", Filters(), "archive", click, visitor),
        (desk.save("", nothing, click, visitor),),
        desk.rate("", nothing, click, visitor),
        Selection(desk).choose("", Filters(), click, visitor),
        Selection(desk).remove("", Filters(), visitor),
        Answering(desk).clear("", event(), visitor)[:-1],
    ):
        assert set(map(str, others)) <= {str(gr.skip())}
        assert courier.props["page"]["again"]
    assert courier.props["kept"] == ""  # Of what was cleared.
    assert desk.welcome("", visitor) == (gr.skip(), gr.skip())


def test_a_link_is_opened_only_for_whom_it_was_shown_to(desk):
    session = ask(desk, QUESTION)[3]
    quote, click = link_of(session)
    assert "<mark" not in desk.show("en", Conversation(), click, of("visitor"))[0]
    for forged in (
        event(turn=1, article=quote.article_id, start=0, end=10**9),
        event(turn=1, article="../../etc/passwd", start=0, end=1),
        event(turn=1, article=[], start={}, end=None),
        event(turn={}, article=quote.article_id, start=quote.start, end=quote.end),
        event(),
    ):
        assert "<mark" not in desk.show("en", session, forged, of("visitor"))[0]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"what": "markdown", "turn": None}, "text/markdown"),
        ({"what": "all", "turn": None}, "application/zip"),
        ({"what": "evidence", "turn": 2}, "application/zip"),
    ],
    ids=["conversation", "all evidence", "one answer"],
)
def test_a_file_for_the_browser_to_save(desk, sent, kind):
    session = ask(desk, "And in Pursat?", ask(desk, QUESTION)[3])[3]
    file = desk.save("en", session, event(**sent), of("visitor")).props["file"]
    content = base64.b64decode(file["base64"])
    assert file["type"] == kind
    assert file["name"].startswith("byline-")
    assert str(datetime.date.today().year) in file["name"]
    if kind == "text/markdown":
        assert content.decode("utf-8").count("\n## ") == 2
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            assert zipped.testzip() is None


def test_a_judgement_is_kept_once(desk):
    session = ask(desk, QUESTION)[3]
    said = event(turn=1, verdict="up", note="Good.")
    talk, session, courier = desk.rate("en", session, said, of("visitor"))
    assert ENGLISH("rated") in talk
    assert json.loads(courier.props["kept"])["exchanges"][0]["rated"] is True
    assert desk.rate("en", session, said, of("visitor")) == (gr.skip(),) * 3
    (gold,) = load(desk.sessions.fixed.feedback.path)
    assert (gold.turns, gold.answerable) == ((QUESTION,), True)


@pytest.mark.parametrize("verdict", ["down", "", "UP", None, 1])
def test_only_a_yes_is_a_yes(desk, verdict):
    session = ask(desk, QUESTION)[3]
    desk.rate("en", session, event(turn=1, verdict=verdict, note=7), of("visitor"))
    file = desk.sessions.fixed.feedback.path
    assert (load(file), waiting(file)) == ([], 1)


@pytest.mark.process
def test_what_cannot_be_judged_is_not(desk, upload):
    session = ask(desk, QUESTION)[3]
    add(desk, upload())
    own = ask(desk, "How many people were on board the ferry?", scope="own")[3]
    said = {"verdict": "up", "note": ""}
    nothing = (gr.skip(),) * 3
    for turn in (0, 2, None, "1", [1]):
        assert desk.rate("en", session, event(turn=turn, **said), of("visitor")) == nothing
    assert desk.rate("en", own, event(turn=1, **said), of("visitor")) == nothing
    service = desk.sessions.fixed
    assert not service.feedback.path.exists()
    service.feedback = None
    assert desk.rate("en", session, event(turn=1, **said), of("visitor")) == nothing
    assert 'class="rating"' not in ask(desk, QUESTION)[0]


def test_a_judgement_that_cannot_be_kept_is_said(desk):
    session = ask(desk, QUESTION)[3]
    desk.sessions.fixed.feedback.path.mkdir()
    said = event(turn=1, verdict="up", note="")
    talk, *rest = desk.rate("en", session, said, of("visitor"))
    assert "cannot be kept" in shown(talk)
    assert rest == [gr.skip(), gr.skip()]


def test_the_switch_for_a_model_is_on_where_one_was_given_and_absent_where_none_may_be(
    desk, writing
):
    page = whole(writing)
    assert page["model"] == GIVEN
    assert "checked" in page["writer"]
    page = whole(desk)
    assert (page["model"], page["writer"]) == ("", "")
