"""The chat without a browser: its command line, its handlers, and what they refuse."""

from __future__ import annotations

import base64
import datetime
import importlib.util
import io
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from markup import shown, values
from scripted import Reply, ScriptedServer

import app
from eval.datasets.gold import load, waiting
from rag import Archive, AskSettings
from rag.chat import conversation, service
from rag.chat.conversation import Conversation
from rag.chat.feedback import Feedback
from rag.chat.service import Service
from rag.errors import BylineError, QuestionError, SnapshotError
from rag.types import Filters
from rag.wording import ENGLISH, LANGUAGES, wording

ROOT = Path(__file__).parents[2]
QUESTION = "How many people did police in Kratie arrest?"
OWN = "The ferry to Koh Rong sank on Friday with 21 people on board, the harbour master said."
WRITING = ENGLISH("writing")


class Unasked(Archive):
    """Proposes no questions, since every one of the many archives here would be asked 24."""

    def examples(self, n=4):
        return []


@pytest.fixture(scope="module")
def index(tmp_path_factory, articles):
    folder = tmp_path_factory.mktemp("index")
    Archive.build(articles, folder)
    return folder


@pytest.fixture(scope="module")
def shared(index):
    archive = Unasked.open(index)
    shared = Service(lambda progress: archive)
    yield shared
    shared.close()


@pytest.fixture
def desk(shared, tmp_path, monkeypatch):
    """The handlers, with judgements asked for; nobody has documents before or after."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    desk = app.Desk(shared, Feedback(tmp_path / "feedback.jsonl"))
    desk.here.add("visitor")
    yield desk
    for visitor in ("visitor", "another"):
        shared.remove(visitor)


def reply(desk, question, session=None, alone=False, visitor="visitor", **choices):
    """The updates of question box, conversation, panel, reading view, session, `alone` and
    courier, as they come."""
    chosen = {"kind": app.WRITTEN, "language": "en", "filters": Filters(), "scope": "archive"}
    session = session or Conversation()
    return desk.reply(
        question=question, session=session, alone=alone, request=of(visitor), **chosen | choices
    )


def ask(desk, question, session=None, **choices):
    """The last update."""
    first, *_, last = reply(desk, question, session, **choices)
    assert ENGLISH("reading") in first[1]
    return last


def of(visitor, address="127.0.0.1"):
    """A request of theirs."""
    return SimpleNamespace(session_hash=visitor, client=SimpleNamespace(host=address), headers={})


def event(**fields):
    """What the browser sends along."""
    return SimpleNamespace(**fields)


def link_of(session, turn=1):
    """The best quote of a turn, and what a click on its link sends."""
    quote = session.exchange(turn).answer.citations[0]
    place = {"article": quote.article_id, "start": quote.start, "end": quote.end}
    return quote, event(turn=turn, **place)


def begin(desk, **sent):
    """The parts of the page, by name."""
    parts = desk.begin(event(**{"language": "en"} | sent), of("visitor"))
    return dict(zip(app._PARTS, parts, strict=True))


def run(*arguments):
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def refused(*arguments, remedy):
    result = run(*arguments)
    assert result.returncode == 2
    assert remedy in result.stderr
    assert "Traceback" not in result.stderr
    return result


@pytest.mark.parametrize("arguments", [("--port", "many"), ("--wat",)])
def test_a_wrong_argument(arguments):
    refused(*arguments, remedy="usage: app.py")


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_does_not_exist(port):
    refused(f"--port={port}", remedy="--port")


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as server:
        refused("--port", str(server.getsockname()[1]), remedy="--port")


def test_a_host_that_is_not_here():
    refused("--host", "192.0.2.1", "--port", "0", remedy="--host")


def test_a_missing_index(tmp_path):
    refused("--port", "0", "--index", str(tmp_path / "none"), remedy="byline build")


@pytest.mark.parametrize("harm", ["half-written", "altered"])
def test_a_broken_index(index, tmp_path, harm):
    broken = shutil.copytree(index, tmp_path / "broken")
    largest = max((p for p in broken.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    content = largest.read_bytes()
    if harm == "half-written":
        largest.write_bytes(content[: len(content) // 2])
    else:
        largest.unlink()
    refused("--port", "0", "--index", str(broken), remedy="byline build")


@pytest.mark.parametrize(
    ("content", "mode", "remedy"),
    [
        (None, 0, "cannot be read"),
        (b"ann:secret", 0o644, "chmod 600"),
        (b"ann:secret", 0o640, "chmod 600"),
        (b"\xff\xfe", 0o600, "cannot be read"),
        (b"", 0o600, "NAME:PASSWORD"),
        (b"\n \n", 0o600, "NAME:PASSWORD"),
        (b"ann", 0o600, "NAME:PASSWORD"),
        (b"ann:\nbob:secret", 0o600, "NAME:PASSWORD"),
        (b":secret", 0o600, "NAME:PASSWORD"),
    ],
    ids=["missing", "read by all", "read by a group", "no text", "empty", "blank", "no password",
         "one without", "no name"],
)  # fmt: skip
def test_a_file_of_accounts_that_lets_nobody_in(tmp_path, capsys, content, mode, remedy):
    file = tmp_path / "accounts"
    if content is not None:
        file.touch(mode)
        file.write_bytes(content)
    assert app.main(["--port", "0", "--auth-file", str(file)]) == 2
    told = capsys.readouterr().err
    assert remedy in told
    assert "secret" not in told


@pytest.mark.parametrize("number", ["-1", "many", "1.5", ""])
def test_a_limit_that_is_none(number, capsys):
    with pytest.raises(SystemExit) as told:
        app.main([f"--per-minute={number}"])
    assert told.value.code == 2
    assert "--per-minute" in capsys.readouterr().err


def test_mcp_without_its_package(monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "mcp" else find(n))
    assert app.main(["--port", "0", "--mcp"]) == 2
    assert "pip install 'gradio[mcp]'" in capsys.readouterr().err


# The page


def test_the_page_comes_in_parts_and_says_how_far_the_archive_is(shared):
    told_how_far, goes_on = threading.Event(), threading.Event()

    def opening(progress):
        progress("embedding", 3, 7)
        told_how_far.set()
        goes_on.wait(10)
        return shared.archive()

    desk = app.Desk(Service(opening))
    sent = {"language": "ur-PK", "search": "", "kept": "", "filters": ""}
    first = begin(desk, **sent)
    told = first["courier"].props["page"]
    assert (told["language"], told["direction"]) == ("ur", "rtl")
    assert first["language"] == gr.skip()  # What is asked meanwhile waits for the whole page.
    assert LANGUAGES["ur"] in first["masthead"]
    told_how_far.wait(10)
    page = begin(desk, **sent)
    assert 'value="3"' in page["talk"]
    # The page asks again for as long as it is told another time.
    assert page["courier"].props["page"]["again"] != told["again"]
    goes_on.set()
    page = whole(desk, **sent)
    assert wording("ur")("introduction") in shown(page["talk"])
    assert "again" not in page["courier"].props["page"]
    desk.service.close()


def test_examples_come_once_the_archive_was_asked_them(index):
    asking, goes_on = threading.Event(), threading.Event()

    class Waits(Archive):
        def examples(self, n=4):
            asking.set()
            goes_on.wait(10)
            return [QUESTION]

    desk = app.Desk(Service(lambda progress: Waits.open(index)))
    page = whole(desk)
    assert page["timer"].active
    welcome, timer = desk.welcome("en", of("visitor"))
    assert QUESTION not in shown(welcome)
    assert timer.active
    asking.wait(10)
    goes_on.set()
    desk.service.close()
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
    assert "feedback.jsonl" in page["kept"]
    assert (page["panel"], page["reader"]) == ("", "")
    assert (page["session"], page["narrowed"]) == (Conversation(), Filters())
    assert (page["language"], page["scope"], page["alone"]) == ("en", "archive", False)


def whole(desk, **sent):
    """The page once the archive is open."""
    desk.service.archive()
    return begin(desk, **sent)


def test_a_page_that_is_reloaded_goes_on_where_it_was(desk):
    *_, session, _, courier = ask(desk, QUESTION)
    kept = courier.props["kept"]
    source = next(iter(desk.service.archive().sources))
    narrowed = json.dumps({"sources": [source], "since": "2001-01-01"})
    page = whole(desk, search="", kept=kept, filters=narrowed)
    assert page["session"] == session
    assert session.exchanges[0].answer.citations[0].quote in shown(page["talk"])
    assert 'class="cited"' in page["panel"]
    assert '<mark class="active">' in page["reader"]
    assert page["narrowed"] == Filters((source,), datetime.date(2001, 1, 1))
    assert page["courier"].props["page"]["ask"] == ""


def test_a_link_asks_its_question_under_its_filters_anew(desk):
    *_, session, _, courier = ask(desk, QUESTION)
    kept = courier.props["kept"]
    search = conversation.link("Who is Hun Sen?", Filters(until=datetime.date(2030, 1, 1)))
    page = whole(desk, search=search, kept=kept, filters="")
    assert page["courier"].props["page"]["ask"] == "Who is Hun Sen?"
    assert page["session"] == Conversation()
    assert page["narrowed"] == Filters(until=datetime.date(2030, 1, 1))
    again = whole(desk, search=conversation.link(QUESTION, Filters()), kept=kept, filters="")
    assert again["session"] == session  # It was asked: a reload does not ask it again.
    assert again["courier"].props["page"]["ask"] == ""


def test_a_link_whose_filters_fit_nothing_is_not_asked_without_them(desk):
    kept = ask(desk, QUESTION)[-1].props["kept"]
    search = conversation.link("Who is Hun Sen?", Filters(("The Gazette",)))
    page = whole(desk, search=search, kept=kept, filters="")
    assert page["courier"].props["page"]["ask"] == ""
    assert page["question"].value == "Who is Hun Sen?"
    assert "The Gazette" in page["talk"]
    bad = whole(desk, search="?q=Who&since=soon", kept=kept, filters="")
    assert len(bad["session"].exchanges) == 1  # The conversation is not the link's.


def test_what_the_page_was_given_to_keep_is_known_to_it_when_it_forgets(desk):
    """Gradio's page takes notice of what differs from before only."""
    kept = ask(desk, QUESTION)[-1].props["kept"]
    begun = whole(desk, search="", kept=kept, filters="")["courier"].props["kept"]
    cleared = desk.clear("en", of("visitor"))[-1].props["kept"]
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
    desk = app.Desk(Service(lambda progress: Archive.open(tmp_path / "none")))
    with pytest.raises(BylineError):
        desk.service.archive()
    page = begin(desk)
    assert "byline build" in shown(page["talk"])
    assert page["session"] == gr.skip()


def test_a_page_that_is_not_known_here_is_asked_to_begin_again_and_then_asks(desk):
    (update,) = reply(desk, QUESTION, language="")
    *others, courier = update
    assert others == [gr.skip()] * 6  # The question stays in its box.
    assert courier.props["page"]["ask"] == QUESTION
    assert courier.props["page"]["again"]
    nothing, visitor = Conversation(), of("visitor")
    click = event(turn=1, article="x", start=0, end=1, filters={}, what="markdown", verdict="up")
    for *others, courier in (
        desk.show("", nothing, click, visitor),
        desk.narrow("", Filters(), "archive", click, visitor),
        (desk.save("", nothing, click, visitor),),
        desk.rate("", nothing, click, visitor),
        desk.correct("", click),
        desk.choose("", Filters(), click, visitor),
        desk.remove("", Filters(), visitor),
        desk.clear("", visitor),
    ):
        assert set(map(str, others)) <= {str(gr.skip())}
        assert courier.props["page"]["again"]
        assert courier.props["page"]["ask"] == ""
    assert courier.props["kept"] == ""  # Of what was cleared.
    assert desk.welcome("", visitor) == (gr.skip(), gr.skip())


def test_an_answer_and_its_links(desk):
    box, talk, panel, reader, session, _, courier = ask(desk, QUESTION)
    assert (box.value, box.submit_btn, box.stop_btn) == ("", "Ask", False)
    assert "312" in talk
    assert "Sources" in panel
    assert session.turns[0][0] == QUESTION
    quote, click = link_of(session)
    html = desk.show("en", session, click, of("visitor"))[0]
    assert '<mark class="active">' in html
    assert '<mark class="active">' in reader
    assert quote.quote in desk.service.archive().article(quote.article_id).text
    assert conversation.from_json(json.loads(courier.props["kept"])) == session


def test_a_link_is_opened_only_for_whom_it_was_shown_to(desk):
    session = ask(desk, QUESTION)[4]
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


def test_a_follow_up_knows_the_conversation(desk):
    session = ask(desk, QUESTION)[4]
    _, talk, _, _, session, *_ = ask(desk, "And in Pursat?", session)
    assert "Understood as: " in talk
    assert 'class="correct"' in talk
    assert talk.count('class="turn"') == 2
    assert len(session.turns) == 2


def test_a_corrected_question_stands_by_itself_and_the_conversation_goes_on_from_it(desk):
    session = ask(desk, "Who is Hun Sen?")[4]
    box, alone, _ = desk.correct("en", event(question=QUESTION))
    assert (box.value, box.label, alone) == (QUESTION, ENGLISH("question_corrected"), True)
    refused = ask(desk, "", session, alone=True)
    assert "Understood" not in refused[1]
    assert refused[4:] == (gr.skip(),) * 3
    box, talk, _, _, session, alone, _ = ask(desk, "And in Kratie?", session, alone=True)
    assert "Understood as: " not in talk
    assert (box.label, alone) == (ENGLISH("question"), False)
    assert talk.count('class="turn"') == 2
    assert [question for question, _ in session.turns] == ["And in Kratie?"]
    session = ask(desk, QUESTION, session)[4]
    assert "in Pursat arrest?" in ask(desk, "And in Pursat?", session)[1]


@pytest.mark.parametrize(
    "given",
    [
        {"question": ""},
        {"question": "why " * 2500},
        {"filters": Filters(("Nobody's",))},
        {"filters": Filters(article="nowhere")},
        {"scope": "own"},
        {"scope": "both"},
    ],
    ids=["empty", "long", "source", "article", "own documents", "both"],
)
def test_a_question_that_cannot_be_asked_is_answered_kindly(desk, given):
    update = ask(desk, **{"question": QUESTION} | given)
    assert 'class="note"' in update[1]
    assert "Traceback" not in update[1]
    assert len(update[1]) < 1000
    assert update[0].value is None  # What was asked stays in the box.
    assert update[2:] == (gr.skip(),) * 5


def test_whoever_asks_too_often_waits(shared):
    desk = app.Desk(Service(lambda progress: shared.archive(), per_minute=2))
    for _ in range(2):
        assert "312" in ask(desk, QUESTION)[1]
    assert "More than 2 questions in a minute" in ask(desk, QUESTION, visitor="another")[1]
    desk.service.close()


@pytest.mark.parametrize(("on_space", "counted"), [(True, "192.0.2.7"), (False, "10.0.0.1")])
def test_whom_a_question_is_counted_to(monkeypatch, on_space, counted):
    """A header that anybody can send counts for nothing but behind a Space's proxy."""
    monkeypatch.setattr(app, "ON_SPACE", on_space)
    request = of("visitor", "10.0.0.1")
    assert app._address(request) == "10.0.0.1"
    request.headers["x-forwarded-for"] = "192.0.2.7, 10.0.0.9"
    assert app._address(request) == counted


def test_only_named_events_are_public():
    named = {
        dependency.api_name
        for dependency in app.demo.fns.values()
        if dependency.api_visibility == "public"
    }
    assert named == {"ask", "search", "article"}


def test_a_fault_does_not_leave_the_page_waiting():
    def broken(progress):
        raise RuntimeError("a fault")

    updates = reply(app.Desk(Service(broken)), QUESTION)
    assert ENGLISH("reading") in next(updates)[1]
    assert ENGLISH("fault") in next(updates)[1]
    with pytest.raises(RuntimeError, match="a fault"):
        next(updates)


def test_a_citation_altered_on_disk_is_dropped_and_counted(desk):
    answer = desk.service.archive().ask(QUESTION)

    class Altered(Unasked):
        def stream(self, *arguments, **filters):
            return iter([answer])

        def article(self, article_id):
            raise SnapshotError(f"Article {article_id} was altered.")

    altered = Altered.open(desk.service.archive().home)
    talk = ask(app.Desk(Service(lambda progress: altered)), QUESTION)[1]
    assert "1 quote was left out" in talk
    assert answer.citations[0].quote not in unescape(talk)


def test_a_new_conversation_is_empty_and_the_browser_forgets(desk):
    session = ask(desk, QUESTION)[4]
    assert session.exchanges
    box, talk, panel, reader, session, alone, courier = desk.clear("en", of("visitor"))
    assert ENGLISH("introduction") in shown(talk)
    assert (panel, reader, session, alone) == ("", "", Conversation(), False)
    assert courier.props["kept"] == ""
    assert box.value is None  # What is in the box stays.


@pytest.mark.parametrize("sent", ["Who?", "", None, 7, ["Who?"]])
def test_a_question_is_put_into_the_box(desk, sent):
    assert desk.put(event(question=sent)) == (sent if isinstance(sent, str) else "")
    assert desk.put(event()) == ""


# Filters and own documents


def test_other_filters_are_put_in_force_and_kept_by_the_browser(desk):
    source = next(iter(desk.service.archive().sources))
    sent = event(filters={"sources": [source], "since": "2001-01-01", "until": "", "article": ""})
    page, filters, _, courier = desk.narrow("en", Filters(), "archive", sent, of("visitor"))
    assert filters == Filters((source,), datetime.date(2001, 1, 1))
    assert f">{source}<" in page
    assert "Since 1 January 2001" in page
    assert conversation.filters_of(json.loads(courier.props["filters"])) == filters
    page, filters, _, courier = desk.narrow(
        "en", filters, "archive", event(filters={}), of("visitor")
    )
    assert filters == Filters()
    assert json.loads(courier.props["filters"]) == {}


@pytest.mark.parametrize(
    "sent",
    [{"sources": ["Nobody's"]}, {"since": "soon"}, {"article": "nowhere"}, None, [], "x"],
    ids=["source", "day", "article", "none", "list", "text"],
)
def test_filters_that_cannot_be_leave_those_there_were(desk, sent):
    before = Filters(since=datetime.date(2001, 1, 1))
    page, filters, _, courier = desk.narrow(
        "en", before, "archive", event(filters=sent), of("visitor")
    )
    assert (filters, courier) == (before, gr.skip())
    assert page.index('class="note"') < page.index("Since 1 January 2001")


@pytest.fixture
def upload(tmp_path):
    """What Gradio hands over: a copy of a file, which is ours to delete."""

    def upload(name="own.jsonl", content=None):
        path = Path(tempfile.mkdtemp(dir=tmp_path)) / name
        path.write_text(content or json.dumps({"text": OWN, "title": "Ferry", "source": "Own"}))
        return str(path)

    return upload


def add(desk, *files, filters=None, scope="archive", visitor="visitor", here=True):
    if here:
        desk.here.add(visitor)
    return desk.add(
        list(files), "en", filters or Filters(), scope, of(visitor), lambda *_, **__: None
    )


def test_documents_are_added_asked_and_removed(desk, upload):
    file = upload()
    page, files, _, filters, scope = add(desk, file)
    assert "1 article of your own." in page
    assert (files.value, filters, scope) == (None, Filters(), "both")
    assert not Path(file).exists()
    asked = ask(desk, "How many people were on board the ferry?", scope="own")
    assert "21" in asked[1]
    assert 'class="rating"' not in asked[1]
    _, click = link_of(asked[4])
    assert OWN in shown(desk.show("en", asked[4], click, of("visitor"))[0])
    assert OWN not in shown(desk.show("en", asked[4], click, of("another"))[0])
    page, narrowed, filters, scope, _ = desk.remove("en", Filters(), of("visitor"))
    assert ENGLISH("documents_why") in shown(page)
    assert (filters, scope) == (Filters(), "archive")
    assert "Asks all" in narrowed
    assert ENGLISH("article_gone") in shown(desk.show("en", asked[4], click, of("visitor"))[0])
    assert "no longer here" in ask(desk, "How many?", scope="own")[1]


def test_what_is_asked_is_chosen_and_filters_that_fit_nothing_of_it_go(desk, upload):
    add(desk, upload())
    narrow = Filters(("Own",))
    for scope, kept in (("own", narrow), ("both", narrow), ("archive", Filters())):
        page, filters, chosen, _ = desk.choose("en", narrow, event(scope=scope), of("visitor"))
        assert (filters, chosen) == (kept, scope)
        assert 'class="narrow"' in page
    with pytest.raises(app.BylineError):
        desk.choose("en", narrow, event(scope="everything"), of("visitor"))


def test_a_page_that_goes_on_asks_what_it_asked_and_a_new_one_the_archive(desk, upload):
    add(desk, upload())
    assert whole(desk, scope="own")["scope"] == "own"
    assert "the one article there is" in whole(desk, scope="own")["filters"]
    assert whole(desk, scope="everything")["scope"] == "archive"
    desk.remove("en", Filters(), of("visitor"))
    assert whole(desk, scope="own")["scope"] == "archive"


def test_a_second_upload_leaves_what_is_asked(desk, upload):
    assert add(desk, upload())[4] == "both"
    other = upload("more.jsonl", json.dumps({"text": "The river rose by two metres, it said."}))
    page, *_, scope = add(desk, other, scope="own")
    assert "2 articles of your own." in page
    assert scope == "own"


@pytest.mark.parametrize(
    "content", ["", '{"title": "x"}', "%PDF-1.7"], ids=["empty", "no text", "no PDF"]
)
def test_a_file_that_cannot_be_read_is_listed_and_deleted(desk, upload, content):
    file = upload("<b>.pdf" if content.startswith("%") else "<b>.jsonl", content or " ")
    page, _, _, _, scope = add(desk, file)
    assert scope == "archive"
    assert "&lt;b&gt;" in page
    assert "<b>." not in page
    assert not Path(file).exists()


def test_documents_for_which_there_is_no_room_are_deleted_too(desk, upload, monkeypatch):
    monkeypatch.setattr(service, "COLLECTIONS", 0)
    file = upload()
    page, *_, scope = add(desk, file)
    assert "Too many visitors" in shown(page)
    assert scope == "archive"
    assert not Path(file).exists()


def test_documents_go_with_the_visitor(desk, upload):
    add(desk, upload())
    desk.leave(of("another"))
    assert desk.service.collection("visitor")
    desk.leave(of("visitor"))
    assert desk.service.collection("visitor") is None
    file = upload()
    page, *_, scope = add(desk, file, here=False)
    assert "Reload the page" in page
    assert scope == "archive"
    assert desk.service.collection("visitor") is None
    assert not Path(file).exists()


# What is taken away and what is said of an answer


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
    session = ask(desk, "And in Pursat?", ask(desk, QUESTION)[4])[4]
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
    session = ask(desk, QUESTION)[4]
    said = event(turn=1, verdict="up", note="Good.")
    talk, session, courier = desk.rate("en", session, said, of("visitor"))
    assert ENGLISH("rated") in talk
    assert json.loads(courier.props["kept"])["exchanges"][0]["rated"] is True
    assert desk.rate("en", session, said, of("visitor")) == (gr.skip(),) * 3
    (gold,) = load(desk.feedback.path)
    assert (gold.turns, gold.answerable) == ((QUESTION,), True)


@pytest.mark.parametrize("verdict", ["down", "", "UP", None, 1])
def test_only_a_yes_is_a_yes(desk, verdict):
    session = ask(desk, QUESTION)[4]
    desk.rate("en", session, event(turn=1, verdict=verdict, note=7), of("visitor"))
    assert (load(desk.feedback.path), waiting(desk.feedback.path)) == ([], 1)


def test_what_cannot_be_judged_is_not(desk, upload):
    session = ask(desk, QUESTION)[4]
    add(desk, upload())
    own = ask(desk, "How many people were on board the ferry?", scope="own")[4]
    said = {"verdict": "up", "note": ""}
    nothing = (gr.skip(),) * 3
    for turn in (0, 2, None, "1", [1]):
        assert desk.rate("en", session, event(turn=turn, **said), of("visitor")) == nothing
    assert desk.rate("en", own, event(turn=1, **said), of("visitor")) == nothing
    unasked = replace(desk, feedback=None)
    assert unasked.rate("en", session, event(turn=1, **said), of("visitor")) == nothing
    assert 'class="rating"' not in ask(unasked, QUESTION)[1]
    assert not desk.feedback.path.exists()


def test_a_judgement_that_cannot_be_kept_is_said(desk):
    session = ask(desk, QUESTION)[4]
    desk.feedback.path.mkdir()
    said = event(turn=1, verdict="up", note="")
    talk, *rest = desk.rate("en", session, said, of("visitor"))
    assert "cannot be kept" in shown(talk)
    assert rest == [gr.skip(), gr.skip()]


# Programs


def events(shared):
    return {one.api_name: one.fn for one in app.layout(shared).fns.values()}


def test_api_answers_in_json(shared):
    api, request = events(shared), of("program")
    answer = api["ask"](QUESTION, request)
    citation = answer["citations"][0]
    article = api["article"](citation["article_id"])
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    hits = api["search"](QUESTION, request, k=3)
    assert len(hits["hits"]) == 3
    assert json.dumps([answer, article, hits])
    again = api["ask"]("And in Pursat?", request, [[QUESTION, answer["text"]]])
    assert "Pursat arrest" in again["understood"]
    for wrong in (
        lambda: api["ask"]("", request),
        lambda: api["ask"](7, request),
        lambda: api["ask"](QUESTION, request, [["only one"]]),
        lambda: api["ask"](QUESTION, request, [[1, 2]]),
        lambda: api["ask"](QUESTION, request, sources=["Nobody's"]),
        lambda: api["ask"](QUESTION, request, since="soon"),
        lambda: api["search"]("why " * 2500, request),
        lambda: api["search"](QUESTION, request, k=0),
        lambda: api["search"](QUESTION, request, articles=["nowhere"]),
        lambda: api["article"]("none"),
    ):
        with pytest.raises(gr.Error):
            wrong()


def test_a_program_may_send_fields_empty(shared):
    request = of("program")
    answer = events(shared)["ask"](QUESTION, request, [], [], "", " ", [])
    assert answer == events(shared)["ask"](QUESTION, request)


def test_programs_are_counted_like_visitors(shared):
    counting = Service(lambda progress: shared.archive(), per_minute=2)
    api = events(counting)
    api["search"](QUESTION, of("program"))
    api["ask"](QUESTION, of("another program"))
    with pytest.raises(gr.Error, match="More than 2 questions"):
        api["search"](QUESTION, of("program"))
    api["search"](QUESTION, of("program", "192.0.2.1"))
    counting.close()


# Answers that a model writes

TRUE = "Police in Kratie arrested 312 people, including nationals of Thailand."
FALSE = "Police in Kratie arrested 313 people, including nationals of Thailand."
BOTH = f"{TRUE[:-1]} [1]. {FALSE[:-1]} [1]."
HANGS = Reply(f"{TRUE[:-1]} [1]. And so", then="hang")


@pytest.fixture
def server(request):
    """A model that writes BOTH, or what the test's parameter says."""
    with ScriptedServer(getattr(request, "param", BOTH)) as server:
        yield server


@pytest.fixture
def writing(index, server):
    """A desk whose archive has that model."""
    archive = Unasked.open(index, AskSettings(model=server.address))
    desk = app.Desk(Service(lambda progress: archive))
    yield desk
    desk.service.close()


def until(seen, updates):
    """Take updates until the conversation shows that."""
    while seen not in next(updates)[1]:
        pass


def has_gone(server):
    """Whether the desk hangs up on the model before long."""
    end = time.monotonic() + 5
    while not server.gone and time.monotonic() < end:
        time.sleep(0.02)
    return server.gone == 1


def test_what_a_model_writes_is_shown_as_it_comes(writing):
    waits, begins, *grows, last = reply(writing, QUESTION)
    assert ENGLISH("reading") in waits[1]
    box, talk, panel, reader, session, alone, courier = begins
    assert (box.value, box.submit_btn, box.stop_btn) == ("", False, "Stop")
    assert (alone, courier) == (False, gr.skip())
    assert WRITING in talk
    assert 'class="claim"' not in talk
    assert 'class="cited"' in panel
    assert '<mark class="active">' in reader
    assert session.turns == ()
    assert TRUE in grows[0][1]
    assert WRITING in grows[0][1]
    box, talk, panel, reader, session, _, courier = last
    assert (box.submit_btn, box.stop_btn) == ("Ask", False)
    assert box.value is None  # What was typed meanwhile stays.
    assert WRITING not in talk
    assert talk.count('<details class="left-out"') == 1
    assert session.turns == ((QUESTION, f"{TRUE} [1]"),)
    assert conversation.from_json(json.loads(courier.props["kept"])) == session
    for update in (begins, *grows, last):
        quote, click = link_of(update[4])
        assert quote.quote in shown(update[3])
        assert values(update[2], "data-start")[0] == str(quote.start)
        assert "<mark" in writing.show("en", update[4], click, of("visitor"))[0]


def test_quotes_are_chosen_and_the_model_is_not_asked(writing, server):
    talk = ask(writing, QUESTION, kind=app.QUOTES)[1]
    assert "<blockquote" in talk
    assert server.chats == []


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
@pytest.mark.parametrize("event", ["stop", "leave", "clear"])
def test_the_model_is_stopped(writing, server, event):
    updates = reply(writing, QUESTION)
    until(TRUE, updates)
    language = ["en"] if event == "clear" else []
    getattr(writing, event)(*language, of("another"))
    assert writing.writing
    getattr(writing, event)(*language, of("visitor"))
    rest = list(updates)
    assert has_gone(server)
    assert writing.writing == {}
    if event == "stop":
        assert TRUE in rest[-1][1]
        assert "You stopped the model." in rest[-1][1]
    else:
        (update,) = rest
        assert ENGLISH("introduction") in shown(update[1])
        assert update[4] == Conversation()
        assert update[6].props["kept"] == ""


@pytest.mark.parametrize("server", [HANGS], indirect=True, ids=["hangs"])
def test_a_second_question_stops_the_first(writing, server):
    first = reply(writing, QUESTION)
    until(TRUE, first)
    second = reply(writing, QUESTION, kind=app.QUOTES)
    next(second)
    assert list(first) == []
    assert has_gone(server)
    assert "<blockquote" in list(second)[-1][1]
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
    assert "<blockquote" in ask(writing, QUESTION, kind=app.QUOTES)[1]
    for updates in under_way:
        updates.close()


def test_a_model_that_cannot_be_reached_leaves_quotes_and_a_note(index):
    with ScriptedServer() as gone:
        pass
    archive = Unasked.open(index, AskSettings(model=gone.address))
    talk = ask(app.Desk(Service(lambda progress: archive)), QUESTION)[1]
    assert "<blockquote" in talk
    assert talk.index('class="note"') > talk.index("</blockquote>")


@pytest.mark.parametrize("kind", ["model", "none"])
def test_the_kind_of_answer_is_chosen_only_where_a_model_writes(desk, writing, kind):
    choice = whole(writing if kind == "model" else desk)["kind"]
    assert choice.visible is (kind == "model")
    assert [value for _, value in choice.choices] == [app.WRITTEN, app.QUOTES]


def test_programs_may_choose_too(writing, server):
    api, request = events(writing.service), of("program")
    assert api["ask"](QUESTION, request, written=False)["mode"] == "extractive"
    assert server.chats == []
    answer = api["ask"](QUESTION, request)
    assert answer["mode"] == "generated"
    assert [claim["verdict"] for claim in answer["claims"]] == ["supported"]
    assert [sentence["text"] for sentence in answer["rejected"]] == [FALSE]


def test_programs_take_no_places_of_the_chat(shared):
    offered = app.layout(shared).fns.values()
    asked = next(one for one in offered if one.api_name == "ask")
    chats = [one for one in offered if one.concurrency_id == "archive"]
    assert asked.concurrency_limit == app.FOR_PROGRAMS
    assert asked not in chats
    assert chats


# What the command line serves


@pytest.fixture
def serve(shared, monkeypatch):
    """What would be served for some arguments."""
    begun = []
    layout = app.layout

    def serve(*arguments):
        served = SimpleNamespace()

        def keep(page, service, host, port, accounts, mcp):
            served.__dict__.update(locals())
            begun.append(service)

        def laid_out(service, feedback=None):
            served.feedback = feedback
            return layout(service, feedback)

        monkeypatch.setattr(app, "_serve", keep)
        monkeypatch.setattr(app, "layout", laid_out)
        monkeypatch.setattr(app, "bundled", lambda progress=None: shared.archive())
        monkeypatch.setattr(Archive, "examples", Unasked.examples)
        assert app.main(["--port", "0", *arguments]) == 0
        return served

    yield serve
    for one in begun:
        one.close()


@pytest.mark.parametrize("home", ["bundled", "index"])
def test_settings_are_chosen(index, serve, home):
    at = ["--index", str(index)] if home == "index" else []
    chosen = ["--set", "model_timeout=7", "--set", "prompt_passages=2"]
    archive = serve(*at, *chosen).service.archive()
    assert archive.settings == AskSettings(model_timeout=7, prompt_passages=2)


def test_a_setting_that_there_is_not():
    refused("--set", "model_timout=7", remedy="Did you mean 'model_timeout'?")


def test_a_chat_is_served_although_its_model_is_missing(index, tmp_path, serve, capsys):
    model = str(tmp_path / "none.gguf")
    served = serve("--index", str(index), "--model", model)
    assert served.service.archive()
    assert "app.py: There is no model file" in capsys.readouterr().err


def test_a_model_elsewhere_is_refused(index):
    model = "http://192.0.2.1/v1#m"
    refused("--port", "0", "--index", str(index), "--model", model, remedy="allow")


def test_only_those_in_the_file_are_let_in(tmp_path, serve, capsys):
    file = tmp_path / "accounts"
    file.touch(0o600)
    file.write_text("ann:se:cret\n\n bob : with spaces \n", "utf-8")
    served = serve("--auth-file", str(file), "--host", "0.0.0.0")
    assert served.accounts == [("ann", "se:cret"), ("bob", " with spaces ")]
    assert capsys.readouterr().err == ""
    assert serve().accounts is None


def test_whoever_serves_beyond_this_machine_is_warned(serve, capsys):
    served = serve("--host", "0.0.0.0")
    told = capsys.readouterr().err
    assert "0.0.0.0 can be reached from other machines" in told
    assert "--auth-file" in told
    assert served.feedback is None  # Judgements are not asked for there.


def test_on_this_machine_alone_nothing_is_warned_of(index, serve, capsys):
    served = serve("--index", str(index))
    assert capsys.readouterr().err == ""
    assert (served.host, served.mcp) == ("127.0.0.1", False)
    assert served.feedback.path == index / "feedback.jsonl"


def test_judgements_go_where_they_are_wanted(tmp_path, serve):
    file = tmp_path / "said.jsonl"
    for host in ("127.0.0.1", "0.0.0.0"):
        assert serve("--feedback", str(file), "--host", host).feedback.path == file


def most(service):
    """Questions that an address may ask in a minute, if that is less than 100."""
    for asked in range(100):
        try:
            service.admit("192.0.2.1")
        except QuestionError:
            return asked
    return None


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [
        ([], None),
        (["--host", "0.0.0.0"], app.PER_MINUTE),
        (["--per-minute", "7"], 7),
        (["--host", "0.0.0.0", "--per-minute", "7"], 7),
        (["--host", "0.0.0.0", "--per-minute", "0"], None),
    ],
    ids=["here", "beyond", "chosen here", "chosen beyond", "none beyond"],
)
def test_how_often_one_address_may_ask(serve, arguments, limit):
    assert most(serve(*arguments).service) == limit
